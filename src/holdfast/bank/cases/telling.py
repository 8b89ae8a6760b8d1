"""What customers read about a case: plain words beside their payment, and on the booking that settled it."""

from collections.abc import Collection
from uuid import UUID

from holdfast.bank.cases.models import Decision
from holdfast.bank.exchange.models import JournalException
from holdfast.bank.web.words import clock
from holdfast.contracts import ids

OPEN_WORDS = {
    "suspended": "The account it went to takes no money now, so we hold it for you; a person is looking into it.",
    "forced": "There was not enough money on the account for it; a person is looking into it with you.",
}
OPEN_ELSE = "A person at the bank is looking into it."
DECIDED_WORDS = {
    "book_on": "It was booked on to the account it was meant for, at {at}.",
    "give_back": "It was given back, at {at}.",
    "write_off": "The bank carries what the account lacked, since {at}.",
    "repay": "It was agreed at {at} that the account is brought back; no money was moved for that.",
    "leave": "We looked into it at {at}; it stands as it is.",
}
BOOKING_WORDS = {
    ("suspended", "book_on"): "A payment that could not reach its account before",
    ("suspended", "give_back"): "Given back: your payment could not reach its account",
    ("forced", "write_off"): "The bank carries what the account lacked after the outage",
}
BOOKING_ELSE = "Given back after we looked into it"


def booking_words(kind: str, decision: str, number: int) -> str:
    """The text of a decision's booking; both sides of it may read it."""
    return f"{BOOKING_WORDS.get((kind, decision), BOOKING_ELSE)} (case {number})"


def case_words(payments: Collection[UUID]) -> dict[UUID, str]:
    """A sentence for each of these payments that is or was a case, for the one who paid. Two queries."""
    cases = {case.number: case for case in JournalException.objects.filter(payment__in=payments)}
    made = {one.number: one for one in Decision.objects.filter(number__in=cases)}
    out = {}
    for number, case in cases.items():
        decision = made.get(number)
        words = OPEN_WORDS.get(case.kind, OPEN_ELSE)
        if decision is not None:
            words = DECIDED_WORDS[decision.decision].format(at=clock(decision.decided_at))
        out[case.payment] = words
        out[ids.journal_conflict_id(number)] = words
    return out
