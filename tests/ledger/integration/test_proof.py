"""Proving the books: whole, since a block, step by step; what a superuser changes is found where it was changed."""

import uuid

import psycopg
import pytest

from holdfast.contracts.blocks import Note
from holdfast.ledger.schema import read_sql

pytestmark = pytest.mark.demand("A1")

HASH, LINK, HEAD = "each block has its hash", "each block names the one before it", "the head is the last block"
SUMS, BALANCES, HOLES = "sums are zero", "balances equal their entries", "sequence numbers have no holes"


def found_after(url, *statements, since=None):
    """What the proof finds as (invariant, block, account) when a superuser has done this; it is undone again."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())
        if since is not None:
            connection.execute("SELECT set_config('holdfast.since', %s, true)", (str(since),))
        rows = connection.execute(read_sql("proof" if since is None else "proof_since").encode()).fetchall()
        connection.rollback()
    return {tuple(row[:3]) for row in rows}


@pytest.fixture
def blocks(town):
    """Three blocks in a row of three transfers each; their numbers."""
    return [
        town.books.post_many([town.post(town.ann, town.ben, amount) for amount in (10, 20, 30)])[0].block
        for _ in range(3)
    ]


@pytest.fixture(params=["whole", "since"])
def since(request, blocks):
    """None for the whole proof, else the block before the three."""
    return None if request.param == "whole" else blocks[0] - 1


def test_books_that_nobody_touched_prove(reader, blocks):
    assert reader.prove() == [] == reader.prove(blocks[0] - 1)


def test_a_changed_amount_is_found_in_its_block_and_on_its_accounts(url, town, blocks, since):
    change = f"UPDATE ledger.transfer SET amount_minor = 11 WHERE block = {blocks[1]} AND item = 1"
    assert found_after(url, change, since=since) == {
        (HASH, blocks[1], None),
        (BALANCES, None, town.ann),
        (BALANCES, None, town.ben),
    }


def test_a_changed_amount_whose_balances_were_made_to_fit_is_found_in_its_block(url, town, blocks, since):
    changes = [f"UPDATE ledger.transfer SET amount_minor = 11 WHERE block = {blocks[1]} AND item = 1"]
    changes += [
        f"UPDATE ledger.account SET balance_minor = balance_minor + {by} WHERE account = {account}"
        for by, account in ((-1, town.ann), (1, town.ben))
    ]
    assert found_after(url, *changes, since=since) == {(HASH, blocks[1], None)}


def test_a_deleted_transfer_is_found_by_the_hole_that_it_leaves(url, town, blocks, since):
    found = found_after(url, f"DELETE FROM ledger.transfer WHERE block = {blocks[1]} AND item = 2", since=since)
    assert {(HASH, blocks[1], None), (HOLES, blocks[1], None), (BALANCES, None, town.ann)} <= found


def test_two_blocks_whose_content_was_swapped_are_both_found(url, blocks, since):
    swap = f"UPDATE ledger.transfer SET block = {blocks[0]} + {blocks[1]} - block WHERE block IN ({blocks[0]}, {blocks[1]})"
    found = found_after(url, swap, since=since)
    assert {(HASH, blocks[0], None), (HASH, blocks[1], None)} <= found


def test_a_block_that_states_another_hash_is_found_and_so_is_the_next(url, blocks, since):
    change = f"UPDATE ledger.block SET hash = sha256('x') WHERE number = {blocks[1]}"
    assert found_after(url, change, since=since) == {(HASH, blocks[1], None), (LINK, blocks[2], None)}


def test_a_block_that_is_gone_leaves_a_hole(url, blocks, since):
    found = found_after(url, f"DELETE FROM ledger.block WHERE number = {blocks[1]}", since=since)
    assert ("blocks have no holes", blocks[2], None) in found


def test_a_changed_balance_floor_or_head_is_found_with_its_account(url, town, blocks):
    balance = f"UPDATE ledger.account SET balance_minor = balance_minor + 5 WHERE account = {town.ann}"
    assert found_after(url, balance) == {(SUMS, None, None), (BALANCES, None, town.ann)}
    floor = f"UPDATE ledger.account SET floor_minor = -5 WHERE account = {town.ann}"
    assert {one[0::2] for one in found_after(url, floor)} == {("accounts are as last recorded", town.ann)}
    assert found_after(url, "UPDATE ledger.head SET seq = seq + 1") == {(HEAD, blocks[2], None)}


def test_a_transfer_towards_an_account_that_does_not_exist_is_found(url, town, blocks, since):
    change = f"UPDATE ledger.transfer SET credit = 999999999 WHERE block = {blocks[2]} AND item = 1"
    assert ("entries name accounts that exist", blocks[2], 999999999) in found_after(url, change, since=since)


def test_the_worker_proves_in_steps_and_stays_at_one_with_a_finding(own_books, monkeypatch):
    monkeypatch.setattr("holdfast.ledger.proving.STEP_ITEMS", 4)
    reader, town = own_books.reader, own_books
    for _ in range(3):
        town.books.post_many([town.post(town.ann, town.ben, 1, note=Note(b"s", "A", "B", "x")) for _ in range(3)])
    steps = 0
    while reader.prove_next()[1]:
        steps += 1
    assert (reader.proved().block, reader.proved().findings) == (reader.head().block, 0)
    assert steps >= 3
    last = town.books.post(town.post(town.ann, town.ben, 1))
    with psycopg.connect(own_books.url) as connection:
        connection.execute("UPDATE ledger.note SET sealed = '\\x00' WHERE id = %s", (last.id,))
    for _ in range(2):
        assert [(one["invariant"], one["block"]) for one in reader.prove_next()[0]] == [
            ("words are those that were booked", last.block)
        ]
    assert (reader.proved().block, reader.proved().findings) == (last.block - 1, 1)


def test_an_id_that_nobody_sent_has_no_outcome(reader):
    assert reader.outcome(uuid.uuid4()) is None


REWRITTEN = """
DO $$
DECLARE b ledger.block; v_previous bytea;
BEGIN
    FOR b IN SELECT * FROM ledger.block WHERE number >= {block} ORDER BY number LOOP
        SELECT hash INTO v_previous FROM ledger.block WHERE number = b.number - 1;
        UPDATE ledger.block SET previous = v_previous, hash = ledger.block_hash(b.number, v_previous, b.at_us, b.items)
            WHERE number = b.number;
    END LOOP;
    UPDATE ledger.head SET hash = (SELECT hash FROM ledger.block ORDER BY number DESC LIMIT 1);
END $$"""


def test_books_that_were_rewritten_with_all_hashes_prove_and_an_anchor_shows_it(own_books):
    town = own_books
    block = town.books.post(town.post(town.ann, town.ben, 10)).block
    later = town.books.post(town.post(town.ann, town.ben, 20)).block
    anchored = {number: town.reader.block_hash(number) for number in (block - 1, block, later)}
    with psycopg.connect(town.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE ledger.transfer SET amount_minor = 9 WHERE block = %s", (block,))
        for account, by in ((town.ann, 1), (town.ben, -1)):
            connection.execute(
                "UPDATE ledger.account SET balance_minor = balance_minor + %s WHERE account = %s", (by, account)
            )
        connection.execute(REWRITTEN.format(block=block).encode())
    assert town.reader.prove() == []
    differing = [number for number, digest in anchored.items() if town.reader.block_hash(number) != digest]
    assert differing == [block, later]
