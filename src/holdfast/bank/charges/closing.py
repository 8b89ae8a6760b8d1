"""The end of a day: what accrued through it, and at a period's end what is booked for the period.

The accrual is computed anew each day from the books for the whole running period, so a run repeated, doubled or killed
midway leaves the same figures, and what came late is right by itself. At a period's end a charge is decided: stored
once for an account, rule and period, with its calculation; then booked by booking.py under an id derived from the same
three. Work goes in batches of accounts in the order of their ids; a batch and the place reached are stored in one
transaction, so a new run goes on where another fell. Groups that the spare bank serves wait until they are back:
what it accepted is not in the books yet.

Only days on which a period ends, and yesterday, are closed when several are to be made up for: the days between change
nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from holdfast.bank.books import histories, installation
from holdfast.bank.charges.booking import book_rounding, to_book
from holdfast.bank.charges.correcting import correct_late
from holdfast.bank.charges.engine.days import Every, ends_period, period_of
from holdfast.bank.charges.engine.histories import A_DAY, History
from holdfast.bank.charges.engine.interest import Calculation, compute
from holdfast.bank.charges.engine.prices import INTEREST, OVERDRAFT, RULES, PriceBook
from holdfast.bank.charges.models import Accrual, DayEnd
from holdfast.bank.charges.own import open_own
from holdfast.bank.charges.publishing import ensure_price_list, price_book
from holdfast.bank.charges.reading import place_before, read_histories
from holdfast.bank.customers.models import Account
from holdfast.bank.database.alone import alone
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids

BATCH = 2_000
LOCK = 7402
"""Of who ends a day."""
ACCRUED = (INTEREST, OVERDRAFT)
SQL = Path(__file__).parent / "sql"
_STORE_ACCRUALS = (SQL / "store_accruals.sql").read_text()
_STORE_BOOKINGS = (SQL / "store_bookings.sql").read_text()
_DROP_ACCRUALS = (SQL / "drop_accruals.sql").read_text()
_CLEAR_ACCRUALS = (SQL / "clear_accruals.sql").read_text()


@dataclass
class Batch:
    """What a batch of accounts comes to: accruals of running periods, charges of those that ended, and the periods
    (rule, first day, whether it ended) that were looked at."""

    accruals: list[dict[str, Any]] = field(default_factory=list)
    charges: list[tuple[int, int, Calculation]] = field(default_factory=list)
    periods: set[tuple[str, date, bool]] = field(default_factory=set)


def close_step(today: date | None = None, limit: int = BATCH, *, booked_first: bool = False) -> DayEnd | None:
    """One batch of the earliest day that can go on; where it is now, None when nothing is to be done (or another
    process is at it). booked_first: the end of a day, and the next day, wait until all that was decided is booked,
    because it is of value in what comes after; batches of one day may go beside the booking."""
    if not bank_facts.bank():
        return None
    with alone(LOCK) as ours:
        batches_only = ours and booked_first and to_book()
        day_end = _to_go_on(today or bank_today(), batches_only) if ours else None
        if day_end is None:
            return None
        currency = installation().currency
        if not price_book(currency).lists:
            ensure_price_list(currency)
        moved = _go_on(day_end, price_book(currency), currency, limit, batches_only)
        return day_end if moved else None


def _to_go_on(today: date, batches_only: bool) -> DayEnd | None:
    """The day that is under way, one that waited for groups which are back, or the next one; batches_only: only the
    first of these."""
    ours = set(cohorts_ours())
    for one in DayEnd.objects.exclude(state="done").order_by("day"):
        if one.state == "running":
            return one
        if ours & set(one.left):
            if batches_only:
                return None
            one.state, one.only, one.left, one.after = "running", one.left, [], 0
            one.save()
            return one
    newest = DayEnd.objects.order_by("-day").values_list("day", flat=True).first()
    day = None if batches_only else next_day(newest, today)
    return None if day is None else DayEnd.objects.create(day=day, began=timezone.now(), place=histories().place_now())


def next_day(closed: date | None, today: date) -> date | None:
    """The day to be closed next: the first end of a month after the last closed day, else yesterday; None when
    yesterday is closed."""
    yesterday = today - A_DAY
    if closed is None:
        return yesterday
    if closed >= yesterday:
        return None
    return min(period_of(closed + A_DAY, Every.MONTH)[1] - A_DAY, yesterday)


def _go_on(day_end: DayEnd, prices: PriceBook, currency: str, limit: int, batches_only: bool) -> bool:
    """The day's next batch, or, behind the last one, its end; whether something was done."""
    accounts = Account.objects.filter(id__gt=day_end.after, currency=currency, closed=None)
    if day_end.only is not None:
        accounts = accounts.filter(cohort__in=day_end.only)
    found = list(accounts.order_by("id").values_list("id", "product", "cohort")[:limit])
    if not found:
        if not batches_only:
            _end(day_end, prices, currency)
        return not batches_only
    ours = set(cohorts_ours())
    here = [one for one in found if one[2] in ours]
    batch = compute_batch(here, day_end.day, prices)
    with transaction.atomic():
        _store(day_end, batch, [one[0] for one in here], currency)
        day_end.left = sorted({*day_end.left, *(cohort for _, _, cohort in found if cohort not in ours)})
        day_end.after = found[-1][0]
        day_end.accounts += len(here)
        day_end.save()
    return True


