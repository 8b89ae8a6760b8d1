"""What needs two people: proposed by one, confirmed by another, carried out once; alone only with an alarm."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from fakes import Town
from staffing import client

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.staff import log
from holdfast.control.staff.models import StaffAction
from holdfast.settings import Installation

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))


@pytest.fixture
def town(installation: Installation) -> Any:
    with Town(installation) as made:
        yield made


def propose(sender: Client, incident: Incident, what: str = "hand-back") -> int:
    answer = sender.post(f"/incidents/{incident.number}/{what}", {"why": "well again"})
    assert answer.status_code == 302
    return int(answer.headers["Location"].partition("?proposal=")[2])


def kinds() -> list[str]:
    return list(TimelineEntry.objects.filter(source__startswith="staff").order_by("id").values_list("kind", flat=True))


@pytest.mark.demand("G6")
def test_one_proposes_the_hand_back_another_confirms_it_and_the_doors_get_both_names(
    people: dict[str, str], incident: Incident, town: Town
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    number = propose(responder, incident)
    assert town.orders == []
    page = responder.get(f"/incidents/{incident.number}").content.decode()
    assert "You proposed it, so somebody else confirms it" in page
    assert ">Confirm<" in manager.get(f"/incidents/{incident.number}").content.decode()
    answer = manager.post(f"/approvals/{number}/approve")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/incidents/{incident.number}")
    assert town.orders == [
        {
            "what": "hand_back",
            "cohorts": None,
            "why": "incident 1: well again",
            "by": "responder",
            "approved_by": "manager",
        }
    ]
    assert kinds() == ["proposal", "order"]
    assert list(
        StaffAction.objects.filter(what__in=["proposed", "approved", "hand back done"]).values_list("who", "what")
    ) == [
        ("responder", "proposed"),
        ("manager", "approved"),
        ("manager", "hand back done"),
    ]
    assert log.verify()[0] == StaffAction.objects.count()


@pytest.mark.demand("G6")
def test_the_same_person_cannot_confirm(people: dict[str, str], incident: Incident, town: Town) -> None:
    responder = client(people, "responder")
    number = propose(responder, incident)
    answer = responder.post(f"/approvals/{number}/approve")
    assert answer.status_code == 409 and "somebody else has to approve" in answer.content.decode()
    assert town.orders == [] and Proposal.objects.get().state == "open"


@pytest.mark.parametrize("role", ["communicator", "support", "auditor"])
def test_those_who_do_not_respond_cannot_confirm(
    role: str, people: dict[str, str], incident: Incident, town: Town
) -> None:
    number = propose(client(people, "responder"), incident)
    for button in ("approve", "decline", "alone"):
        assert (
            client(people, role).post(f"/approvals/{number}/{button}", {"why": "because I say so"}).status_code == 403
        )
    assert town.orders == [] and Proposal.objects.get().state == "open"


def test_what_is_proposed_twice_or_confirmed_twice_is_carried_out_once(
    people: dict[str, str], incident: Incident, town: Town
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    number = propose(responder, incident)
    assert propose(manager, incident) == number
    assert manager.post(f"/approvals/{number}/approve").status_code == 302
    assert manager.post(f"/approvals/{number}/approve").status_code == 409
    assert (len(town.orders), Proposal.objects.count()) == (1, 1)


def test_a_declined_proposal_is_never_carried_out(people: dict[str, str], incident: Incident, town: Town) -> None:
    number = propose(client(people, "responder"), incident)
    manager = client(people, "manager")
    assert manager.post(f"/approvals/{number}/decline", {"why": "the books are not proved"}).status_code == 302
    assert manager.post(f"/approvals/{number}/approve").status_code == 409
    assert town.orders == [] and Proposal.objects.get().result == "the books are not proved"


def test_a_proposal_ends_after_its_time(people: dict[str, str], incident: Incident, town: Town) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    old = propose(responder, incident)
    Proposal.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert manager.post(f"/approvals/{old}/approve").status_code == 409
    assert propose(responder, incident) != old
    assert town.orders == []


def test_an_order_that_no_door_takes_says_so_and_is_on_record(people: dict[str, str], incident: Incident) -> None:
    number = propose(client(people, "responder"), incident)
    answer = client(people, "manager").post(f"/approvals/{number}/approve")
    assert answer.status_code == 409 and "nothing was done" in answer.content.decode()
    assert Proposal.objects.get().state == "failed"
    assert StaffAction.objects.filter(what="hand back failed").count() == 1


@pytest.mark.demand("G6")
def test_one_alone_goes_on_with_a_typed_reason_and_an_alarm_until_another_reviewed_it(
    people: dict[str, str], incident: Incident, town: Town
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    number = propose(responder, incident)
    assert responder.post(f"/approvals/{number}/alone", {"why": "hurry"}).status_code == 409
    assert manager.post(f"/approvals/{number}/alone", {"why": "I am not the one who proposed"}).status_code == 409
    assert town.orders == []
    assert responder.post(f"/approvals/{number}/alone", {"why": "the manager cannot be reached"}).status_code == 302
    assert [(one["by"], one["approved_by"]) for one in town.orders] == [("responder", "")]
    assert kinds() == ["proposal", "break-glass", "order"]
    alarm = "Break-glass used by responder, to be reviewed"
    for path in ("/", f"/incidents/{incident.number}", "/approvals"):
        assert alarm in manager.get(path).content.decode()
    path = f"/approvals/{number}/review"
    assert responder.post(path, {"words": "it was right"}).status_code == 409
    assert manager.post(path, {"words": ""}).status_code == 409
    assert alarm in manager.get("/").content.decode()
    assert manager.post(path, {"words": "it was right, the books were proved"}).status_code == 302
    assert alarm not in manager.get("/").content.decode()
    assert manager.post(path, {"words": "again"}).status_code == 409
    assert kinds()[-1] == "review"


def test_an_order_from_a_terminal_is_break_glass_noted_once(people: dict[str, str], incident: Incident) -> None:
    data = {"order": 4, "what": "hand_back", "by": "terminal:ada", "approved_by": "", "break_glass": True, "why": "x"}
    for _ in range(2):
        flow.note_terminal(17, T0, data, incident)
    flow.note_terminal(18, T0, data | {"by": "responder"}, incident)
    flow.note_terminal(19, T0, data | {"break_glass": False}, incident)
    (noted,) = flow.to_review()
    assert (noted.by, noted.state, noted.door_event) == ("terminal:ada", "done", 17)
    assert kinds() == ["break-glass"]
    assert "Break-glass used by terminal:ada" in client(people, "auditor").get("/").content.decode()
    assert StaffAction.objects.filter(who="terminal:ada", what="break-glass").count() == 1


def test_a_return_without_the_journal_needs_two_people(people: dict[str, str], incident: Incident, town: Town) -> None:
    number = propose(client(people, "responder"), incident, "force-primary")
    assert town.orders == []
    client(people, "manager").post(f"/approvals/{number}/approve")
    assert [(one["what"], one["by"], one["approved_by"]) for one in town.orders] == [
        ("force_primary", "responder", "manager")
    ]


def test_what_was_approved_and_never_told_how_it_ended_gets_an_end_and_only_once(incident: Incident) -> None:
    now, made = timezone.now(), {}
    for subject, minutes in (("died", 2), ("under way", 0)):
        made[subject] = Proposal.objects.create(
            what="hand_back", subject=subject, words="hand back", why="w", by="responder", at=now, until=now, back="/",
            state="approved", decided_by="manager", decided_at=now - timedelta(minutes=minutes), incident=incident,
        )  # fmt: skip
    assert [flow.end_unfinished(now), flow.end_unfinished(now)] == [1, 0]
    ended = {one.subject: (one.state, one.result) for one in Proposal.objects.filter(subject__in=made)}
    assert ended == {"died": ("failed", flow.UNKNOWN_END), "under way": ("approved", "")}
    told = TimelineEntry.objects.filter(incident=incident, source="staff: control room")
    assert [one.words for one in told] == [f"hand back: {flow.UNKNOWN_END}"]


def test_incident_numbers_have_no_hole_when_the_database_lost_count(incident: Incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('incidents_incident', 'number'), %s)", [900_000])
    assert record.open_one("standin", 3, T0, T0, "silent", date(2026, 5, 4)).number == incident.number + 1
