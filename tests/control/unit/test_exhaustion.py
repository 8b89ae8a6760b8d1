"""Forecasts: when something will be full, and when nothing honest can be said."""

import math
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from holdfast.control.detectors.capacity import Peaks, certificate_urgency
from holdfast.control.detectors.exhaustion import DAY_S, HOUR_S, Forecast, Trend, since_fall
from holdfast.control.detectors.lines import line

pytestmark = pytest.mark.demand("W3")

T0 = datetime(2026, 9, 7, tzinfo=UTC).timestamp()


def fed(use, hours: float, trend: Trend | None = None, step_s: float = 60.0, from_h: float = 0.0) -> Trend:
    """A trend that saw `use(hour)` from `from_h` on, with a little noise."""
    trend, luck = trend or Trend(1.0), random.Random(7)
    for number in range(int(hours * HOUR_S / step_s)):
        hour = from_h + number * step_s / HOUR_S
        trend.see(T0 + hour * HOUR_S, use(hour) + luck.gauss(0, 0.003))
    return trend


def first_page(use, hours: float, daily: bool = False) -> float:
    """The hour of the first page; infinite without one."""
    trend, luck = Trend(1.0, daily), random.Random(7)
    for number in range(int(hours * 60)):
        at_s = T0 + number * 60
        trend.see(at_s, min(1.0, use(number / 60)) + luck.gauss(0, 0.003))
        if (
            number % (30 if daily else 5) == 0
            and (told := trend.forecast()) is not None
            and told.urgency(at_s) == "page"
        ):
            return number / 60
    return math.inf


def test_a_steady_rise_is_full_when_the_line_says_and_the_limits_hold_it():
    told = fed(lambda hour: 0.4 + 0.1 * hour, 3).forecast()
    assert told is not None
    assert told.full_s == pytest.approx(T0 + 6 * HOUR_S, abs=900)
    assert told.early_s <= T0 + 6 * HOUR_S <= told.late_s
    assert told.used == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize("hours", [2, 4, 8])
def test_a_leak_is_paged_more_than_an_hour_before_the_end_and_not_at_once(hours):
    rise = 0.6 / hours
    page = first_page(lambda hour: 0.4 + rise * hour, hours)
    assert 0 < page <= hours - 1


def test_a_leak_that_begins_after_hours_of_calm_is_found_too():
    page = first_page(lambda hour: 0.5 + 0.125 * max(0.0, hour - 10), 14)
    assert 10 < page <= 13


@pytest.mark.parametrize(
    "use",
    [
        lambda hour: 0.7,
        lambda hour: 0.7 + 0.05 * math.sin(hour * 5),
        lambda hour: 0.55 + 0.25 * (1 - math.exp(-hour / 0.7)),
        lambda hour: 0.6 + 0.3 * ((hour / 3) % 1) ** 0.2,
        lambda hour: 0.9 - 0.02 * hour,
    ],
    ids=["flat", "waves", "a cache that fills", "freed again and again", "falling"],
)
def test_where_there_is_no_honest_trend_nobody_is_woken(use):
    assert first_page(use, 24) == math.inf


def test_nothing_is_said_of_a_series_that_stands_still_or_of_too_few_points():
    assert fed(lambda hour: 0.7, 24).forecast() is None
    assert fed(lambda hour: 0.4 + 0.1 * hour, 0.3).forecast() is None
    assert Trend(1.0).forecast() is None


def test_a_disk_that_fills_over_days_gets_a_ticket_although_it_goes_up_and_down_each_day():
    def disk(hour: float) -> float:
        return 0.5 + 0.05 * hour / 24 + 0.04 * math.sin(2 * math.pi * hour / 24)

    trend = fed(disk, 6 * 24, step_s=300)
    told = trend.forecast()
    assert told is not None and told.seen_s > 3 * DAY_S
    assert told.full_s == pytest.approx(T0 + 10 * DAY_S, abs=0.8 * DAY_S)
    assert told.urgency(T0 + 6 * DAY_S) == "ticket"
    assert len(trend.to_json().encode()) <= 8192
    again = Trend.from_json(1.0, trend.to_json())
    assert again.forecast() == told


def test_each_morning_is_no_trend_for_what_customers_use():
    def connections(hour: float) -> float:
        return 0.5 - 0.42 * math.cos(2 * math.pi * hour / 24)

    assert first_page(connections, 72, daily=True) == math.inf


