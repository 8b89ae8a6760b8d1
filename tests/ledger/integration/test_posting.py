"""Posting into the books: once, exactly, fenced, or refused with nothing changed."""

import itertools
import threading
from dataclasses import replace

import psycopg
import pytest

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_FROZEN_OUT, AccountChange, Note, block_from_wire
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import BadTransfer, Books, Result

pytestmark = pytest.mark.demand("A1", "A3")


def test_a_transfer_moves_its_amount_exactly_once(town):
    post = town.post(town.ann, town.ben, 2_500)
    first = town.books.post(post)
    again = town.books.post(post)
    assert (first.result, again.result) == (Result.POSTED, Result.ALREADY_POSTED)
    assert first.block == again.block
    assert (town.balance(town.ann), town.balance(town.ben), town.balance(town.bank)) == (7_500, 2_500, 10_000)


def test_a_known_id_with_other_content_is_a_conflict_and_changes_nothing(town):
    post = town.post(town.ann, town.ben, 100)
    town.books.post(post)
    head = town.reader.head()
    answer = town.books.post(replace(post, amount_minor=200))
    assert (answer.result, answer.reason) == (Result.CONFLICT, Reason.OTHER_CONTENT)
    assert town.reader.head() == head


def test_a_refusal_is_recorded_by_id_and_touches_no_balance(town):
    post = town.post(town.ann, town.ben, 10_001)
    answer = town.books.post(post)
    assert (answer.result, answer.reason) == (Result.REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert (town.balance(town.ann), town.balance(town.ben)) == (10_000, 0)
    town.books.post(town.post(town.bank, town.ann, 50_000))
    assert town.books.post(post).result is Result.ALREADY_REFUSED
    assert town.balance(town.ben) == 0


def test_a_batch_that_overdraws_is_judged_in_its_exact_order(town):
    posts = [
        town.post(town.ann, town.ben, 6_000),
        town.post(town.ann, town.ben, 6_000),
        town.post(town.ben, town.ann, 3_000),
        town.post(town.ann, town.ben, 7_000),
        town.post(town.ann, town.ben, 1),
    ]
    results = [answer.result for answer in town.books.post_many(posts)]
    assert results == [Result.POSTED, Result.REFUSED, Result.POSTED, Result.POSTED, Result.REFUSED]
    assert (town.balance(town.ann), town.balance(town.ben)) == (0, 10_000)


def test_the_same_id_twice_in_one_batch_is_booked_once(town):
    post = town.post(town.ann, town.ben, 1_000)
    answers = town.books.post_many([post, post, replace(post, amount_minor=5)])
    assert [a.result for a in answers] == [Result.POSTED, Result.ALREADY_POSTED, Result.CONFLICT]
    assert town.balance(town.ben) == 1_000


def test_an_older_epoch_is_stale_and_a_higher_one_is_stored_first(town):
    assert town.books.post(town.post(town.ann, town.ben, 1, epoch=FIRST_EPOCH + 2)).result is Result.POSTED
    late = town.books.post(town.post(town.ann, town.ben, 1, epoch=FIRST_EPOCH + 1))
    assert (late.result, late.known_epoch, late.block) == (Result.STALE, FIRST_EPOCH + 2, 0)
    assert town.balance(town.ben) == 1


def test_no_id_is_taken_under_an_epoch_lower_than_its_birth(town):
    answer = town.books.post(town.post(town.ann, town.ben, 1, birth=FIRST_EPOCH + 1))
    assert answer.result is Result.STALE
    assert town.balance(town.ben) == 0


def test_while_the_spare_bank_serves_own_posts_are_stale(town):
    town.books.learn_rows([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 5)])
    assert town.books.post(town.post(town.ann, town.ben, 1, epoch=FIRST_EPOCH + 5)).result is Result.STALE
    town.books.learn_rows([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 4)])
    assert town.reader.rows()[town.cohort].mode is Mode.STANDIN


def test_an_accepted_journal_entry_books_over_a_recorded_refusal(town):
    post = town.post(town.ann, town.ben, 20_000)
    assert town.books.post(post).result is Result.REFUSED
    town.books.post(town.post(town.bank, town.ann, 20_000))
    journal = replace(post, source="journal", journal_number=7)
    assert [town.books.post_many([journal])[0].result for _ in range(2)] == [Result.POSTED, Result.ALREADY_POSTED]
    assert town.books.post(post).result is Result.ALREADY_POSTED
    assert town.balance(town.ben) == 20_000


def test_an_accepted_journal_entry_without_cover_is_left_to_the_caller_unrecorded(town):
    journal = town.post(town.ann, town.ben, 20_000, source="journal", journal_number=8)
    assert town.books.post_many([journal])[0].result is Result.REFUSED
    assert town.reader.outcome(journal.id) is None
    assert town.books.post_many([replace(journal, over_floor=True)])[0].result is Result.POSTED
    assert town.balance(town.ann) == -10_000


def test_a_void_refuses_an_id_that_is_not_booked_and_leaves_one_that_is(town):
    booked, absent = town.post(town.ann, town.ben, 1), town.post(town.ann, town.ben, 2)
    town.books.post(booked)
    voids = [replace(p, source="journal", refuse=Reason.NOT_COMPLETED, journal_number=9) for p in (booked, absent)]
    assert [a.result for a in town.books.post_many(voids)] == [Result.ALREADY_POSTED, Result.REFUSED]
    assert town.reader.outcome(absent.id).source == "journal"


