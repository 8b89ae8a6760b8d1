"""What customers read about a case: plain words beside their payment, and on the booking that settled it."""

from collections.abc import Collection
from uuid import UUID

from holdfast.bank.cases.models import Decision
from holdfast.bank.exchange.models import JournalException
from holdfast.contracts import ids
from holdfast.look import Writing

OPEN = {"suspended": "case.open_suspended", "forced": "case.open_forced"}
OPEN_ELSE = "case.open_other"
BOOKED_ON = "A payment that could not reach its account before"
GIVEN_BACK = "Given back: your payment could not reach its account"
CARRIED = "The bank carries what the account lacked after the outage"
LOOKED_INTO = "Given back after we looked into it"
ASKED_ABOUT = "Given back after you asked about it"
CHARGED_BY_OTHERS = "What somebody else charged you because of our outage"
BOOKING_WORDS = {
    ("suspended", "book_on"): BOOKED_ON,
    ("suspended", "give_back"): GIVEN_BACK,
    ("forced", "write_off"): CARRIED,
}
BOOKING_TEXTS = {
    BOOKED_ON: "case.booked_on",
    GIVEN_BACK: "case.given_back",
    CARRIED: "case.carried",
    LOOKED_INTO: "case.looked_into",
    ASKED_ABOUT: "case.asked_about",
    CHARGED_BY_OTHERS: "case.charged_by_others",
}
"""What decisions write into the books, in English, and the texts with which pages say it (web/lines.py)."""


def booking_words(kind: str, decision: str, number: int) -> str:
    """The text of a decision's booking; both sides of it may read it."""
    return f"{BOOKING_WORDS.get((kind, decision), LOOKED_INTO)} (case {number})"


def dispute_words(number: int) -> str:
    """The text of the booking that ends a dispute."""
    return f"{ASKED_ABOUT} (question {number})"


def claim_words(number: int) -> str:
    """The text of the booking that pays a claim."""
    return f"{CHARGED_BY_OTHERS} (claim {number})"


def case_words(payments: Collection[UUID], spoken: Writing) -> dict[UUID, str]:
    """A sentence for each of these payments that is or was a case, for the one who paid. Two queries."""
    cases = {case.number: case for case in JournalException.objects.filter(payment__in=payments)}
    made = {one.number: one for one in Decision.objects.filter(number__in=cases)}
    out = {}
    for number, case in cases.items():
        decision = made.get(number)
        words = spoken.say(OPEN.get(case.kind, OPEN_ELSE))
        if decision is not None:
            words = spoken.say(f"case.decided_{decision.decision}", at=spoken.clock(decision.decided_at))
        out[case.payment] = words
        out[ids.journal_conflict_id(number)] = words
    return out
