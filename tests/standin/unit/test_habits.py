"""What accounts paid lately: made from the copy once, then kept current, each booking counted once, and bounded."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import DAY, FakeBank, transfer
from world import ACCOUNTS, vault

from holdfast.contracts.blocks import AccountChange, days_of
from holdfast.guard import Habit
from holdfast.standin import habits
from holdfast.standin.copy import Copy
from holdfast.standin.deciding import Deciding, habit_of, paid_of
from holdfast.standin.habits import DEBITS_MAX, Debit, Habits, oldest_day
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View


def filled(tmp_path: Path, *blocks: list[object]) -> tuple[FakeBank, Copy, CopyReader]:
    """A copy with accounts and these blocks."""
    bank = FakeBank()
    bank.add(
        AccountChange(1, "s", "NOK", "debit", -(10**12), 0, 0),
        *(AccountChange(number, "c", "NOK", "credit", -(10**9), 0, one[2]) for number, one in ACCOUNTS.items()),
    )
    for items in blocks:
        bank.add(*items)  # type: ignore[arg-type]
    copy = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    feed(copy, bank)
    return bank, copy, CopyReader(tmp_path / "copy.sqlite", vault(tmp_path))


def feed(copy: Copy, bank: FakeBank) -> None:
    """Apply what is new."""
    copy.apply_answer(json.dumps({"head": len(bank.blocks), "blocks": bank.blocks[copy.view.head.number :]}).encode())


def known(copy: Copy, reader: CopyReader, account: int = 10) -> habits.Record:
    """The account's record, as a decision asks for it."""
    found = copy.view.habits.known(account, DAY)
    return found or copy.view.habits.keep(account, DAY, reader.debits(account, oldest_day(DAY), DEBITS_MAX))


def test_payees_amounts_and_counts_come_from_the_copy(tmp_path: Path) -> None:
    old = DAY - timedelta(days=91)
    _, copy, reader = filled(
        tmp_path,
        [transfer(10, 30, 70_000, value_date=old), transfer(10, 20, 300), transfer(10, 11, 900, kind="order")],
        [transfer(10, 1, 5_000, kind="fee"), transfer(10, 1, 40, kind="card"), transfer(20, 10, 8_000)],
    )
    record = known(copy, reader)
    assert (list(record.payees), record.largest_minor, record.payments) == ([20, 11], 900, 2)
    assert (record.paid_minor, record.cards_minor) == (300, 40)
    copy.close()


def test_an_exchange_counts_on_its_day_and_makes_no_habit(tmp_path: Path) -> None:
    before = transfer(10, 1, 70, kind="exchange", value_date=DAY - timedelta(days=1))
    bank, copy, reader = filled(tmp_path, [before, transfer(10, 20, 300), transfer(10, 1, 5_000, kind="exchange")])
    record = known(copy, reader)
    assert (record.paid_minor, reader.paid(10, days_of(DAY))) == (5_300, 5_300)
    bank.add(transfer(10, 1, 40, kind="exchange"))
    feed(copy, bank)
    record = known(copy, reader)
    assert (record.paid_minor, reader.paid(10, days_of(DAY))) == (5_340, 5_340)
    assert (list(record.payees), record.payments, len(record.instants)) == ([20], 1, 1)
    copy.close()


def test_what_comes_by_the_feed_is_counted_once_also_two_in_one_block(tmp_path: Path) -> None:
    bank, copy, reader = filled(tmp_path, [transfer(10, 20, 300)])
    assert known(copy, reader).payments == 1
    bank.add(transfer(10, 30, 500), transfer(10, 11, 700))
    feed(copy, bank)
    record = known(copy, reader)
    assert (record.payments, record.largest_minor, list(record.payees)) == (3, 700, [20, 30, 11])
    copy.view.habits.forget()
    again = known(copy, reader)
    assert (again.payments, again.largest_minor, list(again.payees)) == (3, 700, [20, 30, 11])
    copy.close()


def test_a_record_made_after_the_copys_commit_does_not_count_the_same_block_again(tmp_path: Path) -> None:
    bank, copy, reader = filled(tmp_path, [transfer(10, 20, 300)])
    record = known(copy, reader)
    copy.view.habits.booked(record.block, 1, transfer(10, 20, 300))
    assert record.payments == 1
    copy.close()
    assert bank.blocks


def test_payments_of_the_last_hour_are_those_booked_by_the_bank_itself(tmp_path: Path) -> None:
    _, copy, reader = filled(tmp_path, [transfer(10, 20, 1), transfer(10, 20, 2, source="journal", journal_number=1)])
    record = known(copy, reader)
    (at_us,) = record.instants
    assert (record.paid_since(at_us - 1), record.paid_since(at_us)) == (1, 0)
    copy.close()


def test_records_are_bounded_whatever_an_account_or_the_bank_pays() -> None:
    many = Habits()
    busy = [Debit(n, n, 1000 + n, 1, "payment", days_of(DAY), True) for n in range(1, 2_000)]
    record = many.keep(1, DAY, busy)
    assert len(record.payees) == habits.PAYEES_MAX
    assert (list(record.payees)[-1], len(record.instants)) == (2_999, habits.INSTANTS_MAX)
    for account in range(habits.ACCOUNTS_MAX + 5):
        many.keep(account, DAY, [])
    assert many.known(4, DAY) is None
    assert many.known(5, DAY) is not None


def test_a_record_of_another_day_is_made_anew() -> None:
    some = Habits()
    some.keep(1, DAY, [])
    assert some.known(1, DAY + timedelta(days=1)) is None


def test_only_the_newest_debits_are_read(tmp_path: Path) -> None:
    items = [transfer(10, 20, number, id=uuid.uuid4()) for number in range(1, 9)]
    _, copy, reader = filled(tmp_path, items[:4], items[4:])
    assert [one.amount_minor for one in reader.debits(10, 0, 3)] == [6, 7, 8]
    assert [one.amount_minor for one in reader.debits(10, 0, 3, before=3)] == [2, 3, 4]
    copy.close()


def test_what_an_account_paid_is_valued_without_looking_for_the_account_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, copy, reader = filled(tmp_path, [transfer(10, 20, 300)])
    profile = copy.view.profile
    profile.today, profile.own_currency = lambda: DAY, "EUR"
    records = [Deciding(reader, copy.view, lambda: 0)._lately(10)]
    monkeypatch.setattr(copy.view.accounts, "get", None)
    assert paid_of(copy.view, records) == 30_000
    assert habit_of(copy.view, records, []) == Habit(30_000, 1)
    copy.close()
