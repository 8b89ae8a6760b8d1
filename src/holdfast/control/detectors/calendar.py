"""The bank's own clock: which hour of the week an instant lies in, and whether wages are paid that day.

Customers live by the clock on their wall, so hours are local ones: when summer time ends, Monday's nine o'clock is
still nine o'clock. The distance from UTC is looked up once for each quarter of an hour, since zones change it only
between two of them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER_S, HOUR_S, DAY_S = 900, 3600, 86400
MONDAY_OFFSET_S = 3 * DAY_S
"""1 January 1970 was a Thursday."""
WEEK_HOURS = 168
PAY_DAYS = (12, 15, 20, 25)
"""Days of the month on which many Norwegian employers pay wages; on the working day before when it is no such day."""
FRIDAY = 4


class Calendar:
    """Local time by whole seconds since 1970, cheaply. Not safe for several threads."""

    def __init__(self, zone: str = "Europe/Oslo", pay_days: tuple[int, ...] = PAY_DAYS) -> None:
        self._zone = ZoneInfo(zone)
        self._pay_days = frozenset(pay_days)
        self._quarter, self._offset_s = -1, 0
        self._day, self._busy = -1, False

    def local_s(self, at_s: float) -> float:
        """Seconds since 1970 as the wall clock counts them; days and weeks can be cut from it by division."""
        quarter = int(at_s // QUARTER_S)
        if quarter != self._quarter:
            moment = datetime.fromtimestamp(quarter * QUARTER_S, UTC).astimezone(self._zone)
            self._offset_s = int((moment.utcoffset() or timedelta()).total_seconds())
            self._quarter = quarter
        return at_s + self._offset_s

    def busy(self, local_s: float) -> bool:
        """Whether wages come that local day, or would have but for the week's end."""
        day = int(local_s // DAY_S)
        if day != self._day:
            date = datetime.fromtimestamp(day * DAY_S, UTC).date()
            # A Friday also stands for the two days behind it.
            days = [date + timedelta(days=ahead) for ahead in range(3 if date.weekday() == FRIDAY else 1)]
            last = (days[-1] + timedelta(days=1)).month != date.month
            self._day, self._busy = day, last or any(one.day in self._pay_days for one in days)
        return self._busy


def week_hour(local_s: float) -> int:
    """The hour of the week, 0 from Monday's midnight."""
    return int((local_s + MONDAY_OFFSET_S) // HOUR_S) % WEEK_HOURS
