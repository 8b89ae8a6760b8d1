"""The support desk on the console: queue, one chat with what helps to answer it, hours, roster and forecast."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.contracts.support import Asking, State
from holdfast.control.care.directory import take as take_facts
from holdfast.control.incidents import record
from holdfast.control.incidents.models import TimelineEntry
from holdfast.control.staff.models import Person, StaffAction
from holdfast.control.support import hours, talking
from holdfast.control.support.models import Agent, CallBack, Conversation, DeskShift, Extension, Line
from holdfast.control.tell import announcing

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("B7"), pytest.mark.demand("C4")]
HOSTILE = '<script>alert("x")</script>'


def write_in(words: str, who: int = 0, language: str = "en") -> str:
    asking = Asking("", who, language, "/cards")
    return talking.say(asking, str(uuid.uuid4()), words, True, datetime.now(UTC)).conversation


def customer(number: int, **more: object) -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": "en", "needs": [], **more}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


@pytest.fixture
def desk(people: dict[str, str]) -> Client:
    return client(people, "support")


def test_the_queue_shows_who_waits_and_no_words_until_somebody_takes_the_chat(
    desk: Client, people: dict[str, str]
) -> None:
    customer(7, needs=["told-first"])
    chat = write_in(f"I lost my card {HOSTILE}", who=7)
    page = desk.get("/support").content.decode()
    assert 'data-waiting="1"' in page and "Example 7" in page and "needs" in page and "lost my card" not in page
    assert desk.get(f"/support/{chat}").status_code == 403
    taken = desk.post("/support/take")
    assert taken["Location"] == f"/support/{chat}"
    page = desk.get(f"/support/{chat}").content.decode()
    assert "I lost my card" in page and HOSTILE not in page and "&lt;script&gt;" in page
    assert 'data-suggested="cards_freeze"' in page and "data-guide" in page
    assert "First of all: let them freeze it" in page
    assert client(people, "manager").get(f"/support/{chat}").status_code == 200
    assert StaffAction.objects.filter(what="read a chat").get().data == {"chat": chat, "customer": 7}
    for role in ("responder", "communicator", "auditor"):
        other = client(people, role)
        assert (other.get("/support").status_code, other.get(f"/support/{chat}").status_code) == (403, 403)


def test_an_answer_goes_once_and_one_that_hurts_stays_in_the_form(desk: Client) -> None:
    chat = write_in("No money for food today")
    desk.post(f"/support/{chat}/take")
    hurting = {"said": str(uuid.uuid4()), "words": "Ask your friends or family for money."}
    stopped = desk.post(f"/support/{chat}/answer", hurting)
    page = stopped.content.decode()
    assert (stopped.status_code, "Ask your friends or family" in page) == (422, True)
    assert not Line.objects.filter(who="person").exists()
    mark = re.search(r'name="mark" value="([0-9a-f]{16})"', page)
    assert mark
    assert desk.post(f"/support/{chat}/answer", {**hurting, "mark": mark.group(1), "stands": ""}).status_code == 422
    kind = {"said": hurting["said"], "words": "We can pay out 2000 kroner today. I stay here until it is done."}
    assert [desk.post(f"/support/{chat}/answer", kind).status_code for _ in range(2)] == [302, 302]
    assert Line.objects.filter(who="person").count() == 1
    told = talking.read(Asking(chat, 0, "en"), 0, datetime.now(UTC))
    assert (told.lines[-1].words, told.lines[-1].by) == (kind["words"], "Made-up support")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Your enquiry has been noted and will be dealt with in the order in which it was received by us.", 422),
        ("Hei, jeg heter Kari. Hva kan jeg hjelpe deg med i dag?", 302),
        (
            "I see your payment of 1,200 kroner. It was booked at 10:14, nothing was lost, and the shop has it by noon.",
            302,
        ),
    ],
)
def test_an_answer_that_stands_alone_is_judged_as_a_whole(desk: Client, words: str, status: int) -> None:
    chat = write_in("Where is my payment?")
    desk.post(f"/support/{chat}/take")
    assert desk.post(f"/support/{chat}/answer", {"said": str(uuid.uuid4()), "words": words}).status_code == status


def test_ready_answers_are_in_the_customers_language_and_go_into_the_draft(desk: Client) -> None:
    chat = write_in("Jeg har mistet kortet", language="nb")
    desk.post(f"/support/{chat}/take")
    page = desk.get(f"/support/{chat}?use=cards_freeze").content.decode()
    area = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert area and "Åpne «Kort»" in area.group(1)
    assert "Hei, jeg heter Made-up support" in page


def test_the_open_incidents_own_text_is_offered_and_answers_who_asks_the_helper(desk: Client) -> None:
    now = datetime.now(UTC)
    incident = record.open_one("bank", 1, now, now, "door 1 tripped", now.date())
    announcing.announce(incident, "test", now)
    view = talking.say(Asking("", 0, "en"), str(uuid.uuid4()), "is the bank down?", False, now)
    assert "our spare bank" in view.lines[-1].words.lower() and view.lines[-1].page == "/status"
    assert Conversation.objects.get().incident == incident
    chat = write_in("What now?")
    desk.post(f"/support/{chat}/take")
    page = desk.get(f"/support/{chat}").content.decode()
    assert 'data-suggested="incident"' in page and "What all customers are told of the incident" in page


def test_news_are_a_sign_of_life_and_end_when_the_chat_is_somebody_elses(desk: Client, people: dict[str, str]) -> None:
    chat = write_in("Hello")
    desk.post(f"/support/{chat}/take")
    Agent.objects.update(seen_at=datetime.now(UTC) - timedelta(seconds=50))
    found = desk.get(f"/support/{chat}/news.json?after=1&version=1").json()
    assert "Took the chat" in found["lines"] and found["mine"]
    assert Agent.objects.get().seen_at > datetime.now(UTC) - timedelta(seconds=10)
    Conversation.objects.update(agent=Person.objects.get(username="manager"))
    assert desk.get(f"/support/{chat}/news.json?after=1&version=1").json() == {"gone": True}
    assert client(people, "auditor").get(f"/support/{chat}/news.json").status_code == 403


def test_an_agent_who_is_silent_for_a_minute_finds_the_chat_gone_and_the_draft_kept(
    desk: Client, people: dict[str, str]
) -> None:
    chat = write_in("Hello")
    desk.post(f"/support/{chat}/take")
    Agent.objects.update(seen_at=datetime.now(UTC) - timedelta(seconds=61))
    assert "was cut off" in client(people, "manager").get("/support").content.decode()
    late = desk.post(f"/support/{chat}/answer", {"said": str(uuid.uuid4()), "words": "I found it now."})
    assert (
        late.status_code == 409
        and "I found it now." in late.content.decode()
        and not Line.objects.filter(who="person").exists()
    )
    assert desk.post(f"/support/{chat}/take").status_code == 302


def test_a_call_asked_for_in_a_chat_is_on_the_desk_until_somebody_was_reached(desk: Client) -> None:
    customer(8, phone="+4722000000")
    chat = write_in("Call me", who=8)
    talking.ask_call(Asking(chat, 8, "en"), datetime.now(UTC))
    assert 'href="tel:+4722000000"' in desk.get("/support").content.decode()
    number = CallBack.objects.get().pk
    assert desk.post(f"/support/calls/{number}", {"outcome": "sang"}).status_code == 422
    assert desk.post(f"/support/calls/{number}", {"outcome": "reached"}).status_code == 302
    assert "Nobody asked for a call" in desk.get("/support").content.decode()


def test_hours_are_kept_extended_for_the_incident_and_told(desk: Client, people: dict[str, str]) -> None:
    manager = client(people, "manager")
    closed = {f"{end}-{day}": "00:00" for day in range(7) for end in ("from", "until")}
    assert desk.post("/support/hours/keep", closed).status_code == 403
    assert manager.post("/support/hours/keep", {**closed, "from-3": "25:00"}).status_code == 422
    assert hours.week() == hours.USUAL
    assert manager.post("/support/hours/keep", closed).status_code == 302
    now = datetime.now(UTC)
    assert not hours.opening(now).open_now
    incident = record.open_one("bank", 1, now, now, "door 1 tripped", now.date())
    until = (datetime.now().astimezone() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    assert desk.post("/support/extensions", {"until": until, "why": ""}).status_code == 422
    assert desk.post("/support/extensions", {"until": until, "why": "Many write"}).status_code == 302
    assert hours.opening(now + timedelta(seconds=5)).open_now and Extension.objects.get().incident == incident
    assert TimelineEntry.objects.filter(incident=incident, kind="support").count() == 1
    assert 'data-open="yes"' in desk.get("/support/hours").content.decode()
    assert desk.post(f"/support/extensions/{Extension.objects.get().pk}/end").status_code == 302
    assert not hours.opening(datetime.now(UTC)).open_now


def test_the_roster_takes_people_of_support_once_at_a_time(desk: Client, people: dict[str, str]) -> None:
    manager = client(people, "manager")
    begins = datetime.now().astimezone().replace(second=0, microsecond=0) + timedelta(hours=1)
    shift = {
        name: (begins + timedelta(hours=more)).strftime("%Y-%m-%dT%H:%M") for name, more in (("from", 0), ("until", 8))
    }
    assert desk.post("/support/shifts", {"who": "support", **shift}).status_code == 403
    assert manager.post("/support/shifts", {"who": "auditor", **shift}).status_code == 422
    assert manager.post("/support/shifts", {"who": "support", **shift}).status_code == 302
    assert manager.post("/support/shifts", {"who": "support", **shift}).status_code == 422
    assert DeskShift.objects.count() == 1
    assert manager.post(f"/support/shifts/{DeskShift.objects.get().pk}/end").status_code == 302
    assert DeskShift.objects.count() == 0


def test_what_customers_said_of_the_chats_is_told(desk: Client) -> None:
    chat = write_in("Hello")
    desk.post(f"/support/{chat}/take")
    desk.post(f"/support/{chat}/end")
    assert talking.rate(Asking(chat, 0, "en"), 4, datetime.now(UTC)).state is State.ENDED
    page = desk.get("/support/hours").content.decode()
    assert 'data-answered="1"' in page and "4.0 of 5" in page
