"""Entries forwards and backwards, balances at past moments, statements that stay as they were."""

import random
import uuid
from datetime import date, timedelta

import pytest

from holdfast.contracts.blocks import AccountChange
from holdfast.ledger.history import NO_END

pytestmark = pytest.mark.demand("A1", "B5")


def amounts(lines):
    return [(line.amount_minor, line.balance_after_minor) for line in lines]


def test_forwards_and_backwards_by_cursor_give_the_same_entries_with_the_same_balances(town):
    luck = random.Random(5)
    for _ in range(6):
        posts = [town.post(*luck.sample([town.ann, town.ben], 2), luck.randrange(1, 50)) for _ in range(5)]
        town.books.post_many([one for one in posts if one.debit == town.ann])
    whole = town.reader.lines(town.ann, 100)
    for page in (1, 3, 100):
        back, before = [], None
        while part := town.reader.lines(town.ann, page, before):
            back, before = back + part, part[-1].seq
        forth, after = [], 0
        while part := town.reader.lines_after(town.ann, after, page):
            forth, after = forth + part, part[-1].seq
        assert back == whole == forth[::-1]
    assert whole[-1].balance_after_minor == whole[-1].amount_minor == 10_000
    assert whole[0].balance_after_minor == town.balance(town.ann)


def test_an_account_of_the_debit_side_counts_its_entries_the_other_way(town):
    town.books.post(town.post(town.bank, town.ben, 40))
    assert amounts(town.reader.lines_after(town.bank)) == [(10_000, 10_000), (40, 10_040)]


def test_balances_at_a_block_and_at_an_instant_are_those_that_held_then(town):
    seen = []
    for amount in (100, 250, 5):
        block = town.books.post(town.post(town.ann, town.ben, amount)).block
        at = town.reader.lines(town.ann, 1)[0].at
        seen.append((block, at + timedelta(microseconds=1), town.balance(town.ann), town.balance(town.ben)))
    for block, instant, ann, ben in seen:
        expected = {town.ann: ann, town.ben: ben}
        assert dict(town.reader.balances_at(block, [town.ann, town.ben, 999_999_999])) == expected
        assert dict(town.reader.balances_before(instant, [town.ann, town.ben])) == expected
    before_all = town.reader.lines_after(town.ann, limit=1)[0].at
    assert dict(town.reader.balances_before(before_all, [town.ann])) == {town.ann: 0}


def test_a_statement_of_a_past_period_stays_as_it_was_when_a_late_entry_is_booked(town):
    town.books.post(town.post(town.ann, town.ben, 100))
    begin = town.reader.lines_after(town.ann, limit=1)[0].at
    end = town.reader.lines(town.ann, 1)[0].at + timedelta(microseconds=1)
    before = town.reader.period(town.ann, begin, end)
    lines = town.reader.lines_after(town.ann, before.begin.seq, 50, before.end.seq)
    assert amounts(lines) == [(10_000, 10_000), (-100, 9_900)]
    assert (before.opening_minor, before.closing_minor) == (0, 9_900)
    late = town.post(town.ann, town.ben, 7, value_date=date(2020, 1, 1))
    town.books.post(late)
    assert town.reader.period(town.ann, begin, end) == before
    assert town.reader.lines_after(town.ann, before.begin.seq, 50, before.end.seq) == lines
    after = town.reader.period(town.ann, end, end + timedelta(days=1))
    assert (after.opening_minor, after.closing_minor) == (9_900, 9_893)
    assert town.reader.lines_after(town.ann, after.begin.seq, 50, after.end.seq)[0].value_date == date(2020, 1, 1)


def test_a_period_without_entries_has_the_balance_before_it_and_an_unknown_account_none(town):
    end = town.reader.lines(town.ann, 1)[0].at + timedelta(days=1)
    empty = town.reader.period(town.ann, end, end + timedelta(days=1))
    assert (empty.opening_minor, empty.closing_minor) == (10_000, 10_000)
    assert town.reader.lines_after(town.ann, empty.begin.seq, 50, empty.end.seq) == []
    assert town.reader.period(999_999_999, end, end) is None


def test_an_entry_is_found_by_its_id_on_its_accounts_only(town):
    post = town.post(town.ann, town.ben, 12)
    town.books.post(post)
    assert amounts([town.reader.line_of(town.ben, post.id)]) == [(12, 12)]
    assert amounts([town.reader.line_of(town.ann, post.id)]) == [(-12, 9_988)]
    assert town.reader.line_of(town.bank, post.id) is None
    assert town.reader.line_of(town.ann, uuid.uuid4()) is None


def test_one_answer_of_entries_is_bounded(town, monkeypatch):
    monkeypatch.setattr("holdfast.ledger.history.PAGE_MAX", 2)
    town.books.post_many([town.post(town.ann, town.ben, 1) for _ in range(3)])
    assert len(town.reader.lines(town.ann, 10**9)) == len(town.reader.lines_after(town.ann, 0, 10**9, NO_END)) == 2


def test_an_account_without_entries_has_none_either_way(town, books):
    empty = town.bank + 10**8
    books.change_accounts([AccountChange(empty, f"nr-{empty}", "NOK", "credit", 0, 0, town.cohort)])
    assert town.reader.lines(empty) == [] == town.reader.lines_after(empty)
