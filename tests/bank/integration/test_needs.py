"""What customers need is told once, by them or by staff for them, and told on to everybody who serves them."""

import time
import uuid

import pytest
from enrolling import mark

from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.mail.models import Mail
from holdfast.contracts.needs import CODES, FOR_STAFF, clash, known_needs

pytestmark = pytest.mark.demand("C1")


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(needs=[], phone="", email=f"{uuid.uuid4().hex}@needs.example")
    return town.ann


@pytest.fixture
def by_staff(call, keys):
    def send(customer, needs, phone="+47 22 00 00 00"):
        said = {"customer": customer, "needs": needs, "phone": phone, "by": "sam", "at": time.time()}
        return call("/-/needs", {"token": keys["control"].sign("needs", said)}, by="control")

    return send


def told(person):
    found = Fact.objects.filter(kind="customer", key=str(person.id)).order_by("id").last()
    return found.body["needs"] if found else None


def kept(person):
    return Customer.objects.get(id=person.id).needs


def test_needs_are_told_shown_back_changed_and_taken_back(ann):
    assert mark(ann.get("/needs"), "told") == ""
    answer = ann.post("/needs", {"need": ["large-print", "told-first"]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/needs?kept=yes")
    page = ann.get("/needs?kept=yes")
    assert mark(page, "told") == "told-first large-print"
    assert "data-kept" in page.content.decode()
    assert told(ann) == kept(ann) == ["told-first", "large-print"]
    assert "Large print" in ann.get("/my-data").content.decode()
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.needs_told").count() == 1
    ann.post("/needs", {"need": ["told-first", "large-print"]})  # said again: nothing changes
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.needs_told").count() == 1
    assert ann.post("/needs", {}).status_code == 303
    assert told(ann) == kept(ann) == []
    assert not Mail.objects.filter(customer=ann.id).exists()  # who told it knows it


def test_who_reads_large_print_gets_it_on_every_page(ann):
    assert "data-large" not in ann.get("/").content.decode()
    ann.post("/needs", {"need": "large-print"})
    assert all("data-large" in ann.get(page).content.decode() for page in ("/", "/pay", "/needs"))


def test_who_wants_to_be_called_says_where_and_the_control_room_learns_it(ann):
    refused = ann.post("/needs", {"need": "call-me"})
    assert (refused.status_code, "Write the number that we should call" in refused.content.decode()) == (422, True)
    assert ann.post("/needs", {"need": "call-me", "phone": "call me maybe"}).status_code == 422
    assert kept(ann) == []
    assert ann.post("/needs", {"need": "call-me", "phone": "0047 (22) 00-00.00"}).status_code == 303
    assert Customer.objects.get(id=ann.id).phone == "+4722000000"
    body = Fact.objects.filter(kind="customer", key=str(ann.id)).order_by("id").last().body
    assert (body["needs"], body["phone"]) == (["call-me"], "+4722000000")


@pytest.mark.parametrize(
    ("needs", "words"), [(["a-butler"], "not known to us"), (["call-me", "write-to-me"], "Choose either")]
)
def test_what_cannot_be_kept_is_answered_in_words_and_changes_nothing(ann, needs, words):
    ann.post("/needs", {"need": "more-time"})
    answer = ann.post("/needs", {"need": needs})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert kept(ann) == ["more-time"]


def test_staff_tell_it_for_a_customer_who_hears_of_it(ann, by_staff):
    assert by_staff(ann.id, ["call-me"]).status_code == 200
    assert by_staff(ann.id, ["call-me"]).status_code == 200
    assert told(ann) == kept(ann) == ["call-me"]
    assert Mail.objects.filter(customer=ann.id, notice="security-changed").count() == 1
    for customer, needs in ((ann.id, ["a-butler"]), (ann.id, ["call-me", "write-to-me"]), (2**40, ["call-me"])):
        answer = by_staff(customer, needs)
        assert answer.status_code == 409
        assert "Nothing was changed." in answer.json()["error"]
    assert kept(ann) == ["call-me"]


def test_no_other_program_tells_needs(ann, call, keys):
    said = {"customer": ann.id, "needs": ["call-me"], "by": "sam", "at": time.time()}
    assert call("/-/needs", {"token": keys["control"].sign("needs", said)}, by="door").status_code == 403
    assert call("/-/needs", {"token": keys["control"].sign("name-change", said)}, by="control").status_code >= 400
    assert kept(ann) == []


def test_every_need_has_words_for_staff_and_an_unknown_one_of_another_release_is_left_out():
    assert set(FOR_STAFF) == set(CODES)
    assert known_needs(["large print", "more-time", "more-time", "told-first"]) == ["told-first", "more-time"]
    assert not clash(["call-me", "large-print"])
