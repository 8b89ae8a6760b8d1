"""Places: whole or not at all, held where they say so, and one that vanishes takes no other with it."""

import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from recover_conftest import put_backup

from holdfast.recover import places as placing
from holdfast.recover.errors import PlaceFault, Refused
from holdfast.recover.keys import DATA
from holdfast.recover.manifest import backups
from holdfast.recover.places import DAY_S, Putting
from holdfast.recover.plan import Place, Plan, alone, read_plan, with_place, without_place, write_plan
from holdfast.recover.stores import AFTER, BEFORE, copy_sqlite, read_store, write_store

pytestmark = pytest.mark.demand("D1")


def test_every_place_has_the_same_sealed_bytes_and_no_plain_word(home, keys, places):
    manifest, had, lost = put_backup(home, places, keys)
    assert (had, lost) == (["near", "far"], {})
    near, far = (Path(one.folder) / "holdfast-backups" / "aaaa" / manifest.name for one in places)
    names = sorted(path.name for path in near.iterdir())
    assert names == sorted([*(part.file for part in manifest.parts), "manifest.json"])
    for part in manifest.parts:
        assert (near / part.file).read_bytes() == (far / part.file).read_bytes()
    secret = (home.secrets / "manager").read_bytes()
    assert all(secret not in path.read_bytes() for path in near.iterdir())


def test_a_place_that_vanishes_midway_is_named_and_the_other_has_the_backup_whole(home, keys, places):
    putting = Putting(places, "aaaa", "20261124T010000Z-full", keys)
    done = []
    with pytest.MonkeyPatch.context() as patched:
        real = placing.os.fsync
        far = places[1].root / "aaaa" / "20261124T010000Z-full.part" / "two.sealed"

        def fsync(handle):
            if Path(f"/proc/self/fd/{handle}").readlink() == far:
                raise OSError(5, "Input/output error")
            real(handle)

        patched.setattr(placing.os, "fsync", fsync)
        for name in ("one", "two", "three"):
            with putting.part(name, DATA, done) as put:
                put(b"words" * 1000)
    assert [part.name for part in done] == ["one", "two", "three"]
    assert list(putting.lost) == ["far"]
    assert "Input/output error" in putting.lost["far"]
    assert not list(places[1].root.glob("aaaa/*"))
    assert len(list(places[0].root.glob("aaaa/*/*.sealed"))) == 3
    putting.abandon()
    assert not list(places[0].root.glob("aaaa/*"))


def test_when_no_place_is_left_it_is_said_and_nothing_is_left_behind(keys, places):
    for one in places:
        shutil.rmtree(one.folder)
    with pytest.raises(PlaceFault, match=r"near.*far"):
        Putting(places, "aaaa", "20261124T010000Z-full", keys)
    assert not any(Path(one.folder).exists() for one in places)


@pytest.mark.demand("D2")
def test_what_a_holding_place_keeps_cannot_be_written_and_says_until_when(home, keys, places):
    holding = Place("near", places[0].folder, hold_days=30)
    put_backup(home, (holding,), keys, now=time.time())
    ((kept,), wrong) = backups(holding)
    assert wrong == []
    assert abs(kept.manifest.held_until - time.time() - 30 * DAY_S) < 60
    assert kept.folder.stat().st_mode & 0o222 == 0
    assert all(path.stat().st_mode & 0o377 == 0 for path in kept.folder.iterdir())
    if placing.is_immutable(kept.folder):
        with pytest.raises(PermissionError):
            shutil.rmtree(kept.folder)
        assert len(list(kept.folder.iterdir())) == len(kept.manifest.parts) + 1


def test_a_hold_is_never_shortened_and_a_place_never_lies_within_what_it_keeps(home, tmp_path, places):
    plan = with_place(Plan("aaaa"), Place("near", places[0].folder, 30), home)
    with pytest.raises(Refused, match="not shortened"):
        with_place(plan, Place("near", places[0].folder, 29), home)
    (home.data / "backups").mkdir()
    with pytest.raises(Refused, match="lost with them"):
        with_place(plan, Place("inner", str(home.data / "backups")), home)
    with pytest.raises(Refused, match="already"):
        with_place(plan, Place("twice", places[0].folder), home)
    with pytest.raises(PlaceFault, match="not a folder"):
        with_place(plan, Place("none", str(tmp_path / "none")), home)
    with pytest.raises(Refused, match="no place 'none'"):
        without_place(plan, "none")
    assert [one.name for one in plan.places] == ["near"]


def test_a_plan_is_read_as_it_was_written(home, places):
    plan = with_place(read_plan(home), Place("near", places[0].folder, 30), home)
    write_plan(home, plan)
    assert read_plan(home) == plan


def test_two_backups_never_run_at_once(home):
    with alone(home), pytest.raises(Refused, match="under way"), alone(home):
        pass
    with alone(home):
        pass


def test_every_file_of_an_installation_stands_in_one_part_and_keys_stand_apart(home, keys, tmp_path):
    (home.folder("standin") / "copy.current").write_text("copy.sqlite")
    (home.folder("control") / "tmp").mkdir()
    (home.folder("control") / "tmp" / "left").write_text("x")
    seen = {}
    for store in (*BEFORE, *AFTER):
        raw = bytearray()
        write_store(home, store, raw.extend)
        path = tmp_path / f"{store.name}.tar"
        path.write_bytes(raw)
        with path.open("rb") as source:
            for name in read_store(source, tmp_path / "out"):
                assert name not in seen
                seen[name] = store.name
    wanted = {
        str(path.relative_to(home.data))
        for folder in ("bank", "standin", "edge", "control", "keys", "secrets")
        for path in (home.data / folder).rglob("*")
        if path.is_file() and "tmp" not in path.parts[-2] and path.parent.name != "backup"
    }
    assert set(seen) == wanted | {"settings.json"}
    assert {seen[name] for name in seen if name.startswith(("keys/", "secrets/"))} == {"keys"}
    assert not any("backup" in name for name in seen)
    assert (tmp_path / "out" / "secrets" / "manager").stat().st_mode & 0o077 == 0


def test_a_sqlite_file_is_copied_as_it_is_at_one_moment_while_it_is_written(tmp_path):
    path, made = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE t (a INTEGER)")
        base.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])
        base.commit()
        base.execute("BEGIN IMMEDIATE")
        base.execute("INSERT INTO t VALUES (1000)")
        copy_sqlite(path, made)
        base.commit()
    with sqlite3.connect(made) as base:
        assert base.execute("SELECT count(*) FROM t").fetchone() == (1000,)
    assert not made.with_name("b.sqlite-wal").exists()
