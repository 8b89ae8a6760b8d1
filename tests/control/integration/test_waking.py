"""Waking by SMS and by push: real messages at a gateway and a push service outside, their failures on record."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from staffing import client
from waking import Browser, Gateway, claims_of

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.place import installation as home
from holdfast.control.response import oncall, paging, pushing, watchers
from holdfast.control.response.acting import Actor
from holdfast.control.response.models import Contact, Page, PushDevice, SmsGateway
from holdfast.control.staff.models import StaffAction
from holdfast.control.staff.resealing import reseal
from holdfast.edge.watchers import understood

pytestmark = pytest.mark.demand("R1")
T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PHONE = "+4791234567"


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    return record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


def key() -> int:
    return pushing.newest_key(home().keys)[0]


def put_on_call(who: str, place: int) -> None:
    wish = oncall.Wish(who, place, T0 - MINUTE, T0 + timedelta(hours=8))
    assert oncall.add(Actor("manager", "Made-up manager", "manager"), wish, T0) == ""


def states() -> list[tuple[str, str, str]]:
    return [(one.recipient, one.way, one.state) for one in Page.objects.order_by("level", "recipient", "way")]


def test_the_first_on_call_is_texted_and_acknowledges_in_two_actions(
    people: dict[str, str], incident: Incident, gateway: Gateway
) -> None:
    manager, person = client(people, "manager"), client(people, "responder")
    assert manager.post("/on-call/gateway", {"url": gateway.url}).status_code == 302
    assert person.post("/on-call/contact", {"phone": "+47 912 34 567"}).status_code == 302
    put_on_call("responder", 1)
    assert paging.escalate(T0) == 1 and paging.send_due(T0) == 1
    assert states() == [("responder", "sms", "sent")]
    ((number, words),) = gateway.texts()
    link = words.rpartition(" ")[2]
    assert number == PHONE and link == f"{home().console_origin}/incidents/{incident.number}"
    assert "door 1 tripped" not in words  # others carry it
    path = link.removeprefix(home().console_origin)
    assert f'action="{path}/acknowledge"' in person.get(path).content.decode()  # the first: open the link
    assert person.post(f"{path}/acknowledge").status_code == 302  # the second: the button
    assert states() == [("responder", "sms", "acknowledged")]
    assert paging.escalate(T0 + 20 * MINUTE) == 0


def test_a_device_is_woken_by_what_only_it_can_open_signed_by_the_consoles_key(
    people: dict[str, str], incident: Incident, browser: Browser
) -> None:
    person = client(people, "responder")
    page = person.get("/on-call").content.decode()
    number, public = pushing.newest_key(home().keys)
    assert f'data-wake="{public}"' in page and 'src="/assets/waking.js"' in page and "needs JavaScript" in page
    assert person.post("/on-call/devices", browser.form(number)).status_code == 302
    put_on_call("responder", 1)
    assert paging.escalate(T0) == 1 and paging.send_due(T0) == 1
    assert states() == [("responder", "push", "sent")]
    (message,) = browser.messages()
    assert message == {
        "title": "Incident 1, severity 1",
        "body": "Noticed because door 1 tripped. Acknowledge it, or others are woken.",
        "url": "/incidents/1",
        "tag": "incident-1",
    }
    ((path, headers, body),) = browser.taken
    assert path == "/push/of-this-browser" and b"tripped" not in body
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "3600", "high")
    claims, signer = claims_of(headers["authorization"])
    assert signer == public and claims["aud"] == f"http://127.0.0.1:{browser.port}"
    assert 0 < claims["exp"] - time.time() <= 24 * 3600 and claims["sub"].startswith("mailto:")


def test_a_way_that_fails_is_on_record_and_the_next_person_is_woken_as_before(
    people: dict[str, str], incident: Incident, gateway: Gateway, browser: Browser
) -> None:
    gateway.status = browser.status = 500
    client(people, "manager").post("/on-call/gateway", {"url": gateway.url})
    Contact.objects.create(person_id="responder", phone=PHONE)
    client(people, "responder").post("/on-call/devices", browser.form(key()))
    Contact.objects.create(person_id="manager", email="m@bank.example")
    put_on_call("responder", 1)
    put_on_call("manager", 2)
    paging.escalate(T0)
    for turn in range(paging.ATTEMPTS_MAX):
        Page.objects.update(next_at=T0)
        assert paging.send_due(T0 + turn * MINUTE) == 2
    assert states() == [("responder", "push", "failed"), ("responder", "sms", "failed")]
    told = list(TimelineEntry.objects.filter(kind="page failed").order_by("words").values_list("words", flat=True))
    assert told == [
        "The page to responder by push was given up after 6 attempts: the push service answered 500",
        "The page to responder by sms was given up after 6 attempts: the SMS gateway did not take it; "
        "see that its address, its key and its account are right",
    ]
    assert PHONE not in str(told) and "s3cret" not in str(told)
    assert paging.escalate(T0 + 5 * MINUTE) == 1
    assert states()[-1] == ("manager", "mail", "waiting")


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten_and_its_page_tried_no_further_there(
    people: dict[str, str], incident: Incident, browser: Browser, status: int
) -> None:
    other = Browser()
    person = client(people, "responder")
    for one in (browser, other):
        assert person.post("/on-call/devices", one.form(key())).status_code == 302
    browser.status = status
    paging.escalate(T0)
    paging.send_due(T0)
    other.close()
    assert states() == [("responder", "push", "sent")] and len(other.messages()) == 1
    assert [one.mark for one in PushDevice.objects.all()] == [pushing.mark_of(other.endpoint)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/x"},
        {"endpoint": "file:///etc/passwd"},
        {"p256dh": "AAAA"},
        {"p256dh": "B" * 87},
        {"auth": "AAAA"},
        {"key": "99"},
        {"key": ""},
    ],
)
def test_what_is_no_subscription_is_refused_in_words_and_nothing_changes(
    people: dict[str, str], browser: Browser, wrong: dict[str, str]
) -> None:
    answer = client(people, "responder").post("/on-call/devices", browser.form(key(), **wrong))
    assert answer.status_code == 422 and "no usable subscription" in answer.content.decode()
    assert (PushDevice.objects.count(), Contact.objects.count()) == (0, 0)


def test_devices_have_a_limit_and_are_their_owners_alone(people: dict[str, str], browser: Browser) -> None:
    person = client(people, "responder")
    for number in range(5):
        endpoint = f"{browser.endpoint}/{number}"
        assert person.post("/on-call/devices", browser.form(key(), endpoint=endpoint)).status_code == 302
    again = browser.form(key(), endpoint=f"{browser.endpoint}/4", name="the same anew")
    assert person.post("/on-call/devices", again).status_code == 302
    assert person.post("/on-call/devices", browser.form(key())).status_code == 422
    assert PushDevice.objects.count() == 5
    page = person.get("/on-call").content.decode()
    assert "the same anew" in page and browser.endpoint not in page and browser.form(1)["auth"] not in page
    one = PushDevice.objects.order_by("pk").first()
    assert one is not None and browser.endpoint not in one.sealed
    assert client(people, "manager").post(f"/on-call/devices/{one.pk}/end").status_code == 422
    assert client(people, "auditor").post("/on-call/devices", browser.form(key())).status_code == 403
    assert PushDevice.objects.count() == 5
    assert person.post(f"/on-call/devices/{one.pk}/end").status_code == 302
    assert PushDevice.objects.count() == 4


def test_only_a_manager_sets_the_gateway_which_is_sealed_and_shown_to_nobody(people: dict[str, str]) -> None:
    secret = "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@+15551230000/{phone}"
    assert client(people, "responder").post("/on-call/gateway", {"url": secret}).status_code == 403
    manager = client(people, "manager")
    for bad in (
        secret.replace("/{phone}", ""),
        "nothing://x/{phone}",
        "syslog://{phone}",
        "json://sms.example/{phone}",
        "file:///tmp/{phone}",
        "jsons://sms.example/ {phone}",
    ):
        assert manager.post("/on-call/gateway", {"url": bad}).status_code == 422, bad
    assert SmsGateway.objects.count() == 0
    assert manager.post("/on-call/gateway", {"url": secret}).status_code == 302
    told = (
        manager.get("/on-call").content.decode()
        + str(list(StaffAction.objects.values()))
        + SmsGateway.objects.get().sealed
    )
    assert "0123456789abcdef" not in told and "A gateway is set" in told
    assert manager.post("/on-call/contact", {"phone": "91234567"}).status_code == 422
    assert manager.post("/on-call/gateway", {"url": ""}).status_code == 302
    assert SmsGateway.objects.get().sealed == ""


def test_without_a_gateway_a_number_reaches_nobody_and_the_page_says_so(people: dict[str, str]) -> None:
    person = client(people, "responder")
    person.post("/on-call/contact", {"phone": PHONE})
    assert "Nobody can be woken" in person.get("/on-call").content.decode()
    assert "No SMS goes out" in person.get("/on-call").content.decode()


def test_a_silent_control_room_is_told_of_by_the_same_ways_without_the_consoles_key(
    people: dict[str, str], gateway: Gateway, browser: Browser
) -> None:
    client(people, "manager").post("/on-call/gateway", {"url": gateway.url})
    Contact.objects.create(person_id="responder", phone=PHONE)
    client(people, "responder").post("/on-call/devices", browser.form(key()))
    told = watchers.to_wake(T0)
    found = understood(told)
    assert (found.phones, found.gateway, found.count()) == ((PHONE,), gateway.url, 2)
    (push,) = found.pushes
    assert push.url == browser.endpoint and b"silent" in browser.open(push.silent[1])
    assert b"speaks again" in browser.open(push.over[1])
    claims, _ = claims_of(push.silent[0]["Authorization"])
    assert 20 * 3600 < claims["exp"] - time.time() <= 24 * 3600
    assert watchers.to_wake(T0)["pushes"] == told["pushes"]  # not sealed anew each ten seconds


def test_a_new_key_for_what_is_sealed_opens_all_ways_as_before(
    people: dict[str, str], gateway: Gateway, browser: Browser
) -> None:
    client(people, "manager").post("/on-call/gateway", {"url": gateway.url})
    client(people, "responder").post("/on-call/devices", browser.form(key()))
    before = (SmsGateway.objects.get().sealed, PushDevice.objects.get().sealed)
    assert reseal(0) == len(people) // 2 + 2
    assert before[0] != SmsGateway.objects.get().sealed and before[1] != PushDevice.objects.get().sealed
    told = watchers.to_wake(T0)
    assert len(told["pushes"]) == 1 and told["gateway"] == ""  # nobody has a number
