"""Who would pay what under another price list: the same accounts and the same month, charged by both lists.

The month is the last whole one. Each list is taken as if it had held throughout it; of interest that is booked by the
quarter or year this month's part counts, of such a fee all of it. Large banks are sampled evenly, and the answer says
of how many accounts it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F

from holdfast.bank.charges.engine.days import Every, period_of
from holdfast.bank.charges.engine.histories import A_DAY, History
from holdfast.bank.charges.engine.interest import compute
from holdfast.bank.charges.engine.prices import RULES, PriceBook, PriceList
from holdfast.bank.charges.reading import place_before, read_histories
from holdfast.bank.customers.models import Account
from holdfast.bank.payments.pay import bank_today

ACCOUNTS_MAX = 4_000
EXAMPLES_MAX = 10
LONG_AGO = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Changed:
    """One account under both lists: minor units of the month, positive for the customer."""

    number: str
    product: str
    before_minor: int
    after_minor: int

    @property
    def difference_minor(self) -> int:
        """Positive: better for the customer."""
        return self.after_minor - self.before_minor


def preview(before: PriceList, after: PriceList) -> dict[str, Any]:
    """Both lists on the last whole month: how many accounts pay more, less or the same, the sums by product and rule,
    and the accounts with the largest differences. Changes nothing."""
    first, end = period_of(period_of(bank_today(), Every.MONTH)[0] - A_DAY, Every.MONTH)
    accounts, every = _accounts(before.currency)
    histories = read_histories([one[0] for one in accounts], first, place_before(first))
    sums: dict[tuple[str, str], list[int]] = {}
    changed = []
    for account, number, product in accounts:
        history = histories.get(account)
        if history is None:
            continue
        was, would = (_charges(one, product, history, (first, end)) for one in (before, after))
        for rule in RULES:
            both = sums.setdefault((product, rule), [0, 0])
            both[0] += was.get(rule, 0)
            both[1] += would.get(rule, 0)
        changed.append(Changed(number, product, sum(was.values()), sum(would.values())))
    return {
        "first": first.isoformat(),
        "last": (end - A_DAY).isoformat(),
        "accounts": len(changed),
        "every": every,
        "better": sum(one.difference_minor > 0 for one in changed),
        "worse": sum(one.difference_minor < 0 for one in changed),
        "sums": [[*key, *both] for key, both in sorted(sums.items()) if any(both)],
        "examples": _examples(changed),
    }


def _accounts(currency: str) -> tuple[list[tuple[int, str, str]], int]:
    """(id, number, product) of accounts, evenly chosen; of how many each is one."""
    found = Account.objects.filter(currency=currency)
    every = max(1, -(-found.count() // ACCOUNTS_MAX))
    chosen = found.annotate(rest=F("id") % every).filter(rest=0).order_by("id")
    return list(chosen.values_list("id", "number", "product")[:ACCOUNTS_MAX]), every


def _charges(held: PriceList, product: str, history: History, span: tuple[date, date]) -> dict[str, int]:
    prices = PriceBook([replace(held, valid_from=LONG_AGO)])
    found = {rule: compute(rule, product, history, prices, span) for rule in RULES}
    return {rule: one.amount_minor for rule, one in found.items() if one is not None and one.amount_minor}


def _examples(changed: Sequence[Changed]) -> list[list[Any]]:
    largest = sorted(changed, key=lambda one: (-abs(one.difference_minor), one.number))[:EXAMPLES_MAX]
    return [[one.number, one.product, one.before_minor, one.after_minor] for one in largest if one.difference_minor]
