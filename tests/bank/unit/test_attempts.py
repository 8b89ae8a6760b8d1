"""What charges would have been had tried payments been made: by hand, and beside a second, slower computing."""

import random
from datetime import date

import pytest
import slow_charges
import tried_town
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.bank.charges.engine.arrears import Booked, brought_by, first_covered
from holdfast.bank.charges.engine.asif import Entry
from holdfast.bank.charges.engine.attempts import (
    Attempt,
    cover_with,
    differences,
    history_from,
    would_have_covered,
)
from holdfast.bank.charges.engine.histories import History, Movement
from holdfast.bank.charges.engine.prices import PriceBook, read_price_list
from holdfast.bank.redress.finding import by_account

pytestmark = pytest.mark.demand("C3", "A2")
PRICES = PriceBook([read_price_list(slow_charges.PRICES, "2026.1", date(1990, 1, 1), "NOK")])
JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
UNTIL = date(2025, 7, 31)
TENTH = date(2025, 6, 10)


def history_of(town, account, first):
    days, opening = {}, 0
    for one in town.entries:
        for side, sign in ((one.debit, -1), (one.credit, 1)):
            if side != account:
                continue
            if one.day < first:
                opening += sign * one.minor
                continue
            net, uses = days.get(one.day, (0, 0))
            days[one.day] = (net + sign * one.minor, uses + (sign < 0 and one.kind in ("payment", "order")))
    return History(first, opening, tuple(Movement(day, *both) for day, both in sorted(days.items())))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_the_engine_and_a_slow_recomputation_agree_to_the_minor_unit(seed):
    town = tried_town.make(random.Random(seed), 4)
    slow = slow_charges.Town(town)
    wishes, _ = slow.wishes(UNTIL)
    expected = slow.periods(wishes, [JUNE, JULY])
    attempts = [Attempt(w.debit, w.credit, w.minor, w.day, w.back if w.made else None, UNTIL) for w in wishes]
    closed = {date(2025, 6, 30), UNTIL}
    moved = {
        account: [change for one in attempts for change in one.moved(account)]
        for account in {account for one in attempts for account in (one.debit, one.credit)}
    }
    first = history_from(moved, PRICES)
    found = {}
    for account, changes in moved.items():
        past = history_of(town, account, first)
        for one in differences(account, town.product[account], past, PRICES, changes, closed):
            owner = town.owner[account]
            found[owner] = found.get(owner, 0) + one.difference_minor
    assert {customer: minor for customer, minor in found.items() if minor > 0} == expected, f"seed {seed}"


def test_a_try_counts_only_where_the_money_was_there_on_its_day():
    one = Attempt(1, 2, 500, TENTH, None, UNTIL)
    assert would_have_covered(one, 500, 0, [])
    assert not would_have_covered(one, 499, 0, [])
    assert would_have_covered(one, 499, -1, [])
    brings, takes = Attempt(3, 1, 100, TENTH, None, UNTIL), Attempt(1, 3, 100, TENTH, None, UNTIL)
    assert would_have_covered(one, 400, 0, [brings])
    assert not would_have_covered(one, 500, 0, [takes])
    made_that_day = Attempt(3, 1, 100, TENTH, TENTH, UNTIL)
    assert not would_have_covered(one, 400, 0, [made_that_day])


def test_moving_money_between_own_accounts_gives_only_what_is_left_of_both():
    """100,000.00 of savings tried on the 10th to other savings, never made: 143.84 more there, as much less here."""
    attempts = [Attempt(1, 2, 10_000_000, TENTH, None, date(2025, 6, 30))]
    history = {1: History(JUNE, 10_000_000), 2: History(JUNE, 0)}
    total = [
        one.difference_minor
        for account in (1, 2)
        for one in differences(
            account, "savings", history[account], PRICES, attempts[0].moved(account), {date(2025, 6, 30)}
        )
    ]
    assert len(total) == 2 and total[0] == -total[1] and total[1] == 14_384


def test_a_period_that_runs_still_gives_nothing_yet():
    one = Attempt(1, 2, 10_000_000, TENTH, None, UNTIL)
    assert differences(2, "savings", History(JUNE, 0), PRICES, one.moved(2), set()) == []


def test_money_that_was_tried_in_time_covers_a_standing_order():
    tried = [Attempt(9, 1, 700, TENTH, None, UNTIL)]
    since = [Entry(-50, TENTH, "payment")]
    without = cover_with(250, since, 1_000, TENTH, [], 1)
    assert (without.covered, without.available_minor) == (False, 300)
    found = cover_with(250, since, 1_000, TENTH, tried, 1)
    assert (found.covered, found.available_minor, found.came_late_minor) == (True, 1_000, 700)
    assert not cover_with(250, since, 1_000, date(2025, 6, 9), tried, 1).covered  # tried a day later than it was due
    later = [Attempt(9, 1, 700, TENTH, date(2025, 6, 15), UNTIL)]
    real = [*since, Entry(700, date(2025, 6, 15), "payment")]
    assert cover_with(950, real, 1_000, TENTH, later, 1) == found


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 5_000), st.integers(1, 5_000), st.integers(0, 9), st.one_of(st.none(), st.integers(10, 25)),
    st.integers(0, 5_000),
)  # fmt: skip
def test_the_day_on_which_an_instalment_would_have_been_covered_is_that_of_a_slow_look_at_each_day(
    had, tried_minor, tried_after, made_after, needed
):
    """An account with so much on the last day in time; a transfer tried some days later, made later or never."""

    def june(n):
        return date(2025, 6, 10 + n) if n <= 20 else date(2025, 7, n - 20)

    paid, in_time = june(27), june(0)
    made = None if made_after is None else june(made_after)
    one = Attempt(9, 1, tried_minor, june(tried_after), made, UNTIL)
    real = [] if made is None else [Booked(tried_minor, made, "payment", made)]
    brought, more = brought_by([one], 1, in_time, paid)
    available = had + (tried_minor if made else 0) + brought
    found = first_covered(available, [*real, *more], needed, in_time, paid, in_time)
    slow = None
    for n in range(27):
        there = had + (tried_minor if n >= tried_after else 0)
        if there >= needed > had:
            slow = june(n)
            break
    assert (found[0] if found else None) == slow


@pytest.mark.parametrize("seed", range(20))
def test_what_counts_for_an_account_is_the_same_looked_up_by_account_or_through_all(seed):
    luck = random.Random(seed)
    tries = [
        Attempt(luck.randrange(6), luck.randrange(6), luck.randrange(1, 900), TENTH, luck.choice([None, UNTIL]), UNTIL)
        for _ in range(60)
    ]
    filed = by_account(tries)
    for one in tries:
        args = one, luck.randrange(2_000), 0
        assert would_have_covered(*args, filed[one.debit]) == would_have_covered(*args, tries)
    assert sum(len(found) for found in filed.values()) == sum(len({one.debit, one.credit}) for one in tries)
