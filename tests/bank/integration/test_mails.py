"""Notices by mail: written with the fact that they tell, sent over SMTP, with an end that is recorded."""

import re
import smtplib
from dataclasses import replace
from datetime import timedelta
from mailbox import Mailbox, text_of
from string import Formatter

import pytest
from django.db import transaction
from django.utils import timezone
from enrolling import PASSWORD, both_steps, enrol

from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.factors import history
from holdfast.bank.factors.models import SecurityEvent, Trust
from holdfast.bank.mail import sending
from holdfast.bank.mail.models import FAILED, SENDING, SENT, WAITING, Mail
from holdfast.bank.mail.writing import FOLDER, Recipient, write
from holdfast.bank.web.words import writings
from holdfast.contracts.languages import LANGUAGES
from holdfast.look import refusal_of
from holdfast.runtime.postgres import free_port

pytestmark = pytest.mark.demand("B6", "B9")
NOTICES = sorted(one.name for one in FOLDER.iterdir())


@pytest.fixture(scope="module")
def mailbox(bank):
    made = Mailbox(bank.smtp_port)
    yield made
    made.close()


@pytest.fixture
def ann(town, register):
    address = f"ann{town.ann.id}@mail.example"
    verifier = passwords.make_verifier(PASSWORD)
    Customer.objects.filter(id=town.ann.id).update(email=address, language="nb", verifier=verifier)
    town.ann.address = address
    Mail.objects.all().delete()
    return town.ann


def test_a_change_of_how_one_logs_in_is_told_by_mail_in_the_customers_language(ann, mailbox):
    enrol(ann)
    assert Mail.objects.filter(customer=ann.id, state=WAITING).count() == 2
    assert sending.send_waiting() == 2
    app, codes = mailbox.to(ann.address)
    assert "En autentiseringsapp ble lagt til." in text_of(app)
    assert "Nye gjenopprettingskoder" in text_of(codes)
    assert (app["Content-Language"], app["Auto-Submitted"]) == ("nb", "auto-generated")
    kept = Mail.objects.filter(customer=ann.id).values_list("state", "body", "attempts")
    assert set(kept) == {(SENT, "", 1)}
    assert sending.send_waiting() == 0


def test_what_was_undone_is_not_told(ann):
    with pytest.raises(RuntimeError), transaction.atomic():
        history.note(ann.id, "event.authenticator_added")
        raise RuntimeError
    assert not Mail.objects.exists()
    assert not SecurityEvent.objects.filter(customer=ann.id).exists()


def test_a_customer_without_an_address_has_the_history_alone(town):
    before = Mail.objects.count()
    history.note(town.ann.id, "event.authenticator_added")
    assert Mail.objects.count() == before
    assert SecurityEvent.objects.filter(customer=town.ann.id).count() == 1


def test_a_refused_address_ends_at_once_and_a_busy_one_after_so_many_attempts(ann, mailbox):
    for address in ("gone@mail.example", "busy@mail.example"):
        write(Recipient(address, "en", "Ann"), "known-address")
    assert sending.send_waiting() == 2
    gone, busy = (Mail.objects.get(email=f"{name}@mail.example") for name in ("gone", "busy"))
    assert (gone.state, gone.attempts, gone.error) == (FAILED, 1, "the mail server refused the address (550)")
    assert (busy.state, busy.attempts, busy.due > timezone.now()) == (WAITING, 1, True)
    for _ in range(sending.ATTEMPTS_MAX):
        Mail.objects.filter(id=busy.id).update(due=timezone.now())
        sending.send_waiting()
    busy.refresh_from_db()
    assert (busy.state, busy.attempts, busy.ended is not None) == (FAILED, sending.ATTEMPTS_MAX, True)


def test_without_a_mail_server_a_mail_waits_longer_each_time(ann, bank, monkeypatch):
    nobody = replace(bank, port_base=1)  # nothing listens so far down
    monkeypatch.setattr(sending, "installation", lambda: nobody)
    write(Recipient(ann.address, "en", "Ann"), "known-address")
    gaps = []
    for _ in range(4):
        Mail.objects.update(due=timezone.now())
        sending.send_waiting()
        gaps.append((Mail.objects.get().due - timezone.now()).total_seconds())
    assert [round(gap) for gap in gaps] == [1, 2, 4, 8]
    assert "did not answer" in Mail.objects.get().error


class Answering(Mailbox):
    """A mail server that answers one command in its own way."""

    def __init__(self, port, command, answer):
        async def answered(*_):
            return answer

        setattr(self, f"handle_{command}", answered)
        super().__init__(port)


