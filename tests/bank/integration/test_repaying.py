"""A loan paid back early: the whole or a part, once, confirmed by its customer, and no instalment beside it."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from lending import FIRST, collect, loan, owed, poor_one, town_takes

from holdfast.bank.books import reader, rows
from holdfast.bank.charges import loans, repaying
from holdfast.bank.charges.loans import left_of, plan_for
from holdfast.bank.charges.models import Loan, LoanPayment, Repayment
from holdfast.bank.charges.repaying import Against, finish_repayments, quote, repay
from holdfast.bank.errors import BankError
from holdfast.bank.freezing.known import frozen_now
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door", "register", "no_other_loans")]
DAY = timedelta(days=1)
EARLY = FIRST + 10 * DAY
"""27 February: 12 days after the first due day. 91,893.36 × 0.06 × 12/360 = 183.79 of interest."""
INTEREST, LEFT = 18_379, 9_189_336


def fresh(made):
    return Loan.objects.get(id=made.id)


def running(town):
    """A loan of which one instalment was paid; the account has 92,358.36."""
    made = loan(town)
    collect(FIRST)
    return fresh(made)


def with_money(town, minor=1_000_000):
    made = running(town)
    town_takes(town, town.ann, -minor)
    return made


def asked(made, day=EARLY, part_minor=None, form=None):
    """Quoted and done, as the page does."""
    found = quote(made, day, part_minor)
    return found if isinstance(found, Against) else repay(found, form or uuid.uuid4(), made.customer)


def test_the_whole_is_paid_back_once_divided_and_no_instalment_follows(town):
    made, form, before = with_money(town), uuid.uuid4(), reader().accounts([22])
    had, found = town.ann.balance, quote(made, EARLY)
    assert [repay(found, form, made.customer).state for _ in range(3)] == ["booked"] * 3
    after = reader().accounts([22, 23])
    assert (had - town.ann.balance, owed(made)) == (LEFT + INTEREST, 0)
    assert (after[22].balance_minor - before[22].balance_minor, after[23].balance_minor) == (INTEREST, 0)
    found = fresh(made)
    assert (found.repaid, found.next_pay_on, found.repaying, left_of(found)) == (EARLY, None, None, [])
    assert collect(FIRST + 400 * DAY) == 0
    assert reader().prove() == []


def test_the_fee_of_the_price_list_is_taken_with_it(town, monkeypatch):
    version, prices = loans.prices_on("NOK", EARLY)
    monkeypatch.setattr(loans, "prices_on", lambda *_: (version, replace(prices, early_fee_minor=50_000)))
    made, fees = with_money(town), reader().accounts([6])[6].balance_minor
    had = town.ann.balance
    assert asked(made, part_minor=1_000_000).state == "booked"
    assert asked(fresh(made)).fee_minor == 50_000
    assert reader().accounts([6])[6].balance_minor - fees == 2 * 50_000
    assert had - town.ann.balance == LEFT + 2 * 50_000 + 18_379


def test_a_part_lowers_the_instalments_and_the_last_day_stays(town):
    """41,893.36 of 91,893.36, on 27 February: then 4,682.95 a month (test_loans.py), and the next one's interest is
    183.79 for 12 days on the larger sum and 50,000.00 × 0.06 × 18/360 = 150.00: 333.79 exactly 333.7867."""
    made = with_money(town)
    last, had = plan_for(made)[-1].due, town.ann.balance
    assert asked(made, part_minor=4_189_336).state == "booked"
    found = fresh(made)
    assert (had - town.ann.balance, owed(made), found.extras) == (4_189_336, 5_000_000, 1)
    coming = left_of(found)[0]
    assert (coming.interest_minor, coming.principal_minor, plan_for(found)[-1].due) == (33_379, 443_295, last)
    collect(coming.pay_on)
    assert owed(made) == 5_000_000 - 443_295
    for one in left_of(fresh(made)):
        collect(one.pay_on)
    assert (owed(made), fresh(made).paid, fresh(made).next_pay_on) == (0, 12, None)


@pytest.mark.parametrize(
    ("part_minor", "against"),
    [(LEFT, Against.WHOLE), (LEFT + 1, Against.WHOLE), (LEFT - 1_099, Against.REST), (10**7 * 5, Against.WHOLE)],
)
def test_a_part_that_the_plan_cannot_carry_is_refused_and_changes_nothing(town, part_minor, against):
    made = with_money(town)
    had = town.ann.balance
    assert asked(made, part_minor=part_minor) is against
    assert not Repayment.objects.filter(loan=made).exists()
    assert town.ann.balance == had


def test_a_part_waits_for_an_instalment_that_is_due_and_the_whole_takes_it_along(town):
    made = with_money(town)
    due = left_of(made)[0]
    assert asked(made, due.due, 1_000_000) is Against.DUE
    done = asked(made, due.due)
    assert (done.principal_minor, done.interest_minor, done.fee_minor) == (LEFT, due.interest_minor, due.fee_minor)
    assert (owed(made), collect(due.pay_on)) == (0, 0)


def test_what_is_late_is_paid_back_with_what_being_late_costs(town):
    poor, made = poor_one(town)
    collect(FIRST + DAY)
    town_takes(town, poor, -11_000_000)
    done = asked(fresh(made), FIRST + 10 * DAY)
    assert (done.late_interest_minor, done.late_fee_minor, done.late_since) == (2_557, 3_500, FIRST + DAY)
    assert (poor.balance, owed(made)) == (11_000_000 - done.total_minor, 0)


def test_an_account_that_lacks_the_money_is_told_so_and_nothing_is_taken(town):
    made = with_money(town, -1_000_000)
    found, had = quote(made, EARLY), town.ann.balance
    assert found.short_minor == LEFT + INTEREST - had
    assert repay(found, uuid.uuid4(), made.customer) is Against.SHORT
    assert (town.ann.balance, fresh(made).repaying) == (had, None)


def together(*works):
    """Each in a thread of its own, begun at the same moment; what they gave."""
    begin, out = threading.Barrier(len(works)), []

    def run(work):
        begin.wait(10)
        try:
            out.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[one]) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return out


def test_two_tabs_at_once_pay_it_back_once(town):
    made = with_money(town)
    had, found = town.ann.balance, quote(made, EARLY)
    ended = together(*[lambda: repay(found, uuid.uuid4(), made.customer) for _ in range(4)])
    assert len([one for one in ended if one is Against.CHANGED]) == 3
    assert [one.state for one in ended if isinstance(one, Repayment)] == ["booked"]
    assert (had - town.ann.balance, owed(made)) == (LEFT + INTEREST, 0)


def test_one_form_sent_four_times_at_once_pays_back_once(town):
    made = with_money(town)
    had, found, form = town.ann.balance, quote(made, EARLY, 1_000_000), uuid.uuid4()
    ended = together(*[lambda: repay(found, form, made.customer) for _ in range(4)])
    assert len({one.id for one in ended}) == 1
    assert (had - town.ann.balance, fresh(made).extras) == (1_000_000, 1)


def test_with_the_days_instalment_at_the_same_moment_one_of_the_two_is_taken(town):
    made = with_money(town, 20_000_000)
    day, had = left_of(made)[0].pay_on, town.ann.balance
    found = quote(made, day)
    together(lambda: repay(found, uuid.uuid4(), made.customer), lambda: collect(day))
    collect(day)
    done = Repayment.objects.filter(loan=made, state="booked")
    instalments = LoanPayment.objects.filter(loan=made, number=2, state="split")
    assert done.count() + instalments.count() == 1
    assert owed(made) == (0 if done else left_of(fresh(made))[0].owed_minor)
    assert had - town.ann.balance == sum(one.total_minor for one in (*done, *instalments))


def test_no_instalment_is_decided_of_a_loan_that_is_paid_back_while_it_is_looked_at(town, monkeypatch):
    made = with_money(town, 20_000_000)
    day, covered = left_of(made)[0].pay_on, loans._covered

    def meanwhile(loan, *more):
        assert asked(fresh(made), day).state == "booked"
        return covered(loan, *more)

    monkeypatch.setattr(loans, "_covered", meanwhile)
    assert (loans.collect_instalments(day), owed(made), LoanPayment.objects.filter(loan=made).count()) == (0, 0, 1)


def test_none_is_paid_back_while_its_instalment_is_being_taken(town, monkeypatch):
    made = with_money(town)
    day = left_of(made)[0].pay_on
    with monkeypatch.context() as patched:
        patched.setattr(loans, "_book_decided", lambda *_: 0)
        loans.collect_instalments(day)
    assert asked(made, day) is Against.BUSY
    collect(day)
    assert asked(fresh(made), day).state == "booked"


@pytest.mark.parametrize("where", ["_carry_out", "_note_booked"])
def test_a_process_killed_anywhere_leaves_it_to_the_worker_who_ends_it_once(town, monkeypatch, where):
    made = with_money(town)
    had, whole = town.ann.balance, getattr(repaying, where)

    def killed(*args):
        if where == "_note_booked":
            raise BankError("killed before it")
        whole(*args)
        raise BankError("killed behind it")

    with monkeypatch.context() as patched:
        patched.setattr(repaying, where, killed)
        with pytest.raises(BankError):
            asked(made)
    assert collect(EARLY) == 0
    finish_repayments(EARLY + DAY)
    assert (had - town.ann.balance, owed(made), fresh(made).repaid) == (LEFT + INTEREST, 0, EARLY)
    assert finish_repayments(EARLY + DAY) == 0


def left_decided(made, monkeypatch):
    """Decided by a process that died before it asked the books."""
    with monkeypatch.context() as patched:
        patched.setattr(repaying, "_carry_out", lambda *_: 0)
        return asked(made)


@pytest.mark.parametrize(("days", "state"), [(0, "booked"), (1, "refused")])
def test_what_was_never_sent_to_the_books_is_booked_that_day_and_refused_on_the_next(town, monkeypatch, days, state):
    made = with_money(town)
    had, one = town.ann.balance, left_decided(made, monkeypatch)
    assert (one.state, asked(fresh(made))) == ("decided", Against.BUSY)
    assert collect(left_of(made)[0].pay_on) == 0
    assert finish_repayments(EARLY + days * DAY) == 1
    one.refresh_from_db()
    assert (one.state, fresh(made).repaying) == (state, None)
    assert had - town.ann.balance == (LEFT + INTEREST if state == "booked" else 0)
    if state == "refused":
        assert one.reason == "not_completed"
        assert asked(fresh(made)).state == "booked"


def test_what_was_decided_before_an_owner_froze_everything_is_not_taken_after_it(town, monkeypatch):
    made = with_money(town)
    had, one = town.ann.balance, left_decided(made, monkeypatch)
    monkeypatch.setattr(frozen_now, "account", lambda account: account == town.ann.account)
    assert finish_repayments(EARLY) == 1
    one.refresh_from_db()
    assert (one.state, one.reason, fresh(made).repaying) == ("refused", "customer_frozen", None)
    assert (town.ann.balance, owed(made)) == (had, LEFT)


def test_while_the_spare_bank_serves_it_waits_and_is_refused_afterwards(town, monkeypatch):
    made = with_money(town)
    had, one = town.ann.balance, left_decided(made, monkeypatch)
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert finish_repayments(EARLY) == 0
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    assert finish_repayments(EARLY + 2 * DAY) == 1
    one.refresh_from_db()
    assert (one.state, town.ann.balance) == ("refused", had)
