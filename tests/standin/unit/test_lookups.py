"""Accounts and facts looked up where they are stored: alike in memory and in the copy, and all of one moment."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeBank, transfer
from world import ACCOUNTS, vault

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.profile import Fact
from holdfast.standin.copy import Copy
from holdfast.standin.facts import Facts, MemoryFacts
from holdfast.standin.recent import Recent
from holdfast.standin.view import View

RENT = {"cohort": 5, "debit": 10, "credit": 20, "amount_minor": 1, "currency": "NOK", "kind": "other",
        "payer": "", "payee": "", "text": "", "due": "2026-11-22"}  # fmt: skip


class Told:
    """A store of facts, and how it is told one."""

    def __init__(self, facts: Facts, copy: Copy | None) -> None:
        self.facts, self._copy, self._number = facts, copy, 0

    def say(self, kind: str, key: str, body: dict[str, Any] | None) -> None:
        self._number += 1
        fact = Fact(self._number, kind, key, body)
        if self._copy is None:
            self.facts.put(fact)
        else:
            self._copy.apply_facts(json.dumps({"head": self._number, "facts": [fact.to_wire()]}).encode())


@pytest.fixture(params=["memory", "copy"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Told]:
    if request.param == "memory":
        yield Told(MemoryFacts(), None)
        return
    copy = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    yield Told(copy.view.profile.facts, copy)
    copy.close()


def test_a_customer_is_found_by_name_of_login_and_an_account_by_its_number(told: Told) -> None:
    told.say("customer", "17", {"username": "Ann", "accounts": []})
    told.say("account", "10", {"number": "1234.56.00010"})
    assert told.facts.find("customer", "ann") == ("17", {"username": "Ann", "accounts": []})
    assert told.facts.find("account", "12345600010") == ("10", {"number": "1234.56.00010"})
    assert told.facts.find("customer", "12345600010") is None
    told.say("customer", "17", {"username": "Anna", "accounts": []})
    told.say("account", "10", None)
    assert (told.facts.find("customer", "ann"), told.facts.find("account", "12345600010")) == (None, None)
    assert told.facts.get("customer", "17") == {"username": "Anna", "accounts": []}


def test_what_somebody_holds_is_found_by_holder_and_by_nobody_else(told: Told) -> None:
    for number, debit in ((1, 10), (2, 20), (3, 10)):
        told.say("order", str(number), RENT | {"debit": debit})
    assert [key for key, _ in told.facts.held("order", 10)] == ["1", "3"]
    assert told.facts.held("card", 10) == []


def test_orders_due_come_by_number_in_pages_of_the_cohorts_asked_for_the_pressing_ones_apart(told: Told) -> None:
    for number in (2, 10, 9, 11):
        told.say("order", str(number), RENT)
    told.say("order", "4", RENT | {"kind": "rent"})
    told.say("order", "5", RENT | {"credit": 30})
    told.say("order", "6", RENT | {"cohort": 7})
    told.say("order", "7", RENT | {"due": "2026-11-23"})
    told.say("payee_kind", "30", {"kind": "tax"})

    def due(after: int, limit: int, urgent: bool) -> list[int]:
        return [n for n, _ in told.facts.due("2026-11-22", after, limit, cohorts={5, 9}, urgent=urgent)]

    assert (due(-1, 9, True), due(-1, 3, False), due(10, 3, False)) == ([4, 5], [2, 9, 10], [11])
    told.say("payee_kind", "30", None)
    assert (due(-1, 9, True), due(4, 2, False)) == ([4], [5, 9])


def opened(copy: Copy, bank: FakeBank) -> None:
    """Accounts with 1,000 each."""
    bank.add(AccountChange(1, "s", "NOK", "debit", -(10**12), 0, 0),
             *(AccountChange(number, "c", "NOK", "credit", 0, 0, 5) for number in ACCOUNTS))  # fmt: skip
    bank.add(*(transfer(1, number, 1000, kind="deposit") for number in ACCOUNTS))
    feed(copy, bank)


def feed(copy: Copy, bank: FakeBank) -> None:
    """Apply what is new."""
    copy.apply_answer(json.dumps({"head": len(bank.blocks), "blocks": bank.blocks[copy.view.head.number :]}).encode())


def seen(view: View) -> tuple[int, int, int]:
    """(block, balances of 10 and 20), of one moment."""
    with view.lock:
        ten, twenty = view.accounts.get(10), view.accounts.get(20)
        assert ten is not None
        assert twenty is not None
        return view.head.number, ten.balance_minor, twenty.balance_minor


class Looking(Copy):
    """Looks at the view just behind each commit of blocks, before the view is told of it."""

    def __init__(self, path: Path) -> None:
        self.looks: list[tuple[int, int, int]] = []
        super().__init__(path, View(), vault(path.parent))

    def _commit(self) -> None:
        super()._commit()
        if self.view.head.number:
            self.looks.append(seen(self.view))


def test_a_block_that_is_committed_is_seen_only_together_with_its_head(tmp_path: Path) -> None:
    copy, bank = Looking(tmp_path / "copy.sqlite"), FakeBank()
    opened(copy, bank)
    copy.looks.clear()
    bank.add(transfer(10, 20, 300))
    feed(copy, bank)
    assert copy.looks == [(2, 1000, 1000)]
    assert seen(copy.view) == (3, 700, 1300)
    copy.close()


def test_a_block_that_could_not_be_committed_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, bank = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path)), FakeBank()
    opened(copy, bank)
    bank.add(transfer(10, 20, 300))
    with monkeypatch.context() as full:
        full.setattr(Copy, "_commit", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            feed(copy, bank)
    assert seen(copy.view) == (2, 1000, 1000)
    feed(copy, bank)
    assert seen(copy.view) == (3, 700, 1300)
    copy.close()


def test_whoever_holds_the_lock_while_blocks_are_fed_sees_one_state(tmp_path: Path) -> None:
    copy, bank, looks = (
        Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path)),
        FakeBank(),
        list[tuple[int, int, int]](),
    )
    opened(copy, bank)
    for _ in range(150):
        bank.add(transfer(10, 20, 1))
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            looks.append(seen(copy.view))

    looking = threading.Thread(target=look)
    looking.start()
    for upto in range(3, len(bank.blocks) + 1):
        copy.apply_answer(json.dumps({"head": upto, "blocks": bank.blocks[upto - 1 : upto]}).encode())
    done.set()
    looking.join(5)
    assert [one for one in looks if one != (one[0], 1002 - one[0], 998 + one[0])] == []
    assert len({one[0] for one in looks}) > 1, "it looked while blocks came"
    copy.close()


def test_what_changes_while_it_is_read_is_given_out_but_not_kept() -> None:
    recent: Recent[int, str] = Recent(2)

    def read() -> str:
        recent.forget([1])
        return "old"

    assert recent.get(1, read) == "old"
    assert recent.get(1, lambda: "new") == "new"
    assert recent.get(1, lambda: "never asked") == "new"
    recent.forget([1])
    assert recent.get(1, lambda: "newest") == "newest"


def test_the_least_asked_for_leave_first() -> None:
    recent: Recent[int, str] = Recent(2)
    for key in (1, 2, 1, 3):
        recent.get(key, lambda: "kept")
    assert (recent.get(1, lambda: "read"), recent.get(2, lambda: "read")) == ("kept", "read")