@pytest.mark.parametrize(
    ("command", "answer", "state", "taken"),
    [
        ("MAIL", "550 nobody may send here now", WAITING, 0),
        ("DATA", "554 not such a text", FAILED, 0),
        ("QUIT", "451 not now", SENT, 1),
    ],
)
def test_only_what_a_server_answers_to_the_mail_itself_ends_it(  # noqa: PLR0917  # a table
    ann, bank, monkeypatch, command, answer, state, taken
):
    server = Answering(free_port(), command, answer)
    there = replace(bank, mail_server=f"127.0.0.1:{server.controller.port}")
    monkeypatch.setattr(sending, "installation", lambda: there)
    write(Recipient(ann.address, "en", "Ann"), "known-address")
    try:
        sending.send_waiting()
    finally:
        server.close()
    mail = Mail.objects.get()
    assert (mail.state, bool(mail.body), len(server.mails)) == (state, state == WAITING, taken)


def test_a_server_that_rests_ends_no_mail():
    assert refusal_of(smtplib.SMTPConnectError(554, b"resting")) == ("the mail server answered 554", False)


def test_a_mail_that_was_on_its_way_when_the_sender_died_goes_again_under_its_own_id(ann, mailbox):
    write(Recipient(ann.address, "en", "Ann"), "known-address")
    sending.claim()
    assert (Mail.objects.get().state, sending.claim()) == (SENDING, None)
    assert sending.return_unfinished() == 1
    assert sending.send_waiting() == 1
    (mail,) = mailbox.to(ann.address)
    assert mail["Message-ID"] == Mail.objects.get().message_id
    assert "may have reached you before" in mail["Holdfast-Repeat"]


@pytest.mark.parametrize("address", ["no address", "a@b\nBcc: x@y.example", "@", "a b@c.example", "x" * 190])
def test_what_is_no_address_is_recorded_and_stops_nobody_else(ann, mailbox, address):
    write(Recipient(address, "en", "Ann"), "known-address")
    write(Recipient(ann.address, "en", "Ann\nBcc: all@mail.example {code}"), "known-address")
    before = len(mailbox.mails)
    assert sending.send_waiting() == 2
    assert sorted(Mail.objects.values_list("state", flat=True)) == [FAILED, SENT]
    assert len(mailbox.mails) == before + 1
    assert "Bcc" not in mailbox.mails[-1]
    assert "Dear Ann Bcc: all@mail.example {code}," in text_of(mailbox.mails[-1])


def test_mails_that_ended_long_ago_are_forgotten_and_waiting_ones_never(ann):
    for _ in range(2):
        write(Recipient(ann.address, "en", "Ann"), "known-address")
    long_ago = timezone.now() - sending.KEPT - timedelta(days=1)
    first = Mail.objects.order_by("id").first()
    Mail.objects.update(created=long_ago)
    Mail.objects.filter(id=first.id).update(state=SENT, ended=long_ago)
    assert sending.forget_old() == 1
    assert Mail.objects.get().state == WAITING


def told(ann):
    return Mail.objects.filter(customer=ann.id, notice="new-login").count()


def test_a_login_on_a_new_device_is_written_at_most_once_a_day_and_a_known_one_never(ann, register):
    for times in (0, 1, 1, 1):
        ann.client.cookies.clear()
        assert both_steps(ann).status_code == 303
        assert told(ann) == times
    Trust.objects.filter(customer=ann.id).update(told=timezone.now() - timedelta(days=1, seconds=1))
    assert both_steps(ann).status_code == 303
    assert told(ann) == 1
    ann.client.cookies.clear()
    assert both_steps(ann).status_code == 303
    assert told(ann) == 2


@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_is_there_in_each_language_with_the_same_places_and_leads_nowhere(notice):
    places = []
    for language in LANGUAGES:
        parts = [(FOLDER / notice / language / f"{part}.txt").read_text() for part in ("subject", "body")]
        places.append([{name for _, name, _, _ in Formatter().parse(part) if name} for part in parts])
        assert parts[0].count("\n") == 1
        assert not re.search(r"https?:|www\.|/login", parts[1])
    assert places[0] == places[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_is_read_in_each_language(language):
    texts = [key for key in writings()[language].words.texts if key.startswith("event.")]
    made_up = {"name": "x", "before": "y", "device": "Firefox on a Mac", "left": 3, "last": "0042", "why": "z"}
    for event in texts:
        said = history.event_words(SecurityEvent(event=event, places=made_up), writings()[language])
        assert said
        assert "{" not in said
