"""Loans in the books: paid out once, collected once, late when the account did not cover them, shown with their plan."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
from lending import FIRST, collect, late_since, loan, owed, poor_one, town_takes
from racing import meanwhile

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges import loans
from holdfast.bank.charges.engine.loans import plan_of
from holdfast.bank.charges.loans import collect_instalments, payment_of, payoff_of, terms_of
from holdfast.bank.charges.models import Loan, LoanPayment
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.models import HeldEpoch, Outage
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import Action, Post, Result

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door", "no_other_loans")]
DAY = timedelta(days=1)


def test_a_loan_is_paid_out_once_and_stands_as_the_banks_claim(town):
    made = loan(town)
    assert (town.ann.balance, owed(made)) == (10_100_000, 10_000_000)
    assert reader().accounts([24])[24].balance_minor == 0
    assert made.next_pay_on == FIRST
    assert reader().prove() == []


def test_an_instalment_is_collected_on_its_banking_day_and_divided(town):
    made, before = loan(town), reader().accounts([22, 6])
    assert collect(FIRST - timedelta(days=1)) == 0
    assert collect(FIRST) > 0
    assert collect(FIRST) == 0
    after = reader().accounts([22, 6])
    assert town.ann.balance == 10_100_000 - 860_664 - 3_500
    assert owed(made) == 10_000_000 - 810_664
    assert [after[one].balance_minor - before[one].balance_minor for one in (22, 6)] == [50_000, 3_500]
    assert reader().accounts([23])[23].balance_minor == 0
    found = Loan.objects.get(id=made.id)
    assert (found.paid, found.next_pay_on, found.late_since) == (1, date(2025, 3, 17), None)


@pytest.mark.parametrize("where", ["_decide", "_note", "loan_entry", "_go_on"])
def test_a_run_killed_anywhere_collects_the_instalment_once(town, monkeypatch, where):
    made, whole = loan(town), getattr(loans, where)

    def killed(*args):
        whole(*args)
        raise BankError("killed behind it")

    monkeypatch.setattr(loans, where, killed)
    with pytest.raises(BankError):
        collect(FIRST)
    monkeypatch.setattr(loans, where, whole)
    collect(FIRST)
    assert (town.ann.balance, owed(made)) == (10_100_000 - 864_164, 10_000_000 - 810_664)
    assert LoanPayment.objects.filter(loan=made, state="split").count() == 1


def test_a_loan_is_locked_before_its_instalment_so_that_two_processes_never_wait_for_each_other(town, monkeypatch):
    made, go_on = loan(town), loans._go_on
    monkeypatch.setattr(loans, "_go_on", lambda _: None)
    collect_instalments(FIRST)
    one = LoanPayment.objects.get(loan=made, state="booked")
    found = meanwhile(
        lambda: Loan.objects.select_for_update().get(id=made.id),
        lambda: go_on(one),
        lambda: LoanPayment.objects.select_for_update(nowait=True).get(id=one.id),
    )
    assert found == one
    assert Loan.objects.get(id=made.id).paid == 1


def test_who_lacks_the_money_is_late_when_the_day_is_over_and_pays_for_it_when_it_is_there(town):
    """864,164 minor units at 12 %, ACT/365, for 9 days: 2,557; and the late fee of 3,500."""
    poor, made = poor_one(town)
    assert collect(FIRST) == 0
    assert late_since(made) is None
    assert collect(FIRST + DAY) == 0
    assert late_since(made) == FIRST + DAY
    assert not LoanPayment.objects.filter(loan=made).exists()
    assert collect(FIRST + timedelta(days=5)) == 0
    town_takes(town, poor, -900_000)
    collect(FIRST + timedelta(days=10))
    (paid,) = LoanPayment.objects.filter(loan=made)
    assert (paid.late_interest_minor, paid.late_fee_minor) == (2_557, 3_500)
    assert poor.balance == 900_000 - 864_164 - 2_557 - 3_500
    assert late_since(made) is None


@pytest.mark.parametrize(("days", "fee_minor"), [(1, 0), (2, 3_500)])
def test_what_pays_a_late_loan_back_has_the_late_fee_as_the_instalment_has(town, days, fee_minor):
    _, made = poor_one(town)
    collect(FIRST + DAY)
    late = Loan.objects.get(id=made.id)
    day = FIRST + days * DAY
    (_, on_time), (_, then) = payoff_of(made, day), payoff_of(late, day)
    assert then.late_fee_minor == fee_minor
    assert then.total_minor == on_time.total_minor + fee_minor + then.late_interest_minor
    assert payment_of(late, day).late_fee_minor == fee_minor


def test_a_loan_that_the_books_did_not_pay_out_is_told(town):
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    with pytest.raises(BankError, match="was not paid out: stale"):
        loan(town)


def test_money_that_comes_on_the_pay_day_itself_is_in_time(town):
    poor, made = poor_one(town)
    assert collect(FIRST) == 0
    town_takes(town, poor, -900_000)
    collect(FIRST)
    (paid,) = LoanPayment.objects.filter(loan=made)
    assert (paid.total_minor, poor.balance) == (864_164, 900_000 - 864_164)


def test_held_money_covers_no_instalment(town):
    made = loan(town)
    said = {"currency": "NOK", "kind": "card", "value_date": FIRST, "cohort": town.cohort, "cause": "test"}
    sides = (town.ann.account, town.ben.account)
    held = {"epoch": rows.row(town.cohort).epoch, "action": Action.PENDING, "expires_us": 2**60}
    hold = Post(uuid.uuid4(), *sides, 9_250_000, **held, **said)
    assert books().post(hold).result is Result.POSTED
    assert collect(FIRST) == 0
    assert not LoanPayment.objects.filter(loan=made).exists()


def test_what_the_books_refused_is_tried_again_on_the_same_day_and_taken_once(town, monkeypatch):
    poor, made = poor_one(town)
    with monkeypatch.context() as patched:
        patched.setattr(loans, "_covered", lambda loan, _state, day, tries: payment_of(loan, day, tries))
        assert collect(FIRST) == loans.TRIES_MAX
    assert late_since(made) is None
    town_takes(town, poor, -900_000)
    assert collect(FIRST) == 0
    monkeypatch.setattr(loans, "TRIES_MAX", loans.TRIES_MAX + 1)
    collect(FIRST)
    assert poor.balance == 900_000 - 864_164
    assert LoanPayment.objects.filter(loan=made).exclude(state="refused").count() == 1


def test_loans_without_cover_keep_nobody_else_waiting(town, monkeypatch):
    monkeypatch.setattr(loans, "PAGE", 2)
    monkeypatch.setattr(loans, "PAGES_MAX", 1)
    without = [poor_one(town) for _ in range(5)]
    poor, made = without[3]
    town_takes(town, poor, -900_000)
    for _ in range(4):
        collect_instalments(FIRST)
    assert [one.id for _, one in without if Loan.objects.get(id=one.id).paid] == [made.id]


def test_a_day_on_which_the_bank_was_away_makes_nobody_late(town):
    made = loan(town)
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert collect(FIRST) == 0
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    collect(FIRST + timedelta(days=4))
    (paid,) = LoanPayment.objects.filter(loan=made)
    assert (paid.late_interest_minor, paid.late_fee_minor) == (0, 0)


def back_on(town, day):
    """The group was with the spare bank, and came back on a day."""
    epoch = rows.row(town.cohort).epoch
    rows.learn([Row(town.cohort, Mode.STANDIN, epoch + 1)])
    rows.learn([Row(town.cohort, Mode.PRIMARY, epoch + 2)])
    at = datetime.combine(day, time(12), UTC)
    HeldEpoch.objects.filter(cohort=town.cohort, epoch=epoch + 2).update(at=at)


@pytest.mark.parametrize(("back", "late"), [(-1, 1), (0, 2), (3, 5)])
def test_after_a_return_there_is_a_whole_day_to_put_the_money_in(town, back, late):
    _, made = poor_one(town)
    back_on(town, FIRST + back * DAY)
    for days in range(late):
        collect(FIRST + days * DAY)
        assert late_since(made) is None
    collect(FIRST + late * DAY)
    assert late_since(made) == FIRST + late * DAY


def test_a_day_of_an_outage_that_was_told_makes_nobody_late(town):
    _, made = poor_one(town)
    noon = datetime.combine(FIRST, time(12), UTC)
    told = Outage.objects.create(incident=f"i-{made.id}", since=noon, until=noon, first_day=FIRST - DAY, last_day=FIRST)
    collect(FIRST + DAY)
    told.delete()
    assert late_since(made) is None


def test_a_loan_is_over_when_its_last_instalment_was_paid(town):
    made = loan(town, instalments=2)
    for one in plan_of(terms_of(made)):
        collect(one.pay_on)
    found = Loan.objects.get(id=made.id)
    assert (owed(found), found.paid, found.next_pay_on) == (0, 2, None)
    assert b'data-left-minor="0"' in town.ann.get(f"/loans/{made.id}").content


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_pages_show_what_is_left_what_comes_next_and_the_plan(town, language):
    made = loan(town)
    collect(FIRST)
    town.ann.client.cookies["hf_language"] = language
    page = town.ann.get(f"/loans/{made.id}").content.decode()
    assert 'data-left-minor="9189336"' in page and page.count("data-instalment=") == 12
    assert page.count('data-state="paid"') == 1 and page.count('data-state="next"') == 1
    assert f'href="/loans/{made.id}"' in town.ann.get("/loans").content.decode()
    line = next(one for one in reader().lines(town.ann.account) if one.kind == "instalment")
    how = town.ann.get(f"/accounts/{town.ann.account}/lines/{line.seq}").content.decode()
    assert "data-calculation" in how and f"/loans/{made.id}" in how


def test_another_customers_loan_answers_as_not_found(town):
    made, other = loan(town), town.person(0).log_in()
    assert other.get(f"/loans/{made.id}").status_code == 404
    assert other.get("/loans/999999999").status_code == 404
    assert b"data-loan=" not in other.get("/loans").content
