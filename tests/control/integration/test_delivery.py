"""Providers that die, crawl or refuse; kills; and what staff see and do about messages."""

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from fakes import wait_until
from holdfast_tests import free_port_base
from mailers import sender_of
from staffing import client

from holdfast.control.care.models import Customer
from holdfast.control.staff.models import StaffAction
from holdfast.control.tell import mailing
from holdfast.control.tell.channels import CONNECTIONS, Seat
from holdfast.control.tell.models import Message, Notice, Provider
from holdfast.settings import Installation, write

SINK = Path(__file__).parents[3] / "benchmarks" / "mail_sink.py"


@dataclass
class Sinks:
    """Two mail servers; how: `slow` or `refuses` for the first."""

    folder: Path
    base: int

    def seats(self) -> list[Seat]:
        """Both, the first first."""
        return [Seat(f"mail {n + 1}", "mail", ("127.0.0.1", self.base + n), n) for n in range(2)]

    @contextlib.contextmanager
    def open(self, number: int, how: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """Let one listen."""
        argv = [
            sys.executable,
            str(SINK),
            str(self.base + number),
            str(self.folder / str(number)),
            *([how] if how else []),
        ]
        child = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            child.stdout.close()

    def took(self, number: int) -> list[list[str]]:
        """Recipient, Message-ID and mark of each mail that it noted."""
        path = self.folder / str(number)
        return [line.split("\t")[1:] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def sinks(tmp_path: Path) -> Sinks:
    return Sinks(tmp_path, free_port_base())


def written(count: int) -> Notice:
    """A notice to so many customers, written down a while ago."""
    now = timezone.now() - timedelta(seconds=10)
    Customer.objects.bulk_create(
        Customer(id=n, name=f"C {n}", email=f"c{n}@mail.example", language="en", cohort=0) for n in range(1, count + 1)
    )
    words = {one: {"subject": "Words", "body": "Words", "mail": "Code {code}"} for one in ("en", "nb")}
    notice = Notice.objects.create(
        name="incident-update", made_at=now, words=words, state="writing", audience={"all": True}, made_by="x"
    )
    assert mailing.write_composed(notice.pk, now) == count
    return notice


def state_of(name: str) -> str:
    found = Provider.objects.filter(name=name).first()
    return found.state if found else ""


@pytest.mark.demand("T5")
def test_the_second_provider_takes_over_when_the_first_is_dead_and_a_trial_shifts_back(
    sinks: Sinks, database: None
) -> None:
    written(40)
    with sinks.open(1), sender_of(sinks.seats()):
        wait_until(lambda: Message.objects.filter(state="delivered").count() == 40, 20, "all taken by the second")
        assert state_of("mail 1") in {"rests", "trial"} and len(sinks.took(1)) == 40
        with sinks.open(0):
            for _ in range(40):  # a trial needs something to send
                Message.objects.filter(customer=1).update(state="created", next_attempt_at=timezone.now())
                with contextlib.suppress(AssertionError):
                    wait_until(lambda: state_of("mail 1") == "works", 1, "a trial")
                    break
            assert state_of("mail 1") == "works"
            before = len(sinks.took(1))
            Message.objects.filter(customer__gt=20).update(state="created", next_attempt_at=timezone.now())
            wait_until(lambda: not Message.objects.exclude(state="delivered").exists(), 10, "all sent")
            assert len(sinks.took(1)) == before and len(sinks.took(0)) >= 20


@pytest.mark.parametrize("how", ["slow", "refuses"])
def test_a_provider_that_crawls_or_refuses_everybody_is_left_alone(how: str, sinks: Sinks, database: None) -> None:
    written(120)
    with sinks.open(0, how), sinks.open(1), sender_of(sinks.seats()):
        wait_until(lambda: len(sinks.took(1)) >= 80, 30, "most by the second")
        wait_until(lambda: state_of("mail 1") == "rests", 10, "the first rests")
    assert Provider.objects.get(name="mail 1").words
    refused = Message.objects.filter(state="permanent").count()
    assert refused == 0 if how == "slow" else 20 <= refused <= 28


@pytest.mark.demand("T5")
def test_a_killed_sender_and_a_dying_provider_lose_nothing_and_repeat_at_most_what_was_in_flight(
    sinks: Sinks, database: None, installation: Installation
) -> None:
    written(1500)
    home = replace(
        installation, mail_server=f"127.0.0.1:{sinks.base}", second_mail_server=f"127.0.0.1:{sinks.base + 1}"
    )
    write(home)

    def tell() -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "holdfast.control", "tell"]
        return subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": "src"}, stdout=subprocess.DEVNULL)

    def sent(share: float) -> Callable[[], bool]:
        return lambda: Message.objects.filter(state="delivered").count() >= 1500 * share

    child = None
    try:
        with sinks.open(0) as first, sinks.open(1):
            child = tell()
            wait_until(sent(0.2), 40, "some sent")
            child.send_signal(signal.SIGKILL)
            child.wait()
            child = tell()
            wait_until(sent(0.5), 40, "half sent")
            first.kill()
            wait_until(sent(1.0), 60, "all sent")
    finally:
        write(installation)
        if child is not None:
            child.kill()
            child.wait()
    mails = [*sinks.took(0), *sinks.took(1)]
    times = Counter(number for _, number, _ in mails)
    marked = {number for _, number, mark in mails if mark == "1"}
    assert {to for to, _, _ in mails} == {f"c{n}@mail.example" for n in range(1, 1501)}
    assert dict(Message.objects.values_list("email", "message_id")) == {to: number for to, number, _ in mails}
    again = {number for number, count in times.items() if count > 1}
    assert len(mails) - len(times) <= 2 * CONNECTIONS and again <= marked
    assert set(Message.objects.filter(maybe_twice=True).values_list("message_id", flat=True)) >= marked


def test_staff_see_every_state_and_try_again_or_cancel_on_record(people: dict[str, str], sinks: Sinks) -> None:
    notice = written(6)
    for number, state in enumerate(("permanent", "temporary", "technical", "delivered", "created"), 1):
        Message.objects.filter(customer=number).update(state=state, last_error="550 <b>" if number == 1 else "")
    reader, worker = client(people, "auditor"), client(people, "communicator")
    page = reader.get("/delivery").content.decode()
    assert 'data-state="created" data-count="2"' in page and "550 &lt;b&gt;" in page and "Try all again" not in page
    assert "Try all again" in worker.get("/delivery").content.decode()
    ids = dict(Message.objects.values_list("customer", "pk"))
    assert reader.post("/delivery/again", {"message": ids[1]}).status_code == 403
    assert worker.post("/delivery/again", {"message": ids[1]}).status_code == 302
    first = Message.objects.get(customer=1)
    assert (first.state, first.attempts) == ("temporary", 0) and first.next_attempt_at is not None
    assert worker.post("/delivery/again", {"message": ids[4]}).status_code == 409
    assert worker.post("/delivery/cancel", {"message": ids[4]}).status_code == 409
    assert worker.post("/delivery/again", {"state": "delivered"}).status_code == 422
    assert worker.post("/delivery/cancel", {"state": "technical"}).status_code == 302
    assert worker.post("/delivery/cancel", {"notice": str(notice.pk)}).status_code == 302
    states = dict(Message.objects.values_list("customer", "state"))
    assert states == {1: "cancelled", 2: "cancelled", 3: "cancelled", 4: "delivered", 5: "cancelled", 6: "cancelled"}
    said = StaffAction.objects.filter(what__startswith="messages").order_by("number").values_list("what", "data")
    assert [(what, data["count"]) for what, data in said] == [
        ("messages tried again", 1), ("messages cancelled", 1), ("messages cancelled", 4),
    ]  # fmt: skip


def test_a_notice_that_is_stopped_is_not_written_down_further(people: dict[str, str], database: None) -> None:
    notice = written(6)
    Notice.objects.update(state="writing")
    Message.objects.filter(customer__gt=2).delete()
    assert client(people, "manager").post("/delivery/cancel", {"notice": str(notice.pk)}).status_code == 302
    assert mailing.write_due(timezone.now()) == 0 and Message.objects.filter(state="cancelled").count() == 2
