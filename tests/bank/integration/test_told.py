"""How a customer is told: a number by its code, browsers, quiet hours; told on to both other buildings, and taken back."""

import base64
import json
import os
import re
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from enrolling import mark

from holdfast.bank.customers import telling
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent, WrongCodes
from holdfast.contracts.ways import BROWSERS_MAX, told_from_wire

pytestmark = [pytest.mark.demand("T2"), pytest.mark.demand("C1")]
PHONE = "+4790000000"


class Desk:
    """The control room's desk, as the bank asks it."""

    def __init__(self, other):
        self.sms, self.sent, self.takes, self.other = True, [], True, other
        other.answers = {
            "/-/told/ways": lambda *_: {"sms": self.sms, "push": {"number": 3, "key": "BKey"}},
            "/-/told/code": self.code,
        }

    def code(self, _query, body):
        self.sent += [body] if self.takes else []
        return {"sent": self.takes}


@pytest.fixture
def desk(control_desk):
    return Desk(control_desk)


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(told=None, email="ann@told.example")
    SecurityEvent.objects.filter(customer=town.ann.id).delete()
    WrongCodes.objects.filter(customer=town.ann.id).delete()
    return town.ann


def told(person):
    found = Fact.objects.filter(kind="customer", key=str(person.id)).order_by("id").last()
    kept = Customer.objects.get(id=person.id).told
    assert (found.body.get("told") if found else None) == kept
    return kept


def token(answer):
    found = re.search(r'name="asked" value="([^"]*)"', answer.content.decode())
    return found.group(1) if found else ""


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def browser(number=1, **other):
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    said = {
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{number}",
        "p256dh": b64(raw),
        "auth": b64(os.urandom(16)),
    }
    return {**said, "key": "3", "name": f"Phone {number}", **other}


def test_a_number_is_told_by_sms_once_the_code_that_went_there_was_typed(ann, desk):
    page = ann.get("/told").content.decode()
    assert 'data-sms="no"' in page and "ann@told.example" in page and "data-unknown" not in page
    asked = ann.post("/told/sms", {"phone": "0047 900 00 000"})
    (sent,) = desk.sent
    assert (asked.status_code, sent["phone"], len(sent["code"])) == (200, PHONE, 6)
    assert sent["code"] not in asked.content.decode() and told(ann) is None
    wrong = ann.post("/told/sms/code", {"asked": token(asked), "code": "x"})
    assert (wrong.status_code, mark(wrong, "problem"), told(ann)) == (422, "wrong-code", None)
    for _ in range(2):  # again changes nothing more
        right = ann.post("/told/sms/code", {"asked": token(asked), "code": sent["code"]})
        assert right.headers["Location"] == "/told?kept=yes"
    assert told(ann) == {"channels": ["sms"], "sms": PHONE}
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.told_sms").count() == 1
    assert f"You get SMS at {PHONE}" in ann.get("/told").content.decode()
    assert ann.post("/told/sms/remove", {}).status_code == 303
    assert told(ann) is None


def test_a_code_is_for_its_customer_and_a_quarter_of_an_hour_and_guessing_it_ends(ann, town, desk, monkeypatch):
    asked = token(ann.post("/told/sms", {"phone": PHONE}))
    code = desk.sent[0]["code"]
    assert mark(town.ben.log_in().post("/told/sms/code", {"asked": asked, "code": code}), "problem") == "over"
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert mark(ann.post("/told/sms/code", {"asked": asked, "code": wrong}), "problem") == "wrong-code"
    assert mark(ann.post("/told/sms/code", {"asked": asked, "code": code}), "problem") == "over"
    WrongCodes.objects.filter(customer=ann.id).delete()
    now = time.time()
    monkeypatch.setattr(telling.time, "time", lambda: now + telling.HOLDS_S + 1)
    assert telling.number_of(asked, ann.id) == ""
    assert telling.prove_number(asked, ann.id, code) is telling.Ended.OVER
    assert told(ann) is None


def test_what_cannot_be_sent_is_offered_to_nobody_and_said(ann, desk):
    desk.sms = False
    page = ann.get("/told").content.decode()
    assert "data-sms-not-offered" in page and 'name="phone"' not in page
    refused = ann.post("/told/sms", {"phone": PHONE})
    assert (refused.status_code, mark(refused, "problem"), desk.sent) == (503, "away", [])
    desk.sms, desk.takes = True, False
    assert ann.post("/told/sms", {"phone": PHONE}).status_code == 503
    assert ann.post("/told/sms", {"phone": "call me"}).status_code == 422
    assert told(ann) is None


