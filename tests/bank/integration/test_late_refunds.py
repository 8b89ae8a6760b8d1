"""What being late with a loan cost because of an incident is given back, once, with its calculation; nothing else is."""

import uuid
from datetime import UTC, datetime, time, timedelta

import pytest
from lending import collect, late_since, loan

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges import refunding
from holdfast.bank.charges.loans import left_of
from holdfast.bank.charges.models import Loan, LoanPayment
from holdfast.bank.charges.refunding import refund_late_instalments
from holdfast.bank.charges.repaying import quote, repay
from holdfast.bank.customers.models import Owner
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.models import Refund
from holdfast.bank.payments.pay import bank_today
from holdfast.ledger.api import Post

pytestmark = [pytest.mark.demand("C3"), pytest.mark.usefixtures("door", "no_other_loans", "no_other_lateness")]
DAY = timedelta(days=1)


@pytest.fixture
def no_other_lateness(bank):
    Loan.objects.update(late_since=None)
    LoanPayment.objects.update(late_since=None)
    Outage.objects.all().delete()


class Borrower:
    """Somebody whose account was empty on the pay day, some two weeks ago, and who was late from the day after it."""

    def __init__(self, town, due_days=20):
        self.town, self.today = town, bank_today()
        self.person = town.person(0).log_in()
        self.made = loan(
            town, self.person, paid_out=self.today - (due_days + 40) * DAY, first_due=self.today - due_days * DAY
        )
        self.move(-10_000_000, self.today)
        collect(self.pay_on + DAY)
        assert late_since(self.made) == self.pay_on + DAY

    @property
    def pay_on(self):
        return self.made.next_pay_on

    def move(self, minor, value_date):
        sides = (1, self.person.account) if minor > 0 else (self.person.account, self.town.ben.account)
        said = {"currency": "NOK", "kind": "salary", "value_date": value_date, "cohort": self.town.cohort}
        epoch = rows.row(self.town.cohort).epoch
        books().post(Post(uuid.uuid4(), *sides, abs(minor), cause="test", epoch=epoch, **said))

    def paid(self):
        collect(self.today)
        (one,) = LoanPayment.objects.filter(loan=self.made)
        return one

    def refund(self, days_ago=20, name="", until=None):
        since = datetime.combine(self.today - days_ago * DAY, time(11), UTC)
        return refund_late_instalments(name or f"I-{self.made.id}", since, until or self.today, "staff:1")

    def refunds(self):
        return list(Refund.objects.filter(account=self.person.account))


@pytest.fixture
def long_ago(monkeypatch):
    """The loan's money came and went long before, so neither is an entry since the pay day."""
    read = refunding._entries

    def since(account, after):
        return [one for one in read(account, after) if abs(one.amount_minor) != 10_000_000]

    monkeypatch.setattr(refunding, "_entries", since)


@pytest.fixture
def borrower(town, long_ago):
    return Borrower(town)


def test_a_salary_stopped_by_the_incident_gives_all_of_it_back_once(borrower):
    borrower.move(2_000_000, borrower.pay_on)
    paid, had = borrower.paid(), borrower.person.balance
    late_minor = paid.late_interest_minor + paid.late_fee_minor
    assert late_minor > 3_500
    assert [borrower.refund(), borrower.refund(), borrower.refund(name="another")] == [1, 0, 0]
    assert borrower.person.balance - had == late_minor
    (one,) = borrower.refunds()
    assert (one.refunded_minor, one.would_have_been_minor, one.instalment) == (late_minor, 0, paid.id)
    assert reader().prove() == []


def test_the_deed_killed_between_books_and_note_gives_it_back_once(borrower):
    borrower.move(2_000_000, borrower.pay_on)
    paid, had = borrower.paid(), borrower.person.balance
    borrower.refund()
    Refund.objects.filter(account=borrower.person.account).delete()
    borrower.refund(name="another")
    assert borrower.person.balance - had == paid.late_interest_minor + paid.late_fee_minor
    assert len(borrower.refunds()) == 1


