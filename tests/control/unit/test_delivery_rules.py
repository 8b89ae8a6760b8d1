"""The rules of sending that need no database: who is trusted, when it is quiet, how long an SMS is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.contracts.ways import minutes
from holdfast.control.tell.circuit import (
    FAILURES_MAX,
    REFUSED_MAX,
    REST_S,
    REST_S_MAX,
    SLOW_MAX,
    SLOW_S,
    Circuit,
    answered,
    failed,
    room,
    tried,
    waited,
)
from holdfast.control.tell.models import Message
from holdfast.control.tell.outbox import (
    ATTEMPTS_MAX,
    GIVE_UP_AFTER,
    SHORT_ATTEMPTS_MAX,
    TECHNICAL_ATTEMPTS_MAX,
    Outcome,
    fate,
)
from holdfast.control.tell.quiet import quiet_until
from holdfast.control.tell.sms import length, to_sms

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def resting(now: float = 0.0) -> Circuit:
    circuit = Circuit()
    for _ in range(FAILURES_MAX):
        circuit = failed(circuit, "no answer", now)
    return circuit


def test_a_provider_rests_after_its_third_failure_in_a_row_and_not_before() -> None:
    circuit = failed(failed(Circuit(), "a", 0), "b", 0)
    assert circuit.state == "works" and answered(circuit, 0.1, 0) == Circuit()
    assert resting().state == "rests" and resting().words == "no answer"


def test_one_message_is_the_trial_and_its_success_brings_the_provider_back() -> None:
    circuit = resting()
    assert room(circuit, REST_S / 2, 0) == 0
    assert room(circuit, REST_S, 0) == 1 and room(circuit, REST_S, 1) == 0
    trial = tried(circuit)
    assert trial.state == "trial" and room(trial, REST_S, 1) == 0
    assert answered(trial, 0.1, REST_S) == Circuit()


def test_a_failed_trial_makes_the_rest_twice_as_long_up_to_a_limit() -> None:
    circuit, now = resting(), 0.0
    seen = []
    for _ in range(8):
        now = circuit.until
        circuit = failed(tried(circuit), "still no answer", now)
        seen.append(circuit.until - now)
    assert seen == [2, 4, 8, 16, *[REST_S_MAX] * 4]


def test_a_slow_provider_rests_and_so_does_one_that_has_a_message_too_long() -> None:
    circuit = Circuit()
    for _ in range(SLOW_MAX - 1):
        circuit = answered(circuit, SLOW_S, 0)
    assert circuit.state == "works" and answered(circuit, SLOW_S, 0).state == "rests"
    assert waited(Circuit(), SLOW_S - 0.1, 0).state == "works" and waited(Circuit(), SLOW_S, 0).state == "rests"
    assert answered(tried(resting()), SLOW_S, REST_S).state == "rests"


def test_a_provider_that_refuses_everybody_rests_and_one_taken_between_keeps_it_working() -> None:
    circuit = Circuit()
    for _ in range(REFUSED_MAX - 1):
        circuit = answered(circuit, 0.1, 0, taken=False)
    assert answered(circuit, 0.1, 0).refused == 0
    assert answered(circuit, 0.1, 0, taken=False).state == "rests"


def test_what_was_given_before_the_rest_does_not_end_or_prolong_it() -> None:
    assert answered(resting(), 0.1, 0.1) == resting() and failed(resting(), "late", 0.5) == resting()


@pytest.mark.parametrize(
    ("outcome", "attempts", "age", "state", "again"),
    [
        (Outcome("delivered"), 1, timedelta(0), "delivered", None),
        (Outcome("permanent", "refused"), 1, timedelta(0), "permanent", None),
        (Outcome("temporary", "busy"), 1, timedelta(0), "temporary", 1),
        (Outcome("temporary", "busy"), 9, timedelta(0), "temporary", 120),
        (Outcome("technical", "no answer"), 9, timedelta(0), "technical", 30),
        (Outcome("temporary", "busy"), ATTEMPTS_MAX, timedelta(0), "temporary", None),
        (Outcome("technical", "no answer"), ATTEMPTS_MAX, timedelta(0), "technical", 30),
        (Outcome("technical", "no answer"), TECHNICAL_ATTEMPTS_MAX, timedelta(0), "technical", None),
        (Outcome("technical", "no answer"), 5, GIVE_UP_AFTER + timedelta(seconds=1), "technical", None),
    ],
)
def test_every_failure_is_tried_again_after_a_gap_or_has_ended(
    outcome: Outcome, attempts: int, age: timedelta, state: str, again: int | None
) -> None:
    message = Message(attempts=attempts, created_at=NOW - age)
    found, words, at = fate(message, outcome, NOW)
    assert (found, at) == (state, NOW + timedelta(seconds=again) if again else None)
    assert words.startswith("given up after") is (again is None and state in {"temporary", "technical"})


@pytest.mark.parametrize(
    ("at", "begins", "ends", "until"),
    [
        ("2026-05-04T18:59", None, None, None),
        ("2026-05-04T19:00", None, None, "2026-05-05T06:00"),
        ("2026-05-04T05:59", None, None, "2026-05-04T06:00"),
        ("2026-05-04T06:00", None, None, None),
        ("2026-05-04T22:30", 600, 600, None),
        ("2026-05-04T10:30", 720, 780, "2026-05-04T11:00"),
        ("2026-10-24T22:30", None, None, "2026-10-25T07:00"),
    ],
)
def test_quiet_hours_hold_in_the_banks_zone_and_end_in_the_morning(
    at: str, begins: int | None, ends: int | None, until: str | None
) -> None:
    wanted = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet_until(datetime.fromisoformat(at).replace(tzinfo=UTC), "Europe/Oslo", begins, ends) == wanted


OSLO = ZoneInfo("Europe/Oslo")
MINUTES = st.integers(0, 24 * 60 - 1)
CHANGES = [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)]
"""When the clocks of Oslo are put forward and back in 2026."""


def within(minute: int, begins: int, ends: int) -> bool:
    """Walked minute by minute, over midnight: the same in a way that has nothing of the rule's own."""
    walked = begins
    while walked != ends:
        if walked == minute:
            return True
        walked = (walked + 1) % (24 * 60)
    return False


