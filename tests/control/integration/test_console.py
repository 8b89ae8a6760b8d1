"""The console over Django's own client: who gets in, what a button does, what machines read."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from fakes import Town
from staffing import client

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.origins import CASES
from holdfast.control.borders import ROLES_OF
from holdfast.control.care.models import Refund
from holdfast.control.errors import ChainBroken
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.staff import log
from holdfast.control.staff.models import LogHead, StaffAction
from holdfast.settings import Installation
from holdfast.signing import load_keyring

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, f"door 1 tripped: {HOSTILE}", date(2026, 5, 4))


def test_every_address_declares_who_may_use_it() -> None:
    views = [pattern.callback for pattern in get_resolver().url_patterns]
    assert len(views) == 137
    assert [view for view in views if view not in ROLES_OF] == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/incidents",
        "/incidents/1",
        "/on-call",
        "/runbooks",
        "/cases",
        "/journeys",
        "/traces",
        "/approvals",
        "/limits",
        "/payroll",
        "/prices",
        "/rates",
        "/access",
        "/closing",
        "/names",
        "/messages",
        "/compose",
        "/support",
        "/community",
        "/support/hours",
        "/delivery",
        "/both",
        "/break",
        "/staff",
        "/sign-in",
    ],
)
def test_a_page_sends_a_stranger_to_the_log_in(path: str, people: dict[str, str]) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_a_stranger_changes_nothing_and_reads_no_json(incident: Incident) -> None:
    stranger = Client()
    assert stranger.post(f"/incidents/{incident.number}/hand-back").status_code == 403
    assert stranger.get("/incidents.json").status_code == 403
    assert TimelineEntry.objects.filter(kind="order").count() == 0


@pytest.mark.parametrize("case", CASES)
def test_the_cross_site_rule_holds_on_the_console(
    case: tuple[str, bool, str | None, str | None, bool],
    incident: Incident,
    people: dict[str, str],
    installation: Installation,
) -> None:
    method, cookies, origin, site, allowed = case
    sender = client(people, "responder") if cookies else Client()
    sender.defaults.pop("HTTP_SEC_FETCH_SITE", None)
    headers = {"Origin": installation.console_origin if origin == "OWN" else origin, "Sec-Fetch-Site": site}
    answer = sender.generic(
        method,
        f"/incidents/{incident.number}/note" if cookies else "/login",
        "words=hello",
        content_type="application/x-www-form-urlencoded",
        headers={name: value for name, value in headers.items() if value},
    )
    refused = answer.status_code == 403
    assert refused is not allowed
    written = TimelineEntry.objects.filter(kind="note").count()
    assert written == (1 if allowed and cookies and method == "POST" else 0)


@pytest.mark.parametrize("role", ["communicator", "support", "auditor"])
def test_handing_back_needs_a_responder(
    role: str, people: dict[str, str], incident: Incident, installation: Installation
) -> None:
    with Town(installation) as town:
        answer = client(people, role).post(f"/incidents/{incident.number}/hand-back")
        assert answer.status_code == 403 and town.orders == []
    assert StaffAction.objects.filter(what="refused", who=role).count() == 1


def test_the_manager_sets_the_refund_date_until_refunds_are_booked(people: dict[str, str], incident: Incident) -> None:
    manager = client(people, "manager")
    path = f"/incidents/{incident.number}/refund-until"
    assert Incident.objects.get().refund_until == date(2026, 8, 12)
    assert manager.post(path, {"until": "2026-06-01"}).status_code == 302
    assert manager.post(path, {"until": "soon"}).status_code == 422
    Incident.objects.update(refunds_at=T0)
    assert manager.post(path, {"until": "2026-07-01"}).status_code == 409
    assert client(people, "responder").post(path, {"until": "2026-07-01"}).status_code == 403
    assert Incident.objects.get().refund_until == date(2026, 6, 1)


def test_hostile_words_are_escaped_on_every_screen(people: dict[str, str], incident: Incident) -> None:
    record.add(incident, T0, HOSTILE, "note", HOSTILE)
    Incident.objects.update(
        cause_words=HOSTILE, review=HOSTILE, suspects=[{"what": HOSTILE, "sure": "low", "evidence": HOSTILE}]
    )
    Refund.objects.create(
        incident=incident,
        customer=1,
        account=2,
        payment="p",
        charged_minor=5900,
        would_have_been_minor=0,
        refunded_minor=5900,
        currency="NOK",
        why=HOSTILE,
    )
    Client().post("/login", {"username": HOSTILE, "password": "x", "code": HOSTILE})
    reader = client(people, "auditor")
    for path in (
        "/",
        "/incidents",
        f"/incidents/{incident.number}",
        "/both",
        "/messages",
        "/staff",
        "/on-call",
        "/delivery",
    ):
        answer = reader.get(path)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert HOSTILE not in page
        ours = re.findall(r'<script src="/assets/(?:console|session|passkeys|waking)\.js" defer></script>', page)
        assert page.count("<script") == len(ours) >= 2
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_machines_read_an_incident_with_a_signed_call_only(
    people: dict[str, str], incident: Incident, installation: Installation
) -> None:
    def get(path: str, caller: str, signed_for: str | None = None) -> Any:
        value = load_keyring(installation.keys, caller).call("control", signed_for or path)
        return Client().get(path, headers={CALLER_HEADER: value})

    path = f"/incidents/{incident.number}.json"
    assert get(path, "door").status_code == 403
    assert get(path, "runtime", "/incidents.json").status_code == 403
    body = get(path, "runtime").json()
    assert datetime.fromisoformat(body["began"]) == T0 and body["banner"] is None and body["closed"] is None
    assert [entry["kind"] for entry in body["timeline"]] == ["detected", "opened"]
    assert (body["messages"], body["refunds"], body["checks"], body["affected_cohorts"]) == ({}, [], [], 0)
    assert [one["number"] for one in get("/incidents.json", "runtime").json()["incidents"]] == [1]
    assert client(people, "auditor").get(path).status_code == 200


def _rewrite(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE staff_staffaction SET who = 'nobody' WHERE number = 3", "line 3"),
        ("UPDATE staff_staffaction SET data = '{}' WHERE number = 11", "line 11"),
        ("DELETE FROM staff_staffaction WHERE number = 4", "line 4"),
        ("DELETE FROM staff_staffaction WHERE number = 11", "ends at line 10"),
    ],
)
def test_tampering_with_the_staff_log_is_found(statement: str, words: str, people: dict[str, str]) -> None:
    log.write("responder", "responder", "tried", {"n": 1})
    assert log.verify() == (11, LogHead.objects.get().hash)
    _rewrite(statement)
    with pytest.raises(ChainBroken, match=words):
        log.verify()


def test_the_database_itself_refuses_to_change_the_staff_log(people: dict[str, str]) -> None:
    from django.db import Error, transaction

    for change in (
        lambda: StaffAction.objects.filter(number=1).update(who="x"),
        lambda: StaffAction.objects.filter(number=1).delete(),
    ):
        with pytest.raises(Error, match="only added to"), transaction.atomic():
            change()
    assert log.verify()[0] == 10
