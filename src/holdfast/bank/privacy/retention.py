"""How long what names or describes a person is kept, kind by kind, and the job that carries it out and writes down how
much went on which day.

The table is what the customer reads (`/my-data`) and what the auditor reads (docs/reference/protection.md). The books
and what explains them have no row: the law wants them kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.api import limiting
from holdfast.bank.customers.models import RetentionRun
from holdfast.bank.factors import devices, trusting
from holdfast.bank.factors.models import WrongCodes
from holdfast.bank.files import keeping
from holdfast.bank.joining import registering, resetting
from holdfast.bank.mail import sending
from holdfast.bank.payments import undo
from holdfast.contracts.factors import DEVICE_S
from holdfast.telemetry import get_log

RUNS_KEPT = timedelta(days=3 * 365)
SHORT = timedelta(days=2)


def forget_wrong_codes() -> int:
    """Counts of wrong codes whose quarter of an hour is long over; how many went."""
    return WrongCodes.objects.filter(began__lt=timezone.now() - SHORT).delete()[0]


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind. words: the text that says what it is; why: the text that says what it is kept for; job: forgets what is
    older, in one bounded step, and says how much went."""

    name: str
    words: str
    why: str
    keeps: timedelta
    job: Callable[[], int]


TABLE = (
    Kept("mails", "mydata.kind_mails", "mydata.why_mails", sending.KEPT, sending.forget_old),
    Kept("sessions", "mydata.kind_sessions", "mydata.why_sessions", devices.KEPT, devices.forget_old),
    Kept("devices", "mydata.kind_devices", "mydata.why_devices", timedelta(seconds=DEVICE_S), trusting.forget_old),
    Kept("wrong_codes", "mydata.kind_wrong_codes", "mydata.why_wrong_codes", SHORT, forget_wrong_codes),
    Kept("held", "mydata.kind_payments_held_back", "mydata.why_held", undo.KEPT, undo.forget_old),
    Kept("files", "mydata.kept_files", "mydata.why_files", keeping.HOLDS, keeping.forget_old),
    Kept("waiting", "mydata.kept_waiting", "mydata.why_files", timedelta(days=1), limiting.forget_waiting),
    Kept("registrations", "mydata.kept_registrations", "mydata.why_asked", registering.KEPT, registering.forget_old),
    Kept("resets", "mydata.kept_resets", "mydata.why_asked", resetting.KEPT, resetting.forget_old),
)
"""What goes by itself, and when."""


def keep_to_the_table() -> int:
    """The worker's job: forget what is older than its kind is kept; how much went, which is added to the day's
    counts."""
    gone = {kept.name: went for kept in TABLE if (went := kept.job())}
    today = timezone.now().date()
    with transaction.atomic():
        run, _ = RetentionRun.objects.select_for_update().get_or_create(day=today)
        run.counts = {name: run.counts.get(name, 0) + gone.get(name, 0) for name in {**run.counts, **gone}}
        run.save(update_fields=["counts", "ran"])
    RetentionRun.objects.filter(day__lt=today - RUNS_KEPT).delete()
    if gone:
        get_log().info("forgotten as the table of retention says", **gone)
    return sum(gone.values())
