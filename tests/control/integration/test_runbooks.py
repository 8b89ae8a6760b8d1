"""Following a runbook: people tick, machines begin after a wait in which they can be stopped, all of it on record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from fakes import Town
from staffing import client

from holdfast.control.alerts.models import Silence
from holdfast.control.approvals.deeds import Result
from holdfast.control.approvals.models import Proposal
from holdfast.control.changes.models import Change
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.response import machines, running
from holdfast.control.response.acting import Actor, at_terminal
from holdfast.control.response.models import Run, RunStep
from holdfast.control.staff.models import StaffAction
from holdfast.control.watch.models import Service
from holdfast.settings import Installation, SettingsError

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
ME = Actor("responder", "Made-up responder", "responder")
OWN = """# Tried out
When: in tests.
Fits: *
1. Look.
2. Move everybody.
   run: spare bank on
3. Bring them back.
   run: spare bank off
4. Write it down.
"""


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))


@pytest.fixture
def own(installation: Installation) -> Iterator[Path]:
    folder = installation.folder("control") / "runbooks"
    folder.mkdir(parents=True)
    path = folder / "tried-out.md"
    path.write_text(OWN)
    yield path
    path.unlink()
    folder.rmdir()


@pytest.fixture
def town(installation: Installation) -> Iterator[Town]:
    with Town(installation) as made:
        yield made


def states() -> list[str]:
    return list(RunStep.objects.order_by("run_id", "number").values_list("state", flat=True))


def due() -> datetime:
    """When whatever waits now begins."""
    return timezone.now() + running.WAIT


@pytest.mark.demand("R1")
@pytest.mark.demand("R3")
def test_people_tick_and_machines_do_each_step_once_and_all_is_on_record(
    people: dict[str, str], incident: Incident, own: Path, town: Town
) -> None:
    assert running.begin(1, ME, "tried-out", dry=False) == ""
    run = Run.objects.get()
    assert states() == ["open"] * 4
    assert running.carry_out_due(due()) == 0
    assert running.tick(1, ME, run.pk, 1, words="it is dark") == ""
    assert states() == ["done", "waiting", "open", "open"]
    assert running.carry_out_due(timezone.now() + running.WAIT - timedelta(seconds=5)) == 0 and town.orders == []
    assert (running.carry_out_due(due()), running.carry_out_due(timezone.now())) == (1, 0)
    assert states() == ["done", "done", "waiting", "open"]
    assert [(one["what"], one["by"]) for one in town.orders] == [
        ("standin_on", "responder"),
        ("reads_follow", "responder"),
    ]
    assert running.carry_out_due(due()) == 1
    assert Proposal.objects.get().state == "open" and len(town.orders) == 2
    assert running.tick(1, ME, run.pk, 4) == ""
    assert states() == ["done"] * 4 and Run.objects.get().ended_at is not None
    lines = TimelineEntry.objects.filter(source__in=["runbook", "staff: responder"]).order_by("id")
    assert [one.kind for one in lines] == [
        "acknowledged",
        "runbook",
        "step done",
        "step waits",
        "step done",
        "step waits",
        "proposal",
        "step done",
        "step done",
        "runbook ended",
    ]
    assert StaffAction.objects.filter(what="machine begins", who="responder", role="runbook").count() == 2
    assert "it is dark" in client(people, "auditor").get("/incidents/1").content.decode()


@pytest.mark.demand("R3")
def test_a_person_stops_a_machine_before_it_begins_and_lets_it_begin_anew(
    people: dict[str, str], incident: Incident, own: Path, town: Town
) -> None:
    responder = client(people, "responder")
    assert responder.post("/incidents/1/runs", {"name": "tried-out", "how": "follow"}).status_code == 302
    run = Run.objects.get().pk
    assert responder.post(f"/incidents/1/runs/{run}/1", {"act": "done"}).status_code == 302
    page = responder.get("/incidents/1").content.decode()
    assert 'aria-label="Stop step 2"' in page and "It begins by itself in" in page
    for path in ("/", "/incidents/1"):
        assert 'aria-label="Stop spare bank on"' in responder.get(path).content.decode()
        assert 'aria-label="Stop spare bank on"' not in client(people, "auditor").get(path).content.decode()
    assert responder.post(f"/incidents/1/runs/{run}/2", {"act": "done"}).status_code == 422
    assert responder.post(f"/incidents/1/runs/{run}/2", {"act": "stop"}).status_code == 302
    assert states() == ["done", "stopped", "open", "open"]
    assert 'aria-label="Stop spare bank on"' not in responder.get("/").content.decode()
    assert running.carry_out_due(due()) == 0 and town.orders == []
    assert responder.post(f"/incidents/1/runs/{run}/2", {"act": "stop"}).status_code == 422
    assert responder.post(f"/incidents/1/runs/{run}/2", {"act": "skip"}).status_code == 422
    assert responder.post(f"/incidents/1/runs/{run}/2", {"act": "again"}).status_code == 302
    assert running.carry_out_due(due()) == 1 and len(town.orders) == 2
    assert responder.post(f"/incidents/1/runs/{run}/3", {"act": "stop"}).status_code == 302
    assert responder.post(f"/incidents/1/runs/{run}/3", {"act": "skip", "words": "later"}).status_code == 302
    assert states() == ["done", "done", "skipped", "open"] and Proposal.objects.count() == 0


@pytest.mark.demand("R1")
def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    people: dict[str, str], incident: Incident, own: Path, town: Town
) -> None:
    Service.objects.create(id=1, modes="p" * 200 + "s" * 56, generation=1, at=timezone.now())
    responder = client(people, "responder")
    assert responder.post("/incidents/1/runs", {"name": "tried-out", "how": "dry"}).status_code == 302
    assert states() == ["dry"] * 4 and Run.objects.get().ended_at is not None
    assert running.carry_out_due(due()) == 0 and town.orders == [] and Proposal.objects.count() == 0
    page = responder.get("/incidents/1").content.decode()
    assert "would order the doors to move 200 groups to the spare bank; 56 are there already" in page
    assert "would propose to hand 56 groups back" in page


def test_what_a_machine_could_not_do_is_said_and_left_to_people(
    people: dict[str, str], incident: Incident, own: Path
) -> None:
    assert running.begin(1, ME, "tried-out", dry=False) == ""
    run = Run.objects.get().pk
    running.tick(1, ME, run, 1)
    assert running.carry_out_due(due()) == 1
    step = RunStep.objects.get(number=2)
    assert step.state == "failed" and "no door took the order standin on" in step.result
    assert states()[2] == "open"
    assert running.tick(1, ME, run, 2, words="by hand, at the terminal") == ""
    assert states() == ["done", "done", "waiting", "open"]


def test_only_staff_propose_a_hand_back(people: dict[str, str], incident: Incident, own: Path, town: Town) -> None:
    me = at_terminal("kari")
    assert running.begin(1, me, "tried-out", dry=False) == ""
    run = Run.objects.get().pk
    running.tick(1, me, run, 1)
    assert [running.carry_out_due(due()) for _ in range(2)] == [1, 1]
    assert states() == ["done", "done", "failed", "open"] and Proposal.objects.count() == 0


def test_nothing_begins_in_an_incident_that_has_closed_or_a_runbook_that_was_ended(
    people: dict[str, str], incident: Incident, own: Path, town: Town
) -> None:
    running.begin(1, ME, "tried-out", dry=False)
    assert "already" in running.begin(1, ME, "tried-out", dry=False)
    first = Run.objects.get().pk
    running.tick(1, ME, first, 1)
    assert running.end(1, ME, first) == "" and states()[1] == "stopped"
    assert "A machine cannot" in running.again(1, ME, first, 2)
    running.begin(1, ME, "tried-out", dry=False)
    second = Run.objects.order_by("-pk")[0].pk
    running.tick(1, ME, second, 1)
    Incident.objects.update(closed_at=T0, phase="closed")
    assert running.carry_out_due(due()) == 0
    assert states()[5] == "stopped" and town.orders == []
    assert "is closed" in running.begin(1, ME, "disk-full", dry=False)


def test_what_was_under_way_when_the_control_room_died_is_said_not_to_be_known_and_not_repeated(
    people: dict[str, str], incident: Incident, own: Path, town: Town
) -> None:
    running.begin(1, ME, "tried-out", dry=False)
    running.tick(1, ME, Run.objects.get().pk, 1)
    long_ago = timezone.now() - 2 * running.CARRYING_OUT_MAX
    RunStep.objects.filter(number=2).update(state="running", at=long_ago, due_at=long_ago)
    assert running.carry_out_due(timezone.now()) == 0 and town.orders == []
    step = RunStep.objects.get(number=2)
    assert (step.state, step.result) == ("failed", running.UNKNOWN_END)


def test_a_parts_alerts_are_silenced_for_an_hour(people: dict[str, str], installation: Installation) -> None:
    record.open_one("part bank-web", 2, T0, T0, "late answers", date(2026, 5, 4))
    assert running.begin(1, ME, "a-part-fails", dry=False) == ""
    run = Run.objects.get().pk
    for step in (1, 2):
        running.tick(1, ME, run, step)
    assert running.carry_out_due(due()) == 1
    found = Silence.objects.get()
    assert (found.component, found.rule, found.by) == ("bank-web", "*", "responder")
    assert found.ends_at - found.begins_at == timedelta(hours=1)


class Asked:
    """The supervisor's side: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.for_: list[dict[str, Any]] = []
        self.error = ""

    def __call__(self, _data: Path, **request: Any) -> dict[str, Any]:
        self.for_.append(request)
        if self.error:
            raise SettingsError(self.error)
        return {"program": request["program"], "restarts": 0}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    one = Asked()
    monkeypatch.setattr(machines, "ask_for_step", one)
    return one


