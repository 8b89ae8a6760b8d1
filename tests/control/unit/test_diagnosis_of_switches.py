"""What a switch to another component, a setting that changed as it happened, and few requests do to a diagnosis."""

from dataclasses import replace

import pytest
from incident_cases import AT, CALLS, RATES, TAKES_S, incident, line, metrics, series

from holdfast.control.diagnosis import Cause, diagnose
from holdfast.control.diagnosis.case import Answer, Call, Case, Change, LogCount, MetricKind

pytestmark = pytest.mark.demand("W4")


def with_spare(case: Case) -> Case:
    """A spare bank beside the bank, which is asked, and slow, only since the trigger."""
    spare = [
        series("spare", "requests", MetricKind.RATE, line(0, RATES["bank"], seed=3)),
        series("spare", "answer", MetricKind.LATENCY, line(TAKES_S["bank"], 0.5, seed=4)),
    ]
    return replace(case, series=(*case.series, *spare), calls=(*CALLS, Call("door", "spare")))


def confidence(case: Case, component: str) -> float:
    return sum(one.confidence for one in diagnose(case).suspects if one.component == component)


def test_who_is_asked_only_since_it_happened_is_hardly_to_blame() -> None:
    case = with_spare(incident(metrics("bank", rate=0.02, fails=0.3), metrics("door", takes_s=0.3, fails=0.1)))
    top = diagnose(case).top
    assert top.component != "spare"
    assert confidence(case, "spare") < 0.3


def test_a_door_whose_twin_takes_its_customers_is_not_cut_off() -> None:
    def door(name: str, rate_after: float) -> list:  # type: ignore[type-arg]  # of series
        return [series(name, "requests", MetricKind.RATE, line(30, rate_after, seed=len(name)))]

    front = Call("front", "door 1"), Call("front", "door 2")
    case = incident(metrics("bank", fails=0.9), complaint=("bank", ""))
    both = replace(case, calls=(*CALLS, *front, Call("door 1", "bank"), Call("door 2", "bank")))
    front_fails = series("front", "went well", MetricKind.AVAILABILITY, line(1.0, 0.5, seed=9, swing=0.0))
    answers = (Answer("door 2", "answers"),)
    moved = replace(
        both, series=(*case.series, *door("door 1", 60), *door("door 2", 0.2), front_fails), answers=answers
    )
    lost = replace(both, series=(*case.series, *door("door 1", 30), *door("door 2", 0.2), front_fails), answers=answers)
    assert confidence(moved, "door 2") < 0.5 * confidence(lost, "door 2")


def test_one_failure_of_few_requests_says_little_though_the_component_takes_many() -> None:
    def calling(per_s: float) -> Case:
        few = [
            series("door", "requests (pay)", MetricKind.RATE, line(per_s, per_s, seed=5)),
            series("door", "failing (pay)", MetricKind.ERRORS, line(0.0, 0.1, seed=6)),
        ]
        return incident([*metrics("door"), *few], complaint=("door", ""))

    assert confidence(calling(2.0), "door") < 0.2  # one of ten in five seconds
    assert confidence(calling(200.0), "door") > 0.8


def test_a_setting_that_changed_as_it_happened_explains_what_its_callers_write_and_fail_at() -> None:
    failing = incident(metrics("bank", fails=0.6), metrics("door", fails=0.6), complaint=("door", ""))
    said = LogCount("bank", "error: a request failed: cannot write", 0, 30, 600, 60, AT + 1)
    case = replace(failing, logs=(said,), answers=(Answer("bank", "stalls"),))
    assert diagnose(case).top.component == "bank"
    now = Change(AT + 5, "database", "read only of database: off before, on now", "configuration")
    top = diagnose(replace(case, changes=(now,))).top
    assert (top.component, top.cause) == ("database", Cause.CHANGE)
    long_before = replace(now, at=AT - 3600)
    assert diagnose(replace(case, changes=(long_before,))).top.component == "bank"
