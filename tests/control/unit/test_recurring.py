"""Problems that come back: recognised by their fingerprint, with what helped then and their logs."""

from dataclasses import replace
from datetime import date

import pytest
from incident_cases import AT, incident, metrics, slow_database

from holdfast.control.diagnosis import Case, Cause, diagnose
from holdfast.control.diagnosis.case import LogCount
from holdfast.control.diagnosis.recurring import Earlier, Fingerprint, alike, fingerprint, problems, seen_before

pytestmark = pytest.mark.demand("W4")
LOCKS = LogCount("database", "error: could not obtain lock on <*>", 0, 40, 300, 60, AT)


def print_of(case: Case) -> Fingerprint:
    return fingerprint(case, diagnose(case))


def locked() -> Case:
    return replace(slow_database(), logs=(LOCKS,))


def failing_register() -> Case:
    return incident(metrics("register", fails=0.4), metrics("bank", fails=0.4), metrics("door", fails=0.4),
                    complaint=("door", "went well"))  # fmt: skip


def test_the_same_problem_is_recognised_with_what_helped_and_the_logs_in_common() -> None:
    earlier = [
        Earlier(7, date(2026, 3, 2), print_of(failing_register()), "The register was restarted."),
        Earlier(12, date(2026, 5, 4), print_of(locked()), "The long report was ended."),
    ]
    (found,) = seen_before(print_of(locked()), earlier)
    assert found.earlier.number == 12 and found.alike == 1.0
    assert found.logs == ("error: could not obtain lock on <*>",)
    assert found.words == (
        "This happened on 2026-05-04 (incident 12), 100 % alike: database suspected first, "
        "cause of the same class (bug), 1 log pattern in common. What helped then: The long report was ended."
    )


def test_another_component_and_another_cause_is_another_problem() -> None:
    assert alike(print_of(locked()), print_of(failing_register())) < 0.4
    assert seen_before(print_of(locked()), [Earlier(7, date(2026, 3, 2), print_of(failing_register()))]) == []


def test_nothing_known_is_like_nothing() -> None:
    nothing = Fingerprint(Cause.NOT_KNOWN, (), frozenset())
    assert alike(nothing, nothing) == 0.0


def test_problems_that_came_back_are_reported_with_their_dates_and_logs() -> None:
    same, other = print_of(locked()), print_of(failing_register())
    (problem,) = problems(
        [
            Earlier(3, date(2026, 1, 9), same),
            Earlier(9, date(2026, 4, 1), same, "The long report was ended."),
            Earlier(5, date(2026, 2, 2), other),
        ]
    )
    assert [one.number for one in problem.incidents] == [3, 9]
    assert problem.logs == ("error: could not obtain lock on <*>",)
    assert problem.words == (
        "database, bug: 2 times, from 2026-01-09 to 2026-04-01. What helped last: The long report was ended."
    )


def test_a_fingerprint_survives_being_stored_and_a_broken_one_is_empty() -> None:
    one = print_of(locked())
    assert Fingerprint.from_json(one.to_json()) == one
    empty = Fingerprint(Cause.NOT_KNOWN, (), frozenset())
    for broken in (
        None,
        [],
        {"cause": "gnomes", "components": [1, ["x"], [2, 3]], "templates": [4]},
        {"components": None},
    ):
        assert Fingerprint.from_json(broken) == empty