def test_a_leak_of_connections_is_told_from_the_morning():
    def connections(hour: float) -> float:
        return 0.35 - 0.2 * math.cos(2 * math.pi * hour / 24) + 0.06 * max(0.0, hour - 54)

    assert 54 < first_page(connections, 64, daily=True) < 62


def test_what_was_freed_is_gone():
    points = [(float(number), value) for number, value in enumerate((0.5, 0.7, 0.9, 0.4, 0.45, 0.5))]
    assert since_fall(points, 0.1) == points[3:]
    assert since_fall(points[:3], 0.1) == points[:3]


def test_values_that_are_none_and_clocks_that_are_set_change_nothing():
    trend = fed(lambda hour: 0.4 + 0.1 * hour, 3)
    told = trend.forecast()
    trend.see(T0 + 3 * HOUR_S, None)
    trend.see(T0 + 3 * HOUR_S, math.nan)
    assert trend.forecast() == told
    trend.see(T0 - 5 * DAY_S, 0.4)
    assert trend.forecast() is None, "what the clock calls the future is not known"
    assert fed(lambda hour: 0.4 + 0.1 * (hour + 120), 3, trend, from_h=-120).forecast() is not None


def test_a_line_is_not_bent_by_wild_points():
    points = [(float(at), 2.0 * at + 1) for at in range(40)]
    wild = [(at, 500.0 if number % 6 == 3 else value) for number, (at, value) in enumerate(points)]
    told = line(wild)
    assert told is not None and told.slope == pytest.approx(2, abs=0.2) and told.low <= 2 <= told.high
    exact = line(points)
    assert exact is not None and (exact.slope, exact.last) == (pytest.approx(2), pytest.approx(79))
    assert line(points[:3]) is None


def test_the_words_name_instants_on_the_clock_of_the_bank():
    full_s = datetime(2026, 11, 23, 13, 30, tzinfo=UTC).timestamp()
    told = Forecast(full_s, full_s - 1800, full_s + HOUR_S, 0.83, 7200)
    assert told.words("The disk of the database", ZoneInfo("Europe/Oslo")) == (
        "The disk of the database will be full at about 23.11.2026 14:30 "
        "(between 23.11.2026 14:00 and 23.11.2026 15:30); 83 % is used"
    )


@pytest.mark.parametrize(
    ("days", "urgency"), [(30, ""), (22, ""), (20, "ticket"), (4, "ticket"), (2, "page"), (-1, "page")]
)
def test_a_certificate_ends_when_it_ends(days, urgency):
    assert certificate_urgency(T0 + days * DAY_S, T0) == urgency


def grown(days: int, a_week: float) -> Peaks:
    """A hundred at its busiest, 60 % of it at weekends, growing by this share of the first week a week."""
    peaks, luck = Peaks(), random.Random(3)
    for hour in range(days * 24):
        day = hour // 24
        height = 100 * (0.6 if day % 7 >= 5 else 1.0) * (1 + a_week * day / 7)
        shape = 0.2 + 0.8 * max(0.0, math.sin(math.pi * (hour % 24 - 6) / 14))
        for _ in range(4):
            peaks.see((20_000 + day) * DAY_S + hour % 24 * HOUR_S, height * shape + luck.gauss(0, 1))
    return peaks


def test_peaks_that_grow_reach_a_measured_limit_on_a_day():
    peaks = grown(42, 0.02)
    told = peaks.growth(150)
    assert told is not None and told.full is not None
    assert told.a_week == pytest.approx(2, abs=0.8)
    # 1.5 times as much at 2 % a week: 25 weeks after the first day.
    assert (told.full.full_s - 20_000 * DAY_S) / DAY_S / 7 == pytest.approx(25, abs=8)
    assert told.full.early_s <= told.full.full_s <= told.full.late_s
    assert Peaks.from_json(peaks.to_json()).growth(150) == told
    assert len(peaks.to_json().encode()) <= 2048


def test_peaks_that_do_not_grow_or_of_few_days_foretell_nothing():
    assert grown(42, 0.0).growth(150) is None
    assert grown(8, 0.05).growth(150) is None


def test_a_limit_that_is_passed_already_is_told_as_now():
    told = grown(42, 0.02).growth(90)
    assert told is not None and told.full is not None and told.full.used > 1
