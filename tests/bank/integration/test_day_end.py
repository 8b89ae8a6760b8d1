"""The end of a day in the books: accrued, decided once, booked once, whatever was repeated or killed midway."""

import threading
import uuid
from datetime import date
from fractions import Fraction
from types import SimpleNamespace

import pytest
from closing import DAY, JULY, JUNE, LAST, close_day, let_no_day_be_open
from django.db import connections, transaction

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges import booking, closing, correcting
from holdfast.bank.charges.booking import book_decided, book_rounding
from holdfast.bank.charges.closing import next_day
from holdfast.bank.charges.engine.interest import GRAINS, Calculation
from holdfast.bank.charges.models import Accrual, Booking, DayEnd
from holdfast.bank.charges.own import open_own
from holdfast.bank.customers.models import Account
from holdfast.bank.errors import BankError
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import Post, Posted, Result

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door")]


@pytest.fixture(autouse=True)
def no_day_is_open():
    let_no_day_be_open()


def saver(town, *moves):
    """A person with a savings account; moves: (value date, minor units)."""
    person = town.person(0)
    Account.objects.filter(id=person.account).update(product="savings")
    for day, minor in moves:
        move(town, person, day, minor)
    return person


def move(town, person, day, minor):
    debit, credit = (1, person.account) if minor > 0 else (person.account, 1)
    said = {"currency": "NOK", "kind": "salary" if minor > 0 else "payment", "cause": "test"}
    row = rows.row(town.cohort)
    post = Post(uuid.uuid4(), debit, credit, abs(minor), value_date=day, cohort=town.cohort, epoch=row.epoch, **said)
    books().post(post)


def test_a_month_accrues_each_day_and_is_booked_once_at_its_end_with_its_calculation(town):
    """150,000.00 for ten days, then 90,000.00 for twenty: 236.30 (worked by hand in test_charges.py)."""
    ann = saver(town, (JUNE - DAY, 15_000_000), (date(2025, 6, 11), -6_000_000))
    close_day(date(2025, 6, 10))
    (accrual,) = Accrual.objects.filter(account=ann.account)
    assert Fraction(int(accrual.grains), GRAINS) == Fraction(10 * (10_000_000 * 250 + 5_000_000 * 325), 365 * 10**4)
    close_day(LAST)
    assert ann.balance == 9_000_000 + 23_630
    (made,) = Booking.objects.filter(account=ann.account)
    (line, *_) = reader().lines(ann.account)
    assert made.id == line.id == ids.charge_id("interest", ann.account, "2025-06-01")
    assert (made.ended, line.kind, line.value_date) == ("booked", "interest", JULY)
    assert Calculation.from_json(made.calculation).amount_minor == 23_630
    assert not Accrual.objects.filter(account=ann.account).exists()


def test_a_day_closed_again_books_nothing_more(town):
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(LAST)
    once, head = ann.balance, reader().head().block
    DayEnd.objects.filter(day=LAST).delete()
    close_day(LAST)
    assert (ann.balance, reader().head().block) == (once, head)
    assert Booking.objects.filter(account=ann.account).count() == 1


def test_what_was_booked_and_not_noted_is_found_booked(town):
    """As after a kill between the books and the note."""
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(LAST)
    once = ann.balance
    Booking.objects.filter(account=ann.account).update(ended="")
    assert book_decided() == 1
    assert (ann.balance, Booking.objects.get(account=ann.account).ended) == (once, "booked")


def test_a_run_that_falls_after_any_batch_goes_on_there(town, monkeypatch):
    people = [saver(town, (JUNE - DAY, 10_000_000 + 1_000 * n)) for n in range(7)]
    whole, falls = closing._store, iter([False, True, False, True, True])

    def store(*args):
        whole(*args)
        if next(falls, False):
            raise BankError("killed before the commit")

    monkeypatch.setattr(closing, "_store", store)
    for _ in range(4):
        try:
            close_day(LAST, limit=2)
        except BankError:
            assert not transaction.get_connection().in_atomic_block
    done = close_day(LAST, limit=2)
    accounts = [one.account for one in people]
    assert done.state == "done" and done.accounts == Account.objects.filter(currency="NOK", closed=None).count()
    assert Booking.objects.filter(account__in=accounts, ended="booked").count() == 7
    assert [len([one for one in reader().lines(account) if one.kind == "interest"]) for account in accounts] == [1] * 7


