"""The cause of an incident: who is suspected first, with which evidence, and how sure."""

import json
import math
import random
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from incident_cases import AT, CALLS, incident, line, metrics, series, slow_database

from holdfast.control.diagnosis import Cause, diagnose
from holdfast.control.diagnosis.case import (
    CHANGES_MAX,
    PARTS_MAX,
    POINTS_MAX,
    SERIES_PER_PART_MAX,
    Answer,
    Call,
    CallerShare,
    Case,
    Change,
    Complaint,
    Difference,
    LogCount,
    MetricKind,
    Part,
    Series,
)
from holdfast.control.diagnosis.suspects import Diagnosis, Suspect, SuspectKind

pytestmark = pytest.mark.demand("W4")


def named(found: Diagnosis, component: str) -> Suspect:
    return next(one for one in found.suspects if one.component == component)


def words(suspect: Suspect) -> str:
    return " ".join(one.words for one in suspect.evidence)


def holds(found: Diagnosis) -> None:
    """What every diagnosis promises."""
    assert math.isclose(math.fsum(one.confidence for one in found.suspects), 1.0, abs_tol=1e-9)
    assert all(0 <= one.confidence <= 1 for one in found.suspects)
    assert sum(one.kind is SuspectKind.NOT_KNOWN for one in found.suspects) == 1
    assert [one.confidence for one in found.suspects] == sorted((o.confidence for o in found.suspects), reverse=True)
    assert all(one.evidence and all(said.words for said in one.evidence) for one in found.suspects)


def test_the_slow_database_is_suspected_and_not_those_that_wait_for_it() -> None:
    found = diagnose(slow_database())
    assert found.top.component == "database"
    assert found.top.confidence > 0.8
    assert "answer: 45 ms instead of 4.0 ms (50 times its usual swing or more), since the complaint." in words(
        found.top
    )
    assert all(one.component not in ("bank", "door") or one.confidence < 0.05 for one in found.suspects)
    holds(found)


@pytest.mark.parametrize("late_s", [5.0, 30.0, 60.0, 100.0])
def test_a_trigger_that_comes_late_spoils_nothing(late_s: float) -> None:
    found = diagnose(slow_database(late_s))
    assert found.top.component == "database"
    assert f"{late_s:.0f} s before the complaint" in words(found.top)


def test_a_fault_of_half_a_minute_is_found_two_minutes_later() -> None:
    case = slow_database()
    usual = {(one.component, one.metric): one.values for one in incident().series}
    short = tuple(
        replace(one, times=(*one.times, *(one.times[-1] + 5 * (n + 1) for n in range(12))),
                values=(*one.values[:66], *usual[one.component, one.metric][30:48]))
        for one in case.series
    )  # fmt: skip
    assert diagnose(replace(case, series=short)).top.component == "database"


def test_of_a_failing_callee_and_its_failing_callers_the_callee_is_suspected() -> None:
    case = incident(
        metrics("register", fails=0.3), metrics("bank", fails=0.3), metrics("door", fails=0.3),
        complaint=("door", "went well"),
    )  # fmt: skip
    assert diagnose(case).top.component == "register"


def test_a_caller_that_is_slow_by_itself_is_suspected_though_its_callees_are_well() -> None:
    found = diagnose(incident(metrics("bank", takes_s=0.2), metrics("door", takes_s=0.2)))
    assert found.top.component == "bank"
    assert "What it calls does not explain it" in words(found.top)


def test_when_nothing_moved_it_is_not_known() -> None:
    found = diagnose(incident())
    assert found.top.kind is SuspectKind.NOT_KNOWN and found.top.confidence > 0.8
    holds(found)


def test_a_person_who_complains_does_not_mean_what_nobody_would_feel() -> None:
    slower = incident(metrics("database", takes_s=0.012))
    assert diagnose(slower).top.component == "database"
    found = diagnose(replace(slower, complaint=replace(slower.complaint, metric="")))
    assert found.top.kind is SuspectKind.NOT_KNOWN
    holds(found)
    much = incident(metrics("database", takes_s=0.4), metrics("bank", takes_s=0.4), metrics("door", takes_s=0.4))
    assert diagnose(replace(much, complaint=replace(much.complaint, metric=""))).top.component == "database"


def test_without_anything_known_it_is_not_known_for_certain() -> None:
    found = diagnose(Case(Complaint("", "", 0.0)))
    assert [(one.what, one.confidence) for one in found.suspects] == [("Not known", 1.0)]


