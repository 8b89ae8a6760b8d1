"""What a waiting person carries: a place in the line, signed by a door, in a cookie. It is no secret and opens nothing.

Nothing is kept of it at the doors: a thousand people who wait are two counters.
"""

import time
from dataclasses import dataclass

from holdfast.contracts.errors import BadToken
from holdfast.signing import Keyring

COOKIE = "hf_place"
PURPOSE = "place"
TICKET_S_MAX = 4 * 3600
LET_IN_S = 300
"""How long who was let in may log in, however often they mistype."""
NAME_CHARACTERS_MAX = 80
TOKEN_CHARACTERS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Ticket:
    """number: the place, counted since the line was made; at: when it was given; let_in: when its turn was taken, 0 for
    not yet; name: the username that was typed, kept for the form. Instants in seconds since 1970."""

    number: int
    at: float
    let_in: float = 0.0
    name: str = ""

    def is_let_in(self, now: float | None = None) -> bool:
        """Whether its turn was taken, and its time is not over."""
        return 0 <= (time.time() if now is None else now) - self.let_in <= LET_IN_S


def write(keyring: Keyring, ticket: Ticket) -> str:
    """The cookie's value."""
    said = {"number": ticket.number, "at": ticket.at, "let_in": ticket.let_in, "name": ticket.name}
    return keyring.sign(PURPOSE, said)


def read(keyring: Keyring, token: str) -> Ticket | None:
    """The ticket of a cookie; None when no door signed it, or it is too old."""
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        return None
    try:
        raw = keyring.verify(PURPOSE, token, {"door"})
        ticket = Ticket(int(raw["number"]), float(raw["at"]), float(raw["let_in"]), str(raw["name"]))
    except (BadToken, KeyError, ValueError, TypeError):
        return None
    return ticket if -60 <= time.time() - ticket.at <= TICKET_S_MAX else None
