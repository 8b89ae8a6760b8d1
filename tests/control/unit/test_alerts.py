"""Rules, service levels, streaks and groups: when something fires, and what has one cause."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.control.alerts.burning import EVENTS_MIN, WINDOWS, Counted, burning, left
from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.files import OWN
from holdfast.control.alerts.grouping import Firing, group
from holdfast.control.alerts.openslo import Level, Query, read_levels
from holdfast.control.alerts.outside import BadHook, read
from holdfast.control.alerts.rules import Rule, judge, read_rules
from holdfast.control.alerts.streaks import SILENT_ROUNDS_MAX, after
from holdfast.control.metrics.deriving import Kind, Name

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FAILING = Name("door-1", "requests failing", "pay", Kind.ERRORS, "share")
REQUESTS = Name("door-1", "requests", "pay", Kind.RATE, "1/s")
RULE = Rule(
    "requests fail",
    "above",
    "door-*",
    "requests failing",
    "{value} of {about} fail at {component}",
    value=0.03,
    only_with="requests",
    only_with_above=0.2,
    rounds=2,
    quiet_rounds=3,
)
LEVEL = Level("pay", "Paying works", "pay", 0.999, Query("door-*", "requests failed"), Query("door-*", "requests"))


@pytest.mark.demand("W3")
def test_our_own_rules_and_service_levels_can_be_read() -> None:
    rules = read_rules((OWN / "rules.yaml").read_text(), "rules.yaml")
    levels = read_levels((OWN / "bank.yaml").read_text(), "bank.yaml")
    assert len(rules) >= 10
    assert {level.name for level in levels} == {"log-in", "pay", "see-accounts", "cards", "quick"}
    assert all(0.9 < level.target < 1 for level in levels)


@pytest.mark.demand("G3")
def test_guessed_passwords_wake_somebody_and_mistyped_ones_do_not() -> None:
    rules = [one for one in read_rules((OWN / "rules.yaml").read_text(), "rules.yaml") if one.metric == "heard"]
    failed = Name("door-1", "heard", "a login that failed", Kind.RATE, "1/s")
    helped = Name("door-1", "heard", "help opened", Kind.RATE, "1/s")
    (guessed,) = judge(rules, {failed: 15.0, helped: 15.0}, {failed: "15 a second"})
    assert guessed.bad and guessed.rule.page
    assert guessed.words.startswith("Logins fail at door-1: 15 a second, ")
    assert not any(one.bad for one in judge(rules, {failed: 1.0, helped: 15.0}, {}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "no YAML"),
        ("name: x", "a list"),
        ("- 7", "a set of names"),
        ("- {name: x, kind: above, component: a, metric: b}", "words is missing"),
        ("- {name: x, kind: over, component: a, metric: b, words: c}", "kind is one of"),
        ("- {name: x, kind: above, component: a, metric: b, words: c, value: high}", "value is a float"),
        ("- {name: x, kind: above, component: a, metric: b, words: c, rounds: 0}", "1 to 1000"),
        ("- {name: x, kind: above, component: a, metric: b, words: c, colour: red}", "colour is not known"),
        ("- {name: x, kind: above, component: a, metric: b, words: '{who}'}", "words may name"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        read_rules(text, "own.yaml")


SLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: pay}
spec:
  service: pay
  indicator: {spec: {ratioMetric: {good: {metricSource: {type: holdfast, spec: {metric: requests}}},
    total: {metricSource: {type: holdfast, spec: {metric: requests}}}}}}
  objectives: [{target: 0.99}]
"""