def test_a_release_a_moment_before_is_named_as_the_cause() -> None:
    case = replace(slow_database(), changes=(Change(AT - 40, "database", "version 18.5 went live"),))
    top = diagnose(case).top
    assert (top.kind, top.cause, top.subject) == (SuspectKind.CHANGE, Cause.CHANGE, "version 18.5 went live")
    assert "Changed 40 s before the complaint (release): version 18.5 went live" in words(top)


def test_a_change_after_the_harm_or_long_before_it_or_elsewhere_is_not_the_cause() -> None:
    for change in (
        Change(AT + 60, "database", "restarted"),
        Change(AT - 90_000, "database", "an old release"),
        Change(AT - 40, "register", "a release elsewhere"),
    ):
        top = diagnose(replace(slow_database(), changes=(change,))).top
        assert (top.component, top.kind) == ("database", SuspectKind.METRIC)


def test_a_change_to_everything_stands_among_the_suspects() -> None:
    case = replace(slow_database(), changes=(Change(AT - 20, "", "certificates were renewed", "key"),))
    found = diagnose(case)
    one = next(one for one in found.suspects if one.what == "Everything: certificates were renewed")
    assert one.cause is Cause.CHANGE and 0.001 < one.confidence < found.top.confidence


def test_an_outdated_version_is_named() -> None:
    case = replace(slow_database(), differences=(Difference("database", "runs 17.1, the others 18.4", outdated=True),))
    top = diagnose(case).top
    assert (top.kind, top.cause, top.subject) == (SuspectKind.DIFFERENCE, Cause.OUTDATED, "runs 17.1, the others 18.4")


def test_a_new_log_line_tells_a_bug_and_a_full_disk_apart() -> None:
    def top(template: str) -> Suspect:
        return diagnose(replace(slow_database(), logs=(LogCount("database", template, 0, 30, 300, 60, AT + 1),))).top

    bug = top("Traceback: KeyError <text>")
    assert (bug.cause, bug.kind, bug.subject) == (Cause.BUG, SuspectKind.LOG, "Traceback: KeyError <text>")
    assert "New since the complaint, 30 times" in words(bug)
    assert top("could not extend file: No space left on device").cause is Cause.HARDWARE
    assert top("protocol <number> is no longer supported").cause is Cause.OUTDATED


def test_log_lines_as_frequent_as_ever_say_nothing() -> None:
    case = replace(slow_database(), logs=(LogCount("database", "error <number>", 100, 20, 300, 60, AT - 9000),))
    assert diagnose(case).top.kind is SuspectKind.METRIC


def test_a_full_disk_is_named_by_its_metric() -> None:
    disk = series("database", "disk", MetricKind.SATURATION, line(0.5, 0.99, seed=3, swing=0.005))
    case = slow_database()
    top = diagnose(replace(case, series=(*case.series, disk))).top
    assert (top.component, top.cause) == ("database", Cause.HARDWARE)
    assert "disk: 99 % used instead of 50 %" in words(top)


def test_more_requests_than_usual_make_it_an_overload() -> None:
    case = incident(
        metrics("database", rate=4, takes_s=0.04), metrics("bank", rate=4, takes_s=0.12), metrics("door", rate=4, takes_s=0.12)
    )  # fmt: skip
    top = diagnose(case).top
    assert (top.component, top.cause) == ("database", Cause.OVERLOAD)


def test_who_sends_much_more_is_a_suspect_and_guessing_passwords_makes_it_an_attack() -> None:
    case = replace(
        incident(metrics("door", rate=5, takes_s=0.02)),
        callers=(CallerShare("door", "addresses 203.0.113.0/24", 0.01, 0.8),),
    )
    top = diagnose(case).top
    assert (top.kind, top.cause, top.subject) == (SuspectKind.CALLER, Cause.OVERLOAD, "addresses 203.0.113.0/24")
    assert "rose from 1 % to 80 %" in words(top)
    guessing = (LogCount("door", "login refused: wrong password", 5, 900, 300, 60, AT - 9000),)
    assert diagnose(replace(case, logs=guessing)).top.cause is Cause.ATTACK


def test_a_component_run_by_somebody_else_makes_it_an_integration() -> None:
    case = incident(
        metrics("register", fails=0.5), metrics("bank", fails=0.5), metrics("door", fails=0.5),
        complaint=("door", "went well"),
    )  # fmt: skip
    top = diagnose(replace(case, parts=(Part("register", outside=True),))).top
    assert (top.component, top.cause) == ("register", Cause.INTEGRATION)


