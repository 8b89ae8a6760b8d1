"""Log lines at the control room: each kept once, by patterns, bounded, found again, and evidence for a cause."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from keeping import Buildings
from staffing import client

from holdfast.control.calls import Kind, Reply
from holdfast.control.diagnosis.templates import surge
from holdfast.control.incidents import record
from holdfast.control.logs import patterns, store
from holdfast.control.logs.collecting import CALLS_MAX, Collector
from holdfast.control.logs.evidence import counts_around
from holdfast.control.logs.models import Cursor, Line, Pattern
from holdfast.control.logs.searching import address
from holdfast.control.logs.store import SAME_MAX, Store
from holdfast.control.metrics.models import Trouble
from holdfast.control.watch.suspecting import case_of
from holdfast.telemetry import lines

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("W1")]
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Buildings:
    monkeypatch.setattr(lines, "PER_SECOND_MAX", 1_000_000)
    return Buildings(tmp_path)


def collector(town: Buildings) -> Collector:
    return Collector(town)  # type: ignore[arg-type]  # it asks and names a folder, no more


def said(event: str, at: datetime | None = None, level: str = "warning", **fields: Any) -> dict[str, Any]:
    stamp = (at or datetime.now(UTC)).isoformat().replace("+00:00", "Z")
    return {"event": event, "level": level, "timestamp": stamp, "building": "bank", **fields}


def told(program: str, at_us: int, number: int, event: dict[str, Any]) -> list[Any]:
    return [program, at_us, number, event]


def events() -> list[str]:
    return list(Line.objects.order_by("id").values_list("event", flat=True))


def troubles() -> dict[str, str]:
    return dict(Trouble.objects.values_list("source", "words"))


def test_every_building_is_read_and_each_line_kept_once(town: Buildings) -> None:
    for building, program in (
        ("bank", "bank-web"),
        ("bank", "bank-worker"),
        ("standin", "standin"),
        ("edge", "door-2"),
    ):
        town.writer(building, program).add(said(f"of {program}", trace_id=TRACE))
    town.writer("control", "control-watch").add(said("of control-watch", level="error"))
    reading = collector(town)
    for _ in range(3):
        reading.round(datetime.now(UTC))
    kept = {(one.component, one.event, one.level) for one in Line.objects.all()}
    assert kept == {
        ("bank-web", "of bank-web", "warning"),
        ("bank-worker", "of bank-worker", "warning"),
        ("standin", "of standin", "warning"),
        ("door-2", "of door-2", "warning"),
        ("control-watch", "of control-watch", "error"),
    }
    assert Line.objects.count() == 5 and Line.objects.filter(trace=TRACE).count() == 4
    assert json.loads(Line.objects.get(component="standin").text)["event"] == "of standin"
    assert troubles() == {}


def test_a_restart_loses_nothing_and_keeps_nothing_twice(town: Buildings) -> None:
    writer = town.writer("bank", "bank-web")
    writer.add(said("a job 1 failed"))
    collector(town).round(datetime.now(UTC))
    writer.add(said("a job 2 failed"))
    town.writer("bank", "bank-web").add(said("a job 3 failed"))
    collector(town).round(datetime.now(UTC))
    collector(town).round(datetime.now(UTC))
    assert events() == ["a job 1 failed", "a job 2 failed", "a job 3 failed"]
    (pattern,) = Pattern.objects.all()
    assert (pattern.words, pattern.count) == ("warning: a job <number> failed", 3)
    cursor = Cursor.objects.get()
    assert (cursor.source, cursor.program, cursor.number) == ("bank", "bank-web", 3)


def test_two_lines_of_the_same_instant_are_both_kept(town: Buildings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    at = datetime.now(UTC)
    for program, count in (("bank-web", 4), ("bank-worker", 3)):
        writer = town.writer("bank", program)
        for number in range(count):
            writer.add(said(f"{program} {number}", at))
    monkeypatch.setattr("holdfast.control.logs.collecting.LIMIT_MAX", 1)
    reading = collector(town)
    reading.round(at)
    assert (town.calls.count("bank"), Line.objects.count()) == (CALLS_MAX, 5)
    reading.round(at)
    assert sorted(events()) == [*(f"bank-web {n}" for n in range(4)), *(f"bank-worker {n}" for n in range(3))]


def test_a_rotated_file_is_read_over_and_what_was_lost_is_said(
    town: Buildings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "FILE_BYTES_MAX", 3_000)
    writer, reading = town.writer("bank", "bank-web"), collector(town)
    writer.add(said("first"))
    reading.round(datetime.now(UTC))
    for number in range(15):  # one file is full in between
        writer.add(said("counted", what=f"word{number}"))
    reading.round(datetime.now(UTC))
    assert Line.objects.count() == 16 and troubles() == {}
    for _ in range(200):
        writer.add(said("flood"))
    reading.round(datetime.now(UTC))
    kept = sum(Line.objects.filter(event="flood").values_list("times", flat=True))
    assert 20 < kept < 60
    assert troubles() == {
        "lines of bank-web": f"{200 - kept} lines were lost: there were more than are kept to be read. "
        f"{kept - SAME_MAX} lines alike were counted only: there were too many."
    }


def test_lines_that_nobody_could_read_in_time_are_said_to_be_lost_by_their_number(town: Buildings) -> None:
    now, keeping = datetime.now(UTC), Store()
    keeping.take("bank", [told("bank-web", 10, 1, said("one"))], now)
    taken = keeping.take("bank", [told("bank-web", 20, 7, said("seven"))], now)
    assert dict(taken.lost) == {"bank-web": 5}


def test_very_many_alike_are_counted_and_only_some_are_kept_and_that_is_said(town: Buildings) -> None:
    writer = town.writer("edge", "door-1")
    for number in range(300):
        writer.add(said(f"the bank failed {number} times"))
    writer.add(said("something else happened here"))
    collector(town).round(datetime.now(UTC))
    alike = Line.objects.filter(event__startswith="the bank failed")
    assert alike.count() == SAME_MAX and sum(alike.values_list("times", flat=True)) == 300
    assert Line.objects.filter(event="something else happened here").count() == 1
    assert Pattern.objects.get(words__startswith="warning: the bank").count == 300
    assert troubles() == {"lines of door-1": "280 lines alike were counted only: there were too many."}


def test_a_building_that_does_not_answer_is_said_until_it_does(town: Buildings) -> None:
    town.writer("standin", "standin").add(said("kept meanwhile"))
    town.broken["standin"] = Reply(Kind.REFUSES, 0, 1.0, "refuses connections")
    reading = collector(town)
    reading.round(datetime.now(UTC))
    assert troubles() == {"lines of standin": "It does not tell its lines: refuses connections."}
    town.broken["standin"] = Reply(Kind.ANSWERS, 200, 1.0, "status 200", {"lines": "none"})
    reading.round(datetime.now(UTC))
    assert troubles() == {"lines of standin": "Its lines have not the agreed form."}
    del town.broken["standin"]
    reading.round(datetime.now(UTC))
    assert troubles() == {} and events() == ["kept meanwhile"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        ["bank-web", 1, 1],
        ["door-1", 10, 1, {"event": "in another's name"}],
        ["bank-web", "10", 1, {"event": "x"}],
        ["bank-web", 10, -1, {"event": "x"}],
        ["bank-web", 2**63, 1, {"event": "x"}],
        ["bank-web", 10, 1, "no event"],
        ["BANK", 10, 1, {"event": "x"}],
    ],
)
def test_a_line_that_has_not_the_form_is_refused_and_the_others_are_kept(raw: object) -> None:
    taken = Store().take("bank", [raw, told("bank-worker", 10, 1, said("good"))], datetime.now(UTC))
    assert (taken.refused, events()) == (1, ["good"])


def test_what_a_sick_program_writes_into_a_line_breaks_nothing() -> None:
    now = datetime.now(UTC)
    odd = {"event": "zero \x00 and half \ud800", "level": "loud", "timestamp": "yesterday", "trace_id": "\x00" * 50}
    huge = said("huge", blob="x" * 500_000)
    ahead = said("ahead", now + timedelta(days=400))
    old = said("too old", now - timedelta(days=15))
    Store().take("bank", [told("bank-web", n, n, one) for n, one in enumerate((odd, huge, ahead, old), 1)], now)
    first, second, third = Line.objects.order_by("id")
    assert (first.event, first.level, first.at) == ("zero   and half ?", "warning", now)
    assert len(second.text) < 12_100 and third.at == now
    assert Cursor.objects.get().number == 4


def test_more_programs_than_a_building_has_are_refused() -> None:
    now = datetime.now(UTC)
    taken = Store().take("bank", [told(f"bank-{n}", 10, 1, said("x")) for n in range(30)], now)
    assert (taken.refused, Cursor.objects.count(), Line.objects.count()) == (14, 16, 16)


def test_what_could_not_be_written_is_asked_for_again_and_then_kept_once(
    town: Buildings, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reading = town.writer("bank", "bank-web"), collector(town)
    writer.add(said("a job 1 failed"))
    with monkeypatch.context() as broken:
        broken.setattr(Cursor, "save", lambda *_: (_ for _ in ()).throw(DatabaseError("gone")))
        with pytest.raises(DatabaseError):
            reading.round(datetime.now(UTC))
    assert (Line.objects.count(), Pattern.objects.count(), Cursor.objects.count()) == (0, 0, 0)
    reading.round(datetime.now(UTC))
    assert events() == ["a job 1 failed"] and Pattern.objects.get().count == 1


def test_patterns_go_on_over_a_restart_and_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr("holdfast.control.diagnosis.templates.GROUPS_MAX", 5)
    monkeypatch.setattr(patterns, "GROUPS_MAX", 5)
    words = [f"{letter * 4} {letter * 5} {letter * 6} {letter * 7}" for letter in "abcdefgh"]
    number = 0
    for _ in range(3):
        keeping = Store()  # a restart
        for event in words:
            number += 1
            keeping.take("bank", [told("bank-web", number, number, said(event))], now)
    counts = {one.words: one.count for one in Pattern.objects.all()}
    assert len(counts) == 6 and sum(counts.values()) == 24
    assert counts[patterns.TOO_MANY] == 9


def test_lines_are_bounded_by_count_and_age_and_patterns_by_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LINES_MAX", 10)
    now, keeping = datetime.now(UTC), Store()
    old = now - timedelta(days=13)
    keeping.take("bank", [told("bank-web", 1, 1, said("an old thing of then", old))], now)
    for number in range(2, 14):
        keeping.take("bank", [told("bank-web", number, number, said(f"number {number}"))], now)
    assert keeping.trim(now) == 3
    assert events() == [f"number {number}" for number in range(4, 14)]
    assert Pattern.objects.count() == 2
    assert keeping.trim(now + timedelta(days=2)) == 0
    assert [one.count for one in Pattern.objects.all()] == [12]
    assert keeping.trim(now + timedelta(days=15)) == 10 and Pattern.objects.count() == 0
    keeping.take("bank", [told("bank-web", 20, 20, said("number 20"))], now)
    assert Pattern.objects.get().count == 1


@pytest.mark.demand("W4")
def test_new_and_surging_patterns_are_evidence_of_a_case_and_a_known_one_is_not_new() -> None:
    now = datetime.now(UTC)
    at = now - timedelta(minutes=2)
    lines_told = [
        *(said("slow answer of the register", at - timedelta(hours=h)) for h in range(1, 9)),  # known for hours
        *(said("could not reach the mail server", at - timedelta(minutes=m)) for m in range(1, 11)),
        *(said("could not reach the mail server", at + timedelta(seconds=s)) for s in range(100)),
        *(said("the disk gives errors", at + timedelta(seconds=s), "error") for s in range(1, 6)),
        said("slow answer of the register", at + timedelta(seconds=1)),
        said("slow answer of the register", at + timedelta(seconds=2)),
    ]
    Store().take("bank", [told("bank-web", n, n, one) for n, one in enumerate(lines_told, 1)], now)
    incident = record.open_one("bank", 1, at, at, "door 1 tripped", at.date())
    case = case_of(incident, {}, now)
    found = {one.template: (one.component, one.before, one.after, surge(one, at.timestamp())) for one in case.logs}
    assert found["error: the disk gives errors"][:3] == ("bank-web", 0, 5)
    assert found["warning: could not reach the mail server"][:3] == ("bank-web", 10, 100)
    assert found["warning: slow answer of the register"][:3] == ("bank-web", 0, 2)
    assert found["error: the disk gives errors"][3].words == "New since the complaint, 5 times"
    assert found["warning: could not reach the mail server"][3].words.startswith("100 times instead of the usual 1")
    assert found["warning: slow answer of the register"][3] is None
    assert counts_around(at - timedelta(days=3), at - timedelta(days=4), at - timedelta(days=2)) == ()


# the pages


@pytest.fixture
def found(people: dict[str, str]) -> datetime:
    """Lines of an hour: three programs, two levels, one trace, and one that is hostile."""
    now = datetime.now(UTC)
    hostile = '<script>alert("x")</script> Ærlig'
    keeping = Store()
    keeping.take(
        "bank",
        [
            told("bank-web", 1, 1, said("early bird", now - timedelta(minutes=50))),
            told("bank-web", 2, 2, said(hostile, now - timedelta(minutes=40), trace_id=TRACE, path="/pay")),
            told(
                "bank-worker",
                1,
                1,
                said("it broke", now - timedelta(minutes=30), "error", exception="Tr\nValueError: x"),
            ),
        ],
        now,
    )
    keeping.take(
        "doors", [told("door-1", 1, 1, said("a bank failed", now - timedelta(minutes=20), trace_id=TRACE))], now
    )
    keeping.take("doors", [told("door-2", 1, 1, said("long ago", now - timedelta(days=3)))], now)
    return now


def shown(page: str) -> list[int]:
    return [int(part.partition('"')[0]) for part in page.split('data-line="')[1:]]


def named(browser: Client, query: str) -> list[str]:
    page = browser.get(f"/logs{query}").content.decode()
    return [Line.objects.get(pk=number).event[:10] for number in shown(page)]


def test_lines_are_found_by_words_program_level_time_and_trace(people: dict[str, str], found: datetime) -> None:
    browser = client(people, "responder")
    assert named(browser, "") == ["a bank fai", "it broke", "<script>al", "early bird"]
    assert named(browser, "?q=BANK+fail") == ["a bank fai"]
    assert named(browser, "?q=ærlig") == ["<script>al"]
    assert named(browser, "?component=bank-web") == ["<script>al", "early bird"]
    assert named(browser, "?level=error") == ["it broke"]
    assert named(browser, f"?trace={TRACE}") == ["a bank fai", "<script>al"]
    days_ago = address(**{"from": found - timedelta(days=4), "until": found - timedelta(days=2)})
    assert named(browser, days_ago.removeprefix("/logs")) == ["long ago"]
    assert named(browser, "?q=nothing+like+this") == []
    pattern = Line.objects.get(event="it broke").pattern_id
    assert named(browser, f"?pattern={pattern}") == ["it broke"]


def test_pages_go_on_behind_the_last_line_also_within_one_instant(
    people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.control.logs.views.PAGE_LINES", 4)
    now = datetime.now(UTC)
    Store().take("bank", [told("bank-web", n, n, said(f"line {n}", now)) for n in range(1, 11)], now)
    browser, seen, where = client(people, "auditor"), [], "/logs?component=bank-web"
    for _ in range(3):
        page = browser.get(where).content.decode()
        seen.append([Line.objects.get(pk=number).event for number in shown(page)])
        if 'rel="next"' in page:
            where = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [[f"line {n}" for n in numbers] for numbers in ((10, 9, 8, 7), (6, 5, 4, 3), (2, 1))]
    assert 'rel="next"' not in page and "component=bank-web" in where


def test_what_a_line_says_is_shown_as_text_with_its_trace_and_its_pattern(
    people: dict[str, str], found: datetime
) -> None:
    browser = client(people, "communicator")
    page = browser.get("/logs").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert page.count('class="tag alarm">new</span>') == 4
    line = Line.objects.get(trace=TRACE, component="bank-web")
    whole = browser.get(f"/logs/{line.pk}").content.decode()
    assert "<script>alert" not in whole and f"/logs?trace={TRACE}" in whole and "/pay" in whole
    broke = browser.get(f"/logs/{Line.objects.get(event='it broke').pk}").content.decode()
    assert "<pre>Tr\nValueError: x</pre>" in broke
    assert browser.get("/logs/999999").status_code == 404


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?q=a+b+c+d+e+f+g", "at most 6 words"),
        ("?level=loud", "A level is one of"),
        ("?from=tomorrow", "“tomorrow” is no day and time"),
        ("?from=2026-05-02T00:00&until=2026-05-01T00:00", "The beginning must be before the end"),
        ("?from=0001-01-01T00:00", "is no day and time"),
        ("?trace=xyz", "A trace has 32 digits"),
        ("?pattern=x", "There is no such pattern"),
        ("?before=x", "There is no such place"),
        ("?before=" + "9" * 18 + "-1", "There is no such place"),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_words(people: dict[str, str], query: str, words: str) -> None:
    answer = client(people, "responder").get(f"/logs{query}")
    assert answer.status_code == 422 and words in answer.content.decode()


def test_a_stranger_sees_no_line(people: dict[str, str], found: datetime) -> None:
    for path in ("/logs", f"/logs/{Line.objects.order_by('id')[0].pk}"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_an_incident_leads_to_the_lines_around_it_and_troubles_are_shown(
    people: dict[str, str], found: datetime
) -> None:
    incident = record.open_one("bank", 1, found - timedelta(minutes=25), found, "door 1 tripped", found.date())
    browser = client(people, "responder")
    page = browser.get(f"/incidents/{incident.number}").content.decode()
    around = page.partition(">Log lines around its beginning")[0].rpartition('href="')[2].strip('"')
    assert named(browser, around.removeprefix("/logs").replace("&amp;", "&")) == ["a bank fai", "it broke"]
    Trouble.objects.create(source="lines of bank", words="It does not tell its lines.", since=found, at=found)
    assert "It does not tell its lines." in browser.get("/logs").content.decode()
