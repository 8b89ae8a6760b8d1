"""What a token may pay on one day, as the customer chose it: held exactly, also by payments asked for at once."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from holdfast.bank.api.models import ApiPayment, ApiToken, ApiWaiting
from holdfast.bank.books import installation
from holdfast.contracts.api import WAITING_S
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.metadata import Metadata, metadata_of

LATELY = timedelta(minutes=1)
FORGOTTEN_MAX = 20_000
KEPT = timedelta(seconds=WAITING_S + 2 * CLOCK_LEEWAY_S)
"""What waits to be confirmed: as long as that is possible, by any clock that the banks allow, and with the minutes that
a page once opened may take."""
_PAID = (Path(__file__).parent / "sql" / "paid_today.sql").read_text()


def reserve(token: ApiToken, payment: uuid.UUID, content: str, amount_minor: int) -> datetime | None:
    """Write down that this token asks for this payment; when, or None with nothing written when the day's payments
    would be above what it may pay. The token's row is locked, so that of two at once the second counts the first."""
    now = timezone.now()
    with transaction.atomic():
        held = ApiToken.objects.select_for_update().get(id=token.id)
        if _paid_today(token.id, payment, now) + amount_minor > held.day_minor:
            return None
        ApiPayment.objects.bulk_create(
            [ApiPayment(payment=payment, token=held, content=content, amount_minor=amount_minor, created=now)],
            update_conflicts=True,
            unique_fields=["payment"],
            update_fields=["token", "content", "amount_minor", "created"],
        )
    return now


def release(payment: uuid.UUID) -> None:
    """Nothing was asked of the books: it is as if it had never been written down."""
    ApiPayment.objects.filter(payment=payment).delete()


def keep_waiting(payment: uuid.UUID, metadata: Metadata) -> None:
    """Keep the metadata of a payment that the customer must confirm, which is too long for the address where that is
    done."""
    if metadata:
        kept = {"metadata": dict(metadata), "created": timezone.now()}
        ApiWaiting.objects.update_or_create(payment=payment, defaults=kept)
    else:
        ApiWaiting.objects.filter(payment=payment).delete()


def forget_waiting() -> int:
    """Remove, some at a time, what waited for longer than it can be confirmed; how many were."""
    over = timezone.now() - KEPT
    gone = list(ApiWaiting.objects.filter(created__lt=over).order_by("created").values_list("payment")[:FORGOTTEN_MAX])
    return ApiWaiting.objects.filter(payment__in=[one for (one,) in gone], created__lt=over).delete()[0]


def waiting_metadata(payment: uuid.UUID) -> Metadata:
    """The metadata of a payment that waits to be confirmed."""
    found = ApiWaiting.objects.filter(payment=payment).first()
    return metadata_of(found.metadata) if found else ()


def _paid_today(token: int, payment: uuid.UUID, now: datetime) -> int:
    zone = ZoneInfo(installation().time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    asked: dict[str, int | datetime | uuid.UUID] = {
        "token": token,
        "payment": payment,
        "midnight": midnight,
        "lately": now - LATELY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAID, asked)
        return int(cursor.fetchone()[0])