@pytest.mark.demand("R3")
def test_the_likeliest_part_is_started_again_and_it_is_a_change(
    people: dict[str, str], incident: Incident, asked: Asked
) -> None:
    restart = machines.MACHINES["restart part"]
    assert restart.carry_out(incident, "responder") == Result(False, machines.NO_PROGRAM)
    Incident.objects.update(suspects=[{"component": "bank-web"}, {"component": "door-1"}])
    incident.refresh_from_db()
    assert "bank-web started again" in restart.would(incident) and asked.for_ == []
    assert restart.carry_out(incident, "responder").done
    assert asked.for_ == [{"do": "restart", "program": "bank-web", "by": "responder"}]
    change = Change.objects.get(component="bank-web", by="responder")
    assert (change.kind, change.by) == ("start", "responder")
    asked.error = "bank-web was started again by a runbook within the last 60 s"
    assert restart.carry_out(incident, "responder") == Result(False, asked.error)
    part = record.open_one("part standin", 2, T0, T0, "late", date(2026, 5, 4))
    asked.error = ""
    restart.carry_out(part, "responder")
    assert asked.for_[-1]["program"] == "standin"
    database = record.open_one("part bank-db", 2, T0, T0, "full", date(2026, 5, 4))
    assert not restart.carry_out(database, "responder").done


@pytest.mark.parametrize("role", ["support", "communicator", "auditor"])
def test_runbooks_are_followed_by_responders_only(role: str, people: dict[str, str], incident: Incident) -> None:
    one: Any = client(people, role)
    assert one.post("/incidents/1/runs", {"name": "data-breach", "how": "follow"}).status_code == 403
    assert Run.objects.count() == 0
    assert one.get("/runbooks").status_code == 200


@pytest.mark.demand("R2")
def test_the_plan_for_a_breach_is_offered_in_every_incident_and_its_own_file_is_named_when_broken(
    people: dict[str, str], incident: Incident, own: Path
) -> None:
    own.write_text("1. Nothing above\n")
    responder = client(people, "responder")
    assert 'aria-label="Follow: Data breach"' in responder.get("/incidents/1").content.decode()
    page = responder.get("/runbooks").content.decode()
    assert "tried-out.md: tried-out: there is no line # …" in page and "72 hours" in page
