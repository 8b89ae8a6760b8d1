"""Freezing everything: what either bank says of a customer who did it, or opened all again.

`changed_us` orders what was done at the two banks as it does for a card (contracts.cards.next_change_us): microseconds
since 1970 UTC, and always later than the last change that the writer knows of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.sessions import SESSION_MAX, AllEnded

KIND = "freeze"
"""Of the profile's fact and of the journal's entry."""


@dataclass(frozen=True, slots=True)
class FreezeChange:
    """Whether a customer has everything frozen since changed_us."""

    frozen: bool = False
    changed_us: int = 0

    def to_body(self) -> dict[str, Any]:
        """The body of the fact; its key is the customer's id."""
        return {"frozen": self.frozen, "changed_us": self.changed_us}


NEVER = FreezeChange()


def freeze_change_from_body(body: Mapping[str, Any]) -> FreezeChange:
    """Read a fact `freeze`; raises KeyError, ValueError or TypeError when it is not one."""
    if not isinstance(body["frozen"], bool):
        raise TypeError("everything is frozen or not")
    return FreezeChange(body["frozen"], int(body["changed_us"]))


@dataclass(frozen=True, slots=True)
class Freeze:
    """One freeze of everything at the spare bank, as its journal keeps it. at_us: when it was, by that bank's clock
    alone, so that a stamp from a clock that runs ahead ends no session that begins after the freeze; session: the one
    that asked, which goes on while all others of the customer end; accounts: those that pay nothing from then on;
    cards: those that were open."""

    customer: int
    changed_us: int
    at_us: int
    session: str
    accounts: tuple[int, ...]
    cards: tuple[str, ...]

    def to_body(self) -> dict[str, Any]:
        """The body of the journal's entry."""
        return {
            "customer": self.customer,
            "changed_us": self.changed_us,
            "at_us": self.at_us,
            "session": self.session,
            "accounts": list(self.accounts),
            "cards": list(self.cards),
        }

    def all_ended(self) -> AllEnded:
        """The sessions that it ended."""
        return AllEnded(self.at_us, self.session)


def freeze_from_body(body: Mapping[str, Any]) -> Freeze:
    """Read an entry `freeze`; raises BadMessage when it is not one."""
    try:
        return Freeze(
            int(body["customer"]),
            int(body["changed_us"]),
            int(body["at_us"]),
            str(body["session"])[:SESSION_MAX],
            tuple(map(int, body["accounts"])),
            tuple(map(str, body["cards"])),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BadMessage(f"a freeze of everything has not the agreed form: {error}") from error
