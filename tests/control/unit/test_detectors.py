"""What a detector and its alarm say of one series: faults, and what must wake nobody."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.detectors.alarm import Alarm, Notice
from holdfast.control.detectors.calendar import Calendar, week_hour
from holdfast.control.detectors.detector import Detector, StateUnknown
from holdfast.control.detectors.series import COUNT, ERRORS, LATENCY, QUEUE, RATE, SHARE, Kind, Series
from holdfast.control.detectors.verdicts import Verdict, sentence

pytestmark = pytest.mark.demand("W3")

STEP_S = 10.0
T0 = datetime(2026, 9, 7, 8, tzinfo=UTC).timestamp()
PAYMENTS = Series("payments", RATE, "payments a second")
ANSWERS = Series("answers", LATENCY, "response times", "ms")
FAILED = Series("failed", ERRORS, "failed requests")


class Play:
    """A detector with its alarm, fed value by value; keeps what was said."""

    def __init__(self, series: Series, seed: int = 1) -> None:
        self.series, self.luck = series, random.Random(seed)
        self.detector, self.alarm = Detector(series, Calendar()), Alarm()
        self.at_s, self.said = T0, list[Notice]()
        self.last: Verdict | None = None

    def see(self, value: float | None, after_s: float = STEP_S) -> Verdict:
        self.at_s += after_s
        self.last = self.detector.update(self.at_s, value)
        if (notice := self.alarm.update(self.series, self.at_s, self.last)) is not None:
            self.said.append(notice)
        return self.last

    def around(self, mean: float, count: int, rough: float = 0.05) -> "Play":
        for _ in range(count):
            self.see(max(0.0, self.luck.gauss(mean, rough * mean)))
        return self

    @property
    def opened(self) -> list[Notice]:
        return [one for one in self.said if one.what == "opened"]


def found_after_s(play: Play, mean: float, seconds: float, rough: float = 0.05) -> float:
    began = play.at_s
    play.around(mean, int(seconds / STEP_S), rough)
    return play.opened[0].at_s - began if play.opened else math.inf


@pytest.mark.parametrize("history", [60, 3000], ids=["ten minutes", "eight hours"])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("series", "before", "after"),
    [(PAYMENTS, 50, 0), (PAYMENTS, 50, 30), (ANSWERS, 80, 400), (FAILED, 0.001, 0.1), (PAYMENTS, 50, 260)],
    ids=["drop to zero", "minus 40 %", "five times slower", "errors 10 %", "five times as many"],
)
def test_a_fault_is_found_within_a_minute_after_ten_minutes_of_history(series, before, after, history, seed):
    play = Play(series, seed).around(before, history)
    assert play.said == []
    assert found_after_s(play, after, 120) <= 60
    assert len(play.opened) == 1, "one trouble, one alarm"


@pytest.mark.parametrize(("series", "before"), [(PAYMENTS, 50), (ANSWERS, 80), (FAILED, 0.001)])
def test_a_series_without_a_fault_wakes_nobody(series, before):
    assert Play(series).around(before, 8640).said == []


@pytest.mark.parametrize(
    ("series", "before", "during"), [(PAYMENTS, 50, 0.0), (ANSWERS, 80, 900.0), (FAILED, 0.001, 0.9)]
)
def test_a_restart_of_twenty_seconds_wakes_nobody(series, before, during):
    play = Play(series).around(before, 360)
    for value in (during, during):
        play.see(value)
    assert play.around(before, 360).said == []


def test_small_changes_are_said_but_wake_nobody():
    play = Play(ANSWERS).around(6, 360, 0.01)
    assert play.see(16).kind == "spike"
    assert play.around(9, 60, 0.01).said == [], "3 ms more are clear and nobody's trouble"


def test_a_shift_to_the_better_is_told_and_wakes_nobody():
    play = Play(ANSWERS).around(800, 360)
    assert play.around(80, 60).said == []


def test_the_sentence_names_what_is_and_what_is_usual_with_units():
    play = Play(PAYMENTS).around(47, 720, 0.06).around(3, 6)
    assert play.last is not None and play.last.kind == "level shift"
    words = play.opened[0].words
    assert words == sentence(PAYMENTS, play.last) or words.startswith("payments a second are ")
    assert "usually 4" in words and words.endswith(" at this time")
    gone = Play(ANSWERS).around(80, 360).around(410, 5)
    assert gone.opened[0].words.count(" ms") >= 2
    ratio = Play(FAILED).around(0.001, 360).around(0.12, 6)
    assert " %; usually 0 % to " in ratio.opened[0].words
    nothing = Play(PAYMENTS).around(47, 360).around(0, 6)
    assert nothing.opened[0].words.startswith("payments a second have been zero for ")


def test_an_alarm_is_over_when_the_series_is_back_and_says_so():
    play = Play(PAYMENTS).around(50, 360).around(0, 60).around(50, 30)
    assert [one.what for one in play.said] == ["opened", "over"]
    assert play.said[1].words.endswith(" again")


def test_an_alarm_lasts_as_long_as_the_outage_although_the_detector_gives_in():
    play = Play(PAYMENTS).around(50, 360).around(0, 2 * 360)
    assert [one.what for one in play.said] == ["opened"], "two hours of nothing are not the new usual"
    play.around(50, 30)
    assert [one.what for one in play.said] == ["opened", "over"]


def test_a_new_level_that_is_kept_for_hours_ends_the_alarm_in_words():
    play = Play(PAYMENTS).around(50, 360).around(20, 5 * 360)
    assert [one.what for one in play.said] == ["opened", "over"]
    assert "the new level" in play.said[1].words


def test_what_flaps_wakes_once():
    play = Play(PAYMENTS).around(50, 360)
    for _ in range(4):
        play.around(0, 12).around(50, 24)
    assert [one.again for one in play.opened] == [False, True, True, True]


def test_missing_values_nan_and_infinite_ones_are_not_judged():
    play = Play(PAYMENTS).around(50, 360)
    for value in (None, math.nan, math.inf, -math.inf, 1.7e308) * 10:
        verdict = play.see(value)
        assert (verdict.value, verdict.score, verdict.kind) == (None, 0.0, "")
    assert play.around(50, 360).said == []
    assert sentence(PAYMENTS, play.see(None)) == "payments a second: no value"


@pytest.mark.parametrize("jump_s", [-7200, -30, 0, 45, 3600, 9 * 3600, -400 * 86400])
def test_a_clock_that_is_set_wakes_nobody_and_faults_are_found_after_it(jump_s):
    play = Play(PAYMENTS).around(50, 720)
    play.see(50, jump_s)
    assert play.around(50, 120).said == []
    assert found_after_s(play, 0, 120) <= 60


def test_irregular_gaps_wake_nobody():
    play = Play(PAYMENTS)
    for _ in range(2000):
        play.see(play.luck.gauss(50, 3), play.luck.choice((10, 10, 10, 11, 25, 60, 300)))
    assert play.said == []


def test_after_a_gap_another_level_is_no_alarm():
    play = Play(PAYMENTS).around(50, 720)
    play.see(20, 4 * 3600)
    assert play.around(20, 360).said == []


def test_a_counter_is_watched_by_its_growth_and_may_begin_anew():
    play = Play(Series("requests", COUNT, "requests a second"))
    total = 0.0
    for number in range(720):
        total = 0.0 if number in (300, 301, 500) else total + play.luck.gauss(500, 25)
        verdict = play.see(total)
    assert verdict.value is not None and 40 < verdict.value < 60
    assert play.said == []
    for _ in range(6):
        play.see(total)
    assert len(play.opened) == 1


@pytest.mark.parametrize("series", [PAYMENTS, ANSWERS, Series("queue", QUEUE, "waiting"), Series("m", SHARE, "memory")])
def test_the_state_is_small_and_goes_on_from_a_file_as_before(series):
    play = Play(series)
    for number in range(8 * 24 * 36):
        play.see(abs(play.luck.gauss(0.5 + 0.1 * math.sin(number / 300), 0.01234567)), 100.0)
    kept = play.detector.to_json()
    assert len(kept.encode()) <= 8192
    other = Detector.from_json(series, kept, Calendar())
    assert other.to_json() == kept
    for number in range(500):
        value = play.luck.gauss(0.5, 0.01) * (1 + 3 * (number > 400))
        at_s = play.at_s + 10 * (number + 1)
        ours, theirs = play.detector.update(at_s, value), other.update(at_s, value)
        assert (theirs.kind, theirs.worse) == (ours.kind, ours.worse)
        assert theirs.expected == pytest.approx(ours.expected, rel=1e-3)


@pytest.mark.parametrize("kept", ["", "{}", "[]", "7", '{"version": 1}', "null"])
def test_a_state_that_is_none_is_refused_in_words(kept):
    with pytest.raises(StateUnknown, match="payments"):
        Detector.from_json(PAYMENTS, kept)


def test_the_state_of_another_series_or_version_is_refused():
    kept = Play(PAYMENTS).around(50, 60).detector.to_json()
    with pytest.raises(StateUnknown):
        Detector.from_json(ANSWERS, kept)
    with pytest.raises(StateUnknown):
        Detector.from_json(PAYMENTS, json.dumps({**json.loads(kept), "version": 99}))


def test_an_alarm_goes_on_from_a_file():
    play = Play(PAYMENTS).around(50, 360).around(0, 12)
    again = Alarm.from_json(play.alarm.to_json())
    assert again == play.alarm and again.opened_s is not None


def test_an_hour_is_learnt_by_the_local_clock_so_that_winter_time_changes_nothing():
    calendar = Calendar()
    summer = datetime(2026, 10, 23, 7, tzinfo=UTC).timestamp()
    winter = datetime(2026, 10, 30, 8, tzinfo=UTC).timestamp()
    assert week_hour(calendar.local_s(summer)) == week_hour(calendar.local_s(winter)) == 4 * 24 + 9


def test_pay_days_are_those_of_the_month_and_the_working_day_before_a_weekend():
    calendar, busy = Calendar(), []
    for day in range(1, 32):
        at_s = datetime(2026, 10, day, 12, tzinfo=UTC).timestamp()
        if calendar.busy(calendar.local_s(at_s)):
            busy.append(day)
    # The 25th is a Sunday, the 31st a Saturday: the Fridays before them count too.
    assert busy == [12, 15, 20, 23, 25, 30, 31]


def test_a_nightly_peak_is_expected_on_the_third_night():
    play, peaks = Play(Series("queue", QUEUE, "waiting messages")), []
    for number in range(3 * 8640):
        night = number % 8640 >= 8280
        verdict = play.see(play.luck.gauss(600 if night else 20, 4))
        if number % 8640 == 8640 - 20:
            peaks.append(verdict.expected)
    assert peaks[-1] > 300


def test_a_slow_drift_is_told_and_wakes_nobody():
    slow = Play(Series("answers", LATENCY, "response times", "ms", 300.0))
    told: list[Verdict] = []
    for number in range(16 * 288):
        at = number / 288
        mean = 80 * (1 + 0.3 * math.sin(2 * math.pi * at)) * (1 + 0.12 * max(0.0, at - 11))
        told.append(slow.see(slow.luck.gauss(mean, 2), 300.0))
    first = next(number for number, one in enumerate(told) if one.kind == "drift")
    assert first > 11 * 288
    assert "slowly risen" in sentence(slow.series, told[first])
    assert slow.said == []


def test_the_score_is_news_once_and_comparable_over_series():
    for size in (0.001, 1.0, 1e6):
        play = Play(Series("any", Kind("any", "both"), "values"))
        quiet = [play.see(size * play.luck.gauss(10, 1)).score for _ in range(5000)]
        assert sum(score >= 0.5 for score in quiet[1000:]) <= 10, "about one in a thousand"
        first, second = play.see(size * 40).score, play.see(size * 40).score
        assert first > 0.9 and second == 0


def test_a_value_is_judged_in_far_less_than_fifty_microseconds():
    began = datetime.now(UTC)
    Play(PAYMENTS).around(50, 5000)
    assert (datetime.now(UTC) - began) / 5000 < timedelta(microseconds=500), "ten times the bar, for a busy machine"