def test_the_killed_deed_is_noted_as_it_was_booked_though_more_late_money_came_since(borrower):
    """First 4,068 would have been left of it, then nothing; the books hold the smaller refund."""
    borrower.move(2_000_000, borrower.pay_on + 3 * DAY)
    paid, had = borrower.paid(), borrower.person.balance
    borrower.refund()
    Refund.objects.filter(account=borrower.person.account).delete()
    borrower.move(2_000_000, borrower.pay_on)
    assert borrower.refund(name="another") == 1
    (one,) = borrower.refunds()
    assert (one.would_have_been_minor, one.charged_minor) == (4_068, paid.late_interest_minor + paid.late_fee_minor)
    assert borrower.person.balance - had == 2_000_000 + one.refunded_minor


@pytest.mark.parametrize("value", [0, 8])
def test_money_that_came_in_on_its_own_day_gives_nothing_back(borrower, value):
    """Of today, or of the far future: none of it was stopped."""
    borrower.move(2_000_000, borrower.today + value * DAY)
    borrower.paid()
    had = borrower.person.balance
    assert borrower.refund() == 0
    assert (borrower.person.balance, borrower.refunds()) == (had, [])


def test_an_incident_that_began_after_it_was_paid_gives_nothing_back(borrower):
    borrower.move(2_000_000, borrower.pay_on)
    borrower.paid()
    LoanPayment.objects.filter(loan=borrower.made).update(day=borrower.today - 2 * DAY)
    assert (borrower.refund(days_ago=1), borrower.refunds()) == (0, [])


def test_what_was_due_after_the_banks_date_is_not_given_back(borrower):
    borrower.move(2_000_000, borrower.pay_on)
    borrower.paid()
    assert (borrower.refund(until=borrower.pay_on - DAY), borrower.refunds()) == (0, [])


def test_money_for_some_days_later_gives_a_part_of_it_back(borrower):
    """Taken on the third day of being late: two days of interest and the fee stay."""
    borrower.move(2_000_000, borrower.pay_on + 3 * DAY)
    paid = borrower.paid()
    assert borrower.refund() == 1
    (one,) = borrower.refunds()
    assert one.would_have_been_minor == 568 + 3_500
    assert one.refunded_minor == paid.late_interest_minor + paid.late_fee_minor - 568 - 3_500


def told(borrower, first, last):
    noon = datetime.combine(borrower.today, time(12), UTC)
    days = {"first_day": first, "last_day": last}
    Outage.objects.create(incident=f"I-{borrower.made.id}", since=noon, until=noon, **days)


def test_a_pay_day_in_the_outage_counts_for_nobody(borrower):
    """Late from three days later: the day after the outage is there to put the money in."""
    borrower.move(2_000_000, borrower.today)
    paid = borrower.paid()
    told(borrower, borrower.pay_on, borrower.pay_on + DAY)
    assert borrower.refund() == 1
    (one,) = borrower.refunds()
    days = (borrower.today - borrower.pay_on - 3 * DAY).days
    assert one.would_have_been_minor == round(864_164 * 0.12 * days / 365) + 3_500
    assert one.charged_minor == paid.late_interest_minor + paid.late_fee_minor


def test_an_outage_after_one_was_late_changes_nothing(borrower):
    borrower.move(2_000_000, borrower.today)
    borrower.paid()
    told(borrower, borrower.pay_on + DAY, borrower.today)
    assert (borrower.refund((borrower.today - borrower.pay_on).days - 1), borrower.refunds()) == (0, [])


@pytest.mark.parametrize(("in_outage", "excused"), [(True, True), (False, False)])
def test_who_is_late_still_is_so_no_more_if_it_came_of_the_incident(borrower, in_outage, excused):
    if in_outage:
        told(borrower, borrower.pay_on, borrower.today)
    borrower.refund()
    assert late_since(borrower.made) == (None if excused else borrower.pay_on + DAY)
    borrower.move(2_000_000, borrower.today)
    assert (borrower.paid().total_minor == 864_164) is excused


