"""Books of releases before become those of this one, and the code of the release before runs on them until it is replaced."""

import uuid
from datetime import date
from pathlib import Path

import psycopg
import pytest

from holdfast.contracts.blocks import AccountChange, block_from_wire
from holdfast.ledger import schema
from holdfast.ledger.api import Action, Books, LedgerError, Post, Reader, Result, finish, install
from holdfast.runtime.postgres import temporary

pytestmark = pytest.mark.demand("A1", "X3")

VERSIONS = {
    2: ("schema", "post_block"),
    3: ("schema", "accounting", "post_plain", "post_block", "post_tied"),
}
"""What the releases of these versions made of an empty database: tests/ledger/version<n>."""
OLD_POST = """
SELECT result FROM ledger.post_block(ARRAY[%(id)s]::uuid[], ARRAY[2]::bigint[], ARRAY[3]::bigint[],
    ARRAY[%(amount)s]::bigint[], ARRAY['NOK'], ARRAY['payment'], ARRAY['2026-03-01']::date[], ARRAY[7], ARRAY[1]::bigint[],
    ARRAY[0]::bigint[], ARRAY['old'], ARRAY[''], ARRAY[''], ARRAY['own'], ARRAY[-1]::bigint[], ARRAY[false],
    ARRAY[decode(repeat('00', 32), 'hex')], ARRAY[NULL]::bytea[])"""
OLD_TIED = (
    OLD_POST.replace("post_block", "post_tied")[:-1]
    + """,
    ARRAY[%(action)s], ARRAY[%(settles)s]::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL]::uuid[], ARRAY[%(expires)s]::bigint[])"""
)
OLD_CHANGE = """
SELECT ledger.change_accounts(ARRAY[1, 2, 3]::bigint[], ARRAY['own:bank', 'a', 'b'], ARRAY['NOK', 'NOK', 'NOK'],
    ARRAY['debit', 'credit', 'credit'], ARRAY[-1000000000, 0, 0]::bigint[], ARRAY[0, 0, 0], ARRAY[7, 7, 7])"""
OLD_ACCOUNTS = "SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor FROM ledger.account"
OLD_TRANSFERS = """
SELECT t.id, t.amount_minor, x.id IS NOT NULL, x.settles, x.released_minor, x.reverses, x.linked
FROM ledger.transfer t LEFT JOIN ledger.tie x USING (id) WHERE t.block BETWEEN %s AND %s"""
FAR_US = 4 * 10**15


