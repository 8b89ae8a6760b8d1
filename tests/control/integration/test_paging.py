"""Waking people: who is paged, how each page ends, and that acknowledging ends them all."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone
from fakes import wait_until
from staffing import client

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.response import oncall, paging, watchers
from holdfast.control.response.acting import Actor, acknowledge, set_severity
from holdfast.control.response.models import Contact, Page, SharedWebhook, Shift
from holdfast.control.staff.models import StaffAction
from holdfast.edge.watchers import understood
from holdfast.settings import Installation

T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ME = Actor("manager", "Made-up manager", "manager")


class Hook:
    """A webhook on this machine: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 204
        self.silent_s = 0.0
        self.ended = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                hook.ended.wait(hook.silent_s)
                self.send_response(hook.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?key=secret"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))


def reach(who: str, webhook: str = "", email: str = "") -> None:
    Contact.objects.create(person_id=who, email=email, webhook=webhook)


def put_on_call(who: str, place: int) -> None:
    refused = oncall.add(ME, oncall.Wish(who, place, T0 - MINUTE, T0 + timedelta(hours=8)), T0)
    assert refused == ""


def pages() -> list[tuple[int, str, str, str]]:
    return [
        (one.level, one.recipient, one.way, one.state) for one in Page.objects.order_by("level", "recipient", "way")
    ]


@pytest.mark.demand("R1")
def test_the_first_is_woken_then_the_second_then_everybody(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    reach("responder", hook.url)
    reach("manager", hook.url)
    put_on_call("responder", 1)
    put_on_call("manager", 2)
    assert [paging.escalate(T0) for _ in range(3)] == [1, 0, 0]
    assert pages() == [(1, "responder", "webhook", "waiting")]
    assert paging.escalate(T0 + 5 * MINUTE - timedelta(seconds=1)) == 0
    assert paging.escalate(T0 + 5 * MINUTE) == 1
    assert paging.escalate(T0 + 10 * MINUTE - timedelta(seconds=1)) == 0
    assert paging.escalate(T0 + 10 * MINUTE) == 2
    assert paging.send_due(T0 + 10 * MINUTE) == 4
    assert [(level, who, state) for level, who, _, state in pages()] == [
        (1, "responder", "sent"),
        (2, "manager", "sent"),
        (3, "manager", "sent"),
        (3, "responder", "sent"),
    ]
    assert paging.escalate(T0 + 60 * MINUTE) == paging.send_due(T0 + 60 * MINUTE) == 0
    assert [(one["incident"], one["severity"], one["again"]) for one in hook.told] == [(1, 1, False)] * 4
    assert hook.told[0]["acknowledge"].endswith("/incidents/1") and hook.told[0]["words"] == "door 1 tripped"
    kinds = TimelineEntry.objects.filter(source="paging").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["paged"] * 3 + ["page sent"] * 4


@pytest.mark.demand("R1")
def test_one_button_acknowledges_and_nobody_is_woken_any_more(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    reach("responder", hook.url)
    reach("manager", hook.url)
    put_on_call("responder", 1)
    put_on_call("manager", 2)
    paging.escalate(T0)
    paging.send_due(T0)
    paging.escalate(T0 + 5 * MINUTE)
    assert [state for *_, state in pages()] == ["sent", "waiting"]
    assert client(people, "responder").post("/incidents/1/acknowledge").status_code == 302
    assert [state for *_, state in pages()] == ["acknowledged", "acknowledged"]
    assert paging.send_due(T0 + 6 * MINUTE) == paging.escalate(T0 + 20 * MINUTE) == 0
    assert len(hook.told) == 1


def test_an_acknowledgement_while_a_page_is_under_way_stands(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    reach("responder", hook.url)
    paging.escalate(T0)
    page = Page.objects.select_related("incident").get()
    assert acknowledge(1, ME) == ""
    paging._fate(page, "", T0)
    assert [state for *_, state in pages()] == ["acknowledged"]


def test_a_webhook_that_fails_is_tried_a_bounded_number_of_times(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    hook.status = 302
    reach("responder", hook.url)
    paging.escalate(T0)
    at, tries = timezone.now(), 0
    for _ in range(20):
        tries += paging.send_due(at)
        at += timedelta(minutes=3)
    assert tries == paging.ATTEMPTS_MAX == len(hook.told)
    found = Page.objects.get()
    assert (found.state, found.attempts, found.trouble) == ("failed", 6, "the webhook answered 302")
    assert [one["again"] for one in hook.told] == [False] + [True] * 5
    assert len({one["page"] for one in hook.told}) == 1
    words = TimelineEntry.objects.get(kind="page failed").words
    assert "given up after 6 attempts" in words and "secret" not in words


def test_a_webhook_that_says_nothing_holds_nobody_up(
    people: dict[str, str], incident: Incident, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.control.response import sending

    monkeypatch.setattr(sending, "LIMIT_S", 0.3)
    hook.silent_s = 5.0
    reach("responder", hook.url)
    paging.escalate(T0)
    began = timezone.now()
    assert paging.send_due(began) == 1
    assert timezone.now() - began < timedelta(seconds=2)
    found = Page.objects.get()
    assert (found.state, found.attempts) == ("waiting", 1) and "did not answer within 0.3 s" in found.trouble


@pytest.mark.demand("R1")
def test_with_nobody_on_call_everybody_who_can_acknowledge_is_woken_and_it_is_said(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    for who in ("responder", "manager", "support"):
        reach(who, hook.url)
    SharedWebhook.objects.create(id=1, url=hook.url)
    assert paging.escalate(T0) == 3
    assert [(level, who) for level, who, *_ in pages()] == [(3, "everyone"), (3, "manager"), (3, "responder")]
    for path in ("/", "/on-call"):
        assert "Nobody is on call" in client(people, "auditor").get(path).content.decode()


def test_with_no_contact_at_all_it_is_on_record_once_and_the_first_contact_is_woken(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    assert [paging.escalate(T0) for _ in range(3)] == [0, 0, 0]
    assert pages() == [(3, "nobody", "none", "failed")]
    assert TimelineEntry.objects.filter(kind="paged").count() == 1
    reach("responder", hook.url)
    assert [paging.escalate(T0 + MINUTE) for _ in range(2)] == [1, 0]
    assert pages()[1] == (3, "responder", "webhook", "waiting")


def test_who_is_on_call_without_a_contact_is_passed_over(
    people: dict[str, str], incident: Incident, hook: Hook
) -> None:
    put_on_call("responder", 1)
    put_on_call("manager", 2)
    reach("manager", hook.url)
    paging.escalate(T0)
    assert [(level, who) for level, who, *_ in pages()] == [(2, "manager")]
    assert "without a contact: Made-up responder" in paging.on_call_words(T0)


def test_only_grave_incidents_wake_and_what_people_say_of_severity_counts(people: dict[str, str], hook: Hook) -> None:
    record.open_one("part bank-web", 3, T0, T0, "late answers", date(2026, 5, 4))
    reach("responder", hook.url)
    assert paging.escalate(T0) == 0
    assert set_severity(1, ME, 2, "customers ring") == ""
    assert paging.escalate(T0) == 1
    assert set_severity(1, ME, 3, "they stopped ringing") == ""
    assert paging.escalate(T0) == 0 and [state for *_, state in pages()] == ["ended"]


def test_what_closes_ends_its_pages(people: dict[str, str], incident: Incident, hook: Hook) -> None:
    reach("responder", hook.url)
    paging.escalate(T0)
    record.advance(incident, "closed", T0, "it was nothing")
    assert paging.escalate(T0) == 0
    assert [state for *_, state in pages()] == ["ended"] and hook.told == []


def mails_at(port: int) -> list[dict[str, Any]] | None:
    """What the postbox holds; None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/mails.json", timeout=2) as answer:
            return list(json.loads(answer.read())["mails"])
    except OSError:
        return None


@pytest.mark.demand("R1")
def test_a_page_arrives_by_mail(people: dict[str, str], incident: Incident, installation: Installation) -> None:
    postbox = subprocess.Popen(
        [sys.executable, "-m", "holdfast.gameday.postbox"],
        env={**os.environ, "PYTHONPATH": "src"},
        stdout=subprocess.DEVNULL,
    )
    try:
        port = installation.mailbox_port
        wait_until(lambda: mails_at(port) is not None, 10, "the postbox answers")
        reach("responder", email="duty@mail.example")
        paging.escalate(T0)
        assert paging.send_due(T0) == 1
        assert pages() == [(3, "responder", "mail", "sent")]
        found = [one for one in mails_at(port) or [] if one["recipient"] == "duty@mail.example"]
        assert len(found) == 1 and found[0]["subject"] == "Incident 1, severity 1: acknowledge it"
    finally:
        postbox.terminate()
        postbox.wait(5)


def test_the_roster_refuses_what_clashes_and_shows_the_gaps(people: dict[str, str]) -> None:
    manager = client(people, "manager")
    form = {"who": "responder", "place": "1", "from": "2099-01-01T08:00", "until": "2099-01-02T08:00"}
    assert "in the future" in manager.post("/on-call/shifts", form).content.decode()
    now = timezone.localtime()
    form |= {"from": f"{now - MINUTE:%Y-%m-%dT%H:%M}", "until": f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}"}
    assert manager.post("/on-call/shifts", form).status_code == 302
    for change, words in (
        ({}, "is first on call then already"),
        ({"place": "2"}, "is on call then already, in the other place"),
        ({"who": "support"}, "can be on call"),
        ({"place": "3"}, "A shift needs who"),
        ({"until": "never"}, "A shift needs who"),
    ):
        answer = manager.post("/on-call/shifts", {**form, **change})
        assert answer.status_code == 422 and words in answer.content.decode(), change
    assert Shift.objects.count() == 1
    page = manager.get("/on-call").content.decode()
    assert "Made-up responder" in page and f"{now + timedelta(days=3):%Y-%m-%d}" in page
    assert client(people, "support").post("/on-call/shifts", form).status_code == 403
    shift = Shift.objects.get()
    assert manager.post(f"/on-call/shifts/{shift.pk}/end").status_code == 302
    assert oncall.on_call(timezone.now()) == {}
    assert manager.post(f"/on-call/shifts/{shift.pk}/end").status_code == 422
    assert list(StaffAction.objects.filter(what__endswith="call").values_list("what", flat=True)) == [
        "put on call",
        "taken off call",
    ]


def test_a_contact_is_checked_kept_for_oneself_and_never_logged(people: dict[str, str]) -> None:
    responder = client(people, "responder")
    form = {"email": "duty@mail.example", "webhook": "https://hooks.example/very-secret"}
    assert responder.post("/on-call/contact", {**form, "email": "duty"}).status_code == 422
    assert responder.post("/on-call/contact", {**form, "webhook": "http://hooks.example/"}).status_code == 422
    assert Contact.objects.count() == 0
    assert responder.post("/on-call/contact", form).status_code == 302
    assert "very-secret" in responder.get("/on-call").content.decode()
    assert "very-secret" not in client(people, "manager").get("/on-call").content.decode()
    assert "very-secret" not in json.dumps(list(StaffAction.objects.values_list("data", flat=True)))
    assert responder.post("/on-call/webhook", {"url": "https://hooks.example/all"}).status_code == 403
    assert client(people, "manager").post("/on-call/webhook", {"url": "https://hooks.example/all"}).status_code == 302
    assert client(people, "auditor").post("/on-call/contact", form).status_code == 403


def test_the_doors_are_told_whom_to_wake_when_the_control_room_is_silent(people: dict[str, str]) -> None:
    nobody = watchers.to_wake(T0)
    assert (nobody["mails"], nobody["webhooks"]) == ([], [])
    reach("manager", email="manager@bank.example", webhook="http://127.0.0.1:9/manager")
    reach("responder", email="responder@bank.example")
    assert watchers.to_wake(T0)["mails"] == ["manager@bank.example", "responder@bank.example"]
    put_on_call("responder", 1)
    SharedWebhook.objects.create(id=1, url="https://all.bank.example/")
    told = watchers.to_wake(T0)
    assert (told["mails"], told["webhooks"]) == (["responder@bank.example"], ["https://all.bank.example/"])
    kept = understood(json.loads(json.dumps(told)))
    assert (kept.mails, kept.silent_after_s) == (("responder@bank.example",), watchers.SILENT_AFTER_S)


def test_a_desk_that_stands_still_gives_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    given, stop, turned = list[datetime](), threading.Event(), [time.monotonic()]
    monkeypatch.setattr(watchers, "EVERY_S", 0.01)
    monkeypatch.setattr(watchers, "live", lambda board, now: given.append(now))
    board: Any = None
    loop = threading.Thread(target=watchers.live_for_ever, args=(board, stop, lambda: turned[0]))
    loop.start()
    wait_until(lambda: len(given) > 3, 5, "signs of life")
    turned[0] -= 2 * watchers.DESK_S_MAX
    wait_until(lambda: _stands(given), 5, "none any more")
    stop.set()
    loop.join(5)
    assert not loop.is_alive()


def _stands(given: list[datetime]) -> bool:
    before = len(given)
    return not threading.Event().wait(0.2) and len(given) == before
