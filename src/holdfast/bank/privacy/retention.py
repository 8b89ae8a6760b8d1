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
from holdfast.bank.privacy import erasing, naming
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
    Kept("former_names", "mydata.kept_former", "mydata.why_former", naming.FORMER_KEPT, naming.forget_former),
    Kept("left", "mydata.kept_left", "mydata.why_left", erasing.KEPT, erasing.forget_left),
)
"""What goes by itself, and when."""


def keep_to_the_table() -> int:
    """The worker's job: forget what is older than its kind is kept, each kind by itself, with the day's count of it in
    one transaction; how much went. What one kind raises is raised behind all others."""
    gone, failed = dict[str, int](), list[Exception]()
    for kept in TABLE:
        try:
            gone[kept.name] = _forget(kept)
        except Exception as error:  # whatever it is, the kinds behind it go on
            failed.append(error)
    RetentionRun.objects.filter(day__lt=timezone.now().date() - RUNS_KEPT).delete()
    if went := {name: count for name, count in gone.items() if count}:
        get_log().info("forgotten as the table of retention says", **went)
    if failed:
        raise failed[0]
    return sum(gone.values())


def _forget(kept: Kept) -> int:
    """One kind, and its count."""
    with transaction.atomic():
        went = kept.job()
        run, _ = RetentionRun.objects.select_for_update().get_or_create(day=timezone.now().date())
        if went:
            run.counts = {**run.counts, kept.name: run.counts.get(kept.name, 0) + went}
        run.save(update_fields=["counts", "ran"])
    return went
