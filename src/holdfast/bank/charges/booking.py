"""Book what was decided: each under the id of its account, rule and period, once, however often it is tried."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from holdfast.bank.books import books, installation, rows
from holdfast.bank.charges.engine.interest import rounding_minor
from holdfast.bank.charges.engine.prices import INTEREST, OVERDRAFT, SERVICE, USES
from holdfast.bank.charges.models import Booking
from holdfast.bank.charges.own import open_own, own
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.orders.refunding import aside
from holdfast.contracts import ids
from holdfast.ledger.api import Post, Result
from holdfast.telemetry import get_log

BATCH = 500
"""As many in one block: customers' payments wait behind it for some milliseconds."""
BOOKED = "booked"
KINDS = {INTEREST: "interest", OVERDRAFT: "interest", SERVICE: "fee", USES: "fee"}
OTHER_SIDE = {INTEREST: "interest_paid", OVERDRAFT: "interest_earned", SERVICE: "fees", USES: "fees"}
OWN_COHORT = 0
_END_BOOKINGS = (Path(__file__).parent / "sql" / "end_bookings.sql").read_text()


def book_decided(limit: int = BATCH) -> int:
    """Book up to `limit` of what was decided, of groups served here, as one block; how many ended. Safe to repeat.
    Where an account is closed, what the bank owes goes to the suspense account, and what it is owed is waived."""
    fields = ("id", "account", "cohort", "rule", "first", "until", "version", "currency", "amount_minor")
    waiting = list(Booking.objects.filter(ended="", cohort__in=cohorts_ours()).order_by("id").only(*fields)[:limit])
    if not waiting:
        return 0
    open_own()
    moving = [one for one in waiting if one.amount_minor]
    ended: dict[str, list[Any]] = {BOOKED: [one.id for one in waiting if not one.amount_minor]}
    for one, posted in zip(moving, books().post_many([_post(one) for one in moving]), strict=True):
        done = posted.result in (Result.POSTED, Result.ALREADY_POSTED)
        if posted.result is Result.STALE or (not done and one.amount_minor > 0 and not _put_aside(one)):
            continue
        ended.setdefault(BOOKED if done else posted.reason.value, []).append(one.id)
    with connection.cursor() as cursor:
        for how, idents in ended.items():
            cursor.execute(_END_BOOKINGS, {"ended": how, "ids": idents})
    return sum(map(len, ended.values()))


def _put_aside(one: Booking) -> bool:
    """What the bank owes on an account that takes nothing any more waits at the suspense account; whether it does."""
    return books().post_many([aside(_post(one))])[0].result is not Result.STALE


def to_book() -> bool:
    """Whether something was decided and not booked yet, of groups served here."""
    return Booking.objects.filter(ended="", cohort__in=cohorts_ours()).exists()


def _post(one: Booking) -> Post:
    """Booked with value on the first day after the period, so that it is in no calculation of its own period. It has no
    words: pages say what it is by its kind and cause, in each language."""
    bank, customer = own(OTHER_SIDE[one.rule]), one.account
    return Post(
        id=one.id,
        debit=bank if one.amount_minor > 0 else customer,
        credit=customer if one.amount_minor > 0 else bank,
        amount_minor=abs(one.amount_minor),
        currency=one.currency,
        kind=KINDS[one.rule],
        value_date=one.until,
        cohort=one.cohort,
        epoch=rows.row(one.cohort).epoch,
        cause=f"rule:{one.rule}:{one.version}:{one.first.isoformat()}",
        over_floor=one.amount_minor < 0,
    )


def book_rounding(day: date, sums: Mapping[str, Any]) -> bool:
    """Book, for each rule and period that ended with this day, what rounding each charge by itself made of the exact
    sum, so that the bank's interest is what accrued, rounded once. Whether the books took it:
    not while the spare bank serves that group."""
    posts = []
    for key, (grains, minor) in sorted(sums.items()):
        rule, _, first = key.partition("|")
        over_minor = rounding_minor(int(grains), minor)
        if over_minor:
            bank, rounding = own(OTHER_SIDE[rule]), own("rounding")
            posts.append(
                Post(
                    id=ids.charge_id(f"rounding:{rule}", bank, f"{first}:{day.isoformat()}"),
                    debit=rounding if over_minor > 0 else bank,
                    credit=bank if over_minor > 0 else rounding,
                    amount_minor=abs(over_minor),
                    currency=installation().currency,
                    kind="rounding",
                    value_date=day + timedelta(days=1),
                    cohort=OWN_COHORT,
                    epoch=rows.row(OWN_COHORT).epoch,
                    cause=f"rule:rounding:{rule}:{first}",
                )
            )
    ended = books().post_many(posts)
    for post, one in zip(posts, ended, strict=True):
        if one.result not in (Result.POSTED, Result.ALREADY_POSTED, Result.STALE):
            get_log().error("rounding_not_booked", cause=post.cause, result=one.result.value, reason=one.reason.value)
    return all(one.result is not Result.STALE for one in ended)
