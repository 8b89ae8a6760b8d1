"""Detectors of the series that are kept: what they notice, what they remember, what runs out."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.alerts import unusual
from holdfast.control.alerts.models import Learnt
from holdfast.control.alerts.unusual import FORECAST_EVERY, KEEP_EVERY, Unusual
from holdfast.control.metrics.deriving import Kind, Name

pytestmark = pytest.mark.usefixtures("database")
SLOW = Name("bank-web", "requests 95 %", "pay", Kind.LATENCY, "ms")
BUSY = Name("bank-web", "requests", "pay", Kind.RATE, "1/s")
DISK = Name("host", "disk in use", "", Kind.SATURATION, "share")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Play:
    """Rounds of made-up values."""

    def __init__(self, judge: Unusual, at: datetime = START) -> None:
        self.judge, self.at, self.luck = judge, at, random.Random(7)

    def rounds(self, count: int, ms: float, rate: float = 5.0) -> list[str]:
        said: list[str] = []
        for _ in range(count):
            values = {SLOW: ms * self.luck.uniform(0.8, 1.25), BUSY: rate * self.luck.uniform(0.9, 1.1)}
            said = [one.words for one in self.judge.round(self.at, values) if one.name == SLOW]
            self.at += timedelta(seconds=10)
        return said


@pytest.mark.demand("W3")
def test_answers_that_take_five_times_as_long_are_noticed_within_a_minute_and_their_end_too() -> None:
    play = Play(Unusual("Europe/Oslo"))
    assert play.rounds(90, 30.0) == []
    (words,) = play.rounds(6, 150.0)
    assert words.startswith("Slow answers of pay at bank-web are")
    assert play.rounds(40, 30.0) == []


def test_a_percentile_of_a_handful_of_requests_is_not_judged() -> None:
    play = Play(Unusual("Europe/Oslo"))
    play.rounds(90, 30.0)
    assert play.rounds(12, 400.0, rate=0.1) == []


def test_what_was_learnt_survives_a_restart() -> None:
    play = Play(Unusual("Europe/Oslo"))
    play.rounds(KEEP_EVERY * 3, 30.0)
    assert Learnt.objects.count() > 1
    again = Play(Unusual("Europe/Oslo"), play.at)
    assert len(again.rounds(6, 150.0)) == 1
    Learnt.objects.update(state="{broken")
    assert Play(Unusual("Europe/Oslo"), play.at).rounds(2, 30.0) == []


@pytest.mark.demand("W3")
def test_a_disk_that_fills_is_foretold_before_it_is_full() -> None:
    judge, at, told = Unusual("Europe/Oslo"), START, []
    for number in range(6 * 60 * 3):
        share = 0.6 + 0.3 * number / (6 * 60 * 3)
        told = [one for one in judge.round(at, {DISK: share}) if one.rule.name == "runs out"]
        at += timedelta(seconds=10)
    (seen,) = told
    assert seen.bad
    assert seen.rule.page
    assert "disk" in seen.words.lower()


def test_which_door_customers_come_through_is_chance_and_fewer_of_them_at_all_is_not() -> None:
    judge, luck, at = Unusual("Europe/Oslo"), random.Random(3), START
    doors = [Name(f"door-{one}", "requests", "pay", Kind.RATE, "1/s") for one in (1, 2)]

    def rounds(count: int, first: float, second: float) -> set[str]:
        nonlocal at
        said: set[str] = set()
        for _ in range(count):
            values = {name: rate * luck.uniform(0.9, 1.1) for name, rate in zip(doors, (first, second), strict=True)}
            said = {one.name.component for one in judge.round(at, values)}
            at += timedelta(seconds=10)
        return said

    assert rounds(120, 5.0, 5.0) == set()
    assert rounds(60, 0.0, 10.0) == set()
    assert rounds(60, 0.0, 0.0) == {"doors"}


def test_what_was_unusual_of_a_series_that_is_told_no_more_ends() -> None:
    play = Play(Unusual("Europe/Oslo"))
    play.rounds(90, 30.0)
    assert play.rounds(6, 150.0)
    other = {Name("bank-web", "memory", "", Kind.SATURATION, "bytes"): 1e8}
    told = []
    for _ in range(unusual.GONE_ROUNDS):
        told = play.judge.round(play.at, other)
        play.at += timedelta(seconds=10)
    assert [one for one in told if one.name == SLOW] == []


def test_the_number_of_detectors_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unusual, "WATCHED_MAX", 5)
    judge = Unusual("Europe/Oslo")
    values = {Name("bank-web", "calls 95 %", str(one), Kind.LATENCY, "ms"): 1.0 for one in range(50)}
    for number in range(FORECAST_EVERY + 1):
        judge.round(START + timedelta(seconds=10 * number), values)
    assert Learnt.objects.exclude(name__startswith="trend").count() == 5
