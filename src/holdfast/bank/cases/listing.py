"""The list of cases for the control room: account numbers, never names."""

from typing import Any

from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.cases.choices import REPAY, choices
from holdfast.bank.cases.deciding import own_accounts, transfers_of
from holdfast.bank.cases.disputing import listed
from holdfast.bank.cases.models import Decision, Dispute
from holdfast.bank.exchange.models import JournalException, Replayed
from holdfast.bank.redress.claiming import listed as claims
from holdfast.bank.redress.models import Claim

LISTED_MAX = 500
CHECKED_MAX = 1000


def cases(after: int, limit: int) -> dict[str, Any]:
    """{"open", "exceptions"}: cases above a number, in order, each with what can be decided on it; disputes and claims
    last."""
    close_repaid()
    limit = min(limit, LISTED_MAX)
    found = _exceptions(after, limit)
    if len(found) < limit:
        found += listed(after, limit - len(found))
    if len(found) < limit:
        found += claims(after, limit - len(found))
    waiting = JournalException.objects.filter(closed_at__isnull=True).count()
    waiting += Dispute.objects.filter(closed_at__isnull=True).count()
    waiting += Claim.objects.filter(closed_at__isnull=True).count()
    return {"open": waiting, "exceptions": found}


def _exceptions(after: int, limit: int) -> list[dict[str, Any]]:
    """What a replay could not enter as it stood."""
    found = list(JournalException.objects.filter(number__gt=after).order_by("number")[:limit])
    made = {one.number: one for one in Decision.objects.filter(number__in=[case.number for case in found])}
    asked = {one.number: one for one in Replayed.objects.filter(number__in=[case.number for case in found])}
    booked = transfers_of(found)
    accounts = {account for one in asked.values() for account in (one.debit, one.credit)}
    codes = {account: state.code for account, state in reader().accounts(sorted(accounts)).items()}
    out = []
    for case in found:
        decision, row = made.get(case.number), asked.get(case.number)
        own = own_accounts(case.currency)
        open_choices = [] if decision else list(choices(case.kind, booked.get(case.number), own))
        out.append(
            {
                "number": case.number,
                "kind": case.kind,
                "state": "closed" if case.closed_at else "decided" if decision else "open",
                "words": case.words,
                "amount_minor": case.amount_minor,
                "currency": case.currency,
                "payment": case.payment.hex,
                "from": codes.get(row.debit, str(row.debit)) if row else "",
                "to": codes.get(row.credit, str(row.credit)) if row else "",
                "opened_at": case.opened_at.isoformat(),
                "closed_at": case.closed_at.isoformat() if case.closed_at else None,
                "choices": open_choices,
                "decision": decision.to_wire() if decision else None,
            }
        )
    return out


def close_repaid() -> int:
    """Close the cases whose repayment was agreed and whose account is at its floor or above it; how many were."""
    agreed = Decision.objects.filter(decision=REPAY).values_list("number", flat=True)
    waiting = list(JournalException.objects.filter(closed_at__isnull=True, number__in=agreed)[:CHECKED_MAX])
    if not waiting:
        return 0
    booked = transfers_of(waiting)
    states = reader().accounts([one.debit for one in booked.values()])
    repaid = [
        number
        for number, one in booked.items()
        if (state := states.get(one.debit)) is not None and state.balance_minor >= state.floor_minor
    ]
    return JournalException.objects.filter(number__in=repaid, closed_at__isnull=True).update(closed_at=timezone.now())
