"""The simulator's model of the books and the books themselves say the same of random batches."""

import random
import sys
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_FROZEN_IN, AccountChange, block_from_wire
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import Post, Posted

sys.path.insert(0, str(Path(__file__).parents[2] / "simulation"))

from sim.books import ModelBooks

BATCHES = 120
NAMED = ({"invoice": "1"}, {"invoice": "1", "order": "æ"})
"""Metadata that posts carry."""


def draw(luck: random.Random, town, seen: list[Post], named: bool) -> Post:
    """One post: new, a repeat, a repeat with other content, a journal entry, a refusal, an older or newer epoch."""
    accounts = [town.bank, town.ann, town.ben, town.ann, town.ben, 999_999_999 - luck.randrange(3)]
    fresh = Post(
        id=uuid.UUID(int=luck.getrandbits(128), version=4),
        debit=luck.choice(accounts),
        credit=luck.choice(accounts),
        amount_minor=luck.choice([10, 50, 200, 1000]),
        currency="NOK" if luck.random() < 0.95 else "SEK",
        kind="payment",
        value_date=date(2026, 3, 2),
        cohort=town.cohort,
        epoch=FIRST_EPOCH + 1_000_000 + luck.choice([0, 0, 0, 0, 1]) * luck.randrange(3),
        cause="form",
        birth=luck.choice([0, FIRST_EPOCH, FIRST_EPOCH + 1_000_001]),
        refuse=luck.choice([None] * 6 + [Reason.NOT_COMPLETED]),
        source=luck.choice(["own", "own", "journal"]),
        over_floor=luck.random() < 0.1,
        metadata=luck.choice([None, {}, *NAMED]) if named else None,
    )
    if fresh.source == "journal":
        fresh = replace(fresh, journal_number=luck.randrange(1000))
    if not seen or luck.random() < 0.6:
        return fresh
    again = luck.choice(seen)
    other = luck.random() < 0.3
    return replace(
        fresh,
        id=again.id,
        debit=again.debit,
        credit=again.credit,
        amount_minor=again.amount_minor + (1 if other else 0),
        currency=again.currency,
        metadata=again.metadata if named and luck.random() < 0.8 else fresh.metadata,
    )


def batch(luck: random.Random, town, seen: list[Post]) -> list[Post]:
    """Some posts; an id at most once, since what a batch says twice is judged as a whole in SQL. In half of the batches
    some carry metadata, which go another way through SQL as a whole."""
    named = luck.random() < 0.5
    posts = {post.id: post for post in (draw(luck, town, seen, named) for _ in range(luck.randint(1, 12)))}
    return list(posts.values())


def said(one: Posted) -> tuple[object, ...]:
    """What a caller may go by."""
    return one.id, one.result, one.reason, one.source, one.known_epoch


@pytest.mark.parametrize("seed", range(5))
def test_the_simulators_books_and_the_real_ones_agree_on_every_result_balance_and_block(town, books, reader, seed):
    luck, model, seen = random.Random(seed), ModelBooks(), []
    model.learn_rows([row for row in reader.rows().values() if row.cohort == town.cohort])
    for state in reader.accounts([town.bank, town.ann, town.ben]).values():
        model.accounts_now[state.account] = state
    for number in range(BATCHES):
        if number == BATCHES // 2:
            change = AccountChange(town.ben, f"nr-{town.ben}", "NOK", "credit", 0, FLAG_FROZEN_IN, town.cohort)
            books.change_accounts([change])
            model.open([change])
        if luck.random() < 0.05:
            row = Row(town.cohort, luck.choice([Mode.PRIMARY, Mode.STANDIN]), FIRST_EPOCH + 1_000_000 + number)
            books.learn_rows([row])
            model.learn_rows([row])
        posts = batch(luck, town, seen)
        head, blocks = reader.head().block, len(model.blocks)
        real, modelled = books.post_many(posts), model.post_many(posts)
        assert [said(one) for one in real] == [said(one) for one in modelled]
        items = [item for raw in reader.blocks(head, 10) for item in block_from_wire(raw).items]
        assert items == [item for block in model.blocks[blocks:] for item in block.items]
        now = reader.accounts([town.bank, town.ann, town.ben])
        assert now == {number: model.accounts_now[number] for number in now}
        seen += posts
    assert len(model.transfers) > BATCHES // 4
    assert {bool(one.metadata) for one, _ in model.transfers.values()} == {True, False}
    told = reader.metadata(list(model.transfers))
    assert told == {one.id: dict(one.metadata) for one, _ in model.transfers.values() if one.metadata}
    assert len(model.refusals) > BATCHES // 4
