"""A customer's inbox: every notice once, in whatever way it was sent; what is new; who left."""

from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.care.directory import take as take_facts
from holdfast.control.support.serving import make_app
from holdfast.control.tell import inbox, mailing
from holdfast.control.tell.models import Message, Notice
from holdfast.control.tell.serving import Telling

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("T2")]
NOW = datetime.now(UTC)


def customer(number: int, email: str = "x@mail.example", language: str = "en") -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": language, "email": email}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def said(subject: str = "A fault", at: datetime = NOW) -> Notice:
    words = {one: {"subject": f"{subject} ({one})", "mail": "Dear {name}\n\nCode {code}"} for one in ("en", "nb")}
    notice = Notice.objects.create(
        name="incident-update", made_at=at, words=words, state="writing", audience={"all": True}, made_by="x"
    )
    mailing.write_composed(notice.pk, at)
    return notice


def test_what_was_written_stands_there_newest_first_each_in_the_customers_language() -> None:
    customer(1, language="nb")
    customer(2)
    said("First", NOW - timedelta(hours=1))
    said("Second")
    found = inbox.read(1, NOW, seen=False)
    assert [(one.subject, one.new) for one in found.letters] == [("Second (nb)", True), ("First (nb)", True)]
    assert (found.unread, found.more, inbox.unread(1)) == (2, False, 2)
    code = Message.objects.get(customer=1, subject="Second (nb)").code
    assert (found.letters[0].code, code in found.letters[0].words) == (code, True)
    assert {one.code for one in inbox.read(2, NOW, seen=False).letters}.isdisjoint({code})


def test_what_was_shown_is_new_no_more_and_keeps_when_it_was_first_shown() -> None:
    customer(1)
    said("First", NOW - timedelta(hours=1))
    assert [one.new for one in inbox.read(1, NOW, seen=True).letters] == [True]
    later = said("Second")
    assert inbox.unread(1) == 1
    assert [one.new for one in inbox.read(1, NOW + timedelta(minutes=1), seen=True).letters] == [True, False]
    assert Message.objects.exclude(notice=later).get().seen_at == NOW
    assert inbox.unread(1) == 0


def test_who_has_no_address_is_told_in_the_inbox_alone_and_nobody_carries_it() -> None:
    customer(1, email="")
    said()
    written = Message.objects.get()
    assert (written.channel, written.state, written.next_attempt_at, written.delivered_at) == (
        "inbox",
        "delivered",
        None,
        NOW,
    )
    assert inbox.unread(1) == 1


def test_what_was_cancelled_was_never_said_and_who_left_has_no_inbox() -> None:
    customer(1)
    said("First")
    Message.objects.update(state="cancelled")
    said("Second")
    assert [one.subject for one in inbox.read(1, NOW, seen=False).letters] == ["Second (en)"]
    take_facts([{"number": 9, "kind": "customer", "key": "1", "body": None}])
    assert inbox.read(1, NOW, seen=False).letters == ()


def test_many_are_shown_up_to_a_limit_which_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SHOWN_MAX", 3)
    customer(1)
    for number in range(5):
        said(f"Notice {number}", NOW + timedelta(minutes=number))
    found = inbox.read(1, NOW, seen=True)
    assert ([one.subject[:8] for one in found.letters], found.more, found.unread) == (
        ["Notice 4", "Notice 3", "Notice 2"],
        True,
        3,
    )
    assert inbox.unread(1) == 0


def test_the_desk_offers_it_to_the_doors() -> None:
    served = {route.resource.canonical for route in make_app(Telling().routes()).router.routes() if route.resource}
    assert {"/-/inbox/read", "/-/inbox/unread"} <= served
