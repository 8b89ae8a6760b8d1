"""Copy, view and waiting sums: what the feed brings, and what leaves the exposure."""

import dataclasses
import json
import uuid
from pathlib import Path

import pytest
from fakes import FakeBank, refusal, transfer
from feeding import opened, raw, waiting
from world import ACCOUNTS, vault

from holdfast.contracts import ids
from holdfast.contracts.blocks import AccountChange
from holdfast.standin.copy import Copy
from holdfast.standin.errors import FeedBroken
from holdfast.standin.journal import Journal, JournalReader
from holdfast.standin.proof import Prover
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View
from holdfast.standin.waiting import Accepted, Waiting


def balances(copy: Copy) -> dict[int, int]:
    """All balances, as whoever holds the view's lock sees them."""
    with copy.view.lock:
        found = {number: copy.view.accounts.get(number) for number in (1, *ACCOUNTS)}
    return {number: one.balance_minor for number, one in found.items() if one is not None}


def test_blocks_make_balances_and_survive_a_restart(tmp_path: Path) -> None:
    bank, copy = opened(), Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    ident = uuid.uuid4()
    bank.add(transfer(10, 20, 300, id=ident), refusal(uuid.uuid4()))
    assert copy.apply_answer(raw(bank)) == (3, 3)
    again = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    for one in (copy, again):
        assert balances(one) == {1: 4000, 10: 700, 11: 1000, 20: 1300, 30: 1000}
        assert (one.view.head.number, one.view.head.hash) == (3, bank.last)
        one.close()
    assert [item.id for _, _, item in CopyReader(tmp_path / "copy.sqlite", vault(tmp_path)).items(ident)] == [ident]


def test_metadata_is_verified_kept_and_moves_nothing_more(tmp_path: Path) -> None:
    bank, copy = opened(), Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    paid = transfer(10, 20, 300, metadata=(("invoice", "2026-17"), ("ref", "Ødegård")))
    bank.add(paid)
    bank.add(AccountChange(20, "20", "NOK", "credit", 0, 0, 17, (("a", "b"),)))
    copy.apply_answer(raw(bank))
    assert {20: balances(copy)[20], 10: balances(copy)[10]} == {20: 1300, 10: 700}
    assert [item.metadata for _, _, item in copy.reader.items(paid.id)] == [paid.metadata]
    bank.add(transfer(10, 20, 1, metadata=(("invoice", "2026-18"),)))
    del bank.blocks[:-1]
    bank.blocks[-1]["items"][0][1][0][1] = "2026-19"
    with pytest.raises(FeedBroken, match="does not have the hash"):
        copy.apply_answer(raw(bank))
    copy.close()


def test_each_account_is_as_likely_in_a_sample_whatever_gaps_the_ids_have(tmp_path: Path) -> None:
    bank, copy = opened(), Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    far = [AccountChange(10**12 + one, f"far {one}", "NOK", "credit", 0, 0, 17) for one in range(5)]
    bank.add(*far)
    copy.apply_answer(raw(bank))
    everybody = [1, *ACCOUNTS, *(one.account for one in far)]
    count = len(everybody)
    head, some = copy.reader.sample([(rank + 0.5) / count for rank in range(0, count, 2)])
    assert (head.number, [one.account for one in some]) == (len(bank.blocks), everybody[::2])
    assert [one.account for one in copy.reader.sample([0.1] * count)[1]] == everybody
    assert copy.reader.sample([0.999])[1][0].account == everybody[-1]
    copy.close()


@pytest.mark.parametrize("harm", ["hash", "amount", "gap", "chain", "form", "account"])
def test_a_block_that_does_not_hold_changes_nothing(tmp_path: Path, harm: str) -> None:
    bank, view = opened(), View()
    copy = Copy(tmp_path / "copy.sqlite", view, vault(tmp_path))
    copy.apply_answer(raw(bank))
    before = (view.head, balances(copy))
    bank.add(transfer(10, 99 if harm == "account" else 20, 300))
    block = bank.blocks[-1]
    if harm == "hash":
        block["hash"] = "00" * 32
    elif harm == "amount":
        block["items"][0][4] = 301
    elif harm == "form":
        block["items"][0] = ["X"]
    elif harm == "gap":
        bank.add(transfer(10, 20, 1))
        del bank.blocks[2]
    elif harm == "chain":
        other = FakeBank()
        other.blocks = [{}, {}]
        other.add(transfer(10, 20, 300))
        bank.blocks[2] = other.blocks[2]
    with pytest.raises(FeedBroken):
        copy.apply_answer(raw(bank, 2))
    assert (view.head, balances(copy)) == before
    copy.close()


@pytest.mark.parametrize("harm", ["hash", "account", "huge"])
def test_the_good_blocks_before_a_bad_one_in_the_same_answer_are_taken(tmp_path: Path, harm: str) -> None:
    bank, view = opened(), View()
    copy = Copy(tmp_path / "copy.sqlite", view, vault(tmp_path))
    copy.apply_answer(raw(bank))
    bank.add(transfer(10, 20, 300))
    bank.add(transfer(10, 20, 1))
    good = bank.last
    bank.add(transfer(10, 99 if harm == "account" else 20, 5))
    if harm == "hash":
        bank.blocks[-1]["hash"] = "00" * 32
    if harm == "huge":
        bank.blocks[-1]["items"][0][4] = 2**70
    bank.add(transfer(10, 20, 7))
    with pytest.raises(FeedBroken):
        copy.apply_answer(raw(bank, 2))
    assert (view.head.number, view.head.hash, balances(copy)[10]) == (4, good, 699)
    copy.close()


