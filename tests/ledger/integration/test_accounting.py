"""Chart, trial balances, closed days."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange
from holdfast.ledger.api import BankDay, NotClosed, Result

pytestmark = pytest.mark.demand("A3")
DAYS = BankDay(ZoneInfo("Europe/Oslo"))
NOK = "NOK"


@pytest.fixture
def today(own_books):
    """The bank's day on which all of a test is booked."""
    return DAYS.of(own_books.reader.lines(own_books.ann, 1)[0].at)


def closed(own_books, day):
    return own_books.reader.close_days(day, DAYS, "ann", "ben")


def totals(balance):
    return {
        line: (total.debits_minor, total.credits_minor, total.net_minor)
        for (line, currency), total in balance.totals.items()
        if currency == NOK
    }


def test_every_line_has_names_in_both_languages_and_a_known_class(reader):
    chart = reader.chart()
    assert {one.class_ for one in chart} == {"asset", "liability", "equity", "income", "expense"}
    assert all(one.name_en and one.name_nb for one in chart)


@pytest.mark.parametrize(
    ("code", "side", "line"),
    [
        ("own:settlement", "debit", "1000"),
        ("own:loss", "credit", "5100"),
        ("own:position:EUR", "debit", "1100"),
        ("own:of-tomorrow", "credit", "2900"),
        ("12345678903", "credit", "2000"),
        ("loan-7", "debit", "1200"),
    ],
)
def test_an_account_stands_on_the_line_of_its_code(own_books, today, code, side, line):
    town, account = own_books, own_books.bank + 10**6
    town.books.change_accounts([AccountChange(account, code, NOK, side, -(10**15), 0, town.cohort)])
    before = totals(town.reader.trial_balance(today, DAYS)).get(line, (0, 0, 0))
    town.books.post(town.post(town.bank, account, 700))
    after = totals(town.reader.trial_balance(today, DAYS))[line]
    assert (after[1] - before[1], after[2] - before[2]) in {(700, -700), (700, 0)}
    assert after[1] - before[1] == 700


def test_a_trial_balance_shows_the_day_and_what_stood_before_it_and_sums_to_zero(own_books, today):
    town = own_books
    town.books.post(town.post(town.ann, town.ben, 2_500))
    balance = town.reader.trial_balance(today, DAYS)
    assert totals(balance) == {"1200": (10_000, 0, 10_000), "2000": (2_500, 12_500, -10_000)}
    assert balance.difference_minor(NOK) == 0
    assert balance.closed is None
    tomorrow = town.reader.trial_balance(today + timedelta(days=1), DAYS)
    assert totals(tomorrow) == {"1200": (0, 0, 10_000), "2000": (0, 0, -10_000)}
    assert town.reader.trial_balance(today - timedelta(days=1), DAYS).totals == {}


def test_a_day_ends_at_midnight_of_the_bank_and_is_moved_with_its_business_date():
    assert DAYS.end(date(2026, 7, 1)).isoformat() == "2026-07-02T00:00:00+02:00"
    moved = BankDay(DAYS.zone, -7)
    assert moved.end(date(2026, 6, 24)) == DAYS.end(date(2026, 7, 1))
    assert moved.of(DAYS.end(date(2026, 7, 1)) - timedelta(microseconds=1)) == date(2026, 6, 24)


def test_a_closed_day_keeps_its_trial_balance_and_who_closed_it(own_books, today):
    open_one = own_books.reader.trial_balance(today, DAYS)
    assert closed(own_books, today + timedelta(days=2)) == [today + timedelta(days=one) for one in range(3)]
    stored = own_books.reader.trial_balance(today, DAYS)
    assert (stored.totals, stored.closed) == (open_one.totals, ("ann", "ben"))
    assert totals(own_books.reader.trial_balance(today + timedelta(days=2), DAYS))["2000"] == (0, 0, -10_000)
    assert own_books.reader.prove() == []


def test_a_value_date_in_a_closed_day_is_refused_and_nothing_changes(own_books, today):
    town = own_books
    closed(town, today)
    answer = town.books.post(town.post(town.ann, town.ben, 5, value_date=today))
    assert (answer.result, answer.reason) == (Result.REFUSED, Reason.PERIOD_CLOSED)
    assert (town.balance(town.ann), town.balance(town.ben)) == (10_000, 0)
    assert (
        town.books.post(town.post(town.ann, town.ben, 5, value_date=today + timedelta(days=1))).result is Result.POSTED
    )


@pytest.mark.parametrize("change", [{"source": "journal", "journal_number": 3}, {"cause": "order:1:2026-03-01"}])
def test_what_must_not_fail_is_booked_on_the_first_open_day(own_books, today, change):
    town = own_books
    closed(town, today)
    post = replace(town.post(town.ann, town.ben, 5, value_date=today - timedelta(days=3)), **change)
    assert town.books.post_many([post])[0].result is Result.POSTED
    assert town.reader.lines(town.ben, 1)[0].value_date == today + timedelta(days=1)
    assert town.books.post_many([post])[0].result is Result.ALREADY_POSTED
    assert town.reader.prove() == []


@pytest.mark.parametrize(
    ("by", "approved", "words"), [("ann", "ANN ", "two people"), ("ann", "", "two people"), ("", "ben", "two people")]
)
def test_one_person_closes_nothing(own_books, today, by, approved, words):
    with pytest.raises(NotClosed, match=words):
        own_books.reader.close_days(today, DAYS, by, approved)
    assert own_books.reader.closings(date.max) == []


def test_a_day_is_closed_once_in_order_and_none_before_the_books_began(own_books, today):
    with pytest.raises(NotClosed, match="nothing was booked"):
        closed(own_books, today - timedelta(days=1))
    closed(own_books, today)
    with pytest.raises(NotClosed, match="closed already"):
        closed(own_books, today)
    with pytest.raises(NotClosed, match="at most 400 days"):
        closed(own_books, today + timedelta(days=401))
    assert [one.day for one in own_books.reader.closings(date.max)] == [today]


@pytest.mark.parametrize("table", ["closing", "day_total"])
def test_the_database_refuses_to_change_what_is_closed(own_books, today, table):
    closed(own_books, today)
    with psycopg.connect(own_books.url) as connection, pytest.raises(psycopg.Error, match="never changed"):
        connection.execute(f"DELETE FROM ledger.{table}".encode())


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        (
            "UPDATE ledger.day_total SET credits_minor = credits_minor + 1 WHERE line = '2000'",
            "trial balances equal their entries",
        ),
        ("DELETE FROM ledger.day_total WHERE line = '1200'", "trial balances equal their entries"),
        ("UPDATE ledger.closing SET day = day + 30, head = head - 1", "closed days stay closed"),
    ],
)
def test_what_was_changed_in_closed_days_is_found_by_the_proof(own_books, today, statement, invariant):
    town = own_books
    closed(town, today)
    town.books.post(town.post(town.ann, town.ben, 5, value_date=today + timedelta(days=1)))
    with psycopg.connect(town.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode())
    assert invariant in {one["invariant"] for one in town.reader.prove()}
