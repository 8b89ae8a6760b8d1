"""SMS and push to customers: real messages at gateways and a push service outside, the shift between two gateways, what
is put off and what takes its place."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import wait_until
from mailers import sender_of
from staffing import client
from waking import Browser, Gateway

from holdfast.contracts import ways as chosen
from holdfast.control.care.directory import take as take_facts
from holdfast.control.care.models import Customer
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation as home
from holdfast.control.response import pushing
from holdfast.control.staff.models import StaffAction
from holdfast.control.staff.resealing import reseal
from holdfast.control.tell import composing, gateways, mailing
from holdfast.control.tell.models import Message, Notice, SmsProvider
from holdfast.control.tell.notices import template
from holdfast.control.tell.providers import providers_of
from holdfast.control.tell.sms import length
from holdfast.control.tell.waiting import Waiting

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("T2"), pytest.mark.demand("T5")]
PHONE = "+4790000000"
NEVER = {"quiet_from": "00:00", "quiet_until": "00:00"}


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    at = datetime.now(UTC)
    return record.open_one("bank", 1, at, at, "door 1 tripped", at.date())


@pytest.fixture
def first() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def second() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    here = chosen.is_browser
    monkeypatch.setattr("holdfast.control.tell.short_lines.is_browser", lambda one, **_: here(one, here=True))
    made = Browser()
    yield made
    made.close()


def customer(number: int, email: str = "", language: str = "en", **told: Any) -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": language, "email": email, "told": told}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def by_sms(number: int, **more: Any) -> None:
    customer(number, channels=["sms"], sms=f"+479000000{number}", **{**NEVER, **more})


def in_browser(number: int, browser: Browser) -> None:
    key = pushing.newest_key(home().keys)[0]
    told = {**browser.form(key), "key": key}
    customer(number, channels=["push"], push=[told], **NEVER)


def said(
    sms: str = "Bank: a fault. Code 0000000000", *, urgent: bool = True, incident: Incident | None = None
) -> Notice:
    words = {
        one: {"subject": f"A fault ({one})", "mail": "Dear {name}\n\nCode {code}", "sms": sms} for one in ("en", "nb")
    }
    now = timezone_now() - timedelta(seconds=10)
    notice = Notice.objects.create(
        name="incident-update", made_at=now, words=words, state="writing", audience={"all": True}, made_by="x",
        urgent=urgent, incident=incident,
    )  # fmt: skip
    mailing.write_composed(notice.pk, now)
    return notice


def timezone_now() -> datetime:
    return datetime.now(UTC)


def states(channel: str) -> list[str]:
    return list(Message.objects.filter(channel=channel).order_by("customer").values_list("state", flat=True))


def seat(people: dict[str, str], order: int, gateway: Gateway) -> None:
    answer = client(people, "manager").post("/delivery/gateway", {"order": str(order), "url": gateway.url})
    assert answer.status_code == 302


def test_who_chose_sms_gets_the_short_text_with_a_code_of_its_own_beside_the_whole_one(
    people: dict[str, str], first: Gateway
) -> None:
    seat(people, 1, first)
    by_sms(1)
    customer(2, email="two@mail.example", sms=PHONE)  # a number alone is no choice
    said("Bank: {braces} in a fault. Code 0000000000")
    whole, short = Message.objects.filter(customer=1).order_by("channel")
    assert (whole.channel, short.channel, short.email) == ("inbox", "sms", "+4790000001")
    assert whole.code != short.code and short.code in short.body and "{braces}" in short.body
    assert list(Message.objects.filter(customer=2).values_list("channel", flat=True)) == ["mail"]
    with sender_of(providers_of(home())):
        wait_until(lambda: states("sms") == ["delivered"], 20, "the SMS is taken")
    assert first.texts() == [("+4790000001", short.body)]
    assert Message.objects.get(channel="sms").provider == "sms 1"


def test_the_second_gateway_takes_what_the_first_does_not_and_both_have_an_end(
    people: dict[str, str], first: Gateway, second: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.control.tell.outbox.SHORT_GAP_S", 0.05)
    monkeypatch.setattr("holdfast.control.tell.outbox.SHORT_ATTEMPTS_MAX", 4)
    monkeypatch.setattr("holdfast.control.tell.circuit.REST_S", 0.05)
    seat(people, 1, first)
    seat(people, 2, second)
    first.status = 503
    by_sms(1)
    said()
    with sender_of(providers_of(home()), 1):
        wait_until(lambda: states("sms") == ["delivered"], 20, "the second takes it")
    one = Message.objects.get(channel="sms")
    assert (one.provider, one.attempts, one.maybe_twice) == ("sms 2", 2, True)
    assert (len(first.taken), len(second.texts())) == (1, 1)
    second.status = 503
    Message.objects.all().delete()
    said()
    with sender_of(providers_of(home()), 1):
        wait_until(lambda: Message.objects.filter(channel="sms", next_attempt_at=None).exists(), 30, "the end")
    ended = Message.objects.get(channel="sms")
    assert (ended.state, ended.attempts) == ("technical", 4)
    assert ended.last_error.startswith("given up after 4 attempts: the SMS gateway did not take it")


def test_a_dead_gateway_holds_up_no_push(people: dict[str, str], first: Gateway, browser: Browser) -> None:
    first.status = 503
    seat(people, 1, first)
    for number in range(1, 6):
        by_sms(number)
    in_browser(9, browser)
    notice = said()
    with sender_of(providers_of(home())):
        wait_until(lambda: states("push") == ["delivered"], 20, "the push is taken")
    (pushed,) = browser.messages()
    body = Message.objects.get(channel="push").body
    assert pushed == {"title": "A fault (en)", "body": body, "url": "/inbox", "tag": f"notice-{notice.pk}"}
    assert "delivered" not in states("sms")


@pytest.mark.parametrize(("status", "state"), [(410, "permanent"), (404, "permanent"), (500, "temporary")])
def test_a_browser_that_took_its_consent_back_ends_and_a_sick_push_service_is_tried_again(
    browser: Browser, status: int, state: str
) -> None:
    browser.status = status
    in_browser(1, browser)
    said()
    with sender_of(providers_of(home())):
        wait_until(lambda: states("push") == [state], 20, "its fate")
    one = Message.objects.get(channel="push")
    assert (one.next_attempt_at is None) == (state == "permanent")
    assert str(status) in one.last_error and browser.endpoint not in one.last_error


def test_a_browser_whose_address_is_no_push_services_is_never_posted_to() -> None:
    inside = Browser()
    in_browser(1, inside)
    said()
    with sender_of(providers_of(home())):
        wait_until(lambda: states("push") == ["permanent"], 20, "its end")
    inside.close()
    assert inside.taken == []


def test_without_a_gateway_nobody_is_written_to_by_sms_and_what_waited_for_one_ends(
    people: dict[str, str], first: Gateway
) -> None:
    by_sms(1)
    said()
    assert states("sms") == []
    assert "No gateway is set" in client(people, "manager").get("/delivery").content.decode()
    seat(people, 1, first)
    said()
    assert mailing.end_stranded(timezone_now() + timedelta(days=2)) == 0  # there is one: it may still go
    assert client(people, "manager").post("/delivery/gateway", {"order": "1", "url": ""}).status_code == 302
    assert mailing.end_stranded(timezone_now() + timedelta(hours=23)) == 0
    assert mailing.end_stranded(timezone_now() + timedelta(hours=25)) == 1
    assert states("sms") == ["permanent"]


def test_only_a_manager_sets_the_gateways_which_are_sealed_shown_to_nobody_and_sealed_anew(
    people: dict[str, str], first: Gateway
) -> None:
    sent = {"order": "1", "url": first.url}
    assert client(people, "communicator").post("/delivery/gateway", sent).status_code == 403
    for bad in ({**sent, "url": "json://sms.example/{phone}"}, {**sent, "order": "3"}, {**sent, "url": "nonsense"}):
        assert client(people, "manager").post("/delivery/gateway", bad).status_code == 422
    assert SmsProvider.objects.count() == 0
    seat(people, 1, first)
    before = SmsProvider.objects.get().sealed
    page = client(people, "manager").get("/delivery").content.decode()
    log = str(list(StaffAction.objects.values()))
    assert "s3cret" not in before + page + log and 'data-set="yes"' in page
    reseal(wait_s=0)
    assert SmsProvider.objects.get().sealed != before
    assert [one.url for one in gateways.known()] == [first.url]


def test_what_quiet_hours_put_off_is_replaced_by_a_newer_notice_of_the_same_incident(
    people: dict[str, str], first: Gateway, incident: Incident
) -> None:
    seat(people, 1, first)
    now = timezone_now().astimezone(ZoneInfo(home().time_zone))
    begins, ends = (now - timedelta(hours=1)).strftime("%H:%M"), (now + timedelta(hours=1)).strftime("%H:%M")
    by_sms(1, quiet_from=begins, quiet_until=ends)
    older = said("Bank: first. Code 0000000000", urgent=False, incident=incident)
    other = said("Bank: other. Code 0000000000", urgent=False)
    assert Waiting("sms").look() == 0  # put off, both
    newer = said("Bank: second. Code 0000000000", urgent=False, incident=incident)
    by_notice = {one.notice_id: one for one in Message.objects.filter(channel="sms")}
    assert by_notice[older.pk].state == "cancelled" and "newer notice" in by_notice[older.pk].last_error
    assert (by_notice[other.pk].state, by_notice[newer.pk].state) == ("created", "created")
    said("Bank: now. Code 0000000000", urgent=True, incident=incident)
    assert Waiting("sms").look() == 1  # what cannot wait passes quiet hours


def test_the_composer_shows_the_short_texts_with_their_length_and_whom_each_way_reaches(
    people: dict[str, str], incident: Incident, first: Gateway, browser: Browser
) -> None:
    by_sms(1)
    in_browser(2, browser)
    assert composing.reached_by({"all": True}) == {"mail": 0, "sms": 0, "push": 1, "inbox": 2}
    seat(people, 1, first)
    assert composing.reached_by({"all": True}) == {"mail": 0, "sms": 1, "push": 1, "inbox": 2}
    form = {"kind": "incident-correction", "incident": str(incident.number), "audience": "groups", "groups": "1"}
    form |= {f"{name}-{one}": "Cards work" for name in ("wrong", "right") for one in ("en", "nb")}
    page = client(people, "communicator").post("/compose", form).content.decode()
    assert page.count("data-push-characters") == page.count("data-sms-parts") == 2
    assert 'data-by="sms">sms 1' in page and 'data-by="inbox">inbox 2' in page
    long = form | {"right-en": "Cards work again everywhere. " * 14}
    refused = client(people, "communicator").post("/compose", long)
    assert refused.status_code == 422 and "2 at most" in refused.content.decode()
    assert Notice.objects.count() == 0


def test_what_goes_out_by_itself_in_an_outage_has_a_short_text_of_two_parts_at_most() -> None:
    values = {"bank": "B" * 30, "began": "22 November at 14:02", "returned": "22 November at 14:02", "code": "0" * 10}
    for notice in ("opened", "restored", "confirm-phone"):
        for language in ("en", "nb"):
            text = template(notice, language, "sms").strip().format_map(values)
            assert (length(text).parts, length(text).alphabet, "http" in text) == (
                2 if length(text).characters > 160 else 1,
                "plain",
                False,
            ), text


def test_what_a_customer_takes_back_is_forgotten_here() -> None:
    by_sms(1)
    assert Customer.objects.get().sms == "+4790000001"
    customer(1)
    kept = Customer.objects.get()
    assert (kept.channels, kept.sms, kept.push, kept.quiet_from) == ([], "", [], None)


def test_a_code_is_sent_by_the_first_gateway_that_takes_it(first: Gateway, second: Gateway) -> None:
    first.status = 503
    began = time.monotonic()
    found = [gateways.Gateway(1, first.url), gateways.Gateway(2, second.url)]
    assert gateways.send_code(found, PHONE, "nb", "123456") is True
    ((number, words),) = second.texts()
    assert number == PHONE and "123456" in words and "koden" in words
    second.status = 503
    assert gateways.send_code(found, PHONE, "nb", "123456") is False
    assert gateways.send_code([], PHONE, "en", "123456") is False
    assert time.monotonic() - began < 30
