"""Bundles and mails, with a real door's rules and a real mail server in a process of its own."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from fakes import Town, customer_fact, wait_until
from mailers import sender_of

from holdfast.contracts.told import find_code
from holdfast.control.care import directory
from holdfast.control.care.models import Customer, Refund
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import switchboard
from holdfast.control.tell import announcing, mailing, outbox, publisher
from holdfast.control.tell.models import Bundle, Message, Promise, Provider
from holdfast.control.tell.providers import providers_of
from holdfast.control.tell.waiting import Waiting, claim, return_unfinished
from holdfast.settings import Installation


@pytest.fixture
def incident(database: None) -> Incident:
    now = timezone.now()
    return record.open_one("bank", 1, now, now, "door 1 tripped", date(2026, 5, 4))


@pytest.fixture
def postbox(installation: Installation) -> Iterator[Any]:
    yield from _postbox(installation)


def _postbox(installation: Installation) -> Iterator[Any]:
    import os

    environment = {**os.environ, "HOLDFAST_POSTBOX_REFUSE": "c7@", "HOLDFAST_POSTBOX_BUSY": "c8@"}
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast.gameday.postbox"],
        env={**environment, "PYTHONPATH": "src"},
        stdout=subprocess.DEVNULL,
    )

    def mails() -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{installation.mailbox_port}/mails.json", timeout=2) as answer:
            return list(json.loads(answer.read())["mails"])

    def up() -> bool:
        try:
            mails()
        except OSError:
            return False
        return True

    wait_until(up, 10, "the postbox answers")
    before = len(mails())
    yield lambda: mails()[: len(mails()) - before]
    process.terminate()
    process.wait(5)


def send_all(
    installation: Installation, seconds: float = 10.0, states: tuple[str, ...] = ("created", "sending")
) -> None:
    """The sender, until nothing is left in these states."""
    left = Message.objects.filter(state__in=states, next_attempt_at__isnull=False)
    with sender_of(providers_of(installation)):
        wait_until(lambda: not left.exists(), seconds, "all mails sent")


def affected(incident: Incident, count: int, cohorts: int = 2) -> None:
    directory.take(
        [
            customer_fact(n, n % 4, "nb" if n % 2 else "en", ("hearing",) if n % 10 == 0 else ())
            for n in range(1, count + 1)
        ]
    )
    incident.affected_cohorts = list(range(cohorts))
    incident.save()


def test_a_bundle_is_signed_and_numbered_upwards_and_an_older_one_is_refused(
    incident: Incident, installation: Installation
) -> None:
    with Town(installation) as town:
        first = announcing.announce(incident, "opened", timezone.now())
        assert publisher.publish_newest(switchboard())
        second = announcing.announce(incident, "proved", timezone.now())
        assert second.number > first.number
        assert publisher.publish_newest(switchboard())
        assert [bundle["number"] for bundle in town.bundles] == [first.number, second.number]
        assert town.bundles[0]["signer"] == "control" and set(town.bundles[0]["status"]) == {"en", "nb"}
        Bundle.objects.filter(number=second.number).update(state="made", number=first.number - 1)
        Bundle.objects.filter(number=first.number).delete()
        assert not publisher.publish_newest(switchboard())
    assert Bundle.objects.get(number=first.number - 1).state == "given up"


def test_a_bundle_that_no_door_takes_is_tried_again_until_one_does(
    incident: Incident, installation: Installation
) -> None:
    bundle = announcing.announce(incident, "opened", timezone.now())
    assert not publisher.publish_newest(switchboard())
    bundle.refresh_from_db()
    assert (bundle.state, bundle.attempts, Incident.objects.get().banner_at) == ("made", 1, None)
    with Town(installation) as town:
        wait_until(lambda: publisher.publish_newest(switchboard()), 3, "the bundle is taken")
        assert len(town.bundles) == 1
    assert Incident.objects.get().banner_at is not None
    assert Promise.objects.get(name="first_word").state == "kept"


def test_a_promise_is_kept_by_the_next_statement_or_broken_by_silence(
    incident: Incident, installation: Installation
) -> None:
    announcing.announce(incident, "opened", timezone.now())
    Promise.objects.filter(name="next_update").update(due_at=timezone.now() - timedelta(seconds=1))
    with Town(installation):
        announcing.announce(incident, "update", timezone.now())
        assert publisher.publish_newest(switchboard())
    states = list(Promise.objects.order_by("id").values_list("name", "state"))
    assert states == [("first_word", "kept"), ("next_update", "broken"), ("next_update", "open")]


def test_the_pages_of_a_bundle_are_whole_escaped_and_without_script(incident: Incident) -> None:
    page = announcing.announce(incident, "opened", timezone.now()).payload
    for language in ("en", "nb"):
        html = page["status"][language]
        assert html.startswith("<!doctype html>") and f'<html lang="{language}">' in html
        assert (
            "/assets/holdfast.css" in html
            and "<script" not in html
            and 'action="/genuine"' in html
            and "style=" not in html
        )
        assert 'data-safety="not-known"' in html
    assert page["status_json"]["status"]["indicator"] == "minor" and page["feed_atom"].startswith("<?xml")
    normal = announcing.announce(None, "start", timezone.now()).payload
    assert normal["banner"] is None and "Everything works" in normal["status"]["en"]


def test_only_those_affected_are_written_to_and_people_with_needs_first(
    incident: Incident, postbox: Any, installation: Installation
) -> None:
    affected(incident, 40)
    assert mailing.write_down(incident, "opened", timezone.now()) == 20
    assert mailing.write_down(incident, "opened", timezone.now()) == 0
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    order, waiting = [], Waiting("mail")
    assert waiting.look() == 20
    while (message := waiting.take()) is not None:
        order.append(message.customer)
    assert order[:2] == [20, 40] and set(order) == {n for n in range(1, 41) if n % 4 in (0, 1)}
    send_all(installation)
    got = postbox()
    assert sorted(mail["recipient"] for mail in got) == sorted(f"c{n}@mail.example" for n in order if n != 8)
    assert len({mail["message_id"] for mail in got}) == 19
    assert Incident.objects.get().first_message_at is not None


def test_two_hundred_mails_go_out_once_each_and_each_has_a_code_the_doors_know(
    incident: Incident, postbox: Any, installation: Installation
) -> None:
    affected(incident, 400)
    mailing.write_down(incident, "opened", timezone.now())
    codes = announcing.announce(incident, "codes", timezone.now(), updates=False).payload["codes"]
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    send_all(installation)
    got = postbox()
    assert len(got) == 199 and mailing.counts(incident) == {"delivered": 199, "temporary": 1}
    for message in Message.objects.filter(state="delivered"):
        assert find_code(codes, message.code) and message.code in message.body
    assert "http" not in "".join(mail["body"] for mail in got)


def test_refused_busy_and_impossible_addresses_end_as_what_they_are(
    incident: Incident, postbox: Any, installation: Installation
) -> None:
    directory.take([customer_fact(n, 0) for n in (7, 8, 9)])
    Customer.objects.filter(id=9).update(email="no address\nBcc: all@mail.example")
    Incident.objects.update(affected_cohorts=[0])
    incident.refresh_from_db()
    mailing.write_down(incident, "opened", timezone.now())
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    send_all(installation)
    states = dict(Message.objects.values_list("customer", "state"))
    assert states == {7: "permanent", 8: "temporary", 9: "permanent"} and postbox() == []
    Message.objects.filter(customer=8).update(attempts=outbox.ATTEMPTS_MAX, next_attempt_at=timezone.now())
    send_all(installation, states=("created", "sending", "temporary"))
    ended = Message.objects.get(customer=8)
    assert (ended.state, ended.next_attempt_at) == ("temporary", None) and ended.last_error.startswith("given up after")


def test_a_dead_mail_server_is_retried_and_recorded_then_all_arrive_once(
    incident: Incident, installation: Installation
) -> None:
    affected(incident, 8)
    mailing.write_down(incident, "opened", timezone.now())
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    with sender_of(providers_of(installation)):
        wait_until(lambda: Provider.objects.filter(state="rests").exists(), 5, "the provider rests")
    failed = Message.objects.filter(state="technical")
    assert 3 <= failed.count() <= 4 and not Message.objects.filter(maybe_twice=True).exists()
    assert {m.last_error for m in failed} == {"the mail server did not answer (ConnectionRefusedError)"}
    for mails in _postbox(installation):
        Message.objects.update(next_attempt_at=timezone.now())
        Message.objects.filter(customer=8).delete()
        send_all(installation, states=("created", "sending", "technical"))
        assert sorted(mail["recipient"] for mail in mails()) == [
            "c1@mail.example",
            "c4@mail.example",
            "c5@mail.example",
        ]


def test_a_mail_in_flight_when_the_sender_died_goes_again_marked_under_the_same_id(
    incident: Incident, postbox: Any, installation: Installation
) -> None:
    affected(incident, 1)
    mailing.write_down(incident, "opened", timezone.now())
    Message.objects.update(state="sending", created_at=timezone.now() - timedelta(seconds=10))
    assert return_unfinished() == 1 and return_unfinished() == 0
    send_all(installation, states=("technical", "sending"))
    (mail,) = postbox()
    assert mail["repeat"] is True and mail["message_id"] == Message.objects.get().message_id


def test_the_closing_mail_names_the_refund_to_whom_it_belongs_only(incident: Incident) -> None:
    affected(incident, 5)
    Refund.objects.create(
        incident=incident,
        customer=4,
        account=4,
        payment="p",
        charged_minor=5900,
        would_have_been_minor=0,
        refunded_minor=5900,
        currency="NOK",
        why="late",
    )
    mailing.write_down(incident, "restored", timezone.now())
    bodies = dict(Message.objects.values_list("customer", "body"))
    assert "NOK\u00a059 back into your account" in bodies[4]
    assert "ingenting å betale tilbake" in bodies[1] and "ingenting å betale tilbake" in bodies[5]


def test_what_says_the_outage_lasts_is_not_sent_after_it_ended(incident: Incident) -> None:
    affected(incident, 4)
    mailing.write_down(incident, "opened", timezone.now())
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    found = list(Message.objects.all())
    assert mailing.cancel_opened(incident) == 2
    assert Waiting("mail").look() == 0 and mailing.counts(incident) == {"cancelled": 2}
    assert claim([(one, "mail 1") for one in found], timezone.now()) == set()
    affected(incident, 8)
    Incident.objects.update(phase="closed")
    assert mailing.write_down(incident, "opened", timezone.now()) == 0


def test_limits_that_no_bank_takes_are_not_told_and_what_holds_until_the_next_update_is(database) -> None:
    good = {
        "normal": {"per_payment_minor": 5_000_000, "per_day_minor": 9_000_000, "payments_per_minute_max": 60},
        "spare": {"per_payment_minor": 2_000_000, "per_day_minor": 4_000_000, "payments_per_minute_max": 20},
        "spare_cohort_minor": 200_000_000,
        "spare_total_minor": 5_000_000_000,
    }
    directory.take([{"number": 1, "kind": "limits", "key": "limits", "body": good}])
    directory.take([{"number": 2, "kind": "limits", "key": "limits", "body": good | {"spare_total_minor": 0}}])
    directory.take([{"number": 3, "kind": "limits", "key": "limits", "body": None}])
    assert directory.bank_fact("limits") == good
    now = timezone.now()
    fed_at_us = int(now.timestamp() * 1e6)
    for later, held in ((0, 2_000_000), (900, 1_000_000), (90_000, 200_000)):
        told = announcing._limits_until(good, fed_at_us, now + timedelta(seconds=later))
        assert (told["spare"]["per_payment_minor"], told["spare"]["per_day_minor"]) == (held, 2 * held)
    assert announcing._limits_until(good, None, now) == good


@pytest.mark.demand("G7")
def test_who_is_no_customer_any_more_is_in_no_list_and_what_was_mailed_to_them_names_nobody(
    incident: Incident,
) -> None:
    affected(incident, 3, cohorts=4)
    announcing.announce(incident, "opened", timezone.now())
    assert mailing.write_down(incident, "opened", timezone.now()) == 3
    Message.objects.filter(customer=1).update(state="delivered", last_error="450 user1 is busy")
    directory.take([{"number": 900, "kind": "customer", "key": str(one), "body": None} for one in (1, 2)])
    assert list(Customer.objects.values_list("id", flat=True)) == [3]
    kept = Message.objects.filter(customer__in=(1, 2)).order_by("customer")
    assert [(one.state, one.email, one.subject, one.body, one.last_error) for one in kept] == [
        ("delivered", "", "", "", ""), ("cancelled", "", "", "", ""),
    ]  # fmt: skip
    assert Message.objects.get(customer=3).email