def test_one_that_is_hardly_reached_any_more_though_it_is_well_is_cut_off() -> None:
    case = incident(metrics("register", rate=0.05), metrics("bank", fails=0.9), metrics("door", fails=0.9))
    top = diagnose(replace(case, answers=(Answer("register", "answers"),))).top
    assert (top.component, top.cause, top.what) == ("register", Cause.NETWORK, "register: not reached by what calls it")


def test_a_link_measured_as_a_part_of_its_own_is_a_network_cause() -> None:
    calls = (Call("door", "bank"), Call("bank", "to database"), Call("to database", "database"), CALLS[2])
    link = [
        series("to database", "requests", MetricKind.RATE, line(150, 150, seed=1)),
        series("to database", "answer", MetricKind.LATENCY, line(0.005, 0.045, seed=2)),
    ]
    case = incident(metrics("bank", takes_s=0.12), metrics("door", takes_s=0.12))
    top = diagnose(
        replace(case, calls=calls, series=(*case.series, *link), parts=(Part("to database", link=True),))
    ).top
    assert (top.component, top.cause) == ("to database", Cause.NETWORK)


def test_probes_alone_are_enough_when_there_is_no_metric() -> None:
    case = Case(
        Complaint("door", "", AT), calls=CALLS, answers=(Answer("bank", "unwell"), Answer("database", "refuses"))
    )
    found = diagnose(case)
    assert found.top.component == "database"
    assert "Asked by the control room, it refuses connections." in words(found.top)
    holds(found)


def test_what_is_gone_together_on_one_machine_points_to_the_machine() -> None:
    parts = (Part("bank", host="machine b"), Part("database", host="machine b"), Part("door", host="machine a"))
    gone = (Answer("bank", "refuses"), Answer("database", "refuses"), Answer("door", "answers"))
    top = diagnose(Case(Complaint("door", "", AT), parts=parts, calls=CALLS, answers=gone)).top
    assert (top.subject, top.cause) == ("machine b", Cause.HARDWARE)
    elsewhere = tuple(replace(part, host=part.name) for part in parts)
    apart = diagnose(Case(Complaint("door", "", AT), parts=elsewhere, calls=CALLS, answers=gone))
    assert {one.component for one in apart.suspects[:2]} == {"bank", "database"}


def test_a_component_that_says_nothing_any_more_is_gone() -> None:
    case = incident(metrics("door", fails=1.0), metrics("bank", fails=1.0), complaint=("door", "went well"))
    silent = tuple(
        replace(one, values=tuple(None if time >= AT else value for time, value in zip(one.times, one.values, strict=True)))
        if one.component == "database" else one
        for one in case.series
    )  # fmt: skip
    top = diagnose(replace(case, series=silent)).top
    assert (top.component, top.what) == ("database", "database: gone")
    assert "None of its metrics says anything since" in words(top)


def test_a_component_with_many_young_metrics_of_one_kind_is_seen_to_be_gone_by_the_old_one() -> None:
    case = incident(complaint=("database", ""))
    ended = [time for time in case.series[0].times if time < AT]
    one = Series("worker", "processor", MetricKind.SATURATION, tuple(ended), tuple(0.02 for _ in ended))
    jobs = tuple(
        Series("worker", f"job failures ({number})", MetricKind.ERRORS, tuple(ended[-5:]), (0.0,) * 5)
        for number in range(SERIES_PER_PART_MAX + 5)
    )
    top = diagnose(replace(case, series=(*case.series, *jobs, one))).top
    assert (top.component, top.what) == ("worker", "worker: gone")


def test_a_way_between_two_parts_is_not_gone_because_the_part_that_measures_it_is() -> None:
    calls = (Call("door", "bank"), Call("bank", "to database"), Call("to database", "database"), CALLS[2])
    link = series("to database", "answer", MetricKind.LATENCY, line(0.005, 0.005, seed=2))
    case = incident(metrics("door", fails=1.0), complaint=("door", "went well"))
    silent = tuple(
        replace(one, values=tuple(None if time >= AT else value for time, value in zip(one.times, one.values, strict=True)))
        if one.component in ("bank", "to database") else one
        for one in (*case.series, link)
    )  # fmt: skip
    found = diagnose(replace(case, calls=calls, series=silent, parts=(Part("to database", link=True),)))
    assert found.top.component == "bank"
    assert not [one for one in found.suspects if one.what == "to database: gone"]


