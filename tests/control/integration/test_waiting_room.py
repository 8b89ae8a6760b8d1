"""The waiting room on the console: shown, and set by hand by responders and runbooks, on record."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from fakes import Town
from staffing import client

from holdfast.control.calls import Kind, Reply, Switchboard
from holdfast.control.incidents import record
from holdfast.control.now.situation import waiting_words
from holdfast.control.response import running, waiting_room
from holdfast.control.response.acting import Actor
from holdfast.control.response.models import RunStep
from holdfast.control.response.waiting_room import read_rate
from holdfast.control.staff.models import StaffAction
from holdfast.control.watch.models import Building
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("W6")
T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
SAID: dict[str, Any] = {
    "in_line": 120,
    "wait_s": 48.0,
    "let_in_per_s": 2.5,
    "by_hand_per_s": None,
    "logins_at_once": 3,
    "logins_per_s_most": 12.4,
}


class Killed(BaseException):
    """The control room's process ends here."""


def told(what: str) -> list[Any]:
    """The rates in the staff log's lines of this name, with their outcome where the line has one."""
    lines = [one.data for one in StaffAction.objects.filter(what=what, who="responder").order_by("number")]
    return [(one["per_s"], one["done"]) if "done" in one else one["per_s"] for one in lines]


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def town(installation: Installation, asked: list[dict[str, Any]]) -> Iterator[Town]:
    made = Town(installation)

    def take(_query: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        asked.append(json.loads(body))
        return 200, SAID

    made.doors.paths["/-/waiting"] = take
    made.doors.paths["/-/health"] = lambda _q, _b: (200, {"ok": True, "waiting": SAID})
    with made:
        yield made


def test_staff_see_who_waits_and_a_responder_sets_a_limit_by_hand(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]]
) -> None:
    responder = client(people, "responder")
    page = responder.get("/waiting-room").content.decode()
    assert ">120<" in page and ">48 s<" in page and "2.5 a second" in page
    sent = {"how": "limit", "per_s": "2,5", "why": "the bank is slow"}
    assert responder.post("/waiting-room", sent).status_code == 302
    assert responder.post("/waiting-room", {"how": "closed", "why": "an attack"}).status_code == 302
    assert responder.post("/waiting-room", {"how": "open", "why": "it is over"}).status_code == 302
    assert [(one["per_s"], one["by"]) for one in asked] == [(2.5, "responder"), (0.0, "responder"), (None, "responder")]
    assert told("waiting room order") == [2.5, 0.0, None]
    assert told("waiting room order ended") == [(2.5, True), (0.0, True), (None, True)]


@pytest.mark.parametrize(
    "form",
    [
        {"how": "limit", "per_s": "0", "why": "x"},
        {"how": "limit", "per_s": "-1", "why": "x"},
        {"how": "limit", "per_s": "nan", "why": "x"},
        {"how": "limit", "per_s": "many", "why": "x"},
        {"how": "limit", "per_s": "1001", "why": "x"},
        {"how": "other", "per_s": "2", "why": "x"},
        {"how": "closed", "why": " "},
        {},
    ],
)
def test_a_limit_that_cannot_be_is_refused_in_words_and_changes_nothing(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]], form: dict[str, str]
) -> None:
    answer = client(people, "responder").post("/waiting-room", form)
    assert answer.status_code == 422
    assert "nothing was changed" in answer.content.decode()
    assert asked == []
    assert told("waiting room order") == []


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_who_only_looks_sets_nothing(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]], role: str
) -> None:
    looking = client(people, role)
    assert 'name="per_s"' not in looking.get("/waiting-room").content.decode()
    assert looking.post("/waiting-room", {"how": "closed", "why": "x"}).status_code == 403
    assert asked == []


def test_doors_that_do_not_answer_are_told_as_such(people: dict[str, str], installation: Installation) -> None:
    responder = client(people, "responder")
    assert "Not known" in responder.get("/waiting-room").content.decode()
    answer = responder.post("/waiting-room", {"how": "closed", "why": "x"})
    assert answer.status_code == 422 and "no door took the order" in answer.content.decode()
    assert told("waiting room order") == [0.0]
    assert told("waiting room order ended") == [(0.0, False)]


def test_a_rate_is_on_record_before_a_door_hears_of_it(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Switchboard, *sent: Any) -> Reply:
        taken(self, *sent)
        raise Killed

    taken = Switchboard.order
    monkeypatch.setattr(Switchboard, "order", killed)
    with pytest.raises(Killed):
        waiting_room.order(4.0, "an attack", "responder", "responder")
    assert [one["per_s"] for one in asked] == [4.0]
    assert (told("waiting room order"), told("waiting room order ended")) == ([4.0], [])


def test_a_rate_that_cannot_be_put_on_record_reaches_no_door(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_line: Any) -> int:
        raise OperationalError("the control room's database is full")

    monkeypatch.setattr(waiting_room.log, "write", fails)
    with pytest.raises(OperationalError):
        waiting_room.order(0.0, "an attack", "responder", "responder")
    assert asked == []


def test_doors_that_answer_too_late_are_not_said_to_have_changed_nothing(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Reply(Kind.STALLS, 0, 4000.0, "no answer within 4 s")
    monkeypatch.setattr(Switchboard, "order", lambda *_sent: late)
    done = waiting_room.order(4.0, "an attack", "responder", "responder")
    assert not done.done and "it may have been done" in done.words
    assert told("waiting room order ended") == [(4.0, False)]


def test_a_runbook_limits_and_opens_it_by_machine(
    people: dict[str, str], town: Town, asked: list[dict[str, Any]]
) -> None:
    record.open_one("part doors", 2, T0, T0, "slow", date(2026, 5, 4))
    Building.objects.update_or_create(
        name="doors", defaults={"answer": "answers", "at": timezone.now(), "since": T0, "detail": {"waiting": SAID}}
    )
    me = Actor("responder", "responder", "staff: responder")
    assert running.begin(1, me, "peak-hours", dry=False) == ""
    run = RunStep.objects.first()
    assert run is not None
    for step in (1, 2):
        assert running.tick(1, me, run.run_id, step) == ""
    due = timezone.now() + running.WAIT
    assert (running.carry_out_due(due), running.carry_out_due(due + running.WAIT)) == (1, 1)
    assert [(one["per_s"], one["by"]) for one in asked] == [(12.4, "responder"), (None, "responder")]


def test_the_card_of_the_doors_says_how_many_wait() -> None:
    assert waiting_words(None) == "waiting room: not known"
    assert waiting_words({**SAID, "in_line": 0, "wait_s": 0.0}) == "waiting room: nobody waits"
    assert waiting_words(SAID) == "waiting room: 120 wait, 48 s for who comes now, 2.5 a second come in"
    closed = waiting_words({**SAID, "wait_s": None, "by_hand_per_s": 0.0})
    assert closed == "waiting room: 120 wait, no end in sight, 2.5 a second come in, closed by hand"
    assert waiting_words({**SAID, "by_hand_per_s": 4.0}).endswith(", by hand at most 4 a second")


def test_a_rate_is_read_as_it_was_typed() -> None:
    assert read_rate("limit", "12") == (12.0, "")
    assert read_rate("limit", "0,5") == (0.5, "")
    assert read_rate("open", "7") == (None, "")
    assert read_rate("limit", "inf")[1] != ""
