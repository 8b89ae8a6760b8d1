"""Measurements as they are kept: put, rolled up, trimmed, bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.metrics import store as keeping
from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.metrics.models import Point, Rolled, Series, Trouble
from holdfast.control.metrics.store import LONG_S, MINUTE_S, Store, note_trouble, sizes, window

RATE = Name("bank-web", "requests", "pay", Kind.RATE, "1/s")
SHARE = Name("bank-web", "requests failing", "pay", Kind.ERRORS, "share")
pytestmark = pytest.mark.usefixtures("database")


def minute() -> datetime:
    """The beginning of a span of five minutes not long ago."""
    return datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) // LONG_S * LONG_S - LONG_S, UTC)


@pytest.mark.demand("W1")
def test_points_are_kept_and_rolled_up_to_minutes_and_five_minutes_once() -> None:
    store, start = Store(), minute()
    for number in range(30):
        assert store.put(start + timedelta(seconds=10 * number), {RATE: float(number), SHARE: 0.5}) == ""
    for _ in range(2):
        Store().roll_up(start + timedelta(minutes=5))
    series = Series.objects.get(metric="requests")
    minutes = list(Rolled.objects.filter(series=series, step_s=MINUTE_S).order_by("at"))
    assert [(one.low, one.mean, one.high, one.count) for one in minutes[:2]] == [(0, 2.5, 5, 6), (6, 8.5, 11, 6)]
    assert len(minutes) == 5
    (long,) = Rolled.objects.filter(series=series, step_s=LONG_S)
    assert (long.low, long.mean, long.high, long.count) == (0, 14.5, 29, 30)
    assert series.last_value == 29


def test_a_second_store_goes_on_where_the_first_ended() -> None:
    at = minute()
    Store().put(at, {RATE: 1.0})
    Store().put(at + timedelta(seconds=10), {RATE: 2.0})
    number = Series.objects.get().pk
    assert window([number], at, at + timedelta(minutes=1))[number].values == (1.0, 2.0)


def test_the_same_instant_told_twice_is_kept_once() -> None:
    at = minute()
    store = Store()
    store.put(at, {RATE: 1.0})
    store.put(at, {RATE: 9.0})
    assert [one.value for one in Point.objects.all()] == [1.0]


def test_more_series_than_are_kept_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "SERIES_MAX", 3)
    names = [Name("odd", "metric", str(one), Kind.LEVEL, "") for one in range(10)]
    store, at = Store(), minute()
    said = store.put(at, dict.fromkeys(names, 1.0))
    assert said.startswith("7 new series were left out")
    assert Series.objects.count() == 3
    note_trouble("kept", said, at)
    assert Trouble.objects.get().words == said
    note_trouble("kept", "", at)
    assert not Trouble.objects.exists()


def test_what_is_older_than_is_kept_is_forgotten_and_the_rest_is_not() -> None:
    store, now = Store(), datetime.now(UTC)
    store.put(now - timedelta(hours=7), {RATE: 1.0})
    store.put(now - timedelta(hours=5), {RATE: 2.0})
    series = Series.objects.get()
    for step_s, days in ((MINUTE_S, 3), (MINUTE_S, 1), (LONG_S, 15), (LONG_S, 13)):
        Rolled.objects.create(
            series=series, step_s=step_s, at=now - timedelta(days=days), low=1, mean=1, high=1, count=1
        )
    assert store.trim(now) == 3
    assert [one.value for one in Point.objects.all()] == [2.0]
    assert sorted(Rolled.objects.values_list("step_s", flat=True)) == [MINUTE_S, LONG_S]
    taken, count = sizes()
    assert taken > 0
    assert count == 1


def test_a_window_far_back_is_read_from_the_longer_steps() -> None:
    store, now = Store(), datetime.now(UTC)
    store.put(now, {RATE: 1.0})
    number = Series.objects.get().pk
    at = now - timedelta(days=5)
    Rolled.objects.create(series_id=number, step_s=LONG_S, at=at, low=1, mean=2, high=3, count=30)
    line = window([number], now - timedelta(days=6), now)[number]
    assert (line.at, line.low, line.values, line.high) == ((at,), (1.0,), (2.0,), (3.0,))
