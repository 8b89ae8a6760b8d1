"""What the bank holds is held in the copy too: it cannot be spent here, and is free once it ended."""

import dataclasses
from pathlib import Path

import pytest
from feeding import opened, pending, posting, raw, release, waiting
from world import vault

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange, Pending
from holdfast.contracts.epochs import Bank, Mode, pack_epoch
from holdfast.guard import Limits, LimitSet
from holdfast.standin.copy import Copy
from holdfast.standin.deciding import Deciding, Order, fed_state
from holdfast.standin.journal import Journal, JournalReader
from holdfast.standin.judging import Ask, Fed, Step
from holdfast.standin.proof import Prover
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View
from holdfast.standin.waiting import settles


def states(copy: Copy) -> list[tuple[int, int, int]]:
    """Balance, held and available of both customers' accounts."""
    with copy.view.lock:
        found = [copy.view.accounts.get(number) for number in (10, 20)]
    return [(one.balance_minor, one.held_minor, one.available_minor) for one in found if one]


@pytest.fixture
def fed(tmp_path: Path) -> object:
    """A copy of a bank that holds 300, 40 and 7 of account 10."""
    bank, copy = opened(), Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    holds = [pending(300), pending(40), pending(7)]
    bank.add(*holds)
    copy.apply_answer(raw(bank))
    yield bank, copy, holds
    copy.close()


def test_what_is_held_moves_no_balance_and_cannot_be_spent(fed) -> None:
    _, copy, holds = fed
    assert states(copy) == [(1000, 347, 653), (1000, 0, 1000)]
    assert [hold.amount_minor for _, hold in copy.reader.holds([10], 10)] == [7, 40, 300]
    assert copy.reader.held(holds[0].id, 10) == 300
    assert copy.reader.held(holds[0].id, 20) == 0
    assert copy.reader.of_account(10, 10)[0][2].kind == "deposit"


def test_what_was_held_is_posted_in_part_voided_or_expires_and_a_restart_knows(fed, tmp_path: Path) -> None:
    bank, copy, (first, second, third) = fed
    bank.add(posting(first, 120), release(second), release(third, "expired"))
    copy.apply_answer(raw(bank, 3))
    assert states(copy) == [(880, 0, 880), (1120, 0, 1120)]
    again = Copy(tmp_path / "copy.sqlite", View(), vault(tmp_path))
    assert states(again) == states(copy)
    assert again.reader.holds([10], 10) == []
    again.close()


def test_an_account_that_changes_keeps_what_is_held_of_it(fed) -> None:
    bank, copy, _ = fed
    bank.add(AccountChange(10, "c", "NOK", "credit", -500, 0, 5))
    copy.apply_answer(raw(bank, 3))
    assert states(copy)[0] == (1000, 347, 1153)


def test_a_hold_answers_its_id_as_a_booking_does_and_settles_what_waited(fed) -> None:
    _, copy, (first, *_) = fed
    payment = dataclasses.replace(waiting(ident=first.id, amount=300).payment, credit=20)
    items = [item for _, _, item in copy.reader.items(first.id)]
    assert fed_state(payment, items)[0] is Fed.BOOKED
    assert settles(first, waiting(ident=first.id, amount=300))
    assert not settles(first, waiting(ident=first.id, amount=301))


def test_a_card_use_counts_when_it_is_held_and_not_again_when_it_is_posted(fed) -> None:
    bank, copy, (first, *_) = fed
    assert [one.amount_minor for one in copy.reader.debits(10, 0, 10)] == [300, 40, 7]
    bank.add(posting(first, 120))
    copy.apply_answer(raw(bank, 3))
    assert [one.amount_minor for one in copy.reader.debits(10, 0, 10)] == [300, 40, 7]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE account SET held_minor = held_minor + 1 WHERE account = 10",
        "UPDATE account SET held_minor = 1 WHERE account = 20",
        "UPDATE hold SET amount_minor = amount_minor + 1",
        "UPDATE item SET held_minor = 5 WHERE block = 3 AND position = 0",
        "SELECT 1",
    ],
)
def test_the_proof_finds_what_was_changed_of_holds(fed, tmp_path: Path, harm: str) -> None:
    _, copy, _ = fed
    Journal(tmp_path / "journal.sqlite", vault(tmp_path)).stop()
    copy._base.execute(harm).fetchall()
    readers = (
        CopyReader(tmp_path / "copy.sqlite", vault(tmp_path)),
        JournalReader(tmp_path / "journal.sqlite", vault(tmp_path)),
    )
    findings, _ = Prover(*readers).prove()
    assert {one.invariant for one in findings} == (set() if harm == "SELECT 1" else {"copy-held"})


def use_of(hold: Pending, amount: int, debit: int = 10) -> Order:
    """A card use that posts this hold."""
    payment = dataclasses.replace(waiting(amount=amount).payment, debit=debit, credit=1, kind="card")
    ask = Ask(Bank.STANDIN, Mode.STANDIN, 5, pack_epoch(1, 2), 0, amount, claimed=False)
    return Order(payment, ask, settles=hold.id)


@pytest.mark.parametrize("together", [True, False])
def test_a_hold_covers_the_first_use_that_posts_it_and_only_one_of_its_own_account(
    tmp_path: Path, together: bool
) -> None:
    bank, copy, hold = opened(), Copy(tmp_path / "copy.sqlite", View(lambda: 0), vault(tmp_path)), pending(1000)
    bank.add(hold)
    copy.apply_answer(raw(bank))
    copy.view.profile.limits = LimitSet(Limits(900, 900, 9), Limits(900, 900, 9), 10**9, 10**9)
    deciding = Deciding(copy.reader, copy.view, lambda: 0)
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))
    orders = [use_of(hold, 1001, debit=20), use_of(hold, 1000), use_of(hold, 1000)]
    groups = [orders] if together else [[one] for one in orders]
    said = [
        decision
        for group in groups
        for decision, _ in journal.submit(lambda writing, group=group: deciding.write(writing, group)).result(5)
    ]
    assert [one.step for one in said] == [Step.VOID, Step.ACCEPT, Step.VOID]
    assert (said[0].reason, said[2].reason) == (Reason.NOT_ENOUGH_MONEY, Reason.NOT_ENOUGH_MONEY)
    journal.stop()
    copy.close()


def test_what_a_payment_is_judged_by_is_what_it_counts_as_also_over_midnight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, copy = opened(), Copy(tmp_path / "copy.sqlite", View(lambda: 0), vault(tmp_path))
    copy.apply_answer(raw(bank))
    profile, values = copy.view.profile, iter([800, 1200])
    profile.limits = LimitSet(Limits(900, 900, 9), Limits(900, 900, 9), 10**9, 10**9)
    monkeypatch.setattr(profile, "worth", lambda *_: next(values))  # a rate whose last day ends meanwhile
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))
    order = dataclasses.replace(use_of(pending(1), 100), settles=None)
    deciding = Deciding(copy.reader, copy.view, lambda: 0)
    ((decision, accepted),) = journal.submit(lambda writing: deciding.write(writing, [order])).result(5)
    assert (decision.step, accepted.value_minor, copy.view.judging.exposure_total) == (Step.ACCEPT, 800, 800)
    journal.stop()
    copy.close()