def compute_batch(accounts: Sequence[tuple[int, str, int]], day: date, prices: PriceBook) -> Batch:
    """What accounts (id, product, cohort) come to at the end of a day; reads the books, changes nothing."""
    batch, by_product = Batch(), dict[str, list[tuple[int, int]]]()
    for account, product, cohort in accounts:
        by_product.setdefault(product, []).append((account, cohort))
    for product, held in by_product.items():
        priced = prices.product(product, day)
        spans = {}
        for rule in RULES:
            every = priced.booked(rule) if priced else None
            if every is not None and (rule in ACCRUED or ends_period(day, every)):
                spans[rule] = (period_of(day, every)[0], day + A_DAY, ends_period(day, every))
        if not spans:
            continue
        since = min(first for first, _, _ in spans.values())
        found = read_histories([account for account, _ in held], since, place_before(since))
        batch.periods |= {(rule, first, ends) for rule, (first, _, ends) in spans.items() if rule in ACCRUED}
        for account, cohort in held:
            if account in found:
                _take(batch, account, cohort, product, found[account], spans, prices)
    return batch


def _take(  # noqa: PLR0917  # one account with all that its charges are computed from
    batch: Batch,
    account: int,
    cohort: int,
    product: str,
    history: History,
    spans: dict[str, tuple[date, date, bool]],
    prices: PriceBook,
) -> None:
    least_minor, most_minor = history.bounds_minor()
    for rule, (first, end, ends) in spans.items():
        if (rule == INTEREST and most_minor <= 0) or (rule == OVERDRAFT and least_minor >= 0):
            continue  # most accounts are never overdrawn, so nothing is computed of that
        found = compute(rule, product, history, prices, (first, end))
        if found is None or not found.grains:
            continue
        if ends:
            batch.charges.append((account, cohort, found))
        else:
            row = {"account": account, "rule": rule, "first": first.isoformat(), "grains": str(found.grains)}
            batch.accruals.append({**row, "through": (end - A_DAY).isoformat()})


def _store(day_end: DayEnd, batch: Batch, accounts: Sequence[int], currency: str) -> None:
    """In one transaction with the place reached."""
    now, charges = timezone.now(), {}
    for account, cohort, one in batch.charges:
        ident = ids.charge_id(one.rule, account, one.period)
        charges[ident] = (one, {
            "id": ident.hex, "account": account, "cohort": cohort, "rule": one.rule, "first": one.first.isoformat(),
            "until": one.end.isoformat(), "version": one.version, "currency": currency,
            "amount_minor": one.amount_minor, "calculation": one.to_json(),
        })  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STORE_ACCRUALS, {"rows": json.dumps(batch.accruals)})
        cursor.execute(_STORE_BOOKINGS, {"rows": json.dumps([row for _, row in charges.values()]), "decided": now})
        for (ident,) in cursor.fetchall():
            _add(day_end, charges[ident][0])
        for rule, first, ends in batch.periods:
            said: dict[str, Any] = {"accounts": list(accounts), "rule": rule, "first": first, "day": day_end.day}
            cursor.execute(_DROP_ACCRUALS if ends else _CLEAR_ACCRUALS, said)


def _add(day_end: DayEnd, one: Calculation) -> None:
    key = f"{one.rule}|{one.period}"
    grains, minor = day_end.sums.get(key, ["0", 0])
    day_end.sums[key] = [str(int(grains) + one.grains), minor + one.amount_minor]
    day_end.decided += 1


def _end(day_end: DayEnd, prices: PriceBook, currency: str) -> None:
    """All accounts were looked at: closed periods are corrected batch by batch, then the day is done; or it waits for
    the groups that are away."""
    open_own()
    if not day_end.left and not book_rounding(day_end.day, day_end.sums):
        day_end.left = [0]  # the bank's own accounts are of that group
    if not day_end.left and correct_late(day_end, prices, currency):
        day_end.save()
        return  # perhaps there are more: they are the next step's
    day_end.state = "waiting" if day_end.left else "done"
    day_end.ended = None if day_end.left else timezone.now()
    day_end.save()


def accrued(account: int) -> list[Accrual]:
    """What accrued on an account in the periods that run, as of the last closed day."""
    return list(Accrual.objects.filter(account=account).exclude(grains=0).order_by("rule", "-first"))
