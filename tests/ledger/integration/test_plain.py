"""The quick way of a batch says and books what judging row by row does."""

import random
import uuid
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT, AccountChange, Note, block_from_wire
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Books, Post, Reader, Result, install

pytestmark = pytest.mark.demand("A1")
ACCOUNTS = {11: ("credit", 0, 0), 12: ("credit", -500, 0), 13: ("debit", -(10**12), 0), 14: ("debit", 0, 0)}
ODD = {15: ("credit", 0, FLAG_FROZEN_OUT), 16: ("credit", 0, FLAG_FROZEN_IN), 17: ("credit", 0, FLAG_CLOSED)}
COHORT = 9
SLOW = (
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'post_plain' AND pronamespace = 'ledger'::regnamespace"
)


@pytest.fixture(scope="module")
def pair(url, notes):
    """Two sets of books with the same accounts; the second judges everything row by row."""
    made = []
    for name in ("quick", "slow"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        own = f"{url.rpartition('/')[0]}/{name}"
        install(own, notes)
        made.append((own, Books(own, notes), Reader(own, notes)))
    with psycopg.connect(made[1][0], autocommit=True) as connection:
        source = connection.execute(SLOW).fetchone()[0]
        connection.execute(
            (source.partition("AS $function$")[0] + "AS $function$ BEGIN RETURN NULL; END $function$").encode()
        )
    for _, books, _ in made:
        books.change_accounts(
            [AccountChange(one, f"nr-{one}", "NOK", *how, COHORT) for one, how in (ACCOUNTS | ODD).items()]
        )
        books.change_accounts([AccountChange(18, "nr-18", "SEK", "credit", 0, 0, COHORT)])
        assert books.post(post(random.Random(0), 13, 11, 5_000)).result is Result.POSTED
    yield made
    for _, books, reader in made:
        books.close()
        reader.close()


def post(luck: random.Random, debit: int, credit: int, amount_minor: int, **more) -> Post:
    ident = uuid.UUID(int=luck.getrandbits(128), version=4)
    note = Note(luck.randbytes(16), "Ann", "Ben", "æøå") if luck.random() < 0.5 else None
    made = Post(
        ident, debit, credit, amount_minor, "NOK", "payment", date(2026, 3, 1), COHORT, FIRST_EPOCH, "form", note
    )
    return replace(made, **more)


def draw(luck: random.Random) -> list[Post]:
    """A batch: mostly plain, now and then with something that is not."""
    posts = [
        post(luck, *luck.sample(list(ACCOUNTS), 2), luck.choice([1, 7, 50, 400])) for _ in range(luck.randint(1, 8))
    ]
    if luck.random() < 0.4:
        odd = luck.choice(
            [{"debit": 15}, {"credit": 16}, {"credit": 17}, {"credit": 18}, {"credit": 99}, {"debit": 13, "credit": 13},
             {"epoch": FIRST_EPOCH - 1}, {"birth": FIRST_EPOCH + 1}, {"over_floor": True}, {"source": "journal"}]
        )  # fmt: skip
        posts.append(replace(post(luck, 11, 12, 30), **odd))
    if luck.random() < 0.1:
        posts.append(posts[0])
    return posts


def items_after(reader: Reader, block: int):
    return [item for raw in reader.blocks(block, 100) for item in block_from_wire(raw).items]


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_give_the_same_results_items_and_balances(pair, seed):
    luck = random.Random(seed)
    for _ in range(40):
        posts = draw(luck)
        before = [reader.head().block for _, _, reader in pair]
        quick, slow = ([(one.result, one.reason, one.block, one.source, one.known_epoch) for one in books.post_many(posts)]
                       for _, books, _ in pair)  # fmt: skip
        assert quick == slow
        quick, slow = (items_after(reader, block) for (_, _, reader), block in zip(pair, before, strict=True))
        assert quick == slow
        states = [reader.accounts(list(ACCOUNTS | ODD)) for _, _, reader in pair]
        assert states[0] == states[1]
    assert all(reader.prove() == [] for _, _, reader in pair)


def test_what_the_quick_way_cannot_take_is_undone_before_it_is_judged_row_by_row(pair):
    _, books, reader = pair[0]
    luck, before = random.Random(9), reader.accounts(list(ACCOUNTS))
    posts = [post(luck, 13, 12, 10), post(luck, 11, 12, 10**9)]
    assert [one.result for one in books.post_many(posts)] == [Result.POSTED, Result.REFUSED]
    after = reader.accounts(list(ACCOUNTS))
    assert after[12].balance_minor - before[12].balance_minor == 10
    assert after[11] == before[11]
    assert reader.prove() == []