def test_codes_are_limited_and_without_the_control_room_the_page_says_so(ann, desk):
    for _ in range(telling.ASKED_MAX):
        assert ann.post("/told/sms", {"phone": PHONE}).status_code == 200
    assert mark(ann.post("/told/sms", {"phone": PHONE}), "problem") == "often"
    assert len(desk.sent) == telling.ASKED_MAX
    desk.other.answers.clear()
    page = ann.get("/told")
    assert (page.status_code, "data-unknown" in page.content.decode()) == (200, True)
    assert 'name="phone"' not in page.content.decode() and "data-push-key" not in page.content.decode()


def test_browsers_are_told_listed_and_removed_and_their_number_has_an_end(ann, desk):
    for number in range(BROWSERS_MAX):
        assert ann.post("/told/browsers", browser(number)).headers["Location"] == "/told?kept=yes"
    assert mark(ann.post("/told/browsers", browser(99)), "problem") == "many"
    assert ann.post("/told/browsers", browser(0, name="My phone")).status_code == 303  # known already
    kept = told_from_wire(told(ann)).browsers
    assert sorted(one.name for one in kept) == ["My phone", "Phone 1", "Phone 2", "Phone 3", "Phone 4"]
    assert mark(ann.get("/told"), "browsers") == "5"
    assert ann.post("/told/browsers/remove", {"browser": kept[0].mark}).status_code == 303
    ann.post("/told/browsers/remove", {"browser": "no-such"})
    assert len(told_from_wire(told(ann)).browsers) == BROWSERS_MAX - 1


@pytest.mark.parametrize(
    "other",
    [
        {"endpoint": "https://127.0.0.1:8081/push"},
        {"endpoint": "http://fcm.googleapis.com/fcm/send/1"},
        {"endpoint": "https://fcm.googleapis.com.evil.example/1"},
        {"endpoint": "https://fcm.googleapis.com:8443/1"},
        {"endpoint": "https://x@fcm.googleapis.com/1"},
        {"p256dh": "short"},
        {"auth": ""},
        {"key": "2"},
        {"key": "x"},
    ],
)
def test_what_is_no_browsers_push_address_is_refused_and_changes_nothing(ann, desk, other):
    refused = ann.post("/told/browsers", browser(**other))
    assert (refused.status_code, mark(refused, "problem"), told(ann)) == (422, "unusable", None)


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"which": "own", "from": "22:30", "until": "07:00"}, {"quiet_from": "22:30", "quiet_until": "07:00"}),
        ({"which": "never"}, {"quiet_from": "00:00", "quiet_until": "00:00"}),
        ({"which": "bank", "from": "22:30", "until": "07:00"}, None),
    ],
)
def test_quiet_hours_are_the_banks_ones_own_or_none(ann, desk, form, kept):
    assert ann.post("/told/quiet", form).headers["Location"] == "/told?kept=yes"
    assert told(ann) == kept
    assert mark(ann.get("/told"), "quiet") == form["which"]


@pytest.mark.parametrize(
    "form",
    [
        {"which": "own", "from": "25:00", "until": "07:00"},
        {"which": "own", "from": "07:00", "until": "07:00"},
        {"which": "own", "from": "", "until": ""},
        {"which": "sometimes"},
    ],
)
def test_times_that_are_none_are_refused_and_change_nothing(ann, desk, form):
    ann.post("/told/quiet", {"which": "own", "from": "22:30", "until": "07:00"})
    refused = ann.post("/told/quiet", form)
    assert (refused.status_code, mark(refused, "problem")) == (422, "times")
    assert told(ann)["quiet_from"] == "22:30"


def test_a_number_or_browser_is_changed_only_by_who_showed_lately_who_they_are(ann, desk, monkeypatch):
    monkeypatch.setattr("holdfast.bank.web.security.RECENT_S", -120)
    for address, form in (("sms", {"phone": PHONE}), ("sms/remove", {}), ("browsers", browser())):
        assert ann.post(f"/told/{address}", form).status_code == 403
    assert (desk.sent, told(ann)) == ([], None)
    page = ann.get("/told").content.decode()
    assert "data-confirm" in page and 'name="phone"' not in page
    assert ann.post("/told/quiet", {"which": "never"}).status_code == 303  # no more than large print


def test_it_stands_sealed_is_taken_along_and_both_languages_say_it(ann, desk):
    ann.post("/told/browsers", browser(7))
    with connection.cursor() as cursor:
        cursor.execute("select told::text from customer where id = %s", [ann.id])
        assert "fcm" not in cursor.fetchone()[0]
    held = json.loads(ann.get("/my-data/download").content)
    assert "fcm.googleapis.com/fcm/send/7" in json.dumps(held["customer"])
    page = ann.get("/told", headers={"Cookie": "hf_language=nb", "Accept-Language": "nb"}).content.decode()
    assert "Phone 7" in page