def test_two_runners_at_once_book_each_charge_once(town):
    people = [saver(town, (JUNE - DAY, 10_000_000)) for _ in range(12)]
    close_day(date(2025, 6, 29))

    def run():
        try:
            close_day(LAST, limit=3)
        except DayEnd.DoesNotExist:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_day(LAST)
    assert {one.balance for one in people} == {10_000_000 + 20_548}


def test_groups_at_the_spare_bank_wait_and_are_closed_when_they_are_back(town):
    ann = saver(town, (JUNE - DAY, 10_000_000))
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    waits = close_day(LAST)
    assert (waits.state, waits.left) == ("waiting", [town.cohort])
    assert ann.balance == 10_000_000 and not Booking.objects.filter(account=ann.account).exists()
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    assert close_day(LAST).state == "done"
    assert ann.balance == 10_000_000 + 20_548


def test_a_group_that_leaves_between_deciding_and_booking_is_booked_after_its_return(town):
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(LAST, book=lambda: 0)
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    book_all()
    assert ann.balance == 10_000_000
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    book_all()
    assert ann.balance == 10_000_000 + 20_548


def book_all():
    while book_decided():
        pass


def test_what_comes_late_for_an_earlier_day_is_right_by_itself(town):
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(date(2025, 6, 20))
    move(town, ann, JUNE, -10_000_000)
    move(town, ann, date(2025, 6, 21), 10_000_000)
    close_day(date(2025, 6, 21))
    assert int(Accrual.objects.get(account=ann.account).grains) * 365 == 10_000_000 * 25_000 * 1_603_080
    move(town, ann, date(2025, 6, 21), -10_000_000)
    close_day(date(2025, 6, 22))
    assert int(Accrual.objects.get(account=ann.account).grains) == 0


def test_what_comes_late_for_a_closed_month_is_corrected_once_and_says_both_figures(town):
    """50,000.00 that should have been there all June: 50,000 × 2.50 % × 30/365 is 102.74 more… of 150,000.00 the part
    above 100,000.00 earns 3.25 %: 133.56. In July it is counted from its own day by itself."""
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(LAST)
    close_day(JULY)
    once = ann.balance
    move(town, ann, JUNE, 5_000_000)
    close_day(JULY + DAY)
    close_day(JULY + 2 * DAY)
    first, correction = Booking.objects.filter(account=ann.account).order_by("nth")
    assert (first.amount_minor, correction.nth, correction.amount_minor) == (20_548, 1, 13_356)
    assert ann.balance == once + 5_000_000 + 13_356
    assert correction.calculation["was_minor"] == 20_548
    (line,) = [one for one in reader().lines(ann.account) if one.id == correction.id]
    assert line.value_date == JULY + 2 * DAY
    assert "133.56" in ann.log_in().get(f"/accounts/{ann.account}/lines/{line.seq}").content.decode()
    move(town, ann, JUNE, -5_000_000)
    close_day(JULY + 3 * DAY)
    assert sum(one.amount_minor for one in Booking.objects.filter(account=ann.account)) == 20_548


def test_late_entries_are_corrected_in_batches_none_is_dropped_and_the_steps_stay_small(town, monkeypatch):
    people = [saver(town, (JUNE - DAY, 10_000_000)) for _ in range(5)]
    close_day(LAST)
    close_day(JULY)
    for one in people:
        move(town, one, JUNE, 5_000_000)
    whole, sizes = correcting._correct, []

    def correct(day, held, *rest):
        sizes.append(len(held))
        return whole(day, held, *rest)

    monkeypatch.setattr(correcting, "BATCH", 2)
    monkeypatch.setattr(correcting, "_correct", correct)
    close_day(JULY + DAY)
    accounts = [one.account for one in people]
    assert max(sizes) <= 2
    made = Booking.objects.filter(account__in=accounts, nth=1, ended="booked").values_list("amount_minor", flat=True)
    assert list(made) == [13_356] * 5


def test_at_a_months_end_what_was_booked_for_that_month_is_not_taken_as_late(town, monkeypatch):
    ann, asked = saver(town, (JUNE - DAY, 10_000_000)), []
    close_day(date(2025, 6, 29))
    move(town, ann, LAST, 5_000_000)
    monkeypatch.setattr(correcting, "_correct", lambda day, held, *rest: asked.extend(held) or 0)
    close_day(LAST)
    assert ann.account not in [account for account, _, _ in asked]


