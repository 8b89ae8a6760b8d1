"""An installation without servers, keys, and a backup of made-up files."""

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import time
from dataclasses import replace

import pytest

from holdfast.recover.keys import DATA, KEYS, own_keys
from holdfast.recover.manifest import Database, Manifest
from holdfast.recover.places import Putting, remove
from holdfast.recover.plan import Place
from holdfast.recover.stores import AFTER, BEFORE, write_store
from holdfast.runtime import installing
from holdfast.settings import load, write


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Made once; each test has a copy of its own."""
    return installing.prepare(tmp_path_factory.mktemp("recover") / "bank", None).data


@pytest.fixture
def home(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "bank")
    made = replace(load(tmp_path / "bank"), postgres_data=str(tmp_path / "databases"))
    write(made)
    for folder, name in (("standin", "copy.sqlite"), ("standin", "journal.sqlite"), ("edge", "register.sqlite")):
        with sqlite3.connect(made.folder(folder) / name) as base:
            base.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, words TEXT)")
            base.execute("INSERT INTO entry VALUES (1, 'x')")
    (made.folder("bank") / "logins.json").write_text("[]")
    return made


@pytest.fixture
def keys(home):
    return own_keys(home, make=True)


@pytest.fixture
def places(tmp_path):
    made = []
    for name in ("near", "far"):
        (tmp_path / name).mkdir()
        made.append(Place(name, str(tmp_path / name)))
    yield tuple(made)
    for one in made:  # what a test let be held
        for path in one.root.glob("*/*"):
            if path.is_dir() and path.name.endswith(("-full", "-incremental")):
                remove(path)


def tar_of_server(files, segments=("000000010000000000000002",), leave_out=""):
    """As pg_basebackup gives a server's files. leave_out: a file that is listed and not there."""
    listed = [
        {"Path": name, "Size": len(raw), "Checksum-Algorithm": "SHA256", "Checksum": hashlib.sha256(raw).hexdigest()}
        for name, raw in files.items()
    ]
    ranges = [{"Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000120"}]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        told = {**files, "backup_manifest": json.dumps({"Files": listed, "WAL-Ranges": ranges}).encode()}
        told.update({f"pg_wal/{one}": b"log" for one in segments})
        for name, raw in told.items():
            if name != leave_out:
                member = tarfile.TarInfo(name)
                member.size = len(raw)
                tar.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def put_backup(home, places, keys, *, name="20261124T010000Z-full", server=None, now=None, line="aaaa"):
    """A backup as `take` puts it, of a server made of two files."""
    done = []
    putting = Putting(places, line, name, keys)
    for store in (*BEFORE, *AFTER):
        with putting.part(store.name, store.key, done) as put:
            write_store(home, store, put)
    with putting.part("bank", DATA, done) as put:
        put(server or tar_of_server({"PG_VERSION": b"18\n", "base/1/1": bytes(20_000)}))
    manifest = Manifest(
        line=line,
        name=name,
        kind="full",
        base="",
        began=time.time() if now is None else now,
        ended=time.time() if now is None else now,
        release="0.1.0",
        data_version=1,
        keys={one: keys.newest(one) for one in (DATA, KEYS)},
        parts=tuple(done),
        databases={"bank": Database("1", 180_000, 1, "0/2000028", "0/2000120")},
    )
    had = putting.finish(manifest, time.time() if now is None else now)
    return manifest, had, putting.lost
