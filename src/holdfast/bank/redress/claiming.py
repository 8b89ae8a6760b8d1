"""Claims: what somebody else charged a customer because of an outage, with a proof of it. A claim is a case (cases/).

What the bank knows of the outage goes with it by itself: when it was, and, for payments of the customer's that must
arrive by a time and that it kept back, the confirmations that their payees can check (orders/confirming.py). What can
be decided: `pay` (what was charged, at the middle rate where it is another currency), `pay_part`, or `decline`; paid is
from the account `compensation`, and the reason is the answer that the customer reads.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from holdfast.bank.books import installation, keyring
from holdfast.bank.cases.models import CLAIMS_FROM, Decision
from holdfast.bank.currencies.publishing import newest
from holdfast.bank.customers.models import Account
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.confirming import confirmation_of
from holdfast.bank.orders.models import Execution
from holdfast.bank.redress import proofs
from holdfast.bank.redress.models import Claim
from holdfast.contracts.confirmation import PURPOSE
from holdfast.contracts.money import MINOR_DIGITS

KIND = "claim"
PAY, PAY_PART, DECLINE = "pay", "pay_part", "decline"
CHOICES = (PAY, PAY_PART, DECLINE)
ALONE_MINOR_MAX = 50_000
"""Up to so much, in the bank's own currency, one person decides; above it two do."""
TEXT_MAX = 140
OPEN_MAX = 20
LISTED_MAX = 100
CLAIMED_WITHIN = timedelta(days=180)
"""So long after an outage what others charged may be claimed."""
CONFIRMATIONS_MAX = 5


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim as its form says it, checked; see models.Claim."""

    id: uuid.UUID
    customer: int
    account: int
    by_whom: str
    what: str
    amount_minor: int
    currency: str
    day: date
    file_name: str
    raw: bytes


def currencies() -> list[str]:
    """In which somebody may have been charged: the bank's own, and those that it has rates of."""
    held = newest()
    return [installation().currency, *sorted(held.rates if held else ())]


def own_minor(amount_minor: int, currency: str) -> int | None:
    """An amount in the bank's own currency, at the middle rate of the newest list, rounded up; None without one."""
    own = installation().currency
    if currency == own:
        return amount_minor
    held = newest()
    if held is None or currency not in held.rates:
        return None
    digits = MINOR_DIGITS.get(own, 2) - MINOR_DIGITS.get(currency, 2)
    return ceil(Fraction(amount_minor) / Fraction(held.rates[currency]) * Fraction(10) ** digits)


def outage_of(day: date) -> Outage | None:
    """The newest outage that may have led to a charge of a day."""
    found = Outage.objects.filter(first_day__lte=day, last_day__gte=day - CLAIMED_WITHIN)
    return found.order_by("-since").first()


def open_claim(new: NewClaim) -> Claim | None:
    """The claim, made now or before by the same form; None when the customer has OPEN_MAX open ones. Raises BadProof
    with nothing stored."""
    media = proofs.kind_of(new.raw)
    known = Claim.objects.filter(id=new.id, customer=new.customer).first()
    if known is not None:
        return known
    if Claim.objects.filter(customer=new.customer, closed_at=None).count() >= OPEN_MAX:
        return None
    outage = outage_of(new.day)
    try:
        with transaction.atomic():
            made = Claim.objects.create(
                id=new.id,
                customer=new.customer,
                account=new.account,
                account_currency=installation().currency,
                by_whom=new.by_whom[:TEXT_MAX],
                what=new.what[:TEXT_MAX],
                amount_minor=new.amount_minor,
                currency=new.currency,
                day=new.day,
                incident=outage.incident if outage else "",
                confirmation=json.dumps(_confirmed(outage, new.customer)) if outage else "",
                file_name=new.file_name[:TEXT_MAX],
                file_type=media,
                file_bytes=len(new.raw),
            )
            proofs.keep(made, new.raw)
            return made
    except IntegrityError:
        return Claim.objects.filter(id=new.id, customer=new.customer).first()


