"""What somebody looks for among the lines: read from an address, said back in words when it cannot be meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from holdfast.control.logs.models import Line
from holdfast.control.traces.models import Trace
from holdfast.telemetry.lines import LEVELS

WORDS_MAX, WORDS_CHARS_MAX = 6, 120
USUAL = timedelta(days=1)
TRACE = re.compile(r"[0-9a-f]{32}")
PLACE = re.compile(r"(\d{1,18})-(\d{1,18})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadSearch(Exception):
    """What is looked for cannot be meant; the text says why, in words."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. words: each must stand in the line; level: this or worse; before: instant and number of the
    last line seen, to go on behind it."""

    words: tuple[str, ...]
    component: str
    level: str
    start: datetime
    end: datetime
    trace: str
    pattern: int
    before: tuple[datetime, int] | None

    def found(self) -> "QuerySet[Line]":
        """The lines, in no order, without regard to `before`."""
        found = Line.objects.filter(at__gte=self.start, at__lt=self.end)
        if self.level:
            found = found.filter(level__in=LEVELS[LEVELS.index(self.level) :])
        if self.component:
            found = found.filter(component=self.component)
        if self.trace:
            found = found.filter(trace=self.trace)
        if self.pattern:
            found = found.filter(pattern_id=self.pattern)
        for word in self.words:
            found = found.filter(text__icontains=word)
        return found

    def page(self, length: int) -> list[Line]:
        """The next lines, the newest first, and one more where there are further ones."""
        found = self.found()
        if self.before is not None:
            at, number = self.before
            found = found.filter(Q(at__lt=at) | Q(at=at, id__lt=number), at__lte=at)
        return list(found.order_by("-at", "-id")[: length + 1])


def read(query: Mapping[str, str], now: datetime) -> Search:
    """From an address' query; without a time the last day. Raises BadSearch."""
    words = query.get("q", "").strip().replace("\x00", "")
    if len(words) > WORDS_CHARS_MAX or len(words.split()) > WORDS_MAX:
        raise BadSearch(f"Look for at most {WORDS_MAX} words, {WORDS_CHARS_MAX} characters together.")
    level = query.get("level", "")
    if level and level not in LEVELS:
        raise BadSearch(f"A level is one of {', '.join(LEVELS)}.")
    end = instant_of(query, "until") or now + timedelta(minutes=1)
    start = instant_of(query, "from") or end - USUAL
    if start >= end:
        raise BadSearch("The beginning must be before the end.")
    trace = query.get("trace", "").strip().lower()
    if trace and not TRACE.fullmatch(trace):
        raise BadSearch("A trace has 32 digits from 0 to f.")
    pattern = query.get("pattern", "")
    if pattern and not (pattern.isascii() and pattern.isdecimal() and len(pattern) <= 18):
        raise BadSearch("There is no such pattern.")
    component = query.get("component", "")[:48].replace("\x00", "")
    before = place_in(query.get("before", ""))
    return Search(tuple(words.split()), component, level, start, end, trace, int(pattern or 0), before)


def place_of(row: Line | Trace) -> str:
    """What an address says to go on behind a row."""
    return f"{(row.at - EPOCH) // timedelta(microseconds=1)}-{row.pk}"


def address(**said: object) -> str:
    """The page's address with what is said; instants as the page's own fields write them."""
    told = {name: written(one) for name, one in said.items() if one not in ("", None, 0)}
    return f"/logs?{urlencode(told)}"


def written(one: object) -> str:
    """A value as it stands in an address; instants as the page's own fields write them."""
    if isinstance(one, datetime):
        return timezone.localtime(one).replace(tzinfo=None, microsecond=0).isoformat()
    return str(one)


def instant_of(query: Mapping[str, str], name: str) -> datetime | None:
    """The day and time that a field says, in the bank's zone unless it names one; None for none. Raises BadSearch."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (timezone.make_aware(at) if timezone.is_naive(at) else at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadSearch(f"“{text[:40]}” is no day and time.") from error


def place_in(text: str) -> tuple[datetime, int] | None:
    """Behind what to go on: an instant and a number; None for from the newest. Raises BadSearch."""
    if not text:
        return None
    found = PLACE.fullmatch(text)
    if found is None:
        raise BadSearch("There is no such place in the lines.")
    try:
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError as error:
        raise BadSearch("There is no such place in the lines.") from error