def test_what_comes_for_a_month_while_it_is_being_closed_is_corrected_with_the_next_day(town):
    ann = saver(town, (JUNE - DAY, 10_000_000))
    close_day(date(2025, 6, 29))
    while not Booking.objects.filter(account=ann.account).exists():
        closing.close_step(JULY)
    move(town, ann, JUNE, 5_000_000)
    close_day(LAST)
    close_day(JULY)
    made = Booking.objects.filter(account=ann.account).order_by("nth").values_list("amount_minor", flat=True)
    assert list(made) == [20_548, 13_356]


def test_before_the_first_day_that_was_ended_nothing_is_charged(town):
    ann = saver(town)
    close_day(JULY + 9 * DAY)
    move(town, ann, JUNE, 5_000_000)
    close_day(JULY + 10 * DAY)
    assert not Booking.objects.filter(account=ann.account).exists()


def test_an_overdrawn_account_pays_below_its_floor_and_payments_beyond_the_free_ones_cost(town):
    """−1,000.00 for 30 days at 11.90 %: 9.78; six withdrawals, four of them free: 50.00."""
    ann = saver(town, (JUNE - DAY, 60_000))
    books().change_accounts([_with_floor(ann, -1_000_000)])
    for _ in range(5):
        move(town, ann, JUNE, -20_000)
    move(town, ann, JUNE, -60_000)
    books().change_accounts([_with_floor(ann, 0)])
    close_day(LAST)
    assert ann.balance == -100_000 - 978 - 5_000
    assert {one.rule: one.amount_minor for one in Booking.objects.filter(account=ann.account)} == {
        "overdraft": -978,
        "uses": -5_000,
    }


def _with_floor(person, floor):
    from holdfast.contracts.blocks import AccountChange

    return AccountChange(person.account, person.number, "NOK", "credit", floor, 0, person.cohort)


def test_rounding_stands_on_its_own_account_and_interest_is_what_accrued_rounded_once(town):
    before = {account: reader().accounts([account]).get(account) for account in (7, 21)}
    for _ in range(5):
        saver(town, (JUNE - DAY, 10_000_001))
    done = close_day(LAST)
    grains, minor = done.sums["interest|2025-06-01"]
    after = reader().accounts([7, 21])
    exact = (2 * int(grains) + GRAINS) // (2 * GRAINS)
    assert (before[21].balance_minor if before[21] else 0) - after[21].balance_minor == exact
    assert before[7].balance_minor - after[7].balance_minor == minor - exact
    assert reader().prove() == []


def test_a_month_and_a_quarter_that_begin_on_the_same_day_are_rounded_each(town):
    open_own()
    sums = {"interest|2031-04-01": ["0", 3]}
    before = reader().accounts([21])[21].balance_minor
    assert book_rounding(date(2031, 4, 30), sums) and book_rounding(date(2031, 6, 30), sums)
    assert book_rounding(date(2031, 6, 30), sums)
    assert reader().accounts([21])[21].balance_minor == before + 6


@pytest.mark.parametrize(("result", "said"), [(Result.CONFLICT, 1), (Result.ALREADY_POSTED, 0), (Result.STALE, 0)])
def test_rounding_that_the_books_do_not_take_is_told(monkeypatch, result, said):
    told = []
    open_own()
    log = SimpleNamespace(error=lambda words, **more: told.append((words, more["result"])))
    monkeypatch.setattr(booking, "get_log", lambda: log)
    monkeypatch.setattr(
        "holdfast.ledger.api.Books.post_many",
        lambda _self, posts: [Posted(one.id, result, Reason.OK, 0, "own", 0) for one in posts],
    )
    book_rounding(LAST, {"interest|2025-06-01": ["0", 3]})
    assert told == [("rounding_not_booked", result.value)] * said


def test_only_yesterday_and_ends_of_months_are_closed_when_several_days_are_to_be_made_up_for():
    assert next_day(None, JULY) == LAST
    assert next_day(date(2025, 6, 29), JUNE + 29 * DAY) is None
    assert next_day(date(2025, 5, 20), date(2025, 7, 4)) == date(2025, 5, 31)
    assert next_day(date(2025, 5, 31), date(2025, 7, 4)) == LAST
    assert next_day(LAST, date(2025, 7, 4)) == date(2025, 7, 3)