@pytest.mark.parametrize("told_by", ["", "bank"])
def test_a_part_whose_numbers_another_tells_is_not_gone_because_that_one_is(told_by: str) -> None:
    case = incident(complaint=("bank", "went well"))
    silent = tuple(
        replace(one, values=tuple(None if time >= AT else value for time, value in zip(one.times, one.values, strict=True)))
        if one.component in ("bank", "database") else one
        for one in case.series
    )  # fmt: skip
    found = diagnose(replace(case, series=silent, parts=(Part("database", told_by=told_by),)))
    gone = [one.component for one in found.suspects if one.what.endswith(": gone")]
    assert ("database" in gone) is not bool(told_by)
    assert "bank" in gone


def test_what_nobody_measures_is_suspected_behind_its_caller_and_first_once_a_change_speaks_against_it() -> None:
    case = incident(metrics("bank", takes_s=0.2), metrics("door", takes_s=0.2))
    dark = replace(case, series=tuple(one for one in case.series if one.component != "register"))
    found = diagnose(dark)
    assert found.top.component == "bank" and named(found, "register").confidence > 0.03
    changed = diagnose(replace(dark, changes=(Change(AT - 30, "register", "a new release"),)))
    assert (changed.top.component, changed.top.kind) == ("register", SuspectKind.CHANGE)


def test_two_causes_stand_both_among_the_first_three() -> None:
    case = incident(metrics("database", takes_s=0.04), metrics("register", takes_s=0.1), metrics("bank", takes_s=0.22),
                    metrics("door", takes_s=0.22))  # fmt: skip
    assert {"database", "register"} <= {one.component for one in diagnose(case).suspects[:3]}


def test_a_complaint_from_outside_the_graph_finds_its_cause_too() -> None:
    case = replace(slow_database(), complaint=Complaint("customers", "calls to support", AT))
    assert diagnose(case).top.component == "database"


def test_fewer_payments_than_usual_are_a_complaint_like_any_other() -> None:
    case = incident(
        metrics("database", fails=0.9), metrics("bank", fails=0.9), metrics("door", rate=0.3, fails=0.9),
        complaint=("door", "requests"),
    )  # fmt: skip
    assert diagnose(case).top.component == "database"


def test_a_diagnosis_is_stored_with_its_pictures_and_says_how_sure_in_a_word() -> None:
    told = diagnose(slow_database()).to_json()
    first = told["suspects"][0]
    assert (first["component"], first["kind"], first["cause"], first["sure"]) == ("database", "metric", "bug", "high")
    picture = first["evidence"][0]
    assert len(picture["picture"]) == 32 and picture["mark"] == 20
    assert max(picture["picture"][:20]) < 0.005 and min(picture["picture"][20:]) > 0.04
    assert json.loads(json.dumps(told)) == told


