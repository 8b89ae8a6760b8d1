"""What customers see of prices: the list, what an account costs, and each charge with its calculation."""

import re
import uuid
from datetime import timedelta

import pytest
from closing import DAY, JULY, JUNE, LAST, close_day, let_no_day_be_open

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.models import Booking, PriceVersion
from holdfast.bank.charges.publishing import price_book, publish, why_not
from holdfast.bank.customers.models import Account
from holdfast.bank.orders.charging import price_on
from holdfast.bank.orders.models import Price
from holdfast.bank.payments.pay import bank_today
from holdfast.ledger.api import Post

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door")]
SAID = {"en": ("2.50\u00a0%", "Savings account", "205.4795"), "nb": ("2,50\u00a0%", "Sparekonto", "205,4795")}


@pytest.fixture
def saver(town):
    """Someone with 100,000.00 on a savings account, June's interest (205.48) booked and ten days of July accrued."""
    let_no_day_be_open()
    ann = town.person(0)
    Account.objects.filter(id=ann.account).update(product="savings")
    row, said = rows.row(town.cohort), {"currency": "NOK", "kind": "opening", "cause": "test"}
    books().post(
        Post(
            uuid.uuid4(), 1, ann.account, 10_000_000, value_date=JUNE - DAY, cohort=town.cohort, epoch=row.epoch, **said
        )
    )
    close_day(LAST)
    close_day(JULY + 9 * DAY)
    return ann.log_in()


@pytest.fixture
def later_list():
    """A list that comes into force in 30 days, taken away again."""
    held = price_book("NOK").lists[-1]
    body = {**held.body, "late_order": "65.00"}
    made = why_not(body, f"t-{uuid.uuid4().hex[:8]}", bank_today() + timedelta(days=30), "NOK")
    assert publish(made, held.version, "one", "two", "cheaper") == ""
    yield made
    PriceVersion.objects.filter(version=made.version).delete()
    Price.objects.filter(version=made.version).delete()
    price_book.__globals__["_known"].forget()


@pytest.mark.parametrize("language", SAID)
def test_the_price_list_is_for_everybody_in_both_languages(town, language):
    town.ann.client.cookies["hf_language"] = language
    page = town.ann.get("/prices").content.decode()
    rate, name, _ = SAID[language]
    assert rate in page and name in page and 'data-version="2026.1"' in page
    assert "data-coming" not in page


@pytest.mark.parametrize("language", SAID)
def test_an_accounts_page_says_what_it_costs_what_accrued_and_what_was_booked(saver, language):
    saver.client.cookies["hf_language"] = language
    page = saver.get(f"/accounts/{saver.account}/prices").content.decode()
    assert SAID[language][0] in page and SAID[language][1] in page
    assert 'data-accrued-minor="6868"' in page  # ten days: 100,000 at 2.50 % is 68.4932, 205.48 at 3.25 % 0.1830
    (made,) = Booking.objects.filter(account=saver.account)
    assert re.findall(r'data-charge="(\w+)"', page) == [made.id.hex]
    assert SAID[language][2] in saver.get(f"/accounts/{saver.account}/charges/{made.id}").content.decode()


@pytest.mark.parametrize("language", SAID)
def test_the_entry_on_the_account_page_leads_to_its_calculation(saver, language):
    saver.client.cookies["hf_language"] = language
    (line, *_) = reader().lines(saver.account)
    assert f"/accounts/{saver.account}/lines/{line.seq}" in saver.get(f"/accounts/{saver.account}").content.decode()
    page = saver.get(f"/accounts/{saver.account}/lines/{line.seq}").content.decode()
    assert "data-calculation" in page and SAID[language][2] in page and SAID[language][0] in page


def test_entries_that_customers_made_have_no_calculation(town):
    (line,) = reader().lines(town.ann.account)
    assert "data-calculation" not in town.ann.get(f"/accounts/{town.ann.account}/lines/{line.seq}").content.decode()


def test_another_customers_prices_and_charges_answer_as_not_found(saver, town):
    (made,) = Booking.objects.filter(account=saver.account)
    own, theirs = f"/accounts/{town.ann.account}", f"/accounts/{saver.account}"
    for path in (
        f"{theirs}/prices",
        f"{theirs}/charges/{made.id}",
        f"{own}/charges/{made.id}",
        f"{own}/charges/{'0' * 36}",
    ):
        assert town.ann.get(path).status_code == 404, path


def test_an_account_in_another_currency_costs_and_earns_nothing(town):
    Account.objects.filter(id=town.ann.account).update(currency="EUR")
    page = town.ann.get(f"/accounts/{town.ann.account}/prices").content.decode()
    assert "data-version" not in page and "data-accrued-minor" not in page


def test_a_list_to_come_is_shown_with_what_changes_and_holds_from_its_day_on(town, later_list):
    page = town.ann.get("/prices").content.decode()
    coming = page.partition(f'data-coming="{later_list.version}"')[2].partition("</section>")[0]
    assert "65.00" in coming and "2.50" not in coming
    today, day = bank_today(), later_list.valid_from
    assert [price_on("late_order", "NOK", one).amount_minor for one in (today, day - DAY, day)] == [7000, 7000, 6500]
    assert price_book("NOK").on(today).version == "2026.1"


WRONG = {
    "a version there is": ({}, "2026.1", 30, "There is a version 2026.1 already"),
    "no version": ({}, " ", 30, "There is a version"),
    "today": ({}, "new", 0, "from tomorrow"),
    "far away": ({}, "new", 400, "from tomorrow"),
    "not a price": ({"late_order": "much"}, "new", 30, "late_order"),
    "a product that vanishes": ({"products": {"current": {}}}, "new", 30, "booked: stays month"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_list_that_cannot_be_published_is_refused_in_words(case):
    change, version, days, words = WRONG[case]
    held, count = price_book("NOK").lists[-1], PriceVersion.objects.count()
    found = why_not({**held.body, **change}, version, bank_today() + timedelta(days=days), "NOK")
    assert isinstance(found, str) and words in found
    assert PriceVersion.objects.count() == count


def test_a_list_published_twice_is_there_once_and_one_made_from_an_older_list_is_refused(later_list):
    assert publish(later_list, "2026.1", "one", "two", "cheaper") == ""
    other = why_not(dict(later_list.body), "other", bank_today() + timedelta(days=40), "NOK")
    assert "has changed" in publish(other, "2026.1", "one", "two", "cheaper")
    assert PriceVersion.objects.filter(currency="NOK").count() == 2
