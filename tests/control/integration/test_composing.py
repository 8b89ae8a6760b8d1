"""Writing to customers from the console: what is refused is refused before anything is sent, and says why."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from fakes import customer_fact
from staffing import client

from holdfast.control.approvals.models import Proposal
from holdfast.control.care import directory
from holdfast.control.care.models import Customer
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.staff.models import StaffAction
from holdfast.control.tell import announcing, composing, mailing, spoken
from holdfast.control.tell.kinds import KINDS
from holdfast.control.tell.models import Message, Notice, Promise
from holdfast.control.tell.quiet import quiet_until
from holdfast.control.tell.waiting import Waiting

WORDS = {
    "service-en": "card payments",
    "service-nb": "kortbetalinger",
    "news-en": "Nine of ten payments go through again.",
    "news-nb": "Ni av ti betalinger går gjennom igjen.",
}


@pytest.fixture
def incident(people: dict[str, str]) -> Incident:
    """Of a part, so that nothing is sent by itself; ten customers, of whom five are affected."""
    now = timezone.now()
    made = record.open_one("cards", 2, now, now, "payments by card fail", date(2026, 5, 4))
    made.affected_cohorts = [0]
    made.save()
    Promise.objects.create(incident=made, name="next_update", due_at=now + timedelta(minutes=15), made_at=now)
    directory.take(
        [customer_fact(n, n % 2, "nb" if n < 5 else "en", ("sight",) if n == 8 else ()) for n in range(1, 11)]
    )
    return made


def filled(incident: Incident, /, **other: str) -> dict[str, str]:
    """The form of an update, filled in rightly but for what is named."""
    form = {"kind": "incident-update", "incident": str(incident.number), "audience": "affected", "act": "send"}
    return {**form, **WORDS, **other}


def write_all() -> int:
    """The writer, until nothing is left to write down."""
    written = 0
    while more := mailing.write_due(timezone.now()):
        written += more
    return written


@pytest.mark.demand("T1", "T5")
def test_an_update_goes_to_those_affected_in_their_language_with_needs_first_and_stands_on_the_page(
    people: dict[str, str], incident: Incident
) -> None:
    writer = client(people, "communicator")
    look = writer.post("/compose", filled(incident, act="preview"))
    assert look.status_code == 200 and Notice.objects.count() == 0
    page = look.content.decode()
    assert 'data-reached="5"' in page and 'data-preview="nb"' in page and "Ni av ti betalinger" in page
    assert writer.post("/compose", filled(incident)).status_code == 302
    notice = Notice.objects.get()
    assert (notice.state, notice.made_by, notice.urgent) == ("writing", "communicator", False)
    assert write_all() == 5 and Notice.objects.get().state == "said" and write_all() == 0
    sent = {one.customer: one for one in Message.objects.all()}
    assert sorted(sent) == [2, 4, 6, 8, 10]
    assert "Ni av ti betalinger går gjennom" in sent[2].body and "Hei Customer 2" in sent[2].body
    assert "Nine of ten" in sent[8].body and sent[8].code in sent[8].body and "among the first" in sent[8].body
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=10), urgent=True)
    waiting = Waiting("mail")
    waiting.look()
    assert [waiting.take().customer for _ in range(5)] == [8, 2, 4, 6, 10]  # type: ignore[union-attr]  # five wait
    assert {"notice composed", "notice sent"} <= set(StaffAction.objects.values_list("what", flat=True))
    bundle = announcing.announce(incident, "notice", timezone.now(), updates=False).payload
    assert "Nine of ten payments" in bundle["status"]["en"] and "Nine of ten" in bundle["feed_atom"]
    assert any("Ni av ti" in words for _, words in bundle["banner"]["nb"]["lines"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"news-nb": ""}, "“What is new” in Norwegian"),
        ({"service-en": "  "}, "“What it is about, as customers call it” in English"),
        ({"incident": ""}, "It lacks the incident that it speaks of"),
        ({"kind": "incident-restored"}, "It lacks when customers were back: it is not over"),
        ({"news-en": "PostgreSQL 16.3.1 on db-1 stopped"}, "is the name of software"),
        ({"news-nb": "Se https://bank.example/login"}, "Norwegian: “https://bank.example/login” is a link"),
        ({"news-en": "card 4111 1111 1111 1111"}, "is what looks like a card number"),
        ({"news-en": "x" * 1200}, "The SMS takes"),
        ({"audience": "groups", "groups": "0-999"}, "Write groups as 3,17"),
        ({"audience": ""}, "Choose to whom it goes"),
        ({"audience": "all"}, "A message to all customers needs a second person; nothing was sent."),
        ({"audience": "groups", "groups": "0-255"}, "A message to all customers needs a second person"),
    ],
)
def test_what_lacks_leaks_or_goes_to_all_alone_is_refused_in_words_and_nothing_is_kept(
    people: dict[str, str], incident: Incident, change: dict[str, str], words: str
) -> None:
    answer = client(people, "communicator").post("/compose", filled(incident, **change))
    assert answer.status_code == 422 and words in answer.content.decode().replace("&#x27;", "'")
    assert Notice.objects.count() == Message.objects.count() == Proposal.objects.count() == 0


HURTS_EN = {"news-en": "Please ask a friend or a family member to lend you some cash."}


@pytest.mark.demand("C4", "T3")
def test_words_that_hurt_are_shown_beside_the_draft_and_stop_it_until_they_are_changed(
    people: dict[str, str], incident: Incident
) -> None:
    writer = client(people, "communicator")
    look = writer.post("/compose", filled(incident, act="preview", **HURTS_EN))
    page = look.content.decode()
    assert look.status_code == 200 and 'data-hurts="1"' in page and 'data-hurt="friends"' in page
    assert '<blockquote lang="en">Please ask a friend' in page and "beg from others" in page and "Help now" in page
    stopped = writer.post("/compose", filled(incident, **HURTS_EN))
    assert stopped.status_code == 422 and "Words in it hurt" in stopped.content.decode()
    both = writer.post("/compose", filled(incident, **HURTS_EN, **{"news-nb": "Dette er bare en liten feil."}))
    assert both.status_code == 422 and 'data-hurts="2"' in both.content.decode()
    assert Notice.objects.count() == Message.objects.count() == 0
    assert not StaffAction.objects.filter(what="notice composed").exists()
    assert writer.post("/compose", filled(incident)).status_code == 302
    assert "stands" not in StaffAction.objects.get(what="notice composed").data


@pytest.mark.demand("C4")
def test_words_that_hurt_are_sent_when_a_person_says_why_they_stand_and_that_is_recorded(
    people: dict[str, str], incident: Incident
) -> None:
    writer = client(people, "communicator")
    page = writer.post("/compose", filled(incident, act="preview", **HURTS_EN)).content.decode()
    mark = page.partition('name="hurts_mark" value="')[2].partition('"')[0]
    why = "we quote what was said wrongly yesterday"
    given = {"stands": why, "hurts_mark": mark}
    other = {"news-en": "It is only a small glitch."}
    assert writer.post("/compose", filled(incident, **other, **given)).status_code == 422
    assert writer.post("/compose", filled(incident, **HURTS_EN, hurts_mark=mark, stands="  ")).status_code == 422
    assert Notice.objects.count() == 0
    assert writer.post("/compose", filled(incident, **HURTS_EN, **given)).status_code == 302
    noted = StaffAction.objects.get(what="notice composed").data
    assert noted["stands"] == why and noted["hurts"] == [["en", "friends", HURTS_EN["news-en"]]]
    to_all = filled(incident, **HURTS_EN, **given, audience="all", why="salaries are due")
    assert writer.post("/compose", to_all).status_code == 302
    told = Proposal.objects.get().why
    assert "salaries are due" in told and "lend you some cash" in told and why in told


def test_without_a_promised_update_the_template_that_names_it_is_refused(
    people: dict[str, str], incident: Incident
) -> None:
    Promise.objects.all().delete()
    answer = client(people, "communicator").post("/compose", filled(incident))
    assert answer.status_code == 422 and "the time of the next update" in answer.content.decode()
    assert Notice.objects.count() == 0


@pytest.mark.demand("G6")
def test_a_message_to_all_is_sent_once_when_a_second_person_confirms_it(
    people: dict[str, str], incident: Incident
) -> None:
    writer = client(people, "communicator")
    assert writer.post("/compose", filled(incident, audience="all", why="salaries are due")).status_code == 302
    notice, proposal = Notice.objects.get(), Proposal.objects.get()
    assert notice.state == "draft" and write_all() == 0
    assert composing.release(notice.pk, "Communicator", timezone.now()) == composing.SECOND
    assert writer.post(f"/approvals/{proposal.number}/approve").status_code == 403
    assert write_all() == 0 and spoken.composed().count() == 0
    assert client(people, "manager").post(f"/approvals/{proposal.number}/approve").status_code == 302
    assert write_all() == 10 and Notice.objects.get().approved_by == "manager"
    assert Proposal.objects.get().state == "done"
    assert composing.release(notice.pk, "responder", timezone.now()).startswith("There is no such draft")


@pytest.mark.parametrize("role", ["responder", "support", "auditor"])
def test_only_communicators_and_managers_write_to_customers(
    role: str, people: dict[str, str], incident: Incident
) -> None:
    reader = client(people, role)
    assert reader.get("/compose?kind=incident-update").status_code == 200
    assert reader.post("/compose", filled(incident)).status_code == 403 and Notice.objects.count() == 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_composed_and_what_a_person_writes_stays_their_own_words(
    kind: str, people: dict[str, str], incident: Incident
) -> None:
    Incident.objects.update(returned_at=timezone.now())
    asked = {f"{name}-{one}": "to {name} & <b>you</b>" for name in KINDS[kind].asked for one in ("en", "nb")}
    form = {"kind": kind, "incident": str(incident.number), "audience": "affected", "act": "send", **asked}
    answer = client(people, "manager").post("/compose", form)
    assert answer.status_code == 302, answer.content.decode()
    assert write_all() == 5
    assert all("to {name} & <b>you</b>" in one.body for one in Message.objects.all())
    page = announcing.announce(None, "notice", timezone.now(), updates=False).payload["status"]["en"]
    assert "<b>you</b>" not in page and "&lt;b&gt;you&lt;/b&gt;" in page


def test_the_banner_of_a_parts_incident_ends_with_its_last_word(people: dict[str, str], incident: Incident) -> None:
    def banner() -> Any:
        return announcing.announce(None, "notice", timezone.now(), updates=False).payload["banner"]

    assert banner() is None
    writer = client(people, "communicator")
    writer.post("/compose", filled(incident))
    assert banner()["en"]["headline"] == "What is new about the fault in card payments"
    Incident.objects.update(returned_at=timezone.now())
    writer.post("/compose", filled(incident, kind="incident-restored"))
    assert banner() is None


def test_what_is_not_urgent_waits_for_the_morning_of_who_wants_it_and_an_emergency_does_not(
    people: dict[str, str], incident: Incident
) -> None:
    now = timezone.now()
    minute = timezone.localtime(now).hour * 60 + timezone.localtime(now).minute
    quiet = {"quiet_from": (minute - 60) % 1440, "quiet_until": (minute + 60) % 1440}
    Customer.objects.filter(id__in=(2, 4)).update(**quiet)
    Customer.objects.exclude(id__in=(2, 4)).update(quiet_from=0, quiet_until=0)
    writer = client(people, "communicator")
    writer.post("/compose", filled(incident))
    assert write_all() == 5
    Message.objects.update(created_at=now - timedelta(seconds=10))
    assert Waiting("mail").look() == 3
    put_off = Message.objects.filter(customer__in=(2, 4))
    ends = quiet_until(now, installation().time_zone, begins=quiet["quiet_from"], ends=quiet["quiet_until"])
    assert {one.next_attempt_at for one in put_off} == {ends} and {one.state for one in put_off} == {"created"}
    writer.post("/compose", filled(incident, urgent="yes"))
    write_all()
    Message.objects.update(created_at=now - timedelta(seconds=10))
    assert Waiting("mail").look() == 8


def test_how_a_customer_wants_to_be_told_comes_with_the_profile(database: None) -> None:
    fact = customer_fact(5, 1)
    fact["body"]["told"] = {
        "channels": ["sms", "mail"],
        "sms": "+47 900 00 000",
        "quiet_from": "22:30",
        "quiet_until": "06:15",
    }
    directory.take([fact])
    kept = Customer.objects.get()
    assert (kept.channels, kept.sms, kept.quiet_from, kept.quiet_until) == (["sms"], "+4790000000", 1350, 375)
