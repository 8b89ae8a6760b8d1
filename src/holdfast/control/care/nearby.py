"""Where help is near a customer, and by what emergency money is given: for whoever speaks with them.

Kept from the bank's profile stream, so that it is there while the bank is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.help_now import FACT, KINDS, Area, Opened, Place, Terms, help_from_body
from holdfast.contracts.money import format_amount
from holdfast.control.care.directory import bank_fact

WORD_MAX = 40
STAFF_WORDS = {
    "food": "Food",
    "debt": "Advice on debts",
    "shelter": "A bed for the night",
    "talk": "Somebody to talk to",
    "other": "Other help",
}
NOT_TOLD = "The bank has told of no help yet."


@dataclass(frozen=True, slots=True)
class Near:
    """What a page shows. chosen: the area's code; unknown: a postcode was typed that fits none; by_kind: (words,
    places); money: the terms in one sentence; trouble: why the bank's file is not what holds."""

    areas: tuple[Area, ...]
    chosen: str
    postcode: str
    unknown: bool
    by_kind: tuple[tuple[str, tuple[Place, ...]], ...]
    money: str
    trouble: str


def near(asked: Mapping[str, str]) -> Near:
    """The places of the area, or of the postcode, that was asked for."""
    body = bank_fact(FACT)
    try:
        known = help_from_body(body or None)
    except BadMessage as error:
        return Near((), "", "", False, (), "", str(error))
    postcode = asked.get("postcode", "").strip()[:WORD_MAX]
    chosen = known.find_area(asked.get("area", "")[:WORD_MAX], postcode)
    places = known.near(chosen)
    by_kind = tuple(
        (STAFF_WORDS[kind], tuple(one for one in places if one.kind == kind))
        for kind in KINDS
        if any(one.kind == kind for one in places)
    )
    unknown = bool(postcode) and not chosen
    money = money_words(known.terms) if body else NOT_TOLD
    return Near(known.areas, chosen, postcode, unknown, by_kind, money, known.trouble)


def money_words(terms: Terms) -> str:
    """The terms of emergency money in one sentence."""
    if not terms.gives:
        return "This bank gives no emergency money."
    when = {
        Opened.ALWAYS: "at any time",
        Opened.IN_AN_OUTAGE: f"in an outage, for {terms.after_days} days after one, and to who told us that money is "
        "short",
    }[terms.opened]
    amount, times = f"{format_amount(terms.amount_minor, terms.currency)} {terms.currency}", terms.times_a_month
    how = "The customer presses one button at /help-now, at either bank, and pays it back there. No interest, no fee."
    return f"Emergency money: {amount}, up to {times} times a month, {when}. {how}"
