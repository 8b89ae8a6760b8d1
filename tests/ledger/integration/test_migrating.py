"""Books of the release before become those of this one, and its code runs on them until it is replaced."""

import uuid
from pathlib import Path

import psycopg
import pytest

from holdfast.contracts.blocks import AccountChange
from holdfast.ledger import schema
from holdfast.ledger.api import Action, Books, LedgerError, Post, Reader, Result, finish, install
from holdfast.runtime.postgres import temporary

pytestmark = pytest.mark.demand("A1", "X3")

VERSION_2 = Path(__file__).parents[1] / "version2"
OLD_POST = """
SELECT result FROM ledger.post_block(ARRAY[%(id)s]::uuid[], ARRAY[2]::bigint[], ARRAY[3]::bigint[],
    ARRAY[%(amount)s]::bigint[], ARRAY['NOK'], ARRAY['payment'], ARRAY['2026-03-01']::date[], ARRAY[7], ARRAY[1]::bigint[],
    ARRAY[0]::bigint[], ARRAY['old'], ARRAY[''], ARRAY[''], ARRAY['own'], ARRAY[-1]::bigint[], ARRAY[false],
    ARRAY[decode(repeat('00', 32), 'hex')], ARRAY[NULL]::bytea[])"""
OLD_CHANGE = """
SELECT ledger.change_accounts(ARRAY[1, 2, 3]::bigint[], ARRAY['own:bank', 'a', 'b'], ARRAY['NOK', 'NOK', 'NOK'],
    ARRAY['debit', 'credit', 'credit'], ARRAY[-1000000000, 0, 0]::bigint[], ARRAY[0, 0, 0], ARRAY[7, 7, 7])"""
OLD_ACCOUNTS = "SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor FROM ledger.account"


def old_post(url, amount_minor, ident=None):
    """What the release before sends to the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(OLD_POST, {"id": ident or uuid.uuid4(), "amount": amount_minor}).fetchone()[0]


@pytest.fixture
def old_books():
    """Books of version 2 with three accounts: account 2 has 1000."""
    with temporary() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for name in ("schema", "post_block"):
                connection.execute((VERSION_2 / f"{name}.sql").read_bytes())
            connection.execute("INSERT INTO ledger.version (version) VALUES (2)")
            connection.execute(OLD_CHANGE)
        with psycopg.connect(url, autocommit=True) as connection:
            swapped = OLD_POST.replace("ARRAY[2]::bigint[], ARRAY[3]", "ARRAY[1]::bigint[], ARRAY[2]")
            connection.execute(swapped, {"id": uuid.uuid4(), "amount": 1_000})
        yield url


def as_post(**more):
    from datetime import date

    values = {"id": uuid.uuid4(), "debit": 2, "credit": 3, "amount_minor": 300, "currency": "NOK", "kind": "payment"}
    return Post(**{**values, "value_date": date(2026, 3, 1), "cohort": 7, "epoch": 1, "cause": "new", **more})


def test_books_of_the_release_before_keep_all_they_hold_and_prove(old_books, notes):
    known = uuid.uuid4()
    assert old_post(old_books, 100, known) == "posted"
    for _ in range(2):
        install(old_books, notes)
    finish(old_books)
    reader, books = Reader(old_books, notes), Books(old_books, notes)
    assert reader.prove() == []
    assert [reader.accounts([one])[one].balance_minor for one in (2, 3)] == [900, 100]
    assert old_post(old_books, 100, known) == "already_posted"
    assert books.post(as_post(action=Action.PENDING, expires_us=4 * 10**15)).result is Result.POSTED
    assert reader.prove() == []
    books.close()
    reader.close()


def test_the_code_of_the_release_before_runs_on_these_books_and_respects_what_is_held(old_books, notes):
    install(old_books, notes)
    books, reader = Books(old_books, notes), Reader(old_books, notes)
    books.post(as_post(action=Action.PENDING, expires_us=4 * 10**15))
    assert [old_post(old_books, amount) for amount in (701, 700)] == ["refused", "posted"]
    with psycopg.connect(old_books) as connection:
        found = {row[0]: row[7] for row in connection.execute(OLD_ACCOUNTS).fetchall()}
        assert connection.execute(OLD_CHANGE).fetchone()[0] > 0
    assert (found[2], found[3]) == (300, 700)
    assert reader.prove() == []
    books.close()
    reader.close()


def test_a_migration_that_cannot_have_its_lock_changes_nothing_and_says_so(old_books, notes, monkeypatch):
    real = schema.read_sql

    def impatient(name):
        return real(name).replace("DO $$", "SET lock_timeout = '50ms';\nDO $$", 1)

    monkeypatch.setattr(schema, "read_sql", impatient)
    with psycopg.connect(old_books) as blocking:
        blocking.execute("LOCK TABLE ledger.account IN ACCESS SHARE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            install(old_books, notes)
    with psycopg.connect(old_books) as connection:
        assert connection.execute("SELECT version FROM ledger.version").fetchone() == (2,)
    assert old_post(old_books, 1) == "posted"


def test_books_of_a_later_release_are_not_touched(old_books, notes):
    with psycopg.connect(old_books, autocommit=True) as connection:
        connection.execute("UPDATE ledger.version SET version = 99")
    with pytest.raises(LedgerError, match="newer release"):
        install(old_books, notes)


def test_what_was_opened_before_is_changed_as_before(old_books, notes):
    install(old_books, notes)
    books = Books(old_books, notes)
    books.change_accounts([AccountChange(2, "a", "NOK", "credit", -50, 0, 7)])
    assert old_post(old_books, 1_050) == "posted"
    books.close()