def _confirmed(outage: Outage, customer: int) -> dict[str, Any]:
    """What the bank says of the outage: when it was, and signed, what it kept back of the customer's."""
    accounts = list(Account.objects.filter(owner__customer=customer).values_list("id", flat=True))
    missed = Execution.objects.filter(
        order__debit__in=accounts, due__gte=outage.first_day, due__lte=outage.last_day, state__in=("refused", "late")
    ).values_list("payment", flat=True)
    found = [confirmation_of(one, accounts) for one in missed.order_by("id")[: 4 * CONFIRMATIONS_MAX]]
    tokens = [keyring().sign(PURPOSE, one.to_payload()) for one in found if one is not None]
    return {
        "since": outage.since.isoformat(),
        "until": outage.until.isoformat(),
        "tokens": tokens[:CONFIRMATIONS_MAX],
    }


def confirmed(claim: Claim) -> dict[str, Any]:
    """What goes with the claim: since, until, tokens; empty when there was no outage then."""
    found = json.loads(claim.confirmation) if claim.confirmation else {}
    return found if isinstance(found, dict) else {}


def claims_of(customer: int) -> list[Claim]:
    """A customer's claims, the newest first."""
    return list(Claim.objects.filter(customer=customer).order_by("-number")[:LISTED_MAX])


def case_of(claim: Claim) -> int:
    """Its number among all cases."""
    return CLAIMS_FROM + claim.number


def may_decide_alone(claim: Claim) -> bool:
    """Whether one person decides it."""
    worth_minor = own_minor(claim.amount_minor, claim.currency)
    return worth_minor is not None and worth_minor <= ALONE_MINOR_MAX


def listed(after: int, limit: int) -> list[dict[str, Any]]:
    """The claims among the cases above a number, in order, as the control room reads them: no name of the customer."""
    found = list(Claim.objects.filter(number__gt=max(0, after - CLAIMS_FROM)).order_by("number")[:limit])
    decided = {one.number: one for one in Decision.objects.filter(number__in=[case_of(one) for one in found])}
    numbers = dict(Account.objects.filter(id__in={one.account for one in found}).values_list("id", "number"))
    return [_wire(one, decided.get(case_of(one)), numbers) for one in found]


def _wire(claim: Claim, decision: Decision | None, numbers: dict[int, str]) -> dict[str, Any]:
    known = confirmed(claim)
    outage = f"; outage from {known['since'][:16]} to {known['until'][:16]}" if known else "; no outage is known then"
    kept = f"; confirmed payments that it kept back: {len(known['tokens'])}" if known.get("tokens") else ""
    worth_minor = own_minor(claim.amount_minor, claim.currency)
    return {
        "number": case_of(claim),
        "kind": KIND,
        "state": "closed" if claim.closed_at else "open",
        "words": f"{claim.by_whom} charged on {claim.day.isoformat()}: {claim.what}{outage}{kept}",
        "amount_minor": claim.amount_minor,
        "currency": claim.currency,
        "worth_minor": worth_minor,
        "own_currency": claim.account_currency,
        "payment": "",
        "from": "",
        "to": numbers.get(claim.account, ""),
        "file": {"name": claim.file_name, "type": claim.file_type, "bytes": claim.file_bytes},
        "alone": may_decide_alone(claim),
        "opened_at": claim.opened_at.isoformat(),
        "closed_at": claim.closed_at.isoformat() if claim.closed_at else None,
        "choices": [] if decision else [one for one in CHOICES if one != PAY or worth_minor is not None],
        "decision": decision.to_wire() if decision else None,
    }


def close(claim: Claim, answer: str, paid_minor: int) -> None:
    """It is decided; answer: what the customer reads."""
    claim.closed_at, claim.answer, claim.paid_minor = timezone.now(), answer[:300], paid_minor
    claim.save(update_fields=["closed_at", "answer", "paid_minor"])
