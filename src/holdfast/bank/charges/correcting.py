"""Entries that were booked for a period which is closed already: the period is computed again from what is known now,
and the difference is booked as a correction, once. Looked for at the end of each day, in what was booked between the
beginnings of the end of the day before and of this one, in batches of accounts in the order of their ids.

Only what stands in the database and the books enters: what a period comes to now, less what was decided for it before.
So a run that is repeated finds no difference any more, and one that was killed goes on where it stopped.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import histories
from holdfast.bank.charges.engine.asif import Correction, recompute
from holdfast.bank.charges.engine.days import Every, add_months, period_of
from holdfast.bank.charges.engine.histories import A_DAY, History
from holdfast.bank.charges.engine.prices import PriceBook
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.charges.reading import read_histories
from holdfast.bank.customers.models import Account
from holdfast.contracts import ids

MONTHS_MAX = 24
"""So far back a closed period is computed again."""
BATCH = 1_000


def correct_late(day_end: DayEnd, prices: PriceBook, currency: str) -> bool:
    """Decide the corrections of closed periods for one batch of accounts; whether there was one. What was decided and
    the account reached are noted in the day's end, which the caller stores."""
    running = period_of(day_end.day, Every.MONTH)[0]
    known = DayEnd.objects.filter(day__lt=day_end.day, place__gt=0).order_by("-day").values_list("place", flat=True)
    before = known.first()
    if before is None:
        return False
    late = histories().late_entries((before, day_end.place), running, day_end.late, BATCH)
    if not late:
        return False
    held = Account.objects.filter(id__in=late, currency=currency).values_list("id", "product", "cohort")
    if found := list(held):
        day_end.decided += _correct(day_end.day, found, late, prices)
    day_end.late = max(late)
    return True


def _correct(day: date, held: Sequence[tuple[int, str, int]], late: dict[int, date], prices: PriceBook) -> int:
    oldest = add_months(period_of(day, Every.MONTH)[0], -MONTHS_MAX)
    since = period_of(max(min(late.values()), oldest), Every.YEAR)[0]
    found = read_histories([account for account, _, _ in held], since)
    rows = []
    for account, product, cohort in held:
        if account in found:
            first = max(late[account], oldest)
            rows += list(_rows(account, product, cohort, found[account], first, day, prices))
    with transaction.atomic():
        return len(Booking.objects.bulk_create(rows, ignore_conflicts=True))


def _rows(  # noqa: PLR0917  # one account with all that its corrections are computed from
    account: int, product: str, cohort: int, history: History, first: date, day: date, prices: PriceBook
) -> Iterator[Booking]:
    booked = list(Booking.objects.filter(account=account).values_list("rule", "first", "amount_minor"))
    seen: set[tuple[str, date]] = set()
    month = period_of(first, Every.MONTH)[0]
    while month <= day:
        for one in _differences(product, history, month, day, prices, booked):
            if (one.rule, one.first) not in seen and _was_closed(one):
                seen.add((one.rule, one.first))
                nth = sum((rule, begun) == (one.rule, one.first) for rule, begun, _ in booked)
                yield _row(account, cohort, one, max(nth, 1), day, prices.lists[-1].currency)
        month = add_months(month, 1)


def _differences(  # noqa: PLR0917  # as above
    product: str, history: History, month: date, day: date, prices: PriceBook, booked: Sequence[tuple[str, date, int]]
) -> list[Correction]:
    priced = prices.product(product, month)
    sums: dict[str, int] = {}
    for rule, begun, minor in booked:
        every = priced.booked(rule) if priced else None
        if every is not None and begun == period_of(month, every)[0]:
            sums[rule] = sums.get(rule, 0) + minor
    return recompute(product, history, prices, month, sums, until=day + A_DAY)


def _was_closed(one: Correction) -> bool:
    """Whether the bank ended the last day of the period: before its beginning nothing was charged."""
    return DayEnd.objects.filter(day=one.end - A_DAY).exists()


def _row(account: int, cohort: int, one: Correction, nth: int, day: date, currency: str) -> Booking:  # noqa: PLR0917
    period = f"{one.first.isoformat()}:{nth}"
    calculation: dict[str, Any] = one.would.to_json() | {"was_minor": one.booked_minor}
    ident: uuid.UUID = ids.charge_id(one.rule, account, period)
    return Booking(
        id=ident,
        account=account,
        cohort=cohort,
        rule=one.rule,
        first=one.first,
        nth=nth,
        until=day + A_DAY,
        version=one.would.version,
        currency=currency,
        amount_minor=one.difference_minor,
        calculation=calculation,
        ended="",
        decided=timezone.now(),
    )
