"""What lies on the spare bank's disk says nothing of people without its keys; the keys change while it works."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from fakes import transfer
from nursery import SRC
from world import VERIFIER, World, vault

from holdfast.standin.errors import StoreBroken
from holdfast.standin.journal import Journal, JournalReader
from holdfast.standin.vault import FILE


def on_disk(world: World) -> bytes:
    """Every byte of every file in the spare bank's folder."""
    return b"".join(path.read_bytes() for path in world.place.folder("standin").iterdir() if path.is_file())


def used(world: World) -> uuid.UUID:
    """A world in which people did things at both banks."""
    world.bank.add(transfer(10, 20, 500, payer="Ann Example", payee="Bea Example", text="for the secret garden"))
    world.fed()
    ident = uuid.uuid4()
    assert world.pay(world.form(ident, text="for the hidden lake")).outcome == "done"
    return ident


def rotate(world: World) -> str:
    env = os.environ | {"HOLDFAST_DATA": str(world.place.data), "PYTHONPATH": str(SRC)}
    command = [sys.executable, "-m", "holdfast.standin", "rotate-key"]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=20).stdout


def test_no_name_mail_address_verifier_or_word_of_a_customer_lies_open_on_the_disk(world: World) -> None:
    used(world)
    for running in (True, False):
        if not running:
            world.stop()
        held = on_disk(world)
        assert b"SQLite format 3" in held, "these are the files"
        for secret in ("Example", "Ann", "ann", "x@example.org", "argon2", VERIFIER[-20:], "secret garden", "hidden",
                       "Everyday"):  # fmt: skip
            assert secret.encode() not in held, secret
    for path in [*world.place.folder("standin").iterdir(), world.place.keys / "standin" / FILE]:
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_keys_change_while_it_works_and_everything_is_sealed_anew(world: World) -> None:
    ident = used(world)
    old = (world.place.keys / "standin" / FILE).read_text()
    assert rotate(world) != "Sealed anew: 0 journal entries, 0 rows of the copy.\n"
    assert world.pay(world.form(ident, text="for the hidden lake")).outcome == "done"
    assert world.pay(world.form()).outcome == "done"
    assert world.visit("GET", "/accounts/10", cookies=world.session()).text.count("secret garden") == 1
    assert world.call("control", "POST", "/-/prove", {"whole": True}).json()["findings"] == []
    world.stop()
    world.start()
    rotate(world)
    world.journal()
    assert sorted(json.loads((world.place.keys / "standin" / FILE).read_text())) == ["2", "3"]
    assert world.call("control", "POST", "/-/prove", {"whole": True}).json()["findings"] == []
    world.stop()
    (world.place.keys / "standin" / FILE).write_text(old)
    with pytest.raises(sqlite3.OperationalError):
        JournalReader(world.place.folder("standin") / "journal.sqlite", vault(world.place.data)).after(0, 9)


def test_without_its_key_the_journal_is_refused_in_words_and_nothing_is_changed(world: World) -> None:
    used(world)
    world.stop()
    before = (world.place.folder("standin") / "journal.sqlite").read_bytes()
    (world.place.keys / "standin" / FILE).write_text("{}")
    world.start(wait=False)
    assert world.process is not None
    assert world.process.wait(8) == 2
    assert "restore them" in world.log()
    assert (world.place.folder("standin") / "journal.sqlite").read_bytes() == before


def test_a_journal_of_an_earlier_release_in_plain_text_is_read_and_sealed_at_the_next_rotation(tmp_path: Path) -> None:
    path, keys = tmp_path / "journal.sqlite", vault(tmp_path)
    journal = Journal(path, keys)
    journal.submit(lambda writing: writing.append("logout", 5, 7, {"session": "s"})).result(5)
    journal.stop()
    base = sqlite3.connect(path)
    base.execute("DROP TRIGGER entry_says_the_same")
    base.execute("UPDATE entry SET body = ?", (json.dumps({"session": "s"}),))
    base.commit()
    base.close()
    again = Journal(path, keys)
    assert JournalReader(path, keys).logouts(0) == ["s"]
    again.stop()


def test_a_journal_entry_can_be_sealed_anew_and_never_say_anything_else(tmp_path: Path) -> None:
    path, keys = tmp_path / "journal.sqlite", vault(tmp_path)
    journal = Journal(path, keys)
    journal.submit(lambda writing: writing.append("logout", 5, 7, {"session": "s"})).result(5)
    base = journal._base
    base.execute("UPDATE entry SET body = sealed(opened(body))")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        base.execute("""UPDATE entry SET body = sealed('{"session":"other"}')""")
    assert JournalReader(path, keys).logouts(0) == ["s"]
    journal.stop()


def test_what_was_tampered_with_does_not_open(tmp_path: Path) -> None:
    keys = vault(tmp_path)
    stored = keys.seal("Ann")
    assert (keys.open(stored), keys.open("plain"), keys.seal("Ann") == stored) == ("Ann", "plain", False)
    for harmed in (stored[:-1] + bytes([stored[-1] ^ 1]), b"\0\0\0\x09" + stored[4:]):
        with pytest.raises(StoreBroken):
            keys.open(harmed)
