"""What the control room holds about a customer is taken along whole, names nobody else, and goes when they leave."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps

from holdfast.contracts.community import Trouble, Who
from holdfast.contracts.subscribing import MAIL
from holdfast.contracts.support import Asking
from holdfast.control.care.directory import take as take_facts
from holdfast.control.care.held import KINDS, LEFT_OUT, ROWS_MAX, counted, held_about
from holdfast.control.care.models import PhoneCall
from holdfast.control.community import polls, problems, tours, webinars, writing
from holdfast.control.community.models import Poll, Tour, Webinar
from holdfast.control.community.writing import Text
from holdfast.control.incidents import record
from holdfast.control.subscribers import sealed
from holdfast.control.subscribers.models import Subscriber
from holdfast.control.support import talking
from holdfast.control.support.models import CallBack, Conversation, PageLook
from holdfast.control.tell.models import Message, Notice

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("G7"), pytest.mark.demand("B8")]
NOW = datetime.now(UTC)
TITLE = {"en": "Title", "nb": "Tittel"}


def customer(number: int) -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": "en", "needs": [], "email": f"c{number}@mail.example"}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def text(words: str) -> Text:
    return Text(uuid.uuid4(), words, f"{words}, in short")


def live(number: int) -> None:
    """A customer who did everything once; their words have their number in them."""
    customer(number)
    who, own = Who(number, "en"), f"by {number}"
    idea = writing.suggest(who, text(f"idea {own}"), NOW)
    others = writing.suggest(Who(number + 100, "en"), text("idea of somebody else"), NOW)
    writing.vote(who, others, True, NOW)
    writing.comment(who, others, text(f"comment {own}"), NOW)
    writing.report(who, others, f"report {own}", NOW)
    webinar = Webinar.objects.create(
        words={"en": {"title": "Saving", "about": "How"}, "nb": {"title": "Sparing", "about": "Hvordan"}}, spoken="en",
        begins_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=2, hours=1), seats=5, made_by="x", made_at=NOW,
    )  # fmt: skip
    webinars.register(who, webinar.number, NOW)
    question = {"words": TITLE, "choices": [TITLE, TITLE]}
    poll = Poll.objects.create(title=TITLE, questions=[question], opened_at=NOW - timedelta(hours=1),
                               closes_at=NOW + timedelta(days=1), made_by="x")  # fmt: skip
    polls.answer(who, poll.number, [1], NOW)
    tour = Tour.objects.create(title=TITLE, path="/", steps=[TITLE], published_at=NOW - timedelta(hours=1), made_by="x")
    tours.put_away(who, tour.number)
    problems.report(who, Trouble.PAY, f"problem {own}", uuid.uuid4(), NOW)
    chat = talking.say(Asking("", number, "en"), str(uuid.uuid4()), f"chat {own}", True, NOW).conversation
    one = Conversation.objects.get(pk=chat)
    PageLook.objects.create(conversation=one, customer=number, by="Kari", at=NOW, bank="bank")
    CallBack.objects.create(conversation=one, customer=number, asked_at=NOW)
    incident = record.open_one(f"cause {number}", 1, NOW, NOW, "door 1 tripped", NOW.date())
    PhoneCall.objects.create(incident=incident, customer=number, at=NOW, by="sam", outcome="reached", agreed=own)
    notice = Notice.objects.create(incident=incident, name="beginning", made_at=NOW)
    Message.objects.create(notice=notice, customer=number, email=f"c{number}@mail.example", language="en",
                           code=f"CODE{number}", message_id="x", subject="s", body=f"message {own}", created_at=NOW)  # fmt: skip
    held = sealed.fresh(f"c{number}@mail.example")
    Subscriber.objects.create(channel=MAIL, language="en", state="confirmed", asked_at=NOW, confirmed_at=NOW,
                              **sealed.columns(MAIL, held))  # fmt: skip
    assert idea != others


def test_no_table_that_names_a_customer_is_missing() -> None:
    known = {kind.model._meta.db_table for kind in KINDS}
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name == "customer" and field.concrete
    }
    assert naming == known
    assert set(LEFT_OUT) <= {model._meta.db_table for model in apps.get_models()}


def test_everything_of_one_customer_is_taken_along_and_nothing_of_another() -> None:
    live(1)
    live(2)
    told = held_about(1)
    kinds = told["kinds"]
    assert {name: len(rows) for name, rows in kinds.items()} == {
        **{kind.name: 1 for kind in KINDS if kind.name != "refunds_told"},
        "posts": 2,
        "votes": 2,
        "refunds_told": 0,
        "lines_of_chats": 2,
        "follows_the_status_page": 1,
    }
    written = json.dumps(told)
    for words in ("idea by 1", "comment by 1", "report by 1", "problem by 1", "chat by 1", "message by 1", "by 1"):
        assert words in written
    assert "by 2" not in written and "Example 2" not in written and '"sam"' not in written
    assert kinds["poll_answers"][0]["chosen"] == [1] and kinds["poll_answers"][0]["poll__title"] == TITLE
    assert told["more"] == [] and told["left_out"] == LEFT_OUT
    assert ROWS_MAX > 2


def test_the_page_is_told_how_much_there_is_and_who_looked() -> None:
    live(1)
    told = counted(1)
    assert (told["counts"]["posts"], told["counts"]["refunds_told"], told["counts"]["lines_of_chats"]) == (2, 0, 2)
    assert [(one["by"], one["bank"]) for one in told["looks"]] == [("Kari", "bank")]
    assert counted(99)["looks"] == [] and set(counted(99)["counts"].values()) == {0}


def test_an_address_that_somebody_typed_and_nobody_confirmed_is_not_called_the_customers() -> None:
    live(1)
    Subscriber.objects.update(state="waiting")
    assert held_about(1)["kinds"]["follows_the_status_page"] == []


def test_who_left_is_held_no_more_but_for_what_is_only_counted() -> None:
    live(1)
    take_facts([{"number": 900, "kind": "customer", "key": "1", "body": None}])
    told = held_about(1)
    left = {name: rows for name, rows in told["kinds"].items() if rows}
    assert set(left) == {"calls_by_staff", "messages"}
    assert (left["calls_by_staff"][0]["agreed"], left["messages"][0]["body"], left["messages"][0]["email"]) == (
        "",
        "",
        "",
    )
    assert "by 1" not in json.dumps(told)
    assert Subscriber.objects.count() == 1  # it is its address's, whose owner ends it
