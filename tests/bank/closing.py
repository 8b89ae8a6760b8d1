"""The end of days in tests: everything that is to be done up to a day of the past, so that other tests' days are not."""

from datetime import date, timedelta

from holdfast.bank.books import rows
from holdfast.bank.charges.booking import book_decided
from holdfast.bank.charges.closing import BATCH, close_step
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.contracts.epochs import Mode, Row

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
LAST = date(2025, 6, 30)
DAY = timedelta(days=1)


def let_no_day_be_open():
    """Days and charges that other tests left are no matter of this one, and all groups are served here."""
    away = [one for one in rows.all().values() if one.mode is not Mode.PRIMARY]
    rows.learn([Row(one.cohort, Mode.PRIMARY, one.epoch + 1) for one in away])
    DayEnd.objects.all().delete()
    Booking.objects.filter(ended="").update(ended="booked")


def close_day(day, limit=BATCH, book=book_decided):
    """All steps of the end of one day, and of booking what it decided."""
    if not DayEnd.objects.exists():
        DayEnd.objects.create(day=day - DAY, state="done", began="2025-01-01T00:00Z")
    for _ in range(200):
        if close_step(day + DAY, limit) is None:
            break
    while book():
        pass
    return DayEnd.objects.get(day=day)
