"""What people do about an incident: each act a fact, a line of the timeline and a line of the staff log, or refused."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from staffing import client

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.response.models import Decision, Link, Post, Response, Task
from holdfast.control.staff.models import StaffAction
from holdfast.settings import Installation
from holdfast.signing import load_keyring

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
FOUND = "A full disk stopped the database. We will warn at four fifths; Kari, until Friday."
ACTS: list[tuple[str, dict[str, str]]] = [
    ("acknowledge", {}),
    ("state", {"state": "investigating"}),
    ("severity", {"severity": "3", "why": "few customers are up"}),
    ("roles", {"role": "lead", "to": "responder"}),
    ("tasks", {"words": "call the landlord", "owner": "support"}),
    ("decisions", {"words": "wait for the proof", "why": "money comes first"}),
    ("links", {"words": "the disk", "url": "/measurements?part=host"}),
    ("runs", {"name": "data-breach", "how": "dry"}),
]


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))


def said(number: int = 1) -> list[tuple[str, str]]:
    """What staff did, as the timeline tells it."""
    lines = TimelineEntry.objects.filter(incident_id=number).exclude(source="watch").order_by("id")
    return [(one.kind, one.source) for one in lines]


def logged() -> list[str]:
    return list(
        StaffAction.objects.exclude(what__in=["logged in", "person made", "authenticator made"])
        .order_by("number")
        .values_list("what", flat=True)
    )


@pytest.mark.demand("R1")
def test_every_act_of_a_responder_stands_in_the_timeline_and_in_the_staff_log(
    people: dict[str, str], incident: Incident
) -> None:
    responder = client(people, "responder")
    for path, form in ACTS:
        assert responder.post(f"/incidents/1/{path}", form).status_code == 302, path
    kinds = ["acknowledged", "state", "severity", "role", "task", "decision", "link", "runbook tried dry"]
    assert said() == [(kind, "staff: responder") for kind in kinds]
    assert logged() == kinds
    assert responder.post(f"/incidents/1/tasks/{Task.objects.get().pk}/done").status_code == 302
    assert Task.objects.get().done_by == "responder"
    page = responder.get("/incidents/1").content.decode()
    for words in ("severity 3 · investigating", "few customers are up", "call the landlord", "money comes first"):
        assert words in page
    assert 'href="/measurements?part=host"' in page
    Incident.objects.update(severity=2)
    assert "severity 3 ·" in responder.get("/").content.decode()
    listed = responder.get("/incidents.json").json()["incidents"][0]
    assert (listed["severity"], listed["severity_computed"], listed["state"]) == (3, 2, "investigating")


@pytest.mark.parametrize(("path", "form"), ACTS)
def test_an_auditor_reads_and_changes_nothing(
    path: str, form: dict[str, str], people: dict[str, str], incident: Incident
) -> None:
    auditor = client(people, "auditor")
    assert auditor.post(f"/incidents/1/{path}", form).status_code == 403
    assert said() == [] and logged() == ["refused"]
    assert Incident.objects.get().acknowledged_at is None
    page = auditor.get("/incidents/1").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main and "Who does what" in main


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("state", {"state": "monitoring"}, "The fault is still seen"),
        ("state", {"state": "resolved"}, "does not go with what is seen now"),
        ("severity", {"severity": "9", "why": "because of it"}, "A severity is 1"),
        ("severity", {"severity": "2", "why": "x"}, "changed with a reason"),
        ("severity", {"severity": "computed", "why": "because of it"}, "That is its severity already"),
        ("roles", {"role": "king", "to": "responder"}, "The roles are lead"),
        ("roles", {"role": "lead", "to": "support"}, "can be lead"),
        ("roles", {"role": "scribe", "to": "auditor"}, "can be scribe"),
        ("tasks", {"words": " "}, "A task needs words"),
        ("tasks", {"words": "look", "owner": "auditor"}, "can have a task"),
        ("tasks", {"words": "look", "due": "soon"}, "Write when it is due"),
        ("tasks/7/done", {}, "That task is done already"),
        ("decisions", {"words": "go", "why": ""}, "needs words and its reason"),
        ("links", {"words": "x", "url": "javascript:alert(1)"}, "A link needs words"),
        ("links", {"words": "x", "url": "//elsewhere.example/"}, "A link needs words"),
        ("links", {"words": "x", "url": "http://plain.example/"}, "A link needs words"),
        ("links", {"words": "x", "url": "/\\elsewhere.example"}, "A link needs words"),
        ("review", {"words": FOUND}, "It is reviewed when it is closed"),
        ("runs", {"name": "no-such", "how": "dry"}, "There is no runbook"),
        ("note", {"words": " "}, "A note needs words"),
    ],
)
def test_what_is_refused_is_answered_in_words_and_changes_nothing(
    path: str, form: dict[str, str], words: str, people: dict[str, str], incident: Incident
) -> None:
    answer = client(people, "responder").post(f"/incidents/1/{path}", form)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert said() == [] and logged() == []
    for kind in (Post, Task, Decision, Link):
        assert kind.objects.count() == 0
    assert Response.objects.exclude(state="", severity=None).count() == 0


@pytest.mark.demand("R1")
def test_a_role_is_handed_over_with_a_note(people: dict[str, str], incident: Incident) -> None:
    responder = client(people, "responder")
    assert responder.post("/incidents/1/roles", {"role": "lead", "to": "responder"}).status_code == 302
    over = {"role": "lead", "to": "manager"}
    assert "what the next one has to know" in responder.post("/incidents/1/roles", over).content.decode()
    over["note"] = "the proof runs; nobody may hand back before it"
    assert responder.post("/incidents/1/roles", over).status_code == 302
    posts = Post.objects.order_by("id")
    assert [(one.person_id, one.until_at is None) for one in posts] == [("responder", False), ("manager", True)]
    assert over["note"] in client(people, "auditor").get("/incidents/1").content.decode()


def test_the_computed_severity_counts_again_when_people_say_so(people: dict[str, str], incident: Incident) -> None:
    responder = client(people, "responder")
    responder.post("/incidents/1/severity", {"severity": "2", "why": "one region only"})
    assert responder.get("/incidents.json").json()["incidents"][0]["severity"] == 2
    responder.post("/incidents/1/severity", {"severity": "computed", "why": "all regions after all"})
    assert responder.get("/incidents.json").json()["incidents"][0]["severity"] == 1
    assert [kind for kind, _ in said()] == ["severity", "severity"]


def test_what_the_desk_writes_leaves_what_people_wrote(people: dict[str, str], incident: Incident) -> None:
    client(people, "responder").post("/incidents/1/acknowledge")
    assert incident.acknowledged_at is None  # the desk read it before
    record.advance(incident, "repaired", T0, "the bank answers")
    stored = Incident.objects.get()
    assert (stored.phase, stored.restored_at, stored.acknowledged_at is None) == ("repaired", T0, False)


@pytest.mark.demand("R1")
def test_a_closed_incident_is_resolved_and_reviewed_when_a_person_signs(
    people: dict[str, str], incident: Incident
) -> None:
    responder = client(people, "responder")
    responder.post("/incidents/1/state", {"state": "mitigating"})
    record.advance(incident, "closed", T0, "all is well")
    incident.review = record.draft_review(incident)
    incident.save(update_fields=["review"])

    def state() -> str:
        return str(responder.get("/incidents/1.json").json()["state"])

    assert state() == "resolved"
    assert responder.post("/incidents/1/state", {"state": "mitigating"}).status_code == 422
    draft = responder.post("/incidents/1/review", {"words": incident.review.replace("\n", "\r\n")})
    assert draft.status_code == 422 and "the draft alone is no review" in draft.content.decode()
    assert client(people, "support").post("/incidents/1/review", {"words": FOUND}).status_code == 403
    assert state() == "resolved"
    assert responder.post("/incidents/1/review", {"words": FOUND}).status_code == 302
    assert state() == "reviewed"
    assert responder.post("/incidents/1/review", {"words": FOUND + " More."}).status_code == 422
    assert Response.objects.get().review == FOUND
    assert FOUND in responder.get("/incidents/1").content.decode()


def act(installation: Installation, signer: str, body: dict[str, Any], number: int = 1) -> Any:
    path, raw = f"/incidents/{number}/act.json", json.dumps(body).encode()
    header = {CALLER_HEADER: load_keyring(installation.keys, signer).call("control", path, raw)}
    return Client().post(path, raw, content_type="application/json", headers=header)


@pytest.mark.demand("R1")
def test_a_terminal_does_the_same_and_is_named(
    people: dict[str, str], incident: Incident, installation: Installation
) -> None:
    bodies: list[dict[str, Any]] = [
        {"do": "acknowledge"},
        {"do": "note", "words": "from the machine room"},
        {"do": "state", "state": "identified"},
        {"do": "severity", "severity": 2, "why": "only pages fail"},
        {"do": "role", "role": "scribe", "to": "support"},
        {"do": "task", "words": "ring the landlord", "due": "2026-05-05T09:00"},
        {"do": "decision", "words": "wait", "why": "the proof runs"},
        {"do": "link", "words": "plan", "url": "https://plans.example/1"},
        {"do": "runbook", "name": "total-loss-of-the-bank"},
    ]
    for body in bodies:
        answer = act(installation, "runtime", {**body, "user": "kari"})
        assert answer.status_code == 200, answer.content
    run = incident.runs.get().pk
    for body in ({"do": "step", "run": run, "step": 1}, {"do": "end runbook", "run": run}):
        assert act(installation, "runtime", {**body, "user": "kari"}).status_code == 200
    assert answer.json() == {"number": 1, "state": "identified", "severity": 2}
    assert {source for _, source in said()} == {"terminal: kari"}
    assert set(StaffAction.objects.filter(role="terminal").values_list("who", flat=True)) == {"terminal: kari"}
    assert StaffAction.objects.filter(role="terminal").count() == len(said()) == 11


def test_a_terminal_that_is_not_ours_or_says_nonsense_changes_nothing(
    people: dict[str, str], incident: Incident, installation: Installation
) -> None:
    assert act(installation, "door", {"do": "acknowledge"}).status_code == 403
    path = "/incidents/1/act.json"
    assert client(people, "manager").post(path, {"do": "acknowledge"}).status_code == 403
    for body in ({}, {"do": "explode"}, {"do": "severity", "severity": "x", "why": "because"}, {"do": "step"}):
        assert act(installation, "runtime", body).status_code == 422
    for body in ({"do": "task", "words": "x", "due": "soon"}, {"do": "state", "state": "monitoring"}):
        assert act(installation, "runtime", body).status_code == 422
    assert act(installation, "runtime", {"do": "acknowledge"}, 99).json()["error"].startswith("There is no incident 99")
    assert said() == [] and Incident.objects.get().acknowledged_at is None