@pytest.mark.parametrize("harm", ["garbage", "schema", "mark"])
def test_a_broken_copy_is_dropped_and_filled_again(tmp_path: Path, harm: str) -> None:
    path, bank = tmp_path / "copy.sqlite", opened()
    copy = Copy(path, View(), vault(tmp_path))
    copy.apply_answer(raw(bank))
    if harm == "schema":
        copy._base.execute("PRAGMA user_version = 99")
    copy.close()
    if harm == "garbage":
        path.write_bytes(b"garbage" * 5000)
    if harm == "mark":
        path.with_suffix(".broken").touch()
    view = View()
    copy = Copy(path, view, vault(tmp_path))
    assert copy.dropped
    assert (view.head.number, balances(copy), view.filled) == (0, {}, False)
    assert copy.apply_answer(raw(bank)) == (2, 2)
    copy.close()


def test_facts_are_latest_by_key_and_none_removes(tmp_path: Path) -> None:
    bank, view = FakeBank(), View()
    copy = Copy(tmp_path / "copy.sqlite", view, vault(tmp_path))
    bank.say("blocked", 20, {})
    bank.say("blocked", 30, {})
    bank.say("blocked", 20, None)
    copy.apply_facts(json.dumps({"head": 7, "facts": bank.facts}).encode())
    again = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    for one in (copy, again):
        assert [account for account in ACCOUNTS if one.view.profile.is_blocked(account)] == [30]
        assert one.view.fact_number == 7
        one.close()


def test_a_fact_with_an_odd_body_stops_the_stream_behind_the_last_good_one(tmp_path: Path) -> None:
    bank, view = FakeBank(), View()
    copy = Copy(tmp_path / "copy.sqlite", view, vault(tmp_path))
    bank.say("blocked", 20, {})
    bank.say("order", 1, {"due": "tomorrow"})
    with pytest.raises(FeedBroken, match="order"):
        copy.apply_facts(json.dumps({"head": 4, "facts": bank.facts}).encode())
    assert (view.profile.is_blocked(20), view.fact_number, view.profile.facts.get("order", "1")) == (True, 1, None)
    with pytest.raises(FeedBroken, match="order"):
        copy.apply_facts(json.dumps({"head": 4, "facts": bank.facts[1:]}).encode())
    assert view.fact_number == 1
    copy.close()


@pytest.mark.parametrize("how", ["same", "other-id", "suspended", "never"])
def test_rule_12_an_entry_leaves_the_exposure_only_when_its_block_came_back(tmp_path: Path, how: str) -> None:
    bank, view = opened(), View()
    copy = Copy(tmp_path / "copy.sqlite", view, vault(tmp_path))
    copy.apply_answer(raw(bank))
    one = waiting(number=7)
    view.decided(one)
    view.committed(one)
    assert (view.judging.exposure_total, view.judging.exposure[5], len(view.unreplayed)) == (100, 100, 1)
    bank.add(
        {
            "same": transfer(10, 20, 100, id=one.payment.id),
            "other-id": transfer(10, 20, 100, id=ids.journal_conflict_id(7), journal_number=7),
            "suspended": transfer(10, 30, 100, id=one.payment.id, journal_number=7),
            "never": transfer(10, 20, 101, id=one.payment.id),
        }[how]
    )
    copy.apply_answer(raw(bank, 2))
    left = 100 if how == "never" else 0
    for sums in (view.judging, view.shown):
        assert (sums.exposure_total, sums.exposure[5], -sums.net[10]) == (left, left, left)
    assert len(view.unreplayed) == (how == "never")
    copy.close()


def test_an_entry_whose_block_came_before_its_commit_is_never_shown_twice() -> None:
    view, one = View(), waiting()
    view.decided(one)
    view.judging.remove(one.payment.id)
    view.committed(one)
    assert view.shown.entries == {}


def test_money_coming_in_is_no_exposure() -> None:
    sums = Waiting()
    payment = dataclasses.replace(waiting().payment, kind="salary", debit=1, credit=10)
    sums.add(Accepted(payment, 1, 1, payment.amount_minor))
    assert (sums.exposure_total, sums.net[10]) == (0, 100)


@pytest.mark.parametrize(
    ("harm", "invariant"),
    [
        ("UPDATE account SET balance_minor = balance_minor + 1 WHERE account = 10", "copy-balance"),
        (
            "UPDATE item SET wire = sealed(replace(opened(wire), '1000', '1001')) WHERE block = 2 AND position = 0",
            "copy-chain",
        ),
        ("DELETE FROM item WHERE block = 2 AND position = 0", "copy-chain"),
        ("SELECT 1", ""),
    ],
)
def test_the_proof_finds_what_was_changed_in_the_copy(tmp_path: Path, harm: str, invariant: str) -> None:
    Journal(tmp_path / "journal.sqlite", vault(tmp_path)).stop()
    copy = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    copy.apply_answer(raw(opened()))
    copy._base.execute(harm).fetchall()
    copy.close()
    findings, _ = Prover(
        CopyReader(tmp_path / "copy.sqlite", vault(tmp_path)),
        JournalReader(tmp_path / "journal.sqlite", vault(tmp_path)),
    ).prove()
    assert (invariant in {one.invariant for one in findings}) if invariant else findings == []
