"""Metadata of transfers, holds and accounts: hashed, fed, proved, compared by id, found again, never changed."""

import uuid
from dataclasses import replace

import psycopg
import pytest

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange, block_from_wire
from holdfast.ledger.api import Action, BadTransfer, Books, Place, Result
from holdfast.ledger.schema import read_sql

pytestmark = pytest.mark.demand("A1")

FAR_US = 4_000_000_000_000_000
NAMED = {"invoice": "2026-17", "order.no": 'Ødegård \\ "5" {a,b}'}


def paid(town, metadata=NAMED, **more):
    """A payment of Ann's to Ben."""
    return town.post(town.ann, town.ben, 25, metadata=metadata, **more)


def items_after(reader, block):
    return [item for raw in reader.blocks(block, 100) for item in block_from_wire(raw).items]


def said(posted):
    return posted.result, posted.reason


@pytest.mark.parametrize("alone", [True, False])
def test_a_payment_carries_its_metadata_through_hash_feed_and_reading(town, alone):
    post, plain = paid(town), town.post(town.ann, town.ben, 1)
    head = town.reader.head().block
    if alone:
        assert said(town.books.post(post)) == (Result.POSTED, Reason.OK)
    else:
        assert [one.result for one in town.books.post_many([plain, post])] == [Result.POSTED] * 2
    carried = {item.id: dict(item.metadata) for item in items_after(town.reader, head)}
    assert carried == ({post.id: NAMED} if alone else {plain.id: {}, post.id: NAMED})
    assert town.reader.metadata([post.id, plain.id]) == {post.id: NAMED}
    assert town.reader.prove() == [] == town.reader.prove(head)


def test_a_hold_its_posting_a_reversal_and_a_group_each_carry_their_own(town):
    hold = paid(town, action=Action.PENDING, expires_us=FAR_US)
    head = town.books.post(hold).block - 1
    post = paid(town, {"ref": "b"}, settles=hold.id)
    back = town.post(town.ben, town.ann, 5, reverses=post.id, metadata={"ref": "c"})
    group = uuid.uuid4()
    linked = [paid(town, {"ref": name}, linked=group) for name in "de"]
    bare = paid(town, None, linked=group)
    town.books.post(post)
    town.books.post_many([back, *linked, bare])
    told = {one.id: one.metadata for one in (hold, post, back, *linked)}
    assert town.reader.metadata([*told, bare.id]) == told
    assert {item.id: dict(item.metadata) for item in items_after(town.reader, head)} == {**told, bare.id: {}}
    assert town.reader.prove() == [] == town.reader.prove(head)


@pytest.mark.parametrize("first", [NAMED, None])
@pytest.mark.parametrize("held", [False, True])
def test_an_id_with_other_metadata_is_another_payment_and_changes_nothing(town, first, held):
    more = {"action": Action.PENDING, "expires_us": FAR_US} if held else {}
    post = paid(town, first, **more)
    town.books.post(post)
    before = town.reader.head(), town.balance(town.ann)
    for metadata in ({"invoice": "2026-18"}, {"invoice": "2026-17"}, {**NAMED, "more": ""}, NAMED, None, {}):
        same = (metadata or {}) == (first or {})
        expected = (Result.ALREADY_POSTED, Reason.OK) if same else (Result.CONFLICT, Reason.OTHER_CONTENT)
        for again in (replace(post, metadata=metadata), paid(town, metadata, id=post.id)):
            assert said(town.books.post(again)) == expected
            assert [said(one) for one in town.books.post_many([again, again])] == [expected] * 2
    assert (town.reader.head(), town.balance(town.ann)) == before


def test_the_spare_banks_journal_books_no_payment_twice_since_its_metadata_differs(town):
    for first, later in ((NAMED, None), (None, NAMED), (NAMED, {"a": "b"})):
        post = paid(town, first)
        town.books.post(post)
        head = town.reader.head()
        entry = paid(town, later, id=post.id, source="journal", journal_number=5)
        for again in (entry, replace(entry, refuse=Reason.NOT_COMPLETED)):
            assert said(town.books.post(again)) == (Result.ALREADY_POSTED, Reason.OK)
        assert town.reader.head() == head
    entry = paid(town, NAMED, source="journal", journal_number=6)
    assert town.books.post(entry).result is Result.POSTED
    assert town.reader.metadata([entry.id]) == {entry.id: NAMED}
    assert town.books.post(replace(entry, source="own")).result is Result.ALREADY_POSTED
    assert town.books.post(replace(entry, source="own", metadata=None)).result is Result.CONFLICT


