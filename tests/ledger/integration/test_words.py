"""The words of transfers: sealed in the database, proved by who has the key, sealed anew under another one."""

import psycopg
import pytest

from holdfast.contracts.blocks import block_from_wire
from holdfast.ledger.api import Notes, WordsClosed, install, seal_notes_anew
from holdfast.runtime.postgres import temporary
from holdfast.signing.sealing import Sealer

pytestmark = pytest.mark.demand("A1", "G1")
OPEN = """
CREATE TABLE ledger.note (id uuid PRIMARY KEY, salt bytea NOT NULL, payer text NOT NULL, payee text NOT NULL, words text NOT NULL)
"""


def stored(url):
    with psycopg.connect(url) as connection:
        return {row[0]: row[1] for row in connection.execute("SELECT id, sealed FROM ledger.note").fetchall()}


def test_the_database_holds_no_word_of_a_transfer_and_the_books_read_them(town, url):
    post = town.post(town.ann, town.ben, 40)
    town.books.post(post)
    raw = stored(url)[post.id]
    assert not any(word.encode() in raw for word in ("Ann", "Ben", "lunch", "salt"))
    line = town.reader.lines(town.ben)[0]
    assert (line.payer, line.payee, line.text) == ("Ann", "Ben", "æøå for lunch")
    assert town.reader.recorded(post.id).text == "æøå for lunch"
    assert block_from_wire(town.reader.blocks(line.block - 1, 1)[0]).items[0].note == post.note


def test_words_put_to_another_transfer_or_changed_are_found_by_the_proof(town, url, reader):
    ours, others = town.post(town.ann, town.ben, 1), town.post(town.ann, town.ben, 2)
    town.books.post_many([ours, others])
    assert reader.prove() == []
    before = stored(url)
    for wrong in (before[others.id], before[ours.id][:-1] + b"x"):
        _write(url, ours.id, wrong)
        found = [(one["invariant"], str(ours.id) in one["words"]) for one in reader.prove()]
        assert found == [("words are those that were booked", True)]
        with pytest.raises(WordsClosed):
            reader.recorded(ours.id)
    _write(url, ours.id, before[ours.id])
    assert reader.prove() == []


def _write(url, ident, sealed):
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE ledger.note SET sealed = %s WHERE id = %s", (sealed, ident))


def test_words_are_sealed_anew_under_another_key_and_the_old_one_opens_none(tmp_path, settle):
    path = tmp_path / "own.keys"
    sealer = Sealer(lambda: path, b"test")
    own = Notes(sealer)
    with temporary(lasting=False) as url:
        install(url, own)
        town = settle(url, own)
        post = town.post(town.ann, town.ben, 5)
        town.books.post(post)
        first = path.read_text()
        for _ in range(2):
            sealer.add()
            assert seal_notes_anew(url, own) == 2
            sealer.drop_old()
        assert town.reader.recorded(post.id).text == "æøå for lunch"
        assert town.reader.prove() == []
        path.write_text(first)
        with pytest.raises(WordsClosed):
            Notes(Sealer(lambda: path, b"test")).open(post.id, stored(url)[post.id])


def test_books_whose_words_lay_open_are_sealed_by_the_next_release_and_prove(notes, settle):
    with temporary(lasting=False) as url:
        install(url, notes)
        town = settle(url, notes)
        post = town.post(town.ann, town.ben, 5)
        town.books.post(post)
        _as_version_one(url, post)
        install(url, notes)
        assert b"lunch" not in stored(url)[post.id]
        assert town.reader.recorded(post.id).text == "æøå for lunch"
        assert town.reader.prove() == []
        town.books.post(town.post(town.ann, town.ben, 6))
        assert town.balance(town.ben) == 11


def _as_version_one(url, post):
    """The database as a release left it that kept words open."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE ledger.note")
        connection.execute(OPEN)
        note = post.note
        connection.execute(
            "INSERT INTO ledger.note VALUES (%s, %s, %s, %s, %s)",
            (post.id, note.salt, note.payer, note.payee, note.text),
        )
        connection.execute("UPDATE ledger.version SET version = 1")
