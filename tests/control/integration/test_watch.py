"""The loops as a real process among fake buildings: the whole story, killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fakes import Town, customer_fact, wait_until

from holdfast.control.care.models import Customer
from holdfast.control.incidents import machine
from holdfast.control.incidents.models import Incident
from holdfast.control.tell.models import Message
from holdfast.control.watch.models import Building
from holdfast.settings import Installation


class Process:
    """`python -m holdfast.control watch`, or another module, as the supervisor starts it."""

    def __init__(self, *arguments: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", *arguments], env={**os.environ, "PYTHONPATH": "src"}, stdout=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait(5)

    def end(self) -> int:
        self.child.terminate()
        return self.child.wait(8)


@pytest.fixture
def town(installation: Installation, database: None) -> Iterator[Town]:
    with Town(installation) as made:
        made.facts = [customer_fact(n, n % 256, "nb" if n % 2 else "en") for n in range(1, 13)]
        yield made


def whole() -> dict[str, Any]:
    found = Incident.objects.order_by("-number").first()
    return machine.whole(found) if found else {}


def well(*names: str) -> bool:
    return Building.objects.filter(name__in=names, answer="answers").count() == len(names)


def seconds(after: datetime, instant: str) -> float:
    return (datetime.fromisoformat(instant) - after).total_seconds()


def mailbox(installation: Installation) -> list[dict[str, Any]]:
    """All mails that arrived, oldest first."""
    with urllib.request.urlopen(f"http://127.0.0.1:{installation.mailbox_port}/mails.json", timeout=2) as answer:
        return list(reversed(json.loads(answer.read())["mails"]))


def test_the_story_from_fault_to_close_with_the_watch_killed_in_the_middle(
    town: Town, installation: Installation
) -> None:
    postbox = Process("holdfast.gameday.postbox")
    watch, tell = Process("holdfast.control", "watch"), Process("holdfast.control", "tell")
    mails: list[dict[str, Any]] = []
    try:
        wait_until(
            lambda: well("bank", "standin", "doors") and Customer.objects.count() == 12, 10, "all seen, customers known"
        )
        wait_until(lambda: town.bundles, 3, "a bundle at the start")
        before = len(mailbox(installation))
        assert town.bundles[-1]["banner"] is None

        town.bank.stop()
        fault = datetime.now(UTC)
        town.modes = ["standin"] * 256
        town.tell("trip", "256 groups to the spare bank", cohorts=list(range(256)))
        wait_until(lambda: whole().get("banner"), 5, "banner")
        wait_until(lambda: Message.objects.filter(state="delivered").count() == 12, 10, "all twelve mailed")
        seen = whole()
        assert 0 <= seconds(fault, seen["opened"]) < 2 and seconds(fault, seen["banner"]) < 3
        assert seconds(fault, seen["first_message"]) < 8
        wait_until(lambda: whole()["suspects"], 5, "suspects")
        assert "copy of the books. Payments sent after" in town.bundles[-1]["status"]["en"]

        watch.kill()
        tell.kill()
        watch, tell = Process("holdfast.control", "watch"), Process("holdfast.control", "tell")
        town.bank.start()
        restored = wait_until(lambda: whole()["restored"], 10, "repaired")
        assert seconds(fault, restored) > 0
        town.modes = ["handing_back"] * 8 + ["standin"] * 248
        town.tell("handback", "8 groups: writes are held")
        town.tell("handback", "8 groups are back", accounts=40, block=120)
        wait_until(lambda: whole()["handing_back"] and whole()["reconciled"], 5, "handing back")
        town.refunds = [
            {
                "customer": 3,
                "account": 3,
                "payment": "ab",
                "charged_minor": 5900,
                "would_have_been_minor": 0,
                "refunded_minor": 5900,
                "currency": "NOK",
                "why": "rent came late",
            }
        ]
        town.modes = ["primary"] * 256
        town.tell("handback", "all 256 groups are back at the main bank", returned=256, whole=True)
        wait_until(lambda: whole()["closed"], 10, "closed")
        wait_until(lambda: Message.objects.filter(state="delivered").count() == 24, 10, "all told how it ended")
        wait_until(lambda: "Everything works again" in town.bundles[-1]["status"]["en"], 5, "closing words")
        mails = mailbox(installation)[before:]
    finally:
        for process in (watch, tell, postbox):
            process.end()
    ended = whole()
    assert Incident.objects.count() == 1 and ended["affected_cohorts"] == 256
    assert len(mails) == 24 and len({mail["message_id"] for mail in mails}) == 24
    assert [mail["recipient"] for mail in mails if "kr\u00a059" in mail["body"]] == ["c3@mail.example"]
    assert [one["name"] for one in ended["checks"] if not one["passed"]] == []
    assert len(ended["refunds"]) == 1 and "Review of incident" in ended["review"]
    assert {one["state"] for one in ended["promises"]} == {"kept"}
    assert [entry["kind"] for entry in ended["timeline"]].count("trip") == 1
    order = [ended[name] for name in ("began", "opened", "banner", "first_message", "restored", "returned", "closed")]
    assert order == sorted(order)


def test_a_stalled_bank_is_noticed_without_any_door_saying_so(town: Town) -> None:
    watch = Process("holdfast.control", "watch")
    try:
        wait_until(lambda: well("bank", "standin", "doors"), 10, "all seen")
        town.bank.stalled = True
        began = time.monotonic()
        wait_until(lambda: whole().get("opened"), 6, "an incident")
        assert time.monotonic() - began < 5
        wait_until(lambda: any(bundle["incident"] for bundle in town.bundles), 2, "the banner")
        assert Message.objects.count() == 0
    finally:
        town.bank.stalled = False
        assert watch.end() == 0


def test_the_watch_stands_when_every_building_is_away(installation: Installation, database: None) -> None:
    watch = Process("holdfast.control", "watch")
    try:
        wait_until(lambda: Building.objects.filter(answer="refuses").count() >= 3, 10, "all seen as refusing")
        time.sleep(1)
        assert watch.child.poll() is None and Incident.objects.count() == 0
    finally:
        assert watch.end() == 0
