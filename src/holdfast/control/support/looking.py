"""An agent sees what the customer's own pages show, by the customer's consent, from the bank that serves them.

That somebody asks is in the staff log before a bank is asked; what was shown is a line of the chat, for the customer to
read, before it is on the agent's screen. Where one of the two cannot be written, nothing is shown. Nothing that a bank
shows is kept here.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.consent import PATH, Over, PagesShown
from holdfast.contracts.shapes import from_wire
from holdfast.contracts.support import Who
from holdfast.control.calls import Reply
from holdfast.control.care.models import Customer
from holdfast.control.place import switchboard
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.support import taking, talking, writing
from holdfast.control.support.models import Conversation, PageLook
from holdfast.control.watch.models import Service

LIMIT_S = 2.0
LOOKS_MAX = 30
"""In one chat."""
NO_CONSENT = (
    "The customer has not let you see their pages, or the half hour is over. Ask them; the button is in their chat."
)
OFTEN = f"You have looked {LOOKS_MAX} times in this chat; that is the most."
STOPPED = "The customer has just taken it back; nothing is shown."
BOTH_AWAY = "Neither bank answers just now, so nothing can be shown. The customer’s pages say that the bank is away."
STANDIN_AWAY = (
    "The spare bank serves this customer and does not answer just now, so nothing can be shown. "
    "The customer’s pages say that the bank is away."
)
WHY = {
    Over.TIME: NO_CONSENT,
    Over.OTHER_AGENT: "The customer let somebody else see their pages, not you.",
    Over.LOGGED_OUT: "The customer has logged out since; what they allowed ended with it.",
    Over.NO_CUSTOMER: "The bank knows no such customer.",
    Over.ELSEWHERE: STANDIN_AWAY,
}
SHOWN_BY = {"bank": "the main bank", "standin": "the spare bank"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it. problem: why nothing is shown, "" when something is; by: which bank shows it."""

    problem: str = ""
    pages: PagesShown | None = None
    by: str = ""


def look(person: Person, ident: UUID, now: datetime) -> Looked:
    """See the pages of the customer of one's own chat."""
    with transaction.atomic():
        one = taking.own(person, ident)
        if one is None:
            return Looked(taking.GONE)
        if one.customer is None or not talking.consented(one, now):
            return Looked(NO_CONSENT)
        if one.looks.count() >= LOOKS_MAX:
            return Looked(OFTEN)
        about = {"chat": str(ident), "customer": one.customer}
        log.write(person.username, person.role, "asks to see a customer's pages", about)
    pages, bank, problem = _ask(one, person.username)
    if pages is None:
        return Looked(problem)
    with transaction.atomic():
        still = taking.own(person, ident)
        if still is None or still.consent != one.consent or not talking.consented(still, timezone.now()):
            return Looked(STOPPED)
        writing.write(still, Who.NOTICE, "looked", now, by=person.name)
        PageLook.objects.create(conversation=still, customer=one.customer, by=person.name, at=now, bank=bank)
        log.write(person.username, person.role, "saw a customer's pages", {**about, "shown by": SHOWN_BY[bank]})
    return Looked("", pages, SHOWN_BY[bank])


def _ask(one: Conversation, agent: str) -> tuple[PagesShown | None, str, str]:
    """What the bank that serves the customer shows, and which it is; or why nothing: reads go to the spare bank where
    the main bank does not answer, as the doors send them."""
    banks = _serving(one.customer or 0)
    asked = {"consent": one.consent, "agent": agent, "language": one.language}
    problem = BOTH_AWAY if len(banks) > 1 else STANDIN_AWAY
    for bank in banks:
        reply = switchboard().order(bank, PATH, asked, LIMIT_S)
        if reply.well:
            try:
                return from_wire(PagesShown, reply.body), bank, ""
            except ValueError:
                continue
        over = _over(reply)
        if over is not None and over is not Over.ELSEWHERE:
            return None, bank, WHY[over]
        if over is Over.ELSEWHERE:
            problem = STANDIN_AWAY
    return None, "", problem


def _serving(customer: int) -> tuple[str, ...]:
    """Whom to ask, in order."""
    known = Customer.objects.filter(id=customer).first()
    service = Service.objects.filter(id=1).first()
    if known and service and known.cohort < len(service.modes) and service.modes[known.cohort] != "p":
        return ("standin",)
    return ("bank", "standin")


def _over(reply: Reply) -> Over | None:
    if reply.status != 409:
        return None
    try:
        return Over(reply.body.get("over", ""))
    except ValueError:
        return None
