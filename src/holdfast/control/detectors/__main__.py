"""Replay recorded values: what the detectors would have said, in the order of time.

python -m holdfast.control.detectors --kind latency < values.csv

Rows are `instant,value`: an instant as 2026-11-23T08:00:00+01:00 or in seconds since 1970; an empty value is none.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from holdfast.control.detectors.alarm import Alarm
from holdfast.control.detectors.calendar import Calendar
from holdfast.control.detectors.capacity import Peaks, certificate_urgency
from holdfast.control.detectors.detector import Detector, StateUnknown
from holdfast.control.detectors.exhaustion import Trend
from holdfast.control.detectors.series import KINDS, Series
from holdfast.control.detectors.verdicts import sentence

ROW_CHARACTERS_MAX = 200


class RowUnreadable(ValueError):
    """A row is not `instant,value`; nothing of it was used. Mend the row that the text names."""


def rows(lines: Iterable[str]) -> Iterator[tuple[float, float | None]]:
    """(seconds since 1970, value or None) of each row."""
    for number, row in enumerate(csv.reader(line[:ROW_CHARACTERS_MAX] for line in lines), 1):
        try:
            instant, value = row
            yield seconds(instant), float(value) if value.strip() else None
        except ValueError as wrong:
            raise RowUnreadable(
                f"Row {number} is not an instant with its zone, a comma, and a value: {wrong}"
            ) from wrong


def seconds(text: str) -> float:
    """Seconds since 1970 of an instant that has its zone, or that is such a number already."""
    try:
        return float(text)
    except ValueError:
        instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant has no zone")
    return instant.timestamp()


def replay(lines: Iterable[str], told: argparse.Namespace, state: str) -> tuple[list[str], Detector]:
    """A line for each notice and for each forecast that becomes pressing, and the detector as it is after them."""
    series, zone = Series(told.name, KINDS[told.kind], told.name, told.unit, told.interval), ZoneInfo(told.zone)
    calendar = Calendar(told.zone)
    detector = Detector.from_json(series, state, calendar) if state else Detector(series, calendar)
    alarm, trend, peaks = Alarm(), Trend(told.limit, series.kind.daily), Peaks()
    out: list[str] = []
    pressing, step, at_s = "", -1, 0.0

    def say(at_s: float, what: str, words: str) -> None:
        out.append(f"{datetime.fromtimestamp(at_s, UTC).astimezone(zone):%d.%m.%Y %H:%M:%S} {what}: {words}")

    for at_s, value in rows(lines):
        verdict = detector.update(at_s, value)
        if (notice := alarm.update(series, at_s, verdict)) is not None:
            say(at_s, f"{notice.what}{' again' if notice.again else ''}", notice.words)
        elif told.every and verdict.kind:
            say(at_s, f"score {verdict.score:.2f}", sentence(series, verdict))
        if not told.limit:
            continue
        trend.see(at_s, value)
        if verdict.value is not None:
            peaks.see(calendar.local_s(at_s), verdict.value)
        if int(at_s // 300) != step:
            step = int(at_s // 300)
            forecast = trend.forecast()
            urgency = forecast.urgency(at_s) if forecast is not None else ""
            if forecast is not None and urgency and urgency != pressing:
                say(at_s, urgency, forecast.words(series.words, zone))
            pressing = urgency
    growth = peaks.growth(told.limit) if told.limit else None
    if growth is not None:
        full = f", {growth.full.words('the limit', zone)}" if growth.full is not None else ""
        out.append(f"Peaks grow by {series.shown(growth.a_week)} a week{full}")
    if told.ends is not None and (urgency := certificate_urgency(told.ends, at_s)):
        say(
            at_s,
            urgency,
            f"the certificate ends {datetime.fromtimestamp(told.ends, UTC).astimezone(zone):%d.%m.%Y %H:%M}",
        )
    return out, detector


def main() -> int:
    """0 when all rows were read; 2 with a sentence when not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=sorted(KINDS), required=True)
    parser.add_argument("--name", default="values", help="what the series is called in a sentence")
    parser.add_argument("--unit", default="")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds between values")
    parser.add_argument("--zone", default="Europe/Oslo")
    parser.add_argument("--limit", type=float, default=0.0, help="where the resource is full: forecasts are told too")
    parser.add_argument(
        "--ends", type=seconds, help="when a certificate ends: told by how soon that is after the last row"
    )
    parser.add_argument("--every", action="store_true", help="also tell what wakes nobody")
    parser.add_argument("--state", type=Path, help="file with what was learnt: read when it is there, then written")
    told = parser.parse_args()
    if not timedelta(seconds=1) <= timedelta(seconds=told.interval) <= timedelta(days=1):
        parser.error("--interval is between a second and a day")
    state = told.state.read_text() if told.state is not None and told.state.exists() else ""
    try:
        out, detector = replay(sys.stdin, told, state)
    except (RowUnreadable, StateUnknown) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    sys.stdout.writelines(f"{one}\n" for one in out)
    if told.state is not None:
        told.state.write_text(detector.to_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
