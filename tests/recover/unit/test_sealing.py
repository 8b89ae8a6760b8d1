"""Sealed files: what was put in comes out, and nothing else ever does."""

import os
import random

import pytest

from holdfast.recover.errors import Damaged, KeyFault, Refused
from holdfast.recover.keys import (
    DATA,
    KEYS,
    is_put_away,
    keep_keys,
    key_file,
    noted_put_away,
    own_keys,
    read_recovery_file,
    write_recovery_file,
)
from holdfast.recover.sealing import HEAD, PIECE_BYTES, TAG_BYTES, Sealing, open_bytes, opened, seal_bytes
from holdfast.signing.keyfile import read_keys, write_keys

pytestmark = pytest.mark.demand("D1")


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES + 7])
def test_what_is_sealed_opens_again_whatever_its_size(tmp_path, keys, size):
    plain = random.Random(size).randbytes(size)
    sealing = Sealing(keys, DATA, "one")
    sealed = b"".join(sealing.take(plain[at : at + 70_000]) for at in range(0, size, 70_000)) + sealing.end()
    path = tmp_path / "file"
    path.write_bytes(sealed)
    assert open_bytes(path, keys, DATA, "one") == plain
    assert sealing.plain_bytes == size


@pytest.fixture
def sealed(tmp_path, keys):
    path = tmp_path / "file"
    path.write_bytes(seal_bytes(keys, DATA, "one", os.urandom(3 * PIECE_BYTES)))
    return path


def _swap(raw):
    step, at = PIECE_BYTES + TAG_BYTES, HEAD.size
    return raw[:at] + raw[at + step : at + 2 * step] + raw[at : at + step] + raw[at + 2 * step :]


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[: HEAD.size + PIECE_BYTES + TAG_BYTES],
        lambda raw: raw + b"x",
        lambda raw: raw[:5000] + bytes([raw[5000] ^ 1]) + raw[5001:],
        lambda raw: raw[: HEAD.size - 1] + bytes([raw[HEAD.size - 1] ^ 1]) + raw[HEAD.size :],
        _swap,
        lambda raw: b"",
        lambda raw: b"plain words",
    ],
    ids=[
        "cut by a byte",
        "cut after a piece",
        "longer",
        "a bit",
        "a bit of the head",
        "pieces swapped",
        "empty",
        "other",
    ],
)
def test_a_file_that_was_changed_in_any_way_is_named_and_never_opens(sealed, keys, change):
    sealed.write_bytes(change(sealed.read_bytes()))
    with pytest.raises(Damaged, match=str(sealed)):
        list(opened(sealed, keys, DATA, "one"))


def test_a_missing_file_is_named(tmp_path, keys):
    with pytest.raises(Damaged, match="none is missing"):
        list(opened(tmp_path / "none", keys, DATA, "one"))


def test_a_file_put_in_anothers_place_does_not_open(sealed, keys):
    with pytest.raises(Damaged):
        list(opened(sealed, keys, DATA, "two"))


def test_neither_of_the_two_keys_opens_what_the_other_sealed(sealed, keys):
    with pytest.raises(Damaged):
        list(opened(sealed, keys, KEYS, "one"))


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens(tmp_path, home, keys, sealed):
    path = key_file(home, DATA)
    write_keys(path, {**read_keys(path), 2: os.urandom(32)})
    newer = own_keys(home)
    assert newer.newest(DATA) == 2
    assert len(open_bytes(sealed, newer, DATA, "one")) == 3 * PIECE_BYTES
    fresh = tmp_path / "fresh"
    fresh.write_bytes(seal_bytes(newer, DATA, "one", b"x"))
    with pytest.raises(KeyFault, match="key 2 of backup-data, and this file of recovery keys has 1"):
        open_bytes(fresh, keys, DATA, "one")


def test_the_recovery_file_opens_everything_elsewhere_and_is_never_written_over(tmp_path, keys, sealed):
    file = tmp_path / "recovery"
    write_recovery_file(keys, file)
    assert file.stat().st_mode & 0o077 == 0
    assert len(open_bytes(sealed, read_recovery_file(file), DATA, "one")) == 3 * PIECE_BYTES
    before = file.read_bytes()
    with pytest.raises(Refused, match="not overwritten"):
        write_recovery_file(keys, file)
    assert file.read_bytes() == before


def test_keys_that_were_changed_since_they_were_put_away_are_told(home, keys):
    assert not is_put_away(home)
    noted_put_away(home)
    assert is_put_away(home)
    path = key_file(home, DATA)
    write_keys(path, {**read_keys(path), 2: os.urandom(32)})
    assert not is_put_away(home)


@pytest.mark.parametrize(
    "words", ["", "{}", '{"form": "other", "keys": {}}', '{"form": "holdfast recovery keys 1", "keys": {}}']
)
def test_a_recovery_file_that_cannot_be_read_is_one_clear_sentence(tmp_path, words):
    file = tmp_path / "recovery"
    file.write_text(words)
    with pytest.raises(KeyFault, match="recovery"):
        read_recovery_file(file)


def test_keys_of_another_bank_never_replace_those_that_are_there(tmp_path, home, keys):
    other = type(keys)({DATA: {1: bytes(32)}, KEYS: {1: bytes(32)}})
    with pytest.raises(Refused, match="another bank"):
        keep_keys(home, other)
    assert own_keys(home) == keys
