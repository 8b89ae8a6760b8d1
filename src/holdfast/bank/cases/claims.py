"""A decision on a claim carried out: paid once under an id derived from the case and the decision, or declined."""

from dataclasses import replace
from typing import Any

from holdfast.bank.cases.asked import (
    Asked,
    Booking,
    as_answer,
    book,
    booked_before,
    cannot,
    decided_before,
    refused,
    why_not,
    write_down,
)
from holdfast.bank.cases.choices import Move
from holdfast.bank.cases.models import CLAIMS_FROM
from holdfast.bank.cases.telling import claim_words
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.redress.claiming import CHOICES, DECLINE, PAY, close, may_decide_alone, own_minor
from holdfast.bank.redress.models import Claim
from holdfast.contracts import ids
from holdfast.contracts.money import BadAmount, parse_amount

ONE = "one person"
"""Stands for the second of two where one decides."""


def decide_claim(asked: Asked) -> dict[str, Any]:
    """As deciding.decide, in its transaction: of a claim up to a sum by one person (approved_by is empty)."""
    claim = Claim.objects.select_for_update().filter(number=asked.number - CLAIMS_FROM).first()
    if claim is None:
        return refused(f"There is no case {asked.number}.")
    if not asked.approved_by and may_decide_alone(claim):
        asked = replace(asked, approved_by=ONE)
    words = why_not(asked)
    if words:
        return refused(words)
    return decided_before(asked) or _decided(claim, asked)


def _decided(claim: Claim, asked: Asked) -> dict[str, Any]:
    if asked.decision not in CHOICES:
        return cannot(asked)
    ident = ids.case_id(asked.number, asked.decision)
    move: Move | None = None
    if asked.decision != DECLINE:
        found = booked_before(ident) or _move(claim, asked)
        if isinstance(found, str):
            return refused(found)
        move = found
        words = book(Booking(ident, move, claim.account_currency, f"claim:{claim.number}", claim_words(claim.number)))
        if words:
            return refused(words)
    close(claim, asked.why.strip(), move.amount_minor if move else 0)
    return as_answer("done", write_down(asked, ident, move))


def _move(claim: Claim, asked: Asked) -> Move | str:
    """What is paid; or why nothing can be, in words."""
    worth_minor = own_minor(claim.amount_minor, claim.currency)
    if asked.decision == PAY:
        if worth_minor is None:
            return f"There is no rate of {claim.currency}; pay a part that you write yourself. Nothing was changed."
        return Move(bank_facts.own("compensation"), claim.account, worth_minor)
    try:
        part_minor = parse_amount(asked.to, claim.account_currency)
    except BadAmount as error:
        return f"{error} Nothing was changed."
    if worth_minor is not None and part_minor > worth_minor:
        return "A part is not more than the whole. Nothing was changed."
    return Move(bank_facts.own("compensation"), claim.account, part_minor)