def test_a_refused_payment_keeps_no_metadata(town):
    post = replace(paid(town), amount_minor=10**9)
    first = town.books.post(post)
    assert said(first) == (Result.REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert said(town.books.post(post)) == (Result.ALREADY_REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert town.reader.metadata([post.id]) == {}
    assert town.reader.prove() == []


@pytest.mark.parametrize(
    "metadata",
    [[("a", "b")], "a", {"A": "b"}, {"a": 1}, {"a": "x\0"}, {"a": "x" * 501}, {str(n): "" for n in range(17)},
     {str(n): "x" * 500 for n in range(9)}, {"a": "\udfff"}],
)  # fmt: skip
def test_what_can_never_be_carried_is_named_and_nothing_changes(town, metadata):
    head, named = town.reader.head(), paid(town, metadata)
    for ask in (
        lambda: town.books.post(named),
        lambda: town.books.post_many([town.post(town.ann, town.ben, 1), named]),
    ):
        with pytest.raises(BadTransfer, match="metadata"):
            ask()
    if isinstance(metadata, dict):
        with pytest.raises(BadTransfer, match="metadata"):
            town.books.describe_account(town.ann, metadata)
    assert town.reader.head() == head


def test_what_ends_a_hold_without_a_transfer_carries_none(town):
    hold = paid(town, None, action=Action.PENDING, expires_us=FAR_US)
    town.books.post(hold)
    with pytest.raises(BadTransfer, match="no metadata"):
        town.books.post(paid(town, action=Action.VOID, settles=hold.id))


def test_each_change_of_an_accounts_metadata_is_recorded_and_the_newest_counts(town):
    assert town.reader.account_metadata(town.ann) == {}
    first = town.books.describe_account(town.ann, NAMED)
    second = town.books.describe_account(town.ann, {"invoice": "x"}, ["order.no", "never.set"])
    third = town.books.describe_account(town.ann, {}, ["invoice"])
    assert (second, third) == (first + 1, first + 2)
    assert town.books.describe_account(town.ann, {}, ["invoice"]) == 0
    asked = [town.reader.account_metadata(town.ann, block) for block in (first - 1, first, second, third, None)]
    assert asked == [{}, NAMED, {"invoice": "x"}, {}, {}]
    told = [(one.block, one.metadata) for one in town.reader.descriptions(town.ann, limit=2)]
    assert told == [(third, {}), (second, {"invoice": "x"})]
    assert [one.block for one in town.reader.descriptions(town.ann, second)] == [first]
    assert [dict(item.metadata) for item in items_after(town.reader, first - 1)] == [NAMED, {"invoice": "x"}, {}]
    assert town.reader.prove() == [] == town.reader.prove(first - 1)


def test_describing_an_account_changes_nothing_else_of_it_and_other_changes_leave_it_described(town):
    state = town.reader.accounts([town.ann])
    town.books.describe_account(town.ann, NAMED)
    assert town.reader.accounts([town.ann]) == state
    town.books.change_accounts([AccountChange(town.ann, f"nr-{town.ann}", "NOK", "credit", -7, 0, town.cohort)])
    assert town.reader.account_metadata(town.ann) == NAMED
    assert town.reader.accounts([town.ann])[town.ann].floor_minor == -7
    with pytest.raises(BadTransfer, match="describe_account"):
        town.books.change_accounts(
            [AccountChange(town.ann, f"nr-{town.ann}", "NOK", "credit", 0, 0, town.cohort, (("a", "b"),))]
        )


def test_more_than_an_account_may_carry_and_an_account_that_is_not_there_are_refused(town):
    town.books.describe_account(town.ann, {str(n): "x" for n in range(16)})
    head = town.reader.head()
    for account, named, words in (
        (town.ann, {"more": "x"}, "16 names"),
        (town.ben, {}, "no name"),
        (town.ann, {str(n): "x" * 500 for n in range(8)} | {"8": "x" * 80}, "4096 bytes"),
        (999_999_999, {"a": "b"}, "no account"),
    ):
        with pytest.raises(BadTransfer, match=words):
            town.books.describe_account(account, named)
    assert town.reader.head() == head
    assert town.books.describe_account(town.ann, {"more": "x"}, ["0"]) == head.block + 1


def test_what_carries_a_name_with_a_value_is_found_by_pages(town):
    value = uuid.uuid4().hex
    posts = [paid(town, {"batch": value, "n": str(n)}) for n in range(3)]
    held = paid(town, {"batch": value}, action=Action.PENDING, expires_us=FAR_US)
    blocks = [town.books.post(one).block for one in (*posts, held)]
    blocks.append(town.books.describe_account(town.ben, {"batch": value}))
    town.books.post(paid(town, {"batch": value + "x", "other": value}))
    found, place = [], Place()
    while page := town.reader.carriers("batch", value, place, 2):
        assert len(page) <= 2
        found += page
        place = page[-1].place
    assert [one.place.block for one in found] == blocks
    assert [one.id for one in found] == [*(one.id for one in posts), held.id, None]
    assert [one.account for one in found] == [None] * 4 + [town.ben]


TAMPERINGS = {
    "changed": ("UPDATE ledger.metadata SET value = 'x' WHERE id = '{id}' AND name = 'invoice'", "hash", "block"),
    "renamed": ("UPDATE ledger.metadata SET name = 'x' WHERE id = '{id}' AND name = 'invoice'", "hash", "block"),
    "deleted": ("DELETE FROM ledger.metadata WHERE id = '{id}' AND name = 'invoice'", "hash", "block"),
    "all deleted": (
        "DELETE FROM ledger.metadata WHERE id = '{id}'; DELETE FROM ledger.tie WHERE id = '{id}'", "hash", "block"),
    "inserted": (
        "INSERT INTO ledger.metadata SELECT block, item, 'x', 'y', id FROM ledger.transfer WHERE id = '{id}'", "hash",
        "block"),
    "inserted for a plain one": (
        "INSERT INTO ledger.metadata SELECT block, item, 'x', 'y', id FROM ledger.transfer WHERE id = '{plain}'", "stands",
        "plain_block"),
    "said to be another's": (
        "UPDATE ledger.metadata SET id = '{plain}' WHERE id = '{id}' AND name = 'invoice'", "stands", "block"),
    "of a hold": ("UPDATE ledger.metadata SET value = 'x' WHERE id = '{hold}'", "hash", "hold_block"),
    "of an account": ("UPDATE ledger.metadata SET value = 'x' WHERE account = {ben}", "hash", "account_block"),
    "of an account, deleted": (
        "DELETE FROM ledger.metadata WHERE account = {ben};"
        " UPDATE ledger.account_change SET metadata = false WHERE block = {account_block}", "hash", "account_block"),
    "in a block that is not there": (
        "INSERT INTO ledger.metadata VALUES (99999999, 1, 'x', 'y', '{id}')", "stands", "none"),
}  # fmt: skip
INVARIANTS = {"hash": "each block has its hash", "stands": "metadata stands with what carries it"}


@pytest.fixture
def tampered(town):
    """What the tamperings name: a described payment, a plain one, a hold, an account; and their blocks."""
    described, plain = paid(town), paid(town, None)
    hold = paid(town, {"a": "b"}, action=Action.PENDING, expires_us=FAR_US)
    blocks = [town.books.post(one).block for one in (described, plain, hold)]
    blocks.append(town.books.describe_account(town.ben, {"a": "b"}))
    names = ("block", "plain_block", "hold_block", "account_block")
    places = {**dict(zip(names, blocks, strict=True)), "none": 99999999}
    return {"id": described.id, "plain": plain.id, "hold": hold.id, "ben": town.ben, **places}


@pytest.mark.parametrize("how", TAMPERINGS)
@pytest.mark.parametrize("proof", ["proof", "proof_since"])
def test_what_a_superuser_does_to_metadata_is_found_in_its_block(url, tampered, how, proof):
    statement, invariant, place = TAMPERINGS[how]
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.format(**tampered).encode())
        connection.execute("SELECT set_config('holdfast.since', %s, true)", (str(tampered["block"] - 1),))
        found = {row[:2] for row in connection.execute(read_sql(proof).encode()).fetchall()}
        connection.rollback()
    assert (INVARIANTS[invariant], tampered[place]) in found


def test_the_database_refuses_to_change_metadata(url, town):
    town.books.post(paid(town))
    for statement in (
        "UPDATE ledger.metadata SET value = ''",
        "DELETE FROM ledger.metadata",
        "TRUNCATE ledger.metadata",
    ):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="never changed"):
            connection.execute(statement.encode())


def test_two_who_describe_an_account_at_once_lose_nothing(town, notes, url):
    from concurrent.futures import ThreadPoolExecutor

    several = [Books(url, notes) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda n: several[n % 2].describe_account(town.ann, {f"n{n}": str(n)}), range(16)))
    for one in several:
        one.close()
    assert town.reader.account_metadata(town.ann) == {f"n{n}": str(n) for n in range(16)}
