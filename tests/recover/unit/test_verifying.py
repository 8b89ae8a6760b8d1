"""What is damaged or missing in a place is found before it is needed, and named."""

import json

import pytest
from recover_conftest import put_backup, tar_of_server

from holdfast.recover.keys import DATA, KEYS
from holdfast.recover.verifying import verify_place
from holdfast.recover.wal import gaps, number, segment, spanned

pytestmark = pytest.mark.demand("D1")


@pytest.fixture
def folder(home, keys, places):
    manifest, _, _ = put_backup(home, places, keys)
    return places[0].root / "aaaa" / manifest.name


def test_a_whole_backup_has_no_findings_and_all_of_it_was_read(folder, places, keys):
    found = verify_place(places[0], keys)
    assert found.findings == []
    assert found.backups == 1
    assert found.bytes == sum(path.stat().st_size for path in folder.glob("*.sealed"))
    assert found.segments == 1


def test_a_flipped_bit_is_found_in_every_file(folder, places, keys):
    for path in sorted(folder.iterdir()):
        before = path.read_bytes()
        at = len(before) // 2
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        findings = verify_place(places[0], keys).findings
        assert len(findings) == 1, path.name
        assert str(path) in findings[0]
        path.write_bytes(before)
    assert verify_place(places[0], keys).findings == []
    assert verify_place(places[1], keys).findings == []


def test_a_missing_file_and_a_strange_one_are_named(folder, places, keys):
    (folder / "spare-journal.sealed").unlink()
    (folder / "more.sealed").write_bytes(b"x")
    findings = verify_place(places[0], keys).findings
    assert len(findings) == 2
    assert any("more.sealed is no part" in words for words in findings)
    assert any("spare-journal.sealed is missing" in words for words in findings)


def test_a_manifest_that_somebody_changed_is_found_by_its_mark(folder, places, keys):
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    told["manifest"] = told["manifest"].replace('"held_until": 0.0', '"held_until": 1.0')
    path.write_text(json.dumps(told))
    (finding,) = verify_place(places[0], keys).findings
    assert "was changed" in finding


def test_the_keys_of_another_bank_are_found_out(folder, places, keys):
    other = type(keys)({DATA: {1: bytes(32)}, KEYS: {1: bytes(32)}})
    (finding,) = verify_place(places[0], other).findings
    assert "another bank" in finding


def test_a_backup_of_another_form_is_refused_and_says_by_what_it_is_read(folder, places, keys):
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    told["manifest"] = told["manifest"].replace('"form": 1', '"form": 9')
    path.write_text(json.dumps(told))
    (finding,) = verify_place(places[0], keys).findings
    assert "form 9" in finding
    assert "0.1.0" in finding


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (tar_of_server({"PG_VERSION": b"18\n", "base/1/1": b"x"}, leave_out="base/1/1"), "base/1/1 is missing"),
        (tar_of_server({"PG_VERSION": b"18\n"}, segments=()), "log segment 000000010000000000000002 is missing"),
        (tar_of_server({"PG_VERSION": b"18\n"})[:700], "ends in the midst"),
        (tar_of_server({"PG_VERSION": b"18\n"}, leave_out="backup_manifest"), "no list of its files"),
    ],
    ids=["a file", "the log", "cut", "no list"],
)
def test_what_is_missing_within_a_databases_part_is_named(home, keys, places, server, words):
    put_backup(home, places, keys, server=server)
    findings = verify_place(places[0], keys).findings
    assert any(words in finding for finding in findings), findings


def test_an_incremental_backup_whose_base_is_gone_is_found(home, keys, places):
    from dataclasses import replace

    from holdfast.recover.manifest import backups, write_manifest

    put_backup(home, places, keys)
    ((kept,), _) = backups(places[0])
    (kept.folder / "manifest.json").unlink()
    write_manifest(kept.folder, replace(kept.manifest, kind="incremental", base="20261123T010000Z-full"), keys)
    (finding,) = verify_place(places[0], keys).findings
    assert "20261123T010000Z-full, which is not in 'near'" in finding


def test_an_empty_or_lost_place_is_a_finding(places, keys):
    assert ["no backup at all" in words for words in verify_place(places[0], keys).findings] == [True]
    from pathlib import Path

    Path(places[0].folder).rmdir()
    assert ["not there" in words for words in verify_place(places[0], keys).findings] == [True]


def test_segments_are_counted_over_the_end_of_a_log_file():
    assert segment(1, 255) == "0000000100000000000000FF"
    assert segment(1, 256) == "000000010000000100000000"
    assert number("000000010000000100000000") == 256
    assert list(spanned(1, "0/FF000028", "1/120")) == ["0000000100000000000000FF", "000000010000000100000000"]
    assert list(spanned(2, "0/2000028", "0/3000000")) == ["000000020000000000000002"]


@pytest.mark.demand("D2")
def test_a_gap_in_the_log_is_named_up_to_the_newest_segment():
    names = [segment(1, one) for one in (4, 5, 7, 9)] + [segment(2, 6), "00000002.history"]
    assert gaps(names, 1, 4) == [segment(1, 6), segment(1, 8)]
    assert gaps(names, 1, 10) == []
