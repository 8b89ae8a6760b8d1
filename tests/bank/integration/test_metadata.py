"""Metadata of accounts and payments, as an accountant sets, reads and finds it at a terminal."""

import uuid
from datetime import UTC, datetime

import pytest
from django.conf import settings

from holdfast.bank.accounting import commands, describing
from holdfast.bank.books import reader
from holdfast.bank.sealed.keys import notes
from holdfast.ledger.api import Books

pytestmark = pytest.mark.demand("A1")


@pytest.fixture
def by_command(as_owner, monkeypatch):
    """The books as a command writes into them: the pages' role may not describe accounts."""
    made = Books(settings.DATABASE_URL, notes)
    monkeypatch.setattr(describing, "books", lambda: made)
    yield
    made.close()


@pytest.mark.usefixtures("by_command")
def test_an_accounts_metadata_is_set_shown_found_and_taken_away(town, capsys):
    value, account = uuid.uuid4().hex, town.ann.account
    assert describing.describe(account, [("ref", value), ("esc", "a\x1b[1mb")]) == 0
    block, at = reader().head().block, datetime.now(UTC)
    assert f"recorded in block {block}" in capsys.readouterr().out
    assert commands.show_account(account, None, None) == 0
    out = capsys.readouterr().out
    assert f"metadata ref: {value}\n" in out
    assert f"in block {block}: esc, ref\n" in out
    assert "metadata esc: 'a\\x1b[1mb'\n" in out
    assert describing.find("ref", value) == 0
    out = capsys.readouterr().out
    assert f"block {block:>9}  account {account}" in out
    assert out.endswith("1 found\n")
    assert describing.describe(account, [("ref", ""), ("esc", "")]) == 0
    assert commands.show_balance(account, at) == commands.show_account(account, None, None) == 0
    before, now = capsys.readouterr().out.split("before:")[0].split("as of ")[1].split("Account", 1)
    assert ("metadata ref" in before, "metadata" in now) == (True, False)


@pytest.mark.parametrize(
    ("account", "pairs", "words"),
    [
        (99, [("a", "b")], "no account 99"),
        (None, [("A", "b")], "the name 'A'"),
        (None, [("a", "x" * 501)], "at most 500"),
        (None, [(str(n), "b") for n in range(17)], "17 names"),
    ],
)
@pytest.mark.usefixtures("by_command")
def test_what_cannot_be_set_is_refused_in_words_and_changes_nothing(town, capsys, account, pairs, words):
    head = reader().head()
    assert describing.describe(account or town.ann.account, pairs) == 1
    assert words in capsys.readouterr().err
    assert reader().head() == head


def test_what_nothing_carries_is_said_so(town, capsys):
    assert describing.find("ref", uuid.uuid4().hex) == 1
    assert capsys.readouterr().out == "0 found\n"
