"""What `fill` makes up; pure."""

from datetime import date, timedelta

from holdfast.bank.customers.numbers import make_number
from holdfast.bank.filling.charges import make_loans
from holdfast.bank.filling.coming import add_coming_orders, balances
from holdfast.bank.filling.made_up import make_up
from holdfast.bank.filling.programs import add_abroad
from holdfast.contracts.epochs import cohort_of
from holdfast.contracts.numbers import check_digit, plain_number
from holdfast.guard import name_fits

DAY = date(2026, 11, 22)


def test_the_same_seed_makes_the_same_bank_and_another_seed_another():
    one, same, other = make_up(40, 7, "NOK", DAY), make_up(40, 7, "NOK", DAY), make_up(40, 8, "NOK", DAY)
    assert (one.opening, one.posts) == (same.opening, same.posts)
    assert one.posts != other.posts


def test_no_account_is_ever_overdrawn_and_rita_has_8000_before_her_rent():
    made = make_up(200, 1, "NOK", DAY)
    balances = {}
    for post in made.posts:
        for account, sign in ((post.debit, -1), (post.credit, 1)):
            balances[account] = balances.get(account, 0) + sign * post.amount_minor
            assert account < 1000 or balances[account] >= 0
        assert post.value_date < DAY
    (rita,) = [one for one in made.opening.customers if one.username == "rita"]
    (account,) = [one for one in made.opening.accounts if rita.id in one.owners]
    assert balances[account.id] == 800_000
    (rent,) = [one for one in made.opening.orders if one.debit == account.id]
    assert (rent.amount_minor, rent.kind, rent.due, rent.payee) == (1_250_000, "rent", DAY, "Example Housing")


def test_those_who_share_an_account_share_a_cohort():
    made = make_up(100, 1, "NOK", DAY)
    cohorts = {one.id: one.cohort for one in made.opening.customers}
    shared = [one for one in made.opening.accounts if len(one.owners) > 1]
    assert len(shared) == 12
    for account in made.opening.accounts:
        assert {cohorts[owner] for owner in account.owners} == {account.cohort}
    alone = made.opening.accounts[0]
    assert alone.cohort == cohort_of(alone.number)
    assert len({one.username for one in made.opening.customers}) == len(made.opening.customers) == 105


def test_account_numbers_carry_a_valid_check_digit():
    made = make_up(50, 1, "NOK", DAY)
    for account in made.opening.accounts:
        assert len(account.number) == 11
        assert check_digit(account.number[:10]) == account.number[10]
    assert plain_number(" 9712 00.00067 ") == "97120000067"
    assert check_digit("8601111794") == "7"
    assert sum(make_number(serial) is None for serial in range(1, 111)) == 10


def test_a_name_fits_when_one_holds_the_words_of_the_other():
    assert name_fits("rita rentmade", ["Rita Rentmade (made up)"])
    assert name_fits("Sample", ["Bo Example", "Ada Sample"])
    assert not name_fits("Ada Example", ["Bo Example", "Ada Sample"])


def test_some_orders_fall_due_on_each_coming_day_and_one_a_day_is_more_than_its_payer_has():
    made, again = make_up(200, 1, "NOK", DAY), make_up(200, 1, "NOK", DAY)
    today = len(made.opening.orders)
    for one in (made, again):
        add_coming_orders(one, 1, "NOK", DAY)
    assert made.opening == again.opening
    coming, have = made.opening.orders[today:], balances(made)
    assert [one.id for one in made.opening.orders] == list(range(1, len(made.opening.orders) + 1))
    assert {one.due for one in coming} == {DAY + timedelta(days=days) for days in (1, 2, 3)}
    short = [one for one in coming if one.amount_minor > have[one.debit]]
    assert [(one.kind, one.amount_minor - have[one.debit]) for one in short] == [("rent", 1_000_000)] * 3
    assert len({one.debit for one in short}) == 3
    (rita,) = [one.id for one in made.opening.customers if one.username == "rita"]
    (hers,) = [one.id for one in made.opening.accounts if rita in one.owners]
    assert hers not in {one.debit for one in coming}


def test_nobody_has_a_loan_on_an_account_in_another_currency():
    made = make_up(400, 1, "NOK", DAY)
    people = [one for one in made.opening.customers if one.id not in made.firms]
    add_abroad(made, [{"customer": one.id, "cohort": one.cohort, "token": "made up"} for one in people], "NOK")
    kroner = {one.id for one in made.opening.accounts if one.currency == "NOK"}
    loans = make_loans(made, 1, "NOK", DAY)
    assert len(kroner) < len(made.opening.accounts)
    assert loans
    assert {one.account for one in loans} <= kroner