def test_a_frozen_account_pays_nothing_out(town):
    town.books.change_accounts(
        [AccountChange(town.ann, f"nr-{town.ann}", "NOK", "credit", 0, FLAG_FROZEN_OUT, town.cohort)]
    )
    assert town.books.post(town.post(town.ann, town.ben, 1)).reason is Reason.ACCOUNT_FROZEN
    assert town.books.post(town.post(town.bank, town.ann, 1)).result is Result.POSTED


@pytest.mark.parametrize(
    ("change", "reason"), [({"credit": 1}, Reason.ACCOUNT_UNKNOWN), ({"currency": "CZK"}, Reason.OTHER_CURRENCY)]
)
def test_accounts_that_do_not_fit_are_refused_by_name(town, change, reason):
    assert town.books.post(replace(town.post(town.ann, town.ben, 1), **change)).reason is reason


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 10**15 + 1},
        {"amount_minor": 1.5},
        {"currency": "nok"},
        {"id": "no"},
        {"cause": "x" * 201},
        {"source": "other"},
        {"kind": "a\0b"},
    ],
)
def test_what_can_never_be_booked_is_named_and_nothing_changes(town, change):
    head = town.reader.head()
    with pytest.raises(BadTransfer):
        town.books.post(replace(town.post(town.ann, town.ben, 1), **change))
    assert town.reader.head() == head


def test_many_threads_and_two_posters_book_each_payment_exactly_once(town, url, notes):
    other = Books(url, notes)
    posts = [town.post(town.ann, town.ben, 10) for _ in range(200)]
    results = []

    def run(books, part):
        results.extend(books.post(p, 20).result for p in part)

    threads = [threading.Thread(target=run, args=(books, posts)) for books in (town.books, other) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert results.count(Result.POSTED) == 200
    assert results.count(Result.ALREADY_POSTED) == 1400
    assert town.balance(town.ben) == 2_000


def test_words_of_any_form_are_booked_as_they_were_said(reader, town):
    odd = ['say "hi"', "back\\slash\\", "{a,b}", "NULL", "", " ", "two\nlines", "ærlig talt €", "\\x00"]
    posts = [
        town.post(town.ann, town.ben, 1, note=Note(bytes([n, 92, 34]), word, word, word)) for n, word in enumerate(odd)
    ]
    posts.append(town.post(town.ann, town.ben, 1, note=None))
    assert {one.result for one in town.books.post_many(posts)} == {Result.POSTED}
    lines = {one.id: (one.payer, one.payee, one.text) for one in reader.lines(town.ben, 50)}
    assert [lines[post.id] for post in posts[:-1]] == [(word, word, word) for word in odd]
    assert reader.prove() == []


def test_an_answer_of_blocks_holds_a_bounded_number_of_items_but_always_a_block(reader, town, monkeypatch):
    since = reader.head().block
    for _ in range(3):
        town.books.post_many([town.post(town.ann, town.ben, 1) for _ in range(4)])
    for items_max, blocks in ((12, 3), (11, 2), (4, 1), (1, 1)):
        monkeypatch.setattr("holdfast.ledger.reading.ITEMS_MAX", items_max)
        assert [len(block["items"]) for block in reader.blocks(since, 10)] == [4] * blocks


def test_python_and_the_database_hash_blocks_alike(reader, town):
    town.books.post(town.post(town.ann, town.ben, 99_999_999))
    wire, after = [], 0
    while page := reader.blocks(after, 100):
        wire += page
        after = page[-1]["number"]
    blocks = [block_from_wire(one) for one in wire]
    assert [b.number for b in blocks] == list(range(1, reader.head().block + 1))
    assert all(later.previous == earlier.hash() for earlier, later in itertools.pairwise(blocks))
    assert blocks[-1].hash() == reader.head().hash


def test_entries_carry_the_balance_after_them(town):
    for amount in (100, 200, 300):
        town.books.post(town.post(town.ann, town.ben, amount))
    lines = town.reader.lines(town.ann)
    assert [(line.amount_minor, line.balance_after_minor) for line in lines] == [
        (-300, 9_400),
        (-200, 9_700),
        (-100, 9_900),
        (10_000, 10_000),
    ]
    older = town.reader.lines(town.ann, limit=2, before=lines[1].seq)
    assert [(line.amount_minor, line.balance_after_minor) for line in older] == [(-100, 9_900), (10_000, 10_000)]
    assert lines[0].text == "æøå for lunch"
    assert town.reader.lines(town.bank)[0].balance_after_minor == 10_000


@pytest.mark.parametrize("table", ["account", "block", "transfer", "refusal", "account_change"])
def test_the_database_refuses_to_change_or_delete_what_is_booked(url, table):
    for statement in (f"DELETE FROM ledger.{table}", f"TRUNCATE ledger.{table} CASCADE"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="never changed"):
            connection.execute(statement.encode())


def test_what_was_booked_below_the_floor_leaves_no_cover_to_others_of_its_batch(town):
    forced = town.post(town.ann, town.ben, 9_000, over_floor=True)
    others = [town.post(town.ann, town.ben, amount) for amount in (2_000, 1_000)]
    results = [one.result for one in town.books.post_many([forced, *others])]
    assert results == [Result.POSTED, Result.REFUSED, Result.POSTED]
    assert town.balance(town.ann) == 0