def renamed(case: Case, new: dict[str, str], luck: random.Random) -> Case:
    """Every component under another name, every list in another order."""

    def mixed(things: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(luck.sample(things, len(things)))

    def at_part(things: tuple) -> tuple:  # type: ignore[type-arg]
        return mixed(tuple(replace(one, component=new.get(one.component, "")) for one in things))

    return Case(
        replace(case.complaint, component=new[case.complaint.component]),
        mixed(tuple(replace(one, name=new[one.name]) for one in case.parts)),
        at_part(case.series),
        mixed(tuple(Call(new[call.caller], new[call.callee]) for call in case.calls)),
        at_part(case.changes),
        at_part(case.differences),
        at_part(case.logs),
        at_part(tuple(replace(one, caller=new.get(one.caller, one.caller)) for one in case.callers)),
        at_part(case.answers),
    )


FULL = replace(
    incident(metrics("database", rate=2, takes_s=0.04), metrics("bank", takes_s=0.13, fails=0.1), metrics("door", takes_s=0.12)),
    parts=(Part("register", outside=True), Part("bank", host="b"), Part("database", host="b")),
    changes=(Change(AT - 400, "register", "release 9"), Change(AT - 900, "", "a key was changed", "key")),
    differences=(Difference("bank", "eight workers, its twin has four", AT - 300),),
    logs=(LogCount("bank", "connection to <*> timed out", 0, 9, 300, 60, AT), LogCount("door", "error <number>", 4, 30, 300, 60)),
    callers=(CallerShare("database", "bank", 0.5, 0.9), CallerShare("database", "program 7", 0.1, 0.4)),
    answers=(Answer("database", "answers"), Answer("register", "stalls")),
)  # fmt: skip


@given(st.permutations(["kestrel", "a", "zz", "Ålesund"]), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_names_and_order_change_nothing_but_the_names(names: list[str], seed: int) -> None:
    new = dict(zip(("door", "bank", "database", "register"), names, strict=True))
    told = diagnose(FULL)
    other = diagnose(renamed(FULL, new, random.Random(seed)))

    def essence(found: Diagnosis, names: dict[str, str]) -> list[tuple[str, str, str, Cause, float]]:
        return [
            (one.kind, names.get(one.component, ""), names.get(one.subject, one.subject), one.cause, one.confidence)
            for one in found.suspects
        ]

    assert essence(told, new) == essence(other, {name: name for name in names})


ODD = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-(10**30), 10**30))
NAME = st.sampled_from(["", "a", "b", "c", "door"])
NUMBER = st.floats(allow_nan=True, allow_infinity=True)
ANY_CASE = st.builds(
    Case,
    complaint=st.builds(Complaint, NAME, st.sampled_from(["", "m"]), NUMBER),
    parts=st.lists(st.builds(Part, NAME, st.booleans(), st.sampled_from(["", "h"]), st.booleans())).map(tuple),
    series=st.lists(
        st.builds(
            Series, NAME, st.sampled_from(["m", "n"]), st.sampled_from(MetricKind),
            st.lists(NUMBER, max_size=12).map(tuple), st.lists(ODD, max_size=12).map(tuple),
        ), max_size=8,
    ).map(tuple),
    calls=st.lists(st.builds(Call, NAME, NAME), max_size=6).map(tuple),
    changes=st.lists(st.builds(Change, NUMBER, NAME, st.text(max_size=5), st.text(max_size=3)), max_size=3).map(tuple),
    differences=st.lists(st.builds(Difference, NAME, st.text(max_size=5), ODD, st.booleans()), max_size=3).map(tuple),
    logs=st.lists(st.builds(LogCount, NAME, st.text(max_size=9), NUMBER, NUMBER, NUMBER, NUMBER, ODD), max_size=3).map(tuple),
    callers=st.lists(st.builds(CallerShare, NAME, NAME, NUMBER, NUMBER), max_size=3).map(tuple),
    answers=st.lists(st.builds(Answer, NAME, st.sampled_from(["answers", "refuses", "stalls", "unwell", "?"]))).map(tuple),
)  # fmt: skip


@given(ANY_CASE)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_case_holds_it_is_diagnosed_alike_twice_and_adds_up(case: Case) -> None:
    found = diagnose(case)
    holds(found)
    assert diagnose(case) == found


def test_missing_points_are_no_zeros() -> None:
    case = slow_database()
    holed = tuple(
        replace(one, values=tuple(math.nan if number % 3 else value for number, value in enumerate(one.values)))
        for one in case.series
    )
    assert diagnose(replace(case, series=holed)).top.component == "database"


def test_a_case_beyond_the_limits_is_cut_and_says_so() -> None:
    case = slow_database()
    far = tuple(Series(f"far {number}", "m", MetricKind.RATE, (AT,), (1.0,)) for number in range(PARTS_MAX))
    long = series("database", "jobs", MetricKind.RATE, [5.0] * (POINTS_MAX + 5))
    changes = tuple(Change(AT - 2000 - number, "far 1", f"change {number}") for number in range(CHANGES_MAX + 1))
    found = diagnose(replace(case, series=(*case.series, *far, long), changes=changes))
    assert found.top.component == "database"
    assert found.cut == (
        f"{PARTS_MAX + 4} components were given; the nearest {PARTS_MAX} were looked at.",
        f"1 metrics were longer than {POINTS_MAX} points; their latest were looked at.",
        f"{CHANGES_MAX + 1} changes were given; the nearest {CHANGES_MAX} were looked at.",
    )


def test_sixty_components_are_diagnosed_within_a_second() -> None:
    luck, kinds = random.Random(1), tuple(MetricKind)
    times = tuple(AT + 5.0 * (number - 200) for number in range(240))
    many = tuple(
        Series(f"part {part}", f"m {metric}", kinds[metric % 5], times, tuple(luck.random() for _ in times))
        for part in range(60)
        for metric in range(10)
    )
    calls = tuple(Call(f"part {(part - 1) // 2}", f"part {part}") for part in range(1, 60))
    case = Case(Complaint("part 0", "m 1", AT), series=many, calls=calls)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        diagnose(case)
        took.append(time.perf_counter() - began)
    assert min(took) <= 1.0
