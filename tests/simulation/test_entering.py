"""Entering a journal again after a crash: each entry ends as the first time, and its case is not lost."""

import uuid
from dataclasses import replace

import pytest
from sim.books import ModelBooks
from sim.kernel import Kernel
from sim.town import LOSS, SETTLEMENT, SUSPENSE, Town

from holdfast.bank.exchange.entering import Entering
from holdfast.contracts.journal import GENESIS_HASH, Entry
from holdfast.ledger.api import Post


@pytest.mark.parametrize(("amount", "ended"), [(10, "posted"), (500, "forced")])
def test_an_entry_whose_id_the_books_hold_with_other_content_ends_alike_when_it_is_entered_again(amount, ended):
    town, books = Town(Kernel(1)), ModelBooks()
    books.open(town.opening())
    payment = town.payment("payment", (1, 2), amount, uuid.uuid4(), "form")
    opening = Post(uuid.uuid4(), SETTLEMENT, 1, 100, "NOK", "opening", payment.value_date, 0, 1, "x", source="journal")
    other = Post(payment.id, 1, 3, 7, "NOK", "payment", payment.value_date, 0, 1, "form", source="journal")
    books.post_many([opening, other])
    entry = Entry(1, GENESIS_HASH, "accept", 0, 2, 0, {"payment": payment.to_wire(), "reason": "ok"})
    entering = Entering(books, books.accounts, books.booked, suspense=lambda _: SUSPENSE, loss=lambda _: LOSS)
    first, again = entering.enter([entry])[0], entering.enter([entry])[0]
    assert (first.ended, again.ended) == (ended, ended)
    assert first.exception == again.exception != ""
    assert books.accounts_now[2].balance_minor == amount


def test_a_journal_with_metadata_is_entered_in_parts_so_that_whoever_pays_waits_for_one_of_them_only():
    town, books, sizes = Town(Kernel(1)), ModelBooks(), []
    books.open(town.opening())

    class Counting:
        def post_many(self, posts):
            sizes.append(len(posts))
            return books.post_many(posts)

    named = [
        replace(town.payment("payment", (1, 2), 10, uuid.uuid4(), "form"), metadata=(("a", "b"),)) for _ in range(201)
    ]
    bodies = [{"payment": one.to_wire(), "reason": "ok"} for one in named]
    entries = [Entry(number, GENESIS_HASH, "accept", 0, 2, 0, body) for number, body in enumerate(bodies, 1)]
    entering = Entering(Counting(), books.accounts, books.booked, suspense=lambda _: SUSPENSE, loss=lambda _: LOSS)
    assert {one.ended for one in entering.enter(entries)} == {"forced"}
    assert sizes == [200, 1, 200, 1]