@given(
    at=st.one_of(
        st.integers(0, 2 * 365 * 1440).map(lambda one: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=one)),
        st.builds(lambda day, off: day + timedelta(minutes=off), st.sampled_from(CHANGES), st.integers(-1500, 1500)),
    ),
    begins=MINUTES,
    ends=MINUTES,
)
@example(at=datetime(2026, 3, 29, 0, 59, tzinfo=UTC), begins=121, ends=120)
def test_quiet_hours_hold_just_between_their_times_and_end_later_but_within_a_day_also_over_a_clock_change(
    at: datetime, begins: int, ends: int
) -> None:
    local = at.astimezone(OSLO)
    until = quiet_until(at, "Europe/Oslo", begins, ends)
    assert (until is not None) is within(local.hour * 60 + local.minute, begins, ends)
    if until is None:
        return
    assert at < until <= at + timedelta(hours=25)
    there = until.astimezone(OSLO)
    skipped = there.date() == CHANGES[0].date() and 120 <= ends < 180  # that hour is none on that day
    none_left = skipped and ends < begins <= 180  # and with it all of the time that is not quiet
    assert none_left or quiet_until(until, "Europe/Oslo", begins, ends) is None  # what is put off is then sent
    assert skipped or there.hour * 60 + there.minute == ends


def test_in_the_hour_that_comes_twice_quiet_hours_end_in_the_second_one() -> None:
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert quiet_until(second, "Europe/Oslo", 22 * 60, 150) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "gap_s"), [(1, 10), (2, 20), (6, 320), (7, 600), (SHORT_ATTEMPTS_MAX, None)])
@pytest.mark.parametrize("channel", ["sms", "push"])
def test_an_sms_or_a_push_is_tried_few_times_with_growing_gaps(channel: str, attempts: int, gap_s: int | None) -> None:
    message = Message(channel=channel, attempts=attempts, created_at=NOW)
    _, words, at = fate(message, Outcome("technical", "no answer"), NOW)
    assert at == (NOW + timedelta(seconds=gap_s) if gap_s else None)
    assert words.startswith("given up after") is (gap_s is None)


def test_only_a_time_of_day_is_one() -> None:
    assert [minutes(one) for one in ("21:30", "0:05", "24:00", "8", "12:60", None, "1:2")] == [
        1290, 5, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "characters", "alphabet", "parts"),
    [
        ("a" * 160, 160, "plain", 1),
        ("æ" * 161, 161, "plain", 2),
        ("€" * 80, 160, "plain", 1),
        ("a" * 306, 306, "plain", 2),
        ("ł" * 70, 70, "wide", 1),
        ("ł" * 71, 71, "wide", 2),
        ("😀" * 35, 70, "wide", 1),
    ],
)
def test_an_sms_is_counted_as_networks_count_it(text: str, characters: int, alphabet: str, parts: int) -> None:
    found = length(text)
    assert (found.characters, found.alphabet, found.parts) == (characters, alphabet, parts)


def test_marks_of_print_do_not_make_an_sms_wide() -> None:
    assert length(to_sms("«Siste nytt» – kr\u00a059")).alphabet == "plain"
