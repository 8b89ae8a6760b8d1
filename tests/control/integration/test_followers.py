"""Who follows the status page: asked for by anybody, confirmed by the address's owner, told after whom it affects, ended by
one act. With a real database, the real outbox and a real mail server."""

import json
import os
import re
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone
from fakes import customer_fact, wait_until
from holdfast_tests import free_port_base
from hypothesis import given, settings
from hypothesis import strategies as st
from mailers import sender_of
from staffing import client
from waking import Gateway

from holdfast.contracts.subscribing import COMPONENTS, Outcome, Shown, Wish
from holdfast.control.care import directory
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.staff.factors import sealer as staff_sealer
from holdfast.control.staff.models import StaffAction
from holdfast.control.subscribers import asking, limits, sealed, stopping, telling
from holdfast.control.subscribers.letters import letter_of
from holdfast.control.subscribers.models import Asked, Subscriber
from holdfast.control.tell import announcing, composing, gateways, mailing
from holdfast.control.tell.channels import Seat
from holdfast.control.tell.composing import Draft
from holdfast.control.tell.kinds import KINDS
from holdfast.control.tell.models import Message, Notice, SmsProvider
from holdfast.control.tell.outbox import SHORT_ATTEMPTS_MAX, fate
from holdfast.control.tell.phrases import phrases
from holdfast.control.tell.providers import providers_of
from holdfast.control.tell.short_lines import SmsLine
from holdfast.look import mail_bytes

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("T2")]
NOW = datetime.now(UTC)
ANN = "ann@reader.example"


@pytest.fixture
def postbox() -> Iterator[Any]:
    """A mail server that refuses addresses with `gone@`; gives the mails that came since."""
    home = installation()
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast.gameday.postbox"],
        env={**os.environ, "HOLDFAST_POSTBOX_REFUSE": "gone@", "PYTHONPATH": "src"},
        stdout=subprocess.DEVNULL,
    )

    def mails() -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{home.mailbox_port}/mails.json", timeout=2) as answer:
            return list(json.loads(answer.read())["mails"])

    def up() -> bool:
        try:
            mails()
        except OSError:
            return False
        return True

    wait_until(up, 20, "the postbox answers")
    before = len(mails())
    yield lambda: mails()[: len(mails()) - before]
    process.terminate()
    process.wait(30)


def ask(
    address: str = ANN, components: tuple[str, ...] = (), network: str = "192.0.2.1", at: datetime = NOW,
    language: str = "en",
) -> Shown:  # fmt: skip
    channel = "mail" if "@" in address else "sms"
    return asking.ask(Wish(channel, address, components, language, network), at)


def letter(address: str = ANN) -> Any:
    """The confirmation as it would leave now."""
    one = asking.find(address)
    assert one is not None
    return letter_of(
        Message.objects.select_related("notice", "subscriber").get(notice__name="subscription", subscriber=one)
    )


def code_in(text: str) -> str:
    found = re.search(r"confirm\?code=([A-Z0-9-]{19})", text)
    assert found
    return found.group(1)


def follow(address: str = ANN, components: tuple[str, ...] = (), language: str = "en", network: str = "") -> str:
    """A confirmed subscription; its key."""
    assert ask(address, components, network or f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}",
               language=language).outcome is Outcome.ASKED  # fmt: skip
    said = asking.confirm(code_in(letter(address).body), NOW)
    assert said.outcome is Outcome.CONFIRMED
    Message.objects.filter(notice__name="subscription").update(state="delivered", next_attempt_at=None)
    return said.key


def write_all() -> int:
    """As if those whom it affects had been written to."""
    written = 0
    while more := mailing.write_due(timezone.now() + telling.OTHERS_FIRST):
        written += more
    return written


def incident_of(cause: str = "bank") -> Incident:
    now = timezone.now()
    return record.open_one(cause, 1, now, now, "door 1 tripped", date(2026, 5, 4))


