"""The pages on which a customer pays a loan back early."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from enrolling import PASSWORD, mark
from lending import loan, owed, town_takes
from proofs import with_password

from holdfast.bank.books import reader
from holdfast.bank.charges.models import Loan, Repayment
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import asking

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door", "register", "no_other_loans")]
DAYS = timedelta(days=1)


@pytest.fixture
def made(town):
    """A loan paid out 20 days ago, whose first instalment is due in 10; its owner can confirm by password, and has
    1,000.00 beside it."""
    with_password(town.ann)
    today = bank_today()
    return loan(town, paid_out=today - 20 * DAYS, first_due=today + 10 * DAYS)


def fields(answer):
    """The hidden fields of the form that confirms."""
    form = re.search(r'<form class="form" method="post" action="/loans/\d+/repay">.*?</form>', answer.content.decode())
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form.group(0)))


def ask(person, made, amount=""):
    return person.get(f"/loans/{made.id}/repay" + (f"?part=yes&amount={amount}" if amount else ""))


def confirm(person, made, form, password=PASSWORD):
    return person.post(f"/loans/{made.id}/repay", form | {"password": password})


@pytest.mark.parametrize("language", ["en", "nb"])
def test_everything_is_paid_back_from_the_loans_page(town, made, language):
    town.ann.client.cookies["hf_language"] = language
    first = town.ann.get(f"/loans/{made.id}")
    page = ask(town.ann, made)
    total = int(mark(page, "total-minor"))
    assert f'href="/loans/{made.id}/repay"' in first.content.decode()
    assert (mark(first, "early-minor"), mark(page, "short-minor")) == (str(total), "0")
    had = town.ann.balance
    answer = confirm(town.ann, made, fields(page))
    assert (answer.status_code, had - town.ann.balance, owed(made)) == (303, total, 0)
    done = town.ann.get(answer.headers["Location"])
    assert (mark(done, "state"), mark(done, "left-minor"), mark(done, "early-minor")) == ("booked", "0", "")
    line = next(one for one in reader().lines(town.ann.account) if one.kind == "repayment")
    how = town.ann.get(f"/accounts/{town.ann.account}/lines/{line.seq}").content.decode()
    assert "data-calculation" in how and f"/loans/{made.id}" in how


def test_a_part_shows_what_the_instalments_become_and_does_just_that(town, made):
    page = ask(town.ann, made, "40,000.00")
    coming, left = mark(page, "next-minor"), mark(page, "left-minor")
    assert (mark(page, "repay"), mark(page, "total-minor"), left) == ("part", "4000000", "6000000")
    answer = confirm(town.ann, made, fields(page))
    done = town.ann.get(answer.headers["Location"])
    assert (mark(done, "state"), mark(done, "left-minor"), owed(made)) == ("booked", left, 6_000_000)
    assert mark(done, "extra-minor") == "4000000"
    assert int(mark(ask(town.ann, made, "1000"), "next-minor")) < int(coming)
    line = next(one for one in reader().lines(town.ann.account) if one.kind == "repayment")
    assert "data-calculation" in town.ann.get(f"/accounts/{town.ann.account}/lines/{line.seq}").content.decode()


def test_the_same_form_sent_again_is_answered_as_the_first_time(town, made):
    form, had = fields(ask(town.ann, made, "1000")), town.ann.balance
    answers = [confirm(town.ann, made, form) for _ in range(3)]
    assert len({one.headers["Location"] for one in answers}) == 1
    assert had - town.ann.balance == 100_000


@pytest.mark.parametrize("changed", [{"amount": "2000"}, {"amount": ""}, {"id": str(uuid.uuid4())}, {"proof": "x"}])
def test_a_form_that_was_changed_on_the_way_proves_nothing(town, made, changed):
    form, had = fields(ask(town.ann, made, "1000")), town.ann.balance
    answer = confirm(town.ann, made, form | changed)
    assert (answer.status_code, mark(answer, "problem")) == (422, "loans.not_as_shown")
    assert (town.ann.balance, Repayment.objects.filter(loan=made).exists()) == (had, False)


def test_figures_that_changed_meanwhile_are_shown_anew(town, made):
    old, had = fields(ask(town.ann, made)), town.ann.balance
    confirm(town.ann, made, fields(ask(town.ann, made, "1000")))
    answer = confirm(town.ann, made, old)
    assert (answer.status_code, mark(answer, "problem")) == (422, "loans.not_as_shown")
    assert had - town.ann.balance == 100_000


def test_a_wrong_password_takes_nothing_and_the_right_one_then_does(town, made):
    form, had = fields(ask(town.ann, made, "1000")), town.ann.balance
    answer = confirm(town.ann, made, form, "not it")
    assert (answer.status_code, mark(answer, "problem"), town.ann.balance) == (422, "prove.password_wrong", had)
    assert fields(answer)["id"] == form["id"]
    assert confirm(town.ann, made, fields(answer)).status_code == 303
    assert had - town.ann.balance == 100_000


@pytest.mark.parametrize("amount", ["0", "-5", "12,34,56.789", "x", "100000", "99999", "%20"])
def test_an_amount_that_cannot_be_is_told_beside_its_field_and_kept(town, made, amount):
    answer = ask(town.ann, made, amount)
    page = answer.content.decode()
    assert (answer.status_code, 'id="amount-wrong"' in page) == (422, True)
    assert f'name="amount" value="{amount.strip("%20") if amount == "%20" else amount}"' in page


def test_an_account_that_lacks_the_money_is_told_how_much(town, made):
    town_takes(town, town.ann, 9_000_000)
    page = ask(town.ann, made)
    short = int(mark(page, "total-minor")) - town.ann.balance
    assert (mark(page, "short-minor"), 'name="proof"' in page.content.decode()) == (str(short), False)


def test_who_froze_everything_pays_nothing_back(town, made, monkeypatch):
    had = town.ann.balance
    monkeypatch.setattr(frozen_now, "account", lambda account: account == town.ann.account)
    answer = ask(town.ann, made)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    assert (town.ann.balance, Loan.objects.get(id=made.id).repaying) == (had, None)


def test_another_customers_loan_is_not_found(town, made):
    other = with_password(town.person(0).log_in())
    form = fields(ask(town.ann, made))
    assert [ask(other, made).status_code, confirm(other, made, form).status_code] == [404, 404]
    assert owed(made) == 10_000_000


def test_the_loans_page_asks_once_what_was_paid_back_beside_the_plan(town, made):
    confirm(town.ann, made, fields(ask(town.ann, made, "1000")))
    with CaptureQueriesContext(connection) as asked:
        page = town.ann.get(f"/loans/{made.id}")
    assert int(mark(page, "left-minor")) == owed(made) == 9_900_000
    assert sum('FROM "loan_repayment"' in one["sql"] for one in asked) == 1


def test_a_form_sent_twice_waits_for_the_first_one_no_longer_than_it_looks(monkeypatch):
    slept, answers = [], iter([False, False, True])
    monkeypatch.setattr(asking.time, "sleep", slept.append)
    assert asking.begun_meanwhile(lambda: next(answers))
    assert (len(slept), asking.begun_meanwhile(lambda: False), len(slept)) == (2, False, 2 + asking.BEGUN_LOOKS - 1)
