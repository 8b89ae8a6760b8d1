"""From what is kept to suspects on the incident: the case, what is found, what is remembered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.control.alerts.opening import PREFIX
from holdfast.control.calls import Kind as Answer
from holdfast.control.calls import Switchboard
from holdfast.control.changes import record as changes
from holdfast.control.diagnosis import diagnose
from holdfast.control.diagnosis.recorded import Recorded
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.metrics.store import Store
from holdfast.control.watch import findings
from holdfast.control.watch.desk import Desk
from holdfast.control.watch.gathering import Gathered, lately
from holdfast.control.watch.loops import Watch
from holdfast.control.watch.observations import Diagnosed, Sight
from holdfast.control.watch.suspecting import case_of, diagnosed, worth_a_look
from holdfast.settings import Installation
from holdfast.signing import load_keyring
from holdfast.signing.lines import Lines

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(seconds=60)
CHAIN = (("door-1", "bank-web"), ("bank-web", "bank-db"))


def fill(slow: str, times: float = 6.0) -> None:
    """Twenty minutes of three parts that call each other; since BEGAN one way between two of them is slow."""
    store = Store()
    for number in range(120):
        at = NOW - timedelta(seconds=10 * (120 - number))
        late = at >= BEGAN
        values: dict[Name, float] = {}
        for place, part in enumerate(("door-1", "bank-web")):
            values[Name(part, "requests", "pay", Kind.RATE, "1/s")] = 5.0 + (number % 3) * 0.1
            own = 40.0 - 15 * place + number % 4
            values[Name(part, "requests 95 %", "pay", Kind.LATENCY, "ms")] = own * (times if late else 1)
            values[Name(part, "requests failing", "pay", Kind.ERRORS, "share")] = 0.0
            values[Name(part, "processor", "", Kind.SATURATION, "cores")] = 0.2
        for caller, callee in CHAIN:
            usual = 8.0 + number % 3 if callee == "bank-db" else 30.0 + number % 4
            hit = late and (callee in (slow, "bank-web"))
            values[Name(caller, "calls", callee, Kind.RATE, "1/s")] = 20.0
            values[Name(caller, "calls 95 %", callee, Kind.LATENCY, "ms")] = usual * (times if hit else 1)
            values[Name(caller, "calls failing", callee, Kind.ERRORS, "share")] = 0.0
        store.put(at, values)


def incident(number: int = 1, cause: str = PREFIX + "bank-web") -> Incident:
    return Incident.objects.create(
        number=number, cause=cause, severity=2, phase="open", cause_words="", opened_by="it is slow", began_at=BEGAN,
        detected_at=BEGAN, opened_at=NOW,
    )  # fmt: skip


@pytest.mark.demand("W4")
def test_the_case_holds_the_parts_the_ways_between_them_the_changes_and_the_answers() -> None:
    fill("bank-db")
    changes.note(BEGAN - timedelta(seconds=30), "bank-db", "configuration", "shared buffers of bank-db: 1 GB before")
    case = case_of(incident(), {"bank": "answers", "bank database": "stalls"}, NOW)
    assert {part.name for part in case.parts if part.link} == {"door-1 to bank-web", "bank-web to bank-db"}
    assert ("bank-web", "bank-web to bank-db") in {(call.caller, call.callee) for call in case.calls}
    assert [one.words for one in case.changes] == ["shared buffers of bank-db: 1 GB before"]
    assert {(one.component, one.answer) for one in case.answers} == {("bank-web", "answers"), ("bank-db", "stalls")}
    slow = next(one for one in case.series if one.metric == "requests 95 % (pay)" and one.component == "bank-web")
    assert len(slow.values) >= 100
    assert max(value for value in slow.values if value is not None) < 1.0  # seconds, not milliseconds


@pytest.mark.demand("W4")
def test_what_is_slow_below_is_suspected_and_stands_on_the_incident(people: dict[str, str]) -> None:
    fill("bank-db")
    changes.note(BEGAN - timedelta(seconds=20), "bank-db", "configuration", "shared buffers of bank-db: less")
    row = incident()
    found = diagnosed(row, {}, NOW)
    assert found.suspects[0]["component"] in ("bank-db", "bank-web to bank-db")
    assert sum(one["confidence"] for one in found.suspects) == pytest.approx(1.0, abs=0.05)
    Desk(lambda _: None).handle(found)
    row.refresh_from_db()
    assert row.fingerprint is not None
    assert row.cause_words == found.likeliest
    assert TimelineEntry.objects.filter(incident=row, kind="diagnosis").count() == 1
    page = client(people, "responder").get("/incidents/1").content.decode()
    assert "data-suspects" in page
    assert found.suspects[0]["what"] in page
    assert 'class="spark"' in page
    assert "shared buffers of bank-db: less" in page


def test_an_incident_like_an_earlier_one_says_what_helped_then(people: dict[str, str]) -> None:
    fill("bank-db")
    first = incident()
    Desk(lambda _: None).handle(diagnosed(first, {}, NOW))
    desk = client(people, "responder")
    assert desk.post("/incidents/1/helped", {"words": "A new index on the table of payments"}).status_code == 302
    Incident.objects.update(closed_at=NOW, phase="closed")
    found = diagnosed(incident(2), {}, NOW)
    assert any("A new index on the table of payments" in words for words in found.before)
    Desk(lambda _: None).handle(found)
    assert TimelineEntry.objects.filter(incident_id=2, kind="recurring").count() == len(found.before) == 1


def test_nothing_measured_is_not_known_and_raises_nothing(tmp_path: Path) -> None:
    found = diagnosed(incident(), {}, NOW)
    assert found.likeliest == ""
    assert [one["kind"] for one in found.suspects] == ["not known"]


def test_a_bad_answer_is_remembered_for_a_minute_and_silence_of_what_never_answered_is_none() -> None:
    gathered = Gathered()

    def see(building: str, answer: Answer, seconds: int) -> None:
        gathered.put(Sight(building, NOW + timedelta(seconds=seconds), answer, "", 3.0, {}))

    see("bank", Answer.ANSWERS, 0)
    see("standin", Answer.REFUSES, 0)
    assert gathered.take() == {
        Name("bank-web", "answers probes", "", Kind.AVAILABILITY, "share"): 1.0,
        Name("bank-web", "probe", "", Kind.LATENCY, "ms"): 3.0,
    }
    see("bank web", Answer.STALLS, 1)
    see("bank", Answer.ANSWERS, 2)
    assert gathered.take()[Name("bank-web", "answers probes", "", Kind.AVAILABILITY, "share")] == 0.5
    assert gathered.answers(NOW + timedelta(seconds=5)) == {
        "bank": "answers",
        "bank web": "stalls",
        "standin": "refuses",
    }
    assert gathered.answers(NOW + timedelta(seconds=61, milliseconds=500)) == {"bank": "answers"}


def test_one_slow_answer_is_chance_and_a_refused_one_is_not() -> None:
    well, stalls, refuses, unwell = Answer.ANSWERS, Answer.STALLS, Answer.REFUSES, Answer.UNWELL
    assert lately([well, stalls, well, well]) is well
    assert lately([well] * 20 + [stalls] * 3 + [well] * 10) is well
    assert lately([well, stalls, stalls]) is stalls
    assert lately([well] * 9 + [stalls] * 3 + [well]) is stalls
    assert lately([stalls]) is stalls
    assert lately([well] * 30 + [refuses] + [well] * 20) is refuses
    assert lately([well, unwell, well]) is well
    assert lately([unwell, well, unwell]) is unwell


@pytest.mark.demand("W4", "R3")
def test_a_part_that_a_runbook_starts_again_is_no_new_cause() -> None:
    found, refuses = (
        incident(cause="bank"),
        {"bank": Answer.REFUSES, "bank web": Answer.REFUSES, "bank database": Answer.ANSWERS},
    )
    named = [{"component": "bank-web", "what": "bank-web: an older release"}]
    Incident.objects.update(suspects=named, fingerprint={"any": 1}, cause_words="an older release")
    found.refresh_from_db()
    changes.note(NOW - timedelta(seconds=5), "bank-web", "start", "is to be started again by a runbook", "responder")
    sight = Sight("bank web", NOW, Answer.REFUSES, "refuses connections", 1.0, {})
    findings.from_answers(found, sight, refuses)
    assert found.suspects == named
    assert not worth_a_look(found, NOW)
    assert worth_a_look(found, NOW + timedelta(minutes=2))


@pytest.mark.demand("W4")
def test_a_cause_is_looked_for_also_once_the_bank_answers_probes_again_unless_probes_named_it(
    installation: Installation,
) -> None:
    fill("bank-db")
    put: list[Diagnosed] = []
    watch = Watch(
        Switchboard(installation, load_keyring(installation.keys, "control"), Lines(installation.keys, "control"))
    )
    watch._put = put.append  # type: ignore[assignment,method-assign]
    found = incident(cause="bank")
    for phase, suspects, looked in (
        ("open", [{"component": "bank-db"}], True),
        ("repaired", [], True),
        ("repaired", [{"component": "bank-db"}], False),
        ("handing back", [], False),
    ):
        Incident.objects.filter(pk=found.pk).update(phase=phase, suspects=suspects)
        put.clear()
        watch._suspect()
        assert bool(put) is looked, phase
    Incident.objects.filter(pk=found.pk).update(phase="repaired")
    changes.note(BEGAN - timedelta(minutes=1), "bank-web", "release", "0.1.0 before, 0.0.9 now")
    watch._suspect()
    assert put


@pytest.mark.demand("W4")
def test_an_answer_that_was_bad_before_an_incident_began_speaks_of_no_part_of_it() -> None:
    gathered = Gathered()
    for seconds, answer in ((0, Answer.REFUSES), (20, Answer.ANSWERS)):
        gathered.put(Sight("bank web", NOW + timedelta(seconds=seconds), answer, "", 3.0, {}))
    now = NOW + timedelta(seconds=40)
    assert gathered.answers(now) == {"bank web": "refuses"}
    assert gathered.answers(now, NOW + timedelta(seconds=15)) == {"bank web": "answers"}


@pytest.mark.demand("W4")
def test_the_case_of_an_incident_is_a_file_that_a_diagnosis_can_be_replayed_from(people: dict[str, str]) -> None:
    fill("bank-db")
    row = incident()
    Desk(lambda _: None).handle(diagnosed(row, {"bank": "answers", "bank web": "stalls"}, NOW))
    told = client(people, "auditor").get("/incidents/1/case.json")
    assert "incident-1-case.json" in told["Content-Disposition"]
    made = told.json()
    recorded = Recorded.from_json(made)
    assert not recorded.known
    assert ("bank-web", "stalls") in {(one.component, one.answer) for one in recorded.case.answers}
    found = diagnose(recorded.case).suspects
    row.refresh_from_db()
    assert [one.what for one in found][:1] == [made["shown"][0]["what"]] == [row.suspects[0]["what"]]


def test_what_was_wrong_in_an_earlier_incident_is_nothing_to_compare_with() -> None:
    fill("bank-db")
    earlier = incident()
    Incident.objects.filter(pk=earlier.pk).update(
        began_at=NOW - timedelta(minutes=10), closed_at=NOW - timedelta(minutes=8), phase="closed"
    )
    case = case_of(incident(2), {}, NOW)
    of_earlier = range(int((NOW - timedelta(minutes=10)).timestamp()), int((NOW - timedelta(minutes=8)).timestamp()))
    times = [at for one in case.series for at in one.times]
    assert times
    assert not [at for at in times if int(at) in of_earlier]