def asked(url, statement, **values):
    """What a release before sends to the database; its answer."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement, values).fetchone()[0]


def old_post(url, amount_minor, ident=None):
    return asked(url, OLD_POST, id=ident or uuid.uuid4(), amount=amount_minor)


def old_tied(url, amount_minor, ident, action, settles=None):
    expires = FAR_US if action == "pending" else 0
    return asked(url, OLD_TIED, id=ident, amount=amount_minor, action=action, settles=settles, expires=expires)


@pytest.fixture
def make_old():
    """Makes books of a version with three accounts: account 2 has 1000."""
    with temporary(lasting=False) as url:

        def made(version):
            with psycopg.connect(url, autocommit=True) as connection:
                for name in VERSIONS[version]:
                    connection.execute((Path(__file__).parents[1] / f"version{version}" / f"{name}.sql").read_bytes())
                connection.execute("INSERT INTO ledger.version (version) VALUES (%s)", (version,))
            asked(url, OLD_CHANGE)
            swapped = OLD_POST.replace("ARRAY[2]::bigint[], ARRAY[3]", "ARRAY[1]::bigint[], ARRAY[2]")
            asked(url, swapped, id=uuid.uuid4(), amount=1_000)
            return url

        yield made


@pytest.fixture(params=VERSIONS)
def old_books(request, make_old):
    return make_old(request.param)


@pytest.fixture
def opened(notes):
    """Opens books and their reader at a url."""
    made = []

    def _opened(url):
        made.extend((Books(url, notes), Reader(url, notes)))
        return made[-2:]

    yield _opened
    for one in made:
        one.close()


def as_post(**more):
    values = {"id": uuid.uuid4(), "debit": 2, "credit": 3, "amount_minor": 300, "currency": "NOK", "kind": "payment"}
    return Post(**{**values, "value_date": date(2026, 3, 1), "cohort": 7, "epoch": 1, "cause": "new", **more})


def test_books_of_a_release_before_keep_all_they_hold_and_prove(old_books, notes, opened):
    known = uuid.uuid4()
    assert old_post(old_books, 100, known) == "posted"
    for _ in range(2):
        install(old_books, notes)
    for _ in range(2):
        finish(old_books)
    books, reader = opened(old_books)
    assert reader.prove() == []
    assert [reader.accounts([one])[one].balance_minor for one in (2, 3)] == [900, 100]
    assert old_post(old_books, 100, known) == "already_posted"
    hold = as_post(action=Action.PENDING, expires_us=FAR_US, metadata={"a": "b"})
    assert books.post(hold).result is Result.POSTED
    assert reader.prove() == []


def test_the_code_of_a_release_before_runs_on_these_books_and_respects_what_is_held(old_books, notes, opened):
    install(old_books, notes)
    books, reader = opened(old_books)
    books.post(as_post(action=Action.PENDING, expires_us=FAR_US))
    assert [old_post(old_books, amount) for amount in (701, 700)] == ["refused", "posted"]
    with psycopg.connect(old_books) as connection:
        found = {row[0]: row[7] for row in connection.execute(OLD_ACCOUNTS).fetchall()}
        assert connection.execute(OLD_CHANGE).fetchone()[0] > 0
    assert (found[2], found[3]) == (300, 700)
    assert reader.prove() == []


def test_what_the_release_before_held_and_posted_goes_on_beside_metadata(make_old, notes, opened):
    url, first, second = make_old(3), uuid.uuid4(), uuid.uuid4()
    assert old_tied(url, 100, first, "pending") == "posted"
    install(url, notes)
    books, reader = opened(url)
    before = reader.head().block
    named = as_post(metadata={"invoice": "7"}, amount_minor=200)
    assert books.post(named).result is Result.POSTED
    assert old_tied(url, 60, second, "transfer", first) == "posted"
    assert [old_tied(url, 60, second, "transfer", first), old_post(url, 200, named.id)] == [
        "already_posted",
        "conflict",
    ]
    assert (old_post(url, 741), old_post(url, 740)) == ("refused", "posted")
    with psycopg.connect(url) as connection:
        rows = connection.execute(OLD_TRANSFERS, (before + 1, reader.head().block)).fetchall()
    assert [row[1] for row in rows] == [200, 60, 740]
    items = [item for raw in reader.blocks(before, 10) for item in block_from_wire(raw).items]
    assert [getattr(item, "metadata", ()) for item in items] == [(("invoice", "7"),), (), (), ()]
    finish(url)
    assert reader.prove() == []


def test_what_was_booked_before_is_another_payment_than_one_with_metadata(old_books, notes, opened):
    known = uuid.uuid4()
    old_post(old_books, 100, known)
    install(old_books, notes)
    books, reader = opened(old_books)
    assert books.post(as_post(id=known, amount_minor=100, metadata={"a": "b"})).result is Result.CONFLICT
    assert books.post(as_post(id=known, amount_minor=100)).result is Result.ALREADY_POSTED
    assert books.describe_account(2, {"a": "b"}) == reader.head().block
    assert reader.account_metadata(2) == {"a": "b"}
    assert reader.prove() == []


@pytest.mark.parametrize(("version", "table"), [(2, "account"), (3, "tie")])
def test_a_migration_that_cannot_have_its_lock_changes_nothing_and_says_so(
    make_old, notes, monkeypatch, version, table
):
    url, real = make_old(version), schema.read_sql

    def impatient(name):
        return real(name).replace("DO $$", "SET lock_timeout = '50ms';\nDO $$", 1)

    monkeypatch.setattr(schema, "read_sql", impatient)
    with psycopg.connect(url) as blocking:
        blocking.execute(f"LOCK TABLE ledger.{table} IN ACCESS SHARE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            install(url, notes)
    assert asked(url, "SELECT version FROM ledger.version") == version
    assert old_post(url, 1) == "posted"


def test_who_may_only_post_posts_on_while_the_migration_is_not_at_its_end(make_old, notes):
    url = make_old(3)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE pages LOGIN PASSWORD 'pages'")
        connection.execute("GRANT USAGE ON SCHEMA ledger TO pages")
        connection.execute("ALTER FUNCTION ledger.post_block SECURITY DEFINER")
    pages = psycopg.conninfo.make_conninfo(url, user="pages", password="pages")
    assert old_post(pages, 1) == "posted"
    install(url, notes)
    assert old_post(pages, 2) == "posted"


def test_books_of_a_later_release_are_not_touched(old_books, notes):
    with psycopg.connect(old_books, autocommit=True) as connection:
        connection.execute("UPDATE ledger.version SET version = 99")
    with pytest.raises(LedgerError, match="newer release"):
        install(old_books, notes)


def test_what_was_opened_before_is_changed_as_before(old_books, notes, opened):
    install(old_books, notes)
    opened(old_books)[0].change_accounts([AccountChange(2, "a", "NOK", "credit", -50, 0, 7)])
    assert old_post(old_books, 1_050) == "posted"
