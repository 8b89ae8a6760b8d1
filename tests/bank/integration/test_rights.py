"""What the bank's pages and jobs may do in their database: nothing writes into the books but the functions that post."""

import psycopg
import pytest
from django.conf import settings
from psycopg.errors import InsufficientPrivilege

pytestmark = pytest.mark.demand("A1", "G1")


@pytest.fixture
def working(town):
    """A connection as the pages have it."""
    with psycopg.connect(settings.WORKING_URL, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "wrong",
    [
        "update ledger.account set balance_minor = balance_minor + 1",
        "update ledger.head set seq = seq",
        "insert into ledger.block values (10000000, '', '', 0, 0)",
        "delete from ledger.note",
        "delete from ledger.transfer",
        "truncate ledger.refusal",
        "delete from ledger.closing",
        "update ledger.proved set findings = 0",
        "alter table ledger.transfer disable trigger all",
        "drop table ledger.block",
        "create or replace function ledger.text_bytes(words text) returns bytea language sql as $$ select ''::bytea $$",
        "select ledger.refuse_tied(null::ledger.tied, 1, 'ok')",
        "select ledger.describe_account(1, '{}', '{}', 16, 4096)",
        "delete from ledger.open_pending",
        "select ledger.append_block(h, 0, 0) from ledger.head h",
        "delete from bank.django_migrations",
        "create table bank.another (one int)",
        "create role another superuser",
        "set role holdfast",
    ],
)
def test_whoever_takes_a_page_over_can_neither_change_the_books_nor_what_guards_them(working, wrong):
    with pytest.raises(InsufficientPrivilege):
        working.execute(wrong)


def test_the_functions_that_post_look_nothing_up_where_the_caller_can_put_it(working):
    found = working.execute(
        "select p.proname, p.proconfig from pg_proc p where p.pronamespace = 'ledger'::regnamespace and p.prosecdef"
    ).fetchall()
    assert {name for name, _ in found} >= {
        "post_block", "post_tied", "expire_pendings", "change_accounts", "learn_rows", "close_days",
        "note_proved",
    }  # fmt: skip
    assert all("search_path=pg_catalog, pg_temp" in config for _, config in found)