def say(kind: str, components: tuple[str, ...] = ()) -> Notice:
    """A person says something to customers of group 0, and it is released."""
    asked = {
        language: dict.fromkeys(KINDS[kind].asked, f"words {language} about it")
        for language in ("en", "nb")
    }  # fmt: skip
    draft = Draft(KINDS[kind], None, asked, {"cohorts": [0]}, False, components)
    made = composing.compose(draft, timezone.now())
    assert made.problems == []
    notice = composing.keep(draft, made, "communicator", timezone.now())
    assert composing.release(notice.pk, "manager", timezone.now()) == ""
    return notice


def test_an_address_is_sealed_and_nothing_of_it_stands_in_the_database_or_the_outbox() -> None:
    ask()
    follow("ola@reader.example")
    say("maintenance-announced")
    assert write_all() == 1
    with connection.cursor() as cursor:
        for table in ("subscribers_subscriber", "subscribers_asked", "tell_message", "tell_notice"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            stands = cursor.fetchone()[0]
            assert "reader" not in stands and "192.0.2.1" not in stands and "key=" not in stands, table
    key = sealed.opened(Subscriber.objects.get(state="confirmed")).key
    assert sealed.reseal(wait_s=0) == 2
    assert asking.look(key).address == "o…@reader.example"
    assert asking.find(ANN) is not None


def test_one_moved_into_anothers_row_does_not_open() -> None:
    first, other = follow(), follow("ola@reader.example")
    stolen = Subscriber.objects.get(key_digest=sealed.digest(first)).sealed
    Subscriber.objects.filter(key_digest=sealed.digest(other)).update(sealed=stolen)
    with pytest.raises(sealed.NotSealed):
        asking.look(other)


def test_nobody_is_written_to_before_they_confirm_and_a_code_is_used_once() -> None:
    ask()
    say("maintenance-announced")
    assert write_all() == 0 and Message.objects.count() == 1
    code = code_in(letter().body)
    assert asking.confirm(code.lower().replace("-", " "), NOW).outcome is Outcome.CONFIRMED
    assert asking.confirm(code, NOW).outcome is Outcome.UNKNOWN
    say("maintenance-cancelled")
    assert write_all() == 1


def test_a_code_ends_after_a_day_and_the_address_is_forgotten() -> None:
    ask()
    code = code_in(letter().body)
    late = NOW + timedelta(hours=24, seconds=1)
    assert asking.confirm(code, late).outcome is Outcome.UNKNOWN
    assert limits.sweep(NOW + timedelta(hours=23)) == 0
    assert limits.sweep(late) == 1
    assert (Subscriber.objects.count(), Asked.objects.count()) == (0, 0)
    assert Message.objects.get().subscriber_id is None


def test_who_asks_learns_nothing_about_an_address() -> None:
    first = ask()
    again = ask(at=NOW + timedelta(seconds=5))
    key = follow("ola@reader.example")
    theirs = ask("ola@reader.example", at=NOW + timedelta(minutes=5))
    assert first == again == theirs == Shown(Outcome.ASKED)
    told = letter("ola@reader.example")
    assert told.subject == "You follow our status page already" and key in told.body and "confirm?code" not in told.body
    assert asking.look(key).components == ()
    assert "confirm?code" in letter().body and letter().unsubscribe == ""


def test_somebody_else_changes_nothing_of_a_confirmed_subscription() -> None:
    key = follow(components=("spare",))
    ask(components=("login",), at=NOW + timedelta(minutes=5), language="nb")
    said = asking.look(key)
    assert (said.components, said.language) == (("spare",), "en")


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@reader.example", "ann@localhost", "a b@reader.example", "ann@reader.example\r\nBcc: x@y.z",
     "æ@reader.example", "+47", "x" * 250 + "@reader.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_nothing_is_kept(address: str) -> None:
    said = ask(address)
    assert said.outcome in (Outcome.NOT_AN_ADDRESS, Outcome.NO_CHANNEL)
    assert (Subscriber.objects.count(), Asked.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_sms_are_refused_where_the_bank_has_no_gateway() -> None:
    assert ask("+4791234567").outcome is Outcome.NO_CHANNEL
    assert ask(components=("cards",)).outcome is Outcome.NO_COMPONENT
    assert Asked.objects.count() == 0


def test_a_flood_at_one_address_sends_it_three_messages_a_day_and_always_answers_alike() -> None:
    answers = [
        ask(network=f"203.0.{n}.1", at=NOW + timedelta(minutes=3 * n)).outcome for n in range(60)
    ]  # fmt: skip
    assert answers == [Outcome.ASKED] * 60
    assert Asked.objects.exclude(address="").count() == limits.LIMITS["mail"].address == 3
    assert Message.objects.count() == Subscriber.objects.count() == 1
    two = ask("ola@reader.example"), ask("ola@reader.example", network="203.0.113.9", at=NOW + timedelta(seconds=30))
    assert [one.outcome for one in two] == [Outcome.ASKED] * 2
    assert Asked.objects.exclude(address="").count() == 4


def test_a_flood_from_one_network_its_neighbours_and_everywhere_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = limits.Limit(network=3, around=5, address=3, an_hour=8, a_day=9)
    monkeypatch.setattr(limits, "LIMITS", {"mail": limit})
    counter = iter(range(1000))

    def flood(network: str, count: int, at: datetime = NOW) -> list[str]:
        return [ask(f"r{next(counter)}@reader.example", network=network, at=at).outcome.value for _ in range(count)]

    assert flood("192.0.2.1", 4) == ["asked"] * 3 + ["often"]
    assert flood("192.0.2.77", 3) == ["asked"] * 2 + ["often"]
    assert flood("2001:db8:1:2::", 2) == ["asked"] * 2
    assert flood("198.51.100.1", 2) == ["asked", "full"]
    assert Subscriber.objects.count() == Message.objects.count() == 8
    later = NOW + timedelta(hours=1, seconds=1)
    assert flood("192.0.2.1", 2, later) == ["asked", "full"]
    limits.sweep(NOW + timedelta(days=1, seconds=2))
    assert flood("192.0.2.1", 1, NOW + timedelta(days=1, hours=2)) == ["asked"]


@settings(max_examples=40, deadline=None, derandomize=False)
@given(data=st.data())
def test_a_key_or_code_that_is_not_exactly_the_one_opens_nothing(data: st.DataObject) -> None:
    if not Subscriber.objects.filter(state="confirmed").exists():
        follow("a@reader.example"), follow("b@reader.example")
    keys = [sealed.opened(one).key for one in Subscriber.objects.order_by("pk")]
    assert len(set(keys)) == 2 and all(len(one) == 32 for one in keys)
    key = data.draw(st.sampled_from(keys))
    at = data.draw(st.integers(0, len(key) - 1))
    sign = data.draw(st.characters(codec="utf-8"))
    made = data.draw(
        st.sampled_from([key[:at] + sign + key[at + 1 :], key[:at], key + sign, key[::-1], sign + key, key.swapcase()])
    )
    if made not in keys:
        assert asking.look(made).outcome is asking.end(made).outcome is Outcome.UNKNOWN
        assert asking.change(made, ("login",), "en").outcome is Outcome.UNKNOWN
        assert asking.confirm(made, NOW).outcome is Outcome.UNKNOWN
    assert Subscriber.objects.filter(components=[]).count() == 2


def test_a_key_is_for_its_own_subscription_alone() -> None:
    mine, other = follow(), follow("ola@reader.example")
    assert asking.change(mine, ("login", "spare"), "nb").outcome is Outcome.CHANGED
    assert asking.look(other).components == ()
    assert asking.end(mine).outcome is Outcome.ENDED and asking.end(mine).outcome is Outcome.UNKNOWN
    assert asking.look(other).outcome is Outcome.FOUND and asking.find(ANN) is None


def test_who_is_affected_is_written_down_first_and_followers_by_component_and_language() -> None:
    directory.take([customer_fact(n, 0, "en") for n in range(1, 4)])
    follow("all@reader.example", language="nb")
    follow("pay@reader.example", ("payments",))
    follow("spare@reader.example", ("spare",))
    say("maintenance-begun", ("payments", "changes"))
    assert mailing.write_due(timezone.now()) == 3  # customers alone
    assert write_all() == 2
    rows = list(Message.objects.exclude(notice__name="subscription").order_by("id"))
    assert [one.customer > 0 for one in rows] == [True] * 3 + [False] * 2
    assert [one.urgent for one in rows[3:]] == [False] * 2 and all(one.email == "" for one in rows[3:])
    norwegian = letter_of(rows[3])
    assert "words nb about it" in norwegian.body and "Du får dette fordi" in norwegian.body
    english = letter_of(rows[4])
    assert english.email == "pay@reader.example" and "(Payments)" in english.body
    assert write_all() == 0 and Notice.objects.get(name="maintenance-begun").followers == "told"


def test_an_outage_reaches_followers_when_it_begins_and_once_when_it_is_over() -> None:
    follow("pay@reader.example", ("payments",))
    follow("in@reader.example", ("salaries",))
    incident = incident_of()
    now = timezone.now()
    incident.affected_cohorts = [0]
    incident.spare_proof = {"at": now.isoformat(), "block": 5, "findings": []}
    incident.save()
    for reason in ("opened", "proved", "update"):
        announcing.announce(incident, reason, timezone.now())
    assert write_all() == 1
    for phase in ("repaired", "handing_back", "returned"):
        incident.phase = phase
        incident.returned_at = timezone.now() if phase == "returned" else None
        incident.save()
        announcing.announce(incident, phase, timezone.now())
    assert write_all() == 1
    incident.phase, incident.closed_at = "closed", timezone.now()
    incident.save()
    announcing.announce(incident, "closed", timezone.now())
    assert write_all() == 0
    told = Message.objects.filter(subscriber__isnull=False).exclude(notice__name="subscription").order_by("id")
    assert [one.notice.name for one in told] == ["status:serving", "status:returned"]
    assert {letter_of(one).email for one in told} == {"pay@reader.example"}


def test_followers_wait_until_those_affected_are_written_to() -> None:
    """The first message to customers waits some seconds for a proof; followers wait with it."""
    follow()
    directory.take([customer_fact(1, 0, "en")])
    incident = incident_of()
    incident.affected_cohorts = [0]
    incident.save()
    announcing.announce(incident, "opened", timezone.now())
    assert mailing.write_due(timezone.now()) == 0
    later = timezone.now() + mailing.PROOF_WAIT + timedelta(seconds=1)
    assert [mailing.write_due(later) for _ in range(2)] == [1, 0]
    later = timezone.now() + telling.OTHERS_FIRST
    assert [mailing.write_due(later) for _ in range(2)] == [1, 0]
    rows = Message.objects.exclude(notice__name="subscription").order_by("id")
    assert [one.notice.name for one in rows] == ["opened", "status:serving"]


def test_what_is_older_than_a_day_is_no_news() -> None:
    follow()
    notice = say("maintenance-announced")
    Notice.objects.filter(pk=notice.pk).update(made_at=NOW - timedelta(hours=25))
    assert write_all() == 0 and Notice.objects.get(pk=notice.pk).followers == "told"


@pytest.mark.long  # in the short tests the two below hold the headers, and that nothing follows, without a whole postbox
def test_mails_leave_with_the_headers_of_one_click_and_none_follow_when_it_was_used(postbox: Any) -> None:
    home = installation()
    ask()
    with sender_of(providers_of(home)):
        wait_until(lambda: len(postbox()) == 1, 20, "the confirmation came")
        first = postbox()[0]
        assert (first["recipient"], first["language"]) == (ANN, "en")
        assert asking.confirm(code_in(first["body"]), timezone.now()).outcome is Outcome.CONFIRMED
        say("maintenance-announced")
        assert write_all() == 1
        wait_until(lambda: len(postbox()) == 2, 20, "the notice came")
        assert asking.end(key_in(postbox()[0]["body"])).outcome is Outcome.ENDED
        say("maintenance-reminder")
        assert write_all() == 0
    assert Subscriber.objects.count() == 0
    assert [one.state for one in Message.objects.all()] == ["delivered"] * 2


def key_in(text: str) -> str:
    found = re.search(r"mine\?key=([\w-]{32})", text)
    assert found
    return found.group(1)


class Took:
    """What a mail server was handed, byte for byte."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.raw.append(envelope.content)
        return "250 taken"


def test_a_notice_leaves_with_the_headers_of_one_click_and_a_confirmation_without() -> None:
    took = Took()
    server = Controller(took, hostname="127.0.0.1", port=free_port_base())
    server.start()
    try:
        key = follow()
        Message.objects.update(state="created", next_attempt_at=timezone.now())
        ask("ola@reader.example", network="203.0.113.5")
        say("maintenance-announced")
        assert write_all() == 1
        with sender_of([Seat("mail 1", "mail", ("127.0.0.1", server.port), 0)]):
            wait_until(lambda: len(took.raw) == 3, 20, "all came")
    finally:
        server.stop()
    mails = [message_from_bytes(raw) for raw in took.raw]
    ends = f"<{installation().door_origin}/status/subscribe/end?key={key}>"
    found = sorted(
        (mail["To"], mail["List-Unsubscribe"] or "", mail["List-Unsubscribe-Post"] or "") for mail in mails
    )  # fmt: skip
    one_click = "List-Unsubscribe=One-Click"
    assert found == [(ANN, ends, one_click), (ANN, ends, one_click), ("ola@reader.example", "", "")]
    with pytest.raises(ValueError, match="ending it"):
        mail_bytes(letter(), "Bank", "service", NOW, "https://x>\r\nBcc: y")


def test_what_waits_is_not_sent_once_the_subscription_ended() -> None:
    key = follow()
    say("maintenance-announced")
    write_all()
    asking.end(key)
    message = Message.objects.exclude(notice__name="subscription").get()
    assert (message.state, message.subscriber_id, message.next_attempt_at) == ("cancelled", None, None)


@pytest.mark.long  # in the short tests the one below holds what two refusals count for
def test_an_address_that_is_refused_for_good_is_stopped(postbox: Any) -> None:
    home = installation()
    ask("gone@reader.example")
    with sender_of(providers_of(home)):
        wait_until(lambda: not Subscriber.objects.exists(), 20, "nobody waits for an address that is not there")
    assert Asked.objects.update(at=NOW - timedelta(hours=2)) == 1  # as if the gap between two messages were over
    key = follow("gone@reader.example", network="203.0.113.77")
    for count, kind in enumerate(("maintenance-announced", "maintenance-reminder")):
        assert asking.look(key).outcome is Outcome.FOUND
        say(kind)
        assert write_all() == 1
        with sender_of(providers_of(home)):
            wait_until(
                lambda wanted=count + 1: Message.objects.filter(state="permanent").count() == wanted,
                20,
                "it was refused",
            )
    wait_until(lambda: not Subscriber.objects.exists(), 5, "the address was stopped")


def test_one_that_was_taken_between_two_refusals_goes_on() -> None:
    follow()
    number = Subscriber.objects.get().pk
    assert stopping.note([number], []) == 0
    assert stopping.note([], [number]) == 0
    assert stopping.note([number], []) == 0 and Subscriber.objects.get().refusals == 1
    assert stopping.note([number], []) == 1 and Subscriber.objects.count() == 0


def sms_by(gateway: Gateway) -> Seat:
    """The gateway as the one that customers' SMS go by."""
    SmsProvider.objects.create(order=1, sealed=staff_sealer.seal(gateway.url, gateways.OWNER.format(1)))
    return next(seat for seat in providers_of(installation()) if seat.channel == "sms")


def test_sms_go_by_the_banks_gateway_and_short() -> None:
    gateway = Gateway()
    seat = sms_by(gateway)
    try:
        assert ask("+47 912 34 567").outcome is Outcome.ASKED
        with sender_of([seat], 1):
            wait_until(lambda: len(gateway.texts()) == 1, 30, "the SMS came")
            phone, words = gateway.texts()[0]
            assert phone == "+4791234567" and len(words) <= 300
            assert asking.confirm(code_in(words), timezone.now()).outcome is Outcome.CONFIRMED
            say("maintenance-announced")
            assert write_all() == 1
            wait_until(lambda: len(gateway.texts()) == 2, 30, "the notice came")
        words = gateway.texts()[1][1]
        assert len(words) <= 300 and asking.end(key_in(words)).outcome is Outcome.ENDED
    finally:
        gateway.close()


def test_a_gateway_that_takes_nothing_ends_a_message_after_a_bounded_number_of_attempts() -> None:
    gateway = Gateway()
    gateway.status = 500
    line = SmsLine(sms_by(gateway), "Bank")
    try:
        ask("+4791234567")
        message = Message.objects.select_related("notice", "subscriber").get()
        said = line.send(message)
        assert said.state == "technical"
        for attempts, ends in ((1, False), (SHORT_ATTEMPTS_MAX, True)):
            message.attempts = attempts
            assert (fate(message, said, message.created_at)[2] is None) is ends
    finally:
        gateway.close()


def test_the_console_counts_and_names_nobody_and_removes_one_by_address(people: dict[str, str]) -> None:
    follow(components=("payments",))
    follow("ola@reader.example", language="nb")
    staff = client(people, "support")
    shown = staff.get("/followers").content.decode()
    assert "reader" not in shown
    row = re.search(r'data-component="payments">(.*?)</tr>', shown)
    assert row and re.search(r'data-channel="mail">2<', row.group(1))
    row = re.search(r'data-component="login">(.*?)</tr>', shown)
    assert row and re.search(r'data-channel="mail">1<', row.group(1))
    assert staff.post("/followers/remove", {"address": "nobody@reader.example"}).status_code == 404
    assert Subscriber.objects.count() == 2
    assert client(people, "auditor").post("/followers/remove", {"address": ANN}).status_code == 403
    assert Subscriber.objects.count() == 2
    assert staff.post("/followers/remove", {"address": " ANN@Reader.example "}).status_code == 200
    assert asking.find(ANN) is None and Subscriber.objects.count() == 1
    logged = StaffAction.objects.filter(what="follower of the status page removed").get()
    assert "reader" not in json.dumps(logged.data)


def test_every_kind_of_notice_is_marked_for_followers_when_it_is_released() -> None:
    for kind in (name for name in KINDS if name.startswith("maintenance-")):
        assert say(kind).name == kind
    assert set(Notice.objects.values_list("followers", flat=True)) == {"due"}
    names = phrases("en", "UTC").words["service"]
    assert [name for name in COMPONENTS if name not in names] == []


def test_a_writer_chooses_what_a_notice_is_about_and_otherwise_it_is_what_the_incident_touches(
    people: dict[str, str],
) -> None:
    incident = incident_of()
    incident.affected_cohorts = [0]
    incident.save()
    announcing.announce(incident, "opened", timezone.now())
    form = {
        "kind": "incident-cause",
        "incident": str(incident.number),
        "audience": "affected",
        "act": "send",
        **{f"{name}-{language}": "a worn out cable" for name in ("service", "cause") for language in ("en", "nb")},
    }
    writer = client(people, "communicator")
    assert writer.post("/compose", form).status_code == 302
    assert writer.post("/compose", {**form, "component": ["spare", "nonsense"]}).status_code == 302
    notices = Notice.objects.filter(name="incident-cause").order_by("id")
    assert [one.components for one in notices] == [["payments", "changes"], ["spare"]]
