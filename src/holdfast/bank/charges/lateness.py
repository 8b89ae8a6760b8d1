"""Who is late: whose pay day is over without cover. A day on any part of which the bank was away, or the spare bank
served the customer's group, counts for nobody: the whole day after the return is there to put the money in."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import rows
from holdfast.bank.exchange.models import HeldEpoch, Outage
from holdfast.contracts.epochs import FIRST_EPOCH, Mode


def late_after(pay_on: date, away: date) -> date:
    """The last day on which an instalment is paid in time; away: the last day on which the bank was."""
    return away + timedelta(days=1) if away >= pay_on else pay_on


def last_days_away(cohorts: Iterable[int], day: date) -> dict[int, date]:
    """By group served here: the last day on which it was not, for any part of it, as far as this bank learnt; the
    bank's own outages up to a day count for all of them."""
    told = Outage.objects.filter(first_day__lte=day).aggregate(last=Max("last_day"))["last"] or date.min
    back = _returns({one: rows.row(one).epoch for one in set(cohorts)})
    return {cohort: max(told, returned) for cohort, returned in back.items()}


def _returns(epochs: dict[int, int]) -> dict[int, date]:
    """The day on which each group came under the epoch that holds now; one that never left: long ago."""
    days, moved = bank_days(), {cohort: epoch for cohort, epoch in epochs.items() if epoch > FIRST_EPOCH}
    held = HeldEpoch.objects.filter(cohort__in=moved, mode=Mode.PRIMARY.value).values_list("cohort", "epoch", "at")
    known = {cohort: days.of(at) for cohort, epoch, at in held if moved[cohort] == epoch}
    unseen = [HeldEpoch(cohort=one, epoch=moved[one], mode=Mode.PRIMARY.value) for one in moved if one not in known]
    HeldEpoch.objects.bulk_create(unseen, ignore_conflicts=True)
    today = days.of(datetime.now(UTC))
    return {one: known.get(one, today) if one in moved else date.min for one in epochs}
