"""When support is open: hours of the week, and longer while an incident makes customers write.

A shift or an agent at the desk opens nothing by itself: what customers are told beforehand must be what was decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.support.models import Extension, OpeningHours

DAY = 24 * 60
USUAL: dict[int, tuple[int, int]] = {**dict.fromkeys(range(5), (8 * 60, 20 * 60)), **dict.fromkeys((5, 6), (600, 960))}
"""Until the bank writes its own: Monday to Friday 08 to 20, at weekends 10 to 16."""
LONGER_MAX = timedelta(days=7)
WHY_MAX = 200
LOOK_AHEAD_DAYS = 8
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether support is open, and when that changes (None: not within a week)."""

    open_now: bool
    changes_at: datetime | None


def spans(week: Mapping[int, tuple[int, int]], longer: Iterable[Span], zone: str, now: datetime) -> list[Span]:
    """When it is open from yesterday until a week ahead, in order, spans that touch made one. Pure."""
    there, first = ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    found = []
    for number in range(LOOK_AHEAD_DAYS + 1):
        day = first + timedelta(days=number)
        begins, ends = week.get(day.weekday(), (0, 0))
        if begins < ends:
            found.append((_at(day, begins, there), _at(day, ends, there)))
    joined: list[Span] = []
    for begins_at, ends_at in sorted([*found, *longer]):
        if joined and begins_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends_at))
        else:
            joined.append((begins_at, ends_at))
    return joined


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, time(), zone)
    return midnight + timedelta(days=1) if minute >= DAY else midnight.replace(hour=minute // 60, minute=minute % 60)


def opening_at(found: Iterable[Span], now: datetime) -> Opening:
    """Whether it is open at an instant, by spans in order. Pure."""
    for begins_at, ends_at in found:
        if begins_at <= now < ends_at:
            return Opening(True, ends_at)
        if begins_at > now:
            return Opening(False, begins_at)
    return Opening(False, None)


def week() -> dict[int, tuple[int, int]]:
    """The hours of each weekday."""
    kept = {one.weekday: (one.from_minute, one.until_minute) for one in OpeningHours.objects.all()}
    return {**USUAL, **kept}


def longer(now: datetime) -> list[Extension]:
    """Extensions that are not over, in order."""
    return list(Extension.objects.filter(until_at__gt=now).select_related("incident").order_by("from_at")[:100])


def opening(now: datetime) -> Opening:
    """Whether support is open now, and when that changes."""
    more = [(one.from_at, one.until_at) for one in longer(now)]
    return opening_at(spans(week(), more, installation().time_zone, now), now)


def read_minutes(typed: str) -> int | None:
    """`08:30` in minutes of the day, `24:00` for its end; None for what is no time of day."""
    hour, colon, minute = typed.strip().partition(":")
    if not colon or not (hour.isdecimal() and minute.isdecimal()) or len(hour) > 2 or len(minute) != 2:
        return None
    found = int(hour) * 60 + int(minute)
    return found if int(minute) < 60 and found <= DAY else None


def keep_week(by: Person, typed: Mapping[int, tuple[str, str]]) -> str:
    """Keep the hours of all weekdays; "" when they are, otherwise why not."""
    read = {day: (read_minutes(begins), read_minutes(ends)) for day, (begins, ends) in typed.items()}
    if set(read) != set(range(7)) or any(begins is None or ends is None for begins, ends in read.values()):
        return "Write each time as 08:00, the end of the day as 24:00, and 00:00 twice for closed; nothing was changed."
    if any((begins or 0) > (ends or 0) for begins, ends in read.values()):
        return "A day begins before it ends; nothing was changed."
    with transaction.atomic():
        for day, (begins, ends) in read.items():
            times = {"from_minute": begins or 0, "until_minute": ends or 0}
            OpeningHours.objects.update_or_create(weekday=day, defaults=times)
        log.write(by.username, by.role, "support hours changed", {"week": {str(day): read[day] for day in read}})
    return ""


def extend(by: Person, until: datetime | None, why: str, now: datetime) -> str:
    """Support stays open from now on until then, because of the incident that customers are told of. "" when it does,
    otherwise why not."""
    if until is None or not now < until <= now + LONGER_MAX:
        return f"Write until when, within {LONGER_MAX.days} days; nothing was changed."
    if not 0 < len(why) <= WHY_MAX:
        return f"Say why, in at most {WHY_MAX} characters; nothing was changed."
    with transaction.atomic():
        incident = next(iter(record.told_incidents()), None)
        Extension.objects.create(incident=incident, from_at=now, until_at=until, by=by.username, why=why)
        log.write(by.username, by.role, "support hours extended", {"until": until.isoformat(), "why": why})
        if incident is not None:
            _tell(incident, by, until, now)
    return ""


def _tell(incident: Incident, by: Person, until: datetime, now: datetime) -> None:
    local = until.astimezone(ZoneInfo(installation().time_zone))
    record.add(incident, now, by.username, "support", f"Support stays open until {local:%Y-%m-%d %H:%M}")


def shorten(by: Person, number: int, now: datetime) -> str:
    """End an extension now; "" when it is, otherwise why not."""
    with transaction.atomic():
        found = Extension.objects.select_for_update().filter(pk=number, until_at__gt=now).first()
        if found is None:
            return "That is over, or there is none; nothing was changed."
        found.until_at = max(now, found.from_at)
        found.save(update_fields=["until_at"])
        log.write(by.username, by.role, "support hours extended no more", {"extension": number})
    return ""