def test_a_level_may_count_what_is_good_and_has_four_weeks_by_default() -> None:
    (level,) = read_levels(SLO, "own.yaml")
    assert (level.good_counts, level.days, level.target, level.title) == (True, 28, 0.99, "pay")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("openslo/v1", "openslo/v9", "apiVersion"),
        ("kind: SLO", "kind: Alert", "kind Alert"),
        ("{target: 0.99}", "{target: 99}", "between 0 and 1"),
        ("{target: 0.99}", "{}", "target is missing"),
        ("type: holdfast, spec: {metric: requests}}},\n", "type: datadog, spec: {}}},\n", "metricSource.type"),
        ("service: pay", "service:", "spec.service|service is missing"),
    ],
)
def test_a_level_that_cannot_be_watched_is_refused_in_words(old: str, new: str, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        read_levels(SLO.replace(old, new, 1), "own.yaml")


@pytest.mark.demand("W3")
def test_a_budget_burns_only_when_the_long_and_the_short_window_both_say_so() -> None:
    def counts(long: float, short: float, total: float = 10_000.0):  # type: ignore[no-untyped-def]
        longs = {window.long for window in WINDOWS}  # six hours are the short window of three days as well
        return lambda span: Counted(total, total * (long if span in longs else short))

    assert burning(LEVEL, counts(0.0144, 0.0143)) is not None  # the second pair of windows: 6 times too fast
    fast = burning(LEVEL, counts(0.015, 0.02))
    assert fast is not None
    assert (fast.window.rate, fast.window.severity, fast.window.page) == (14.4, 2, True)
    assert fast.rate == pytest.approx(20.0)
    assert "2.0 % were not good in the last 5 minutes" in fast.words
    assert burning(LEVEL, counts(0.015, 0.0), WINDOWS[:1]) is None  # it is over
    assert burning(LEVEL, counts(0.0, 0.5), WINDOWS[:1]) is None  # too short to count
    assert burning(LEVEL, counts(1.0, 1.0, total=EVENTS_MIN - 1), WINDOWS[:1]) is None  # too few to say
    assert left(LEVEL, Counted(10_000, 5)) == pytest.approx(0.5)


def test_a_share_of_failures_counts_only_with_requests() -> None:
    values = {FAILING: 0.5, REQUESTS: 0.1}
    assert [one.bad for one in judge([RULE], values, {})] == [False]
    (one,) = judge([RULE], {**values, REQUESTS: 3.0}, {FAILING: "50.0 %"})
    assert one.bad
    assert one.words == "50.0 % of pay fail at door-1"


def test_a_rule_fires_after_its_rounds_and_ends_after_its_quiet_ones() -> None:
    def rounds(pattern: str) -> list[bool]:
        streaks, fired = {}, []
        for number, letter in enumerate(pattern):
            seen = judge([RULE], {FAILING: 0.5 if letter == "b" else 0.0, REQUESTS: 3.0}, {}) if letter != "-" else []
            telling = {FAILING.component} if letter == "o" else set()
            streaks = after(streaks, [] if letter == "o" else seen, AT + timedelta(seconds=10 * number), telling)
            fired.append(any(one.firing for one in streaks.values()))
        return fired

    assert rounds("b.b.b.b.") == [False] * 8
    assert rounds("bb.b..") == [False, True, True, True, True, True]
    assert rounds("bb...") == [False, True, True, True, False]
    assert rounds("bbooo") == [False, True, True, True, False]  # it tells others: nobody asked, so nothing failed
    assert rounds("bb" + "-" * SILENT_ROUNDS_MAX)[-1]
    assert not rounds("bb" + "-" * (SILENT_ROUNDS_MAX + 3))[-1]


def firing(component: str, severity: int = 2, seconds: int = 0, number: int = 1) -> Firing:
    at = AT + timedelta(seconds=seconds)
    return Firing(number, "rule", component, severity, severity <= 2, at, f"{component} is bad")


CALLS = frozenset(
    {
        ("door-1", "bank-web"),
        ("door-2", "bank-web"),
        ("bank-web", "bank-db"),
        ("bank-worker", "bank-db"),
        ("door-1", "standin"),
    }
)


@pytest.mark.demand("W3")
def test_alerts_along_the_calls_are_one_group_whose_root_is_the_deepest() -> None:
    (one,) = group([firing("door-1"), firing("door-2"), firing("bank-web", 2, 5), firing("bank-db", 3, 9)], CALLS)
    assert one.root == "bank-db"
    assert one.severity == 2
    assert one.page
    assert one.words == "bank-db is bad"
    assert one.began_at == AT


def test_parts_that_do_not_call_each_other_are_apart_unless_their_host_fires_too() -> None:
    apart = group([firing("bank-worker"), firing("standin", 3)], CALLS)
    assert [one.root for one in apart] == ["bank-worker", "standin"]
    (together,) = group([firing("bank-worker"), firing("standin"), firing("host", 2, 60)], CALLS)
    assert together.root == "host"


@given(st.permutations(["door-1", "door-2", "bank-web", "bank-db", "standin", "bank-worker", "postbox"]))
def test_groups_do_not_hang_on_the_order_of_alerts(parts: list[str]) -> None:
    found = group([firing(part, seconds=len(part), number=len(part)) for part in parts], CALLS)
    assert [(one.root, sorted(one.components)) for one in found] == [
        ("bank-db", ["bank-db", "bank-web", "bank-worker", "door-1", "door-2", "standin"]),
        ("postbox", ["postbox"]),
    ]
    assert sum(len(one.alerts) for one in found) == len(parts)


def test_twins_and_parts_that_complain_of_the_same_calls_are_one_group() -> None:
    (one,) = group([firing("door-1"), firing("door-2"), firing("doors", 4)], frozenset())
    assert one.components == {"doors", "door-1", "door-2"}
    complaints = [
        Firing(number, "calls are slow", part, 3, False, AT, "slow", "register")
        for number, part in enumerate(("bank-web", "standin"))
    ]
    (one,) = group(complaints, frozenset())
    assert one.components == {"bank-web", "standin"}
    assert len(group([firing("bank-web"), firing("standin")], frozenset())) == 2


def test_a_ring_of_callers_still_has_one_root() -> None:
    (one,) = group([firing("a", 3), firing("b", 2)], {("a", "b"), ("b", "a")})
    assert one.root == "b"


HOOK = (
    '{"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical",'
    ' "instance": "db1:9100"}, "annotations": {"summary": "The disk is full"}, "startsAt": "2026-11-23T08:59:00Z"}]}'
)


@pytest.mark.demand("W3")
def test_what_alertmanager_tells_is_read() -> None:
    (told,) = read(HOOK.encode(), AT)
    assert (told.rule, told.component, told.severity, told.words, told.ended) == (
        "DiskFull",
        "db1:9100",
        2,
        "The disk is full",
        False,
    )
    assert told.began_at == AT - timedelta(minutes=1)


def test_an_instant_of_a_clock_that_is_off_by_hours_is_now() -> None:
    (told,) = read(HOOK.replace("08:59", "14:59").encode(), AT)
    assert told.began_at == AT


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "no webhook"),
        (HOOK.replace('"4"', '"3"').encode(), "no webhook"),
        (HOOK.replace('"alertname"', '"name"').encode(), "alertname"),
        (HOOK.replace('"firing"', '"burning"').encode(), "status is"),
        (b'{"version": "4", "alerts": [7]}', "no labels"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_malformed_webhook_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(BadHook, match=words):
        read(raw, AT)
