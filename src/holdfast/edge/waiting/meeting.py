"""Where requests meet the waiting room: which of them it concerns, and what it answers.

It concerns who is not inside yet and wants to be: the pages that lead in, the forms of login, registration and
forgotten password. A form of who was inside is never swallowed: it goes on to the bank, which keeps it.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

from aiohttp import web

from holdfast.contracts.api import read_bearer
from holdfast.contracts.errors import BadToken
from holdfast.contracts.factors import DEVICE_S, PROVED_PURPOSE
from holdfast.contracts.networks import network_of
from holdfast.contracts.routes import Route
from holdfast.edge import pages
from holdfast.edge.waiting import showing
from holdfast.edge.waiting import ticket as tickets
from holdfast.edge.waiting.front import COOKIE as FRONT_COOKIE
from holdfast.edge.waiting.room import BANKS, HOLD_S, LetIn, Place, Room, TurnedAway, Waits
from holdfast.signing import Keyring

FIRST_STEPS = {"login": "/login", "register": "/register", "forgot": "/login/forgot"}
"""Forms by which somebody comes in, and the address of their first step; later steps go on."""
PROOFS = ("password", "passkey", "proof")
JSON = "application/json"


@dataclass(frozen=True)
class Arrival:
    """A request on its way in, read whole."""

    request: web.Request
    route: Route
    body: bytes
    language: str

    @cached_property
    def form(self) -> dict[str, str]:
        """What was typed; empty for a page that is asked for."""
        if self.request.method != "POST":
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def token(self) -> str:
        """The ticket that was brought."""
        return self.request.cookies.get(tickets.COOKIE, "")

    @property
    def front(self) -> str:
        """What may lead to a place near the front."""
        return self.request.cookies.get(FRONT_COOKIE, "")

    @property
    def network(self) -> str:
        """Where it came from."""
        return network_of(self.request.remote or "")

    @property
    def name(self) -> str:
        """The username that was typed."""
        return self.form.get("username", "").strip()

    @property
    def is_first_step(self) -> bool:
        """Whether it is the form by which somebody comes in, and not a later step of it."""
        return self.request.method == "POST" and FIRST_STEPS.get(self.route.name) == self.request.path

    @property
    def by_program(self) -> bool:
        """Whether a page is of no use to who asks."""
        accepted = self.request.headers.get("Accept", "")
        return JSON in accepted and "text/html" not in accepted


@dataclass(frozen=True, slots=True)
class Met:
    """answer: what the room says, None for going on; cookie: the ticket to be kept, "" for none; let_in: the line was
    passed, so that the login waits inside the door for as long as it takes."""

    answer: web.Response | None = None
    cookie: str = ""
    let_in: bool = False


async def meet(room: Room, keyring: Keyring, one: Arrival) -> Met:
    """What the waiting room says to a request."""
    if one.route.signed or (not one.token and room.line.look().is_open):
        return Met()
    if one.route.api:
        return _meet_program(room, one)
    if one.request.method == "POST" and not one.is_first_step:
        return Met(let_in=one.route.name in FIRST_STEPS)
    if room.is_inside(dict(one.request.cookies)) or has_proved(keyring, one.form):
        return Met(let_in=True)
    said = await room.admit(one.token, one.network, one.name, one.front)
    return _goes_on(keyring, said, one) if isinstance(said, LetIn) else Met(_tell(keyring, said, one))


async def find_place(room: Room, keyring: Keyring, one: Arrival) -> web.Response:
    """The answer to a login for which there was no place inside the door: one in the line; for who has passed the line
    already the form again, with the name kept."""
    said = await room.queue(one.token, one.network, one.name, one.front)
    if not isinstance(said, LetIn):
        return _tell(keyring, said, one)
    if said.ticket is not None and one.route.name != "login":
        return _tell(keyring, Waits(said.ticket, Place(1, HOLD_S, HOLD_S)), one)
    answer = pages.turn_has_come(one.name, one.form.get("kept", ""), one.language)
    if said.ticket is not None:
        give(answer, tickets.write(keyring, said.ticket))
    return answer


def has_proved(keyring: Keyring, form: dict[str, str]) -> bool:
    """Whether the form shows that the password was right a moment ago (the bank looks closer)."""
    try:
        return bool(form.get("proof") and keyring.verify(PROVED_PURPOSE, form["proof"], BANKS))
    except BadToken:
        return False


def give(answer: web.StreamResponse, cookie: str) -> None:
    """The ticket, to be kept by the customer."""
    answer.set_cookie(tickets.COOKIE, cookie, max_age=tickets.TICKET_S_MAX, httponly=True, samesite="Lax", path="/")


def note_front(room: Room, answer: web.StreamResponse, said: str) -> None:
    """What a bank said of a customer who logged in, kept on this device for the next line; every customer gets one."""
    token = room.front.cookie(int(said)) if said.isascii() and said.isdigit() and len(said) < 19 else ""
    if token:
        answer.set_cookie(FRONT_COOKIE, token, max_age=DEVICE_S, httponly=True, samesite="Lax", path="/")


def _tell(keyring: Keyring, said: Waits | TurnedAway, one: Arrival) -> web.Response:
    """What somebody reads who waits, or is asked to come again."""
    here = one.request.path if one.form else one.request.path_qs.replace(f"?{showing.STILL}=yes", "")
    if isinstance(said, TurnedAway):
        if one.by_program:
            return showing.program(said.again_s, one.language)
        return showing.turned_away(said.again_s, one.language, here)
    answer: web.Response
    if one.by_program:
        answer = showing.program(said.place.again_s, one.language)
    elif one.route.name == "login" and not one.form.get("kept"):
        answer = web.Response(status=303, headers={"Location": "/login", "Holdfast-Served-By": "door"})
    else:
        fits = sum(map(len, one.form.values())) <= showing.KEPT_CHARACTERS_MAX
        still = showing.STILL in one.request.query
        answer = showing.waits(said.place, one.language, here, one.form if fits else None, still=still)
    give(answer, tickets.write(keyring, said.ticket))
    return answer


def _goes_on(keyring: Keyring, said: LetIn, one: Arrival) -> Met:
    """Who is let in; a door's own form with the name that was typed, where a bank's would have lost it."""
    if said.ticket is None:
        return Met()
    cookie = tickets.write(keyring, said.ticket)
    asks_form = one.route.name == "login-form" and said.ticket.name and "other" not in one.request.query
    only_kept = one.route.name == "login" and not any(one.form.get(proof) for proof in PROOFS)
    if not (asks_form or only_kept):
        return Met(cookie=cookie, let_in=True)
    answer = pages.turn_has_come(said.ticket.name, one.form.get("kept", ""), one.language)
    give(answer, cookie)
    return Met(answer)


def _meet_program(room: Room, one: Arrival) -> Met:
    """Who has a token is inside; who has none is asked to come again while there is a line."""
    counts = room.line.look()
    if counts.is_open or read_bearer(one.request.headers.get("Authorization", "")):
        return Met()
    return Met(showing.program(room.place_of(counts.issued).again_s, one.language))