def test_what_was_late_when_a_loan_was_paid_back_is_given_back_too(borrower):
    borrower.move(20_000_000, borrower.pay_on)
    made = Loan.objects.get(id=borrower.made.id)
    done = repay(quote(made, borrower.today), uuid.uuid4(), made.customer)
    assert (done.state, done.late_fee_minor) == ("booked", 3_500)
    assert [borrower.refund(), borrower.refund()] == [1, 0]
    (one,) = borrower.refunds()
    assert (one.instalment, one.refunded_minor) == (done.id, 3_500 + done.late_interest_minor)


def test_late_money_for_the_first_of_two_that_were_late_gives_nothing_back_of_the_second(town, long_ago):
    borrower = Borrower(town, due_days=45)
    borrower.move(900_000, borrower.pay_on)
    borrower.move(20_000_000, borrower.today)
    made = Loan.objects.get(id=borrower.made.id)
    done = repay(quote(made, borrower.today), uuid.uuid4(), made.customer)
    assert borrower.refund() == 1
    (one,) = borrower.refunds()
    _, second = left_of(made)[:2]
    days = (borrower.today - second.pay_on).days
    assert (days > 0, one.charged_minor) == (True, 3_500 + done.late_interest_minor)
    assert one.would_have_been_minor == round(864_164 * 0.12 * days / 365)


def test_who_has_the_loan_is_told_not_another_owner_of_the_account(borrower, town):
    borrower.move(2_000_000, borrower.pay_on)
    borrower.paid()
    other = Owner.objects.create(customer_id=town.ann.id, account_id=borrower.person.account)
    borrower.refund()
    other.delete()
    assert town.ann.id < borrower.person.id
    assert [one.customer for one in borrower.refunds()] == [borrower.person.id]


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_refund_shows_its_calculation(borrower, call, language):
    borrower.move(2_000_000, borrower.pay_on)
    borrower.paid()
    began = f"{borrower.pay_on}T08:00:00+01:00"
    asked = {
        "incident": f"I-{borrower.made.id}", "from": began, "until": borrower.today.isoformat(), "by": "staff:1",
        "began": began, "ended": f"{borrower.pay_on}T08:40:00+01:00",
    }  # fmt: skip
    told_first, told_again = (call("/-/refunds", asked, by="control").json()["refunds"] for _ in range(2))
    assert told_first == told_again
    assert (told_first[0]["account"], told_first[0]["would_have_been_minor"]) == (borrower.person.account, 0)
    borrower.person.client.cookies["hf_language"] = language
    line = next(one for one in reader().lines(borrower.person.account) if one.kind == "refund")
    how = borrower.person.get(f"/accounts/{borrower.person.account}/lines/{line.seq}").content.decode()
    assert "data-calculation" in how
    page = borrower.person.get("/money").content.decode()
    assert ("Without our outage" if language == "en" else "Uten feilen hos oss") in page


def test_while_there_is_more_to_collect_nothing_is_given_back_and_it_is_to_be_asked_again(borrower, monkeypatch):
    borrower.move(2_000_000, borrower.pay_on)
    with monkeypatch.context() as patched:
        patched.setattr(refunding, "ROUNDS_MAX", 1)
        with pytest.raises(BankError, match="ask again"):
            borrower.refund()
        assert borrower.refunds() == []
        assert borrower.refund() == 1


def test_however_many_were_late_and_get_nothing_the_one_behind_them_gets_it(borrower):
    """The others cost nothing: they were paid on the first day of being late."""
    borrower.move(2_000_000, borrower.pay_on)
    paid = borrower.paid()
    free = {"late_interest_minor": 0, "late_fee_minor": 0, "day": borrower.today - DAY, "late_since": borrower.today}
    row = {one.attname: getattr(paid, one.attname) for one in LoanPayment._meta.fields} | free
    others = [LoanPayment(**row | {"id": uuid.uuid4(), "number": 1_000 + n}) for n in range(10_001)]
    LoanPayment.objects.bulk_create(others)
    given = borrower.refund()
    LoanPayment.objects.filter(loan=borrower.made, number__gte=1_000).delete()
    assert given == 1
