"""Polls, webinars and tours: one answer a customer, the last seat once, who is written to, and what staff may plan."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from icalendar import Calendar
from staffing import client

from holdfast.contracts.community import Place, Poll, Refused, School, Tours, Webinar, Who
from holdfast.contracts.shapes import from_wire, to_wire
from holdfast.control.care.directory import take as take_facts
from holdfast.control.community import inviting, polls, reading, samples, searching, tours, webinars, writing
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Poll as PollRow
from holdfast.control.community.models import Post, Registration, Tour, TourSeen
from holdfast.control.community.models import Webinar as WebinarRow
from holdfast.control.community.writing import Text
from holdfast.control.incidents import record
from holdfast.control.tell import mailing
from holdfast.control.tell.models import Message, Notice
from holdfast.control.tell.spoken import composed
from holdfast.settings import Installation

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("B8")]
NOW = datetime.now(UTC)
OSLO = ZoneInfo("Europe/Oslo")
HOSTILE = "<script>alert('x')</script>"


def local(after: timedelta) -> str:
    return (NOW + after).astimezone(OSLO).strftime("%Y-%m-%dT%H:%M")


PLAN = {
    "title-en": "Safe payments", "title-nb": "Trygge betalinger", "about-en": "We show it.", "about-nb": "Vi viser det.",
    "spoken": "nb", "begins": local(timedelta(days=3)), "minutes": "45", "seats": "2",
}  # fmt: skip
POLL = {
    "title-en": "After the outage", "title-nb": "Etter feilen", "closes": local(timedelta(days=5)),
    "words-0-en": "Did you know what to do?", "words-0-nb": "Visste du hva du skulle gjøre?",
    "choices-0-en": "Yes\nNo", "choices-0-nb": "Ja\nNei",
    "words-1-en": "Were the messages clear?", "words-1-nb": "Var meldingene klare?",
    "choices-1-en": "Yes\nPartly\nNo", "choices-1-nb": "Ja\nDelvis\nNei",
}  # fmt: skip
TOUR = {
    "title-en": "Ideas", "title-nb": "Ideer", "path": "/pay", "step-0-en": "Look here.", "step-0-nb": "Se her.",
}  # fmt: skip


def who(number: int, language: str = "en") -> Who:
    return Who(number, language)


def customer(number: int, **more: object) -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": "en", "needs": [],
            "email": f"example{number}@mail.example", **more}  # fmt: skip
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def refused(work: Callable[[], object]) -> Refused:
    with pytest.raises(NotTaken) as found:
        work()
    return found.value.why


def planned(**more: object) -> int:
    words = {one: {"title": f"Safe {one}", "about": f"About {one}"} for one in ("en", "nb")}
    given = {"begins_at": NOW + timedelta(days=3), "ends_at": NOW + timedelta(days=3, hours=1), "seats": 2, **more}
    return WebinarRow.objects.create(words=words, spoken="nb", made_by="communicator", made_at=NOW, **given).number


def seen(number: int, one: Who) -> Webinar:
    return webinars.one(one, number, NOW).webinars[0]


@pytest.fixture
def editor(people: dict[str, str]) -> Client:
    return client(people, "communicator")


def together(*work: Callable[[], object]) -> None:
    """All at one moment, each with its own connection; a refusal is an answer too."""
    start, faults = threading.Barrier(len(work)), list[BaseException]()

    def one(deed: Callable[[], object]) -> None:
        try:
            start.wait(10)
            deed()
        except NotTaken:
            pass
        except BaseException as fault:  # told below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(deed,)) for deed in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []


def test_the_last_seat_goes_once_and_the_others_wait_in_order() -> None:
    number = planned(seats=2)
    together(*(lambda each=each: webinars.register(who(each), number, NOW) for each in (1, 2, 3, 4, 5, 1)))
    rows = Registration.objects.filter(webinar=number)
    assert (rows.filter(waiting=False).count(), rows.filter(waiting=True).count()) == (2, 3)
    ahead = {seen(number, who(each)).ahead for each in rows.filter(waiting=True).values_list("customer", flat=True)}
    assert ahead == {0, 1, 2} and (seen(number, who(9)).free, seen(number, who(9)).waiting) == (0, 3)


def test_a_seat_given_back_goes_to_who_waits_longest_who_alone_is_written_to() -> None:
    number = planned(seats=1)
    for each in (1, 2, 3):
        customer(each, language="nb" if each == 2 else "en")
        webinars.register(who(each), number, NOW)
    webinars.give_up(who(1), number, NOW)
    webinars.give_up(who(1), number, NOW)
    places = [seen(number, who(each)).place for each in (1, 2, 3)]
    assert places == [Place.NONE, Place.SEAT, Place.WAITING]
    mailing.write_due(NOW)
    mail = Message.objects.get()
    assert (mail.customer, "Du har fått plass" in mail.subject, "Safe nb" in mail.body) == (2, True, True)
    assert "statussiden" not in mail.body and "http" not in mail.body
    assert Notice.objects.get().state == "said" and not composed().exists()


def test_a_seat_is_reminded_of_once_and_only_who_has_one(installation: Installation) -> None:
    number = planned(seats=1)
    for each in (1, 2):
        customer(each)
        webinars.register(who(each), number, NOW)
    assert inviting.remind_due(NOW + timedelta(days=1)) == 0
    later = NOW + timedelta(days=2, minutes=1)
    together(lambda: inviting.remind_due(later), lambda: inviting.remind_due(later))
    assert inviting.remind_due(later) == 0
    mailing.write_due(later)
    assert [one.customer for one in Message.objects.all()] == [1]
    assert Message.objects.get().subject.startswith("Reminder: the webinar “Safe en”")
    assert inviting.remind_due(NOW + timedelta(days=9)) == 0


def test_the_way_in_is_shown_to_who_has_a_seat_and_to_nobody_else() -> None:
    number = planned(seats=1, stream="https://video.example/secret")
    webinars.register(who(1), number, NOW)
    webinars.register(who(2), number, NOW)
    assert seen(number, who(1)).stream == "https://video.example/secret"
    for other in (who(2), who(3), who(0)):
        told = webinars.one(other, number, NOW)
        assert "secret" not in str(to_wire(told)) and from_wire(School, to_wire(told)) == told
        assert "secret" not in str(to_wire(webinars.school(other, NOW)))


def test_the_calendar_file_names_time_and_place_in_the_customers_language_and_not_the_way_in() -> None:
    number = planned(stream="https://video.example/secret")
    event = Calendar.from_ical(webinars.one(who(1, "nb"), number, NOW).calendar).walk("VEVENT")[0]
    assert str(event["SUMMARY"]).endswith("Safe nb") and event.decoded("DTSTART").replace(microsecond=0) == (
        NOW + timedelta(days=3)
    ).replace(microsecond=0)
    assert str(event["URL"]).endswith(f"/learn/{number}") and "secret" not in event.to_ical().decode()


def test_nobody_registers_for_what_has_begun_or_is_called_off_and_no_stranger_at_all() -> None:
    begun, off = planned(begins_at=NOW - timedelta(minutes=1)), planned(called_off=True)
    assert refused(lambda: webinars.register(who(1), begun, NOW)) is Refused.OVER
    assert refused(lambda: webinars.register(who(1), off, NOW)) is Refused.OVER
    assert refused(lambda: webinars.register(who(1), 999, NOW)) is Refused.GONE
    assert refused(lambda: webinars.register(who(0), planned(), NOW)) is Refused.STRANGER
    assert Registration.objects.count() == 0


def test_a_question_is_asked_before_or_after_and_answered_by_staff_as_text(editor: Client) -> None:
    number = planned()
    writing.ask(who(1), number, Text(uuid.uuid4(), f"Why? {HOSTILE}"), NOW)
    page = editor.get(f"/community/webinars/{number}").content.decode()
    assert HOSTILE not in page and "Why? &lt;script&gt;" in page
    post = Post.objects.get()
    path = f"/community/questions/{post.number}"
    assert editor.post(path, {"words": ""}).status_code == 422
    assert editor.post(path, {"words": "Ask your friends or family for money."}).status_code == 422
    assert Post.objects.get().answer == "" and editor.post(path, {"words": "Because of this."}).status_code == 302
    assert seen(number, who(2)).questions[0].answer == "Because of this."


@pytest.mark.parametrize(
    "wrong",
    [
        {"title-nb": ""}, {"title-en": "x" * 121}, {"spoken": "de"}, {"begins": "soon"}, {"begins": "2020-01-01T10:00"},
        {"minutes": "0"}, {"minutes": "481"}, {"seats": "0"}, {"seats": "501"}, {"seats": "many"},
        {"stream": "javascript:alert(1)"}, {"stream": "http://video.example"}, {"stream": "//evil.example"},
        {"stream": 'https://x.example/"><script>'}, {"about-en": "See server-01.internal"},
        {"about-en": "You should ask your friends or family for money."},
    ],
)  # fmt: skip
def test_a_webinar_that_cannot_be_is_refused_in_words(editor: Client, wrong: dict[str, str]) -> None:
    answer = editor.post("/community/webinars", {**PLAN, **wrong})
    assert answer.status_code == 422 and "data-said" in answer.content.decode()
    assert WebinarRow.objects.count() == 0


def test_a_title_with_braces_is_told_as_it_stands(editor: Client) -> None:
    assert editor.post("/community/webinars", {**PLAN, "title-en": "{name} {0}"}).status_code == 302
    customer(1)
    webinars.register(who(1), 1, NOW)
    assert editor.post("/community/webinars/1", {"act": "off"}).status_code == 302
    mailing.write_due(NOW)
    mail = Message.objects.get()
    assert "“{name} {0}”" in mail.subject and "“{name} {0}”" in mail.body and "Dear Example 1," in mail.body


def test_a_webinar_is_planned_moved_and_called_off_and_everybody_with_a_place_is_told(editor: Client) -> None:
    assert editor.post("/community/webinars", PLAN).status_code == 302
    number = WebinarRow.objects.get().number
    for each in (1, 2, 3):
        customer(each)
        webinars.register(who(each), number, NOW)
    path = f"/community/webinars/{number}"
    more = {"act": "keep", "seats": "3", "stream": "https://video.example/s", "material": "/help",
            "material-en": "Help", "material-nb": "Hjelp"}  # fmt: skip
    assert editor.post(path, {**more, "seats": "1"}).status_code == 422
    assert editor.post(path, more).status_code == 302 and seen(number, who(3)).place == Place.SEAT
    assert seen(number, who(0)).materials[0].link == "/help"
    assert editor.post(path, {"act": "move", "begins": local(timedelta(days=4)), "minutes": "30"}).status_code == 302
    assert editor.post(path, {"act": "off"}).status_code == 302 and editor.post(path, {"act": "off"}).status_code == 422
    assert editor.post(path, {"act": "fly"}).status_code == 422
    mailing.write_due(NOW)
    told = list(Message.objects.order_by("pk").values_list("notice__name", "customer"))
    assert told == [("webinar-seat", 3), *(("webinar-changed", n) for n in (1, 2, 3)),
                    *(("webinar-cancelled", n) for n in (1, 2, 3))]  # fmt: skip
    event = Calendar.from_ical(webinars.one(who(1), number, NOW).calendar).walk("VEVENT")[0]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 2)


def test_a_poll_after_an_incident_is_answered_once_a_customer_and_shows_counts_alone(editor: Client) -> None:
    incident = record.open_one("bank", 1, NOW, NOW, "door 1 tripped", NOW.date())
    assert editor.post("/community/polls", {**POLL, "incident": str(incident.number)}).status_code == 302
    number, now = PollRow.objects.get().number, datetime.now(UTC)
    together(*(lambda each=each: polls.answer(who(each), number, [0, 2], now) for each in (1, 1, 1, 2)))
    polls.answer(who(3), number, [1, 2], now)
    told: Poll = reading.forum(who(3), "votes").polls[0]
    assert (told.incident, told.given, told.answered, told.is_open) == (incident.number, 3, True, True)
    assert [[choice.count for choice in one.choices] for one in told.questions] == [[2, 1], [0, 0, 3]]
    assert refused(lambda: polls.answer(who(3), number, [0, 0], now)) is Refused.DONE
    for chosen in ([0], [0, 3], [2, 0], [0, -1], [0, 0, 0]):
        assert refused(lambda chosen=chosen: polls.answer(who(4), number, chosen, now)) is Refused.ANSWERS
    assert refused(lambda: polls.answer(who(0), number, [0, 0], now)) is Refused.STRANGER
    assert refused(lambda: polls.answer(who(4), number, [0, 0], now + timedelta(days=6))) is Refused.OVER
    assert editor.post("/community/polls", {"close": str(number)}).status_code == 302
    assert refused(lambda: polls.answer(who(4), number, [0, 0], datetime.now(UTC))) is Refused.OVER
    assert reading.forum(who(9), "votes").polls[0].given == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"words-1-en": "", "words-1-nb": "", "choices-1-en": "", "choices-1-nb": ""}, {"choices-0-nb": "Ja"},
        {"choices-0-en": "Yes", "choices-0-nb": "Ja"}, {"closes": local(timedelta(days=-1))}, {"incident": "77"},
        {"closes": local(timedelta(days=400))}, {"title-nb": ""}, {"words-1-nb": ""},
    ],
)  # fmt: skip
def test_a_poll_that_cannot_be_is_refused_in_words(editor: Client, wrong: dict[str, str]) -> None:
    answer = editor.post("/community/polls", {**POLL, **wrong})
    assert answer.status_code == 422 and "data-said" in answer.content.decode() and PollRow.objects.count() == 0


def test_a_tour_is_published_put_away_by_each_customer_once_and_ended(editor: Client) -> None:
    for wrong in ({"path": "/evil"}, {"step-0-nb": ""}, {"step-0-en": "", "step-0-nb": ""}, {"title-en": ""}):
        assert editor.post("/community/tours", {**TOUR, **wrong}).status_code == 422
    assert Tour.objects.count() == 0 and editor.post("/community/tours", TOUR).status_code == 302
    number = Tour.objects.get().number
    told = tours.tours(who(1), datetime.now(UTC))
    assert (told.tours[0].path, told.seen) == ("/pay", ()) and from_wire(Tours, to_wire(told)) == told
    together(*(lambda: tours.put_away(who(1), number) for _ in range(3)))
    assert TourSeen.objects.count() == 1
    assert (
        tours.tours(who(1), datetime.now(UTC)).seen == (number,) and tours.tours(who(2), datetime.now(UTC)).seen == ()
    )
    assert refused(lambda: tours.put_away(who(0), number)) is Refused.STRANGER
    assert refused(lambda: tours.put_away(who(1), 99)) is Refused.GONE
    assert editor.post("/community/tours", {"end": str(number)}).status_code == 302
    assert editor.post("/community/tours", {"end": str(number)}).status_code == 422
    assert tours.tours(who(2), datetime.now(UTC)).tours == ()


@pytest.mark.parametrize("role", ["support", "auditor", "responder"])
def test_only_who_speaks_for_the_bank_plans(role: str, people: dict[str, str]) -> None:
    other = client(people, role)
    for path, given in (("polls", POLL), ("webinars", PLAN), ("tours", TOUR)):
        assert other.get(f"/community/{path}").status_code == 200
        assert other.post(f"/community/{path}", given).status_code == 403
    assert (PollRow.objects.count(), WebinarRow.objects.count(), Tour.objects.count()) == (0, 0, 0)


def test_the_made_up_content_says_that_it_is_made_up_and_is_added_once(editor: Client) -> None:
    assert samples.ensure() == 5 and samples.ensure() == 0
    told = reading.forum(who(1), "votes")
    assert {one.post.by.partition(" ")[0] for one in told.ideas} == {"Made-up"} and len(told.answered) == 1
    school = webinars.school(who(1), NOW)
    assert [bool(one.recording) for one in school.webinars] == [False, True]
    assert tours.tours(who(1), datetime.now(UTC)).tours[0].path == "/"
    for path in ("", "/polls", "/webinars", "/tours", "/webinars/1", "/ideas/1"):
        assert editor.get(f"/community{path}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("where is my payment", "en", "/money"),
        ("hvor er betalingen min", "nb", "/money"),
        ("mistet kort", "nb", "/cards"),
    ],
)
def test_help_is_searched_in_the_readers_language(typed: str, language: str, first: str) -> None:
    everything, found = searching.topics(who(0, language), ""), searching.topics(who(0, language), typed)
    assert found.topics[0].link == first and 0 < len(found.topics) <= len(everything.topics)
    assert len(set(found.topics)) == len(found.topics) and set(found.topics) <= set(everything.topics)
    assert searching.topics(who(0, language), "qzxv").topics == ()
    assert searching.topics(who(0, language), "qzxv " * 5_000).topics == ()
