"""The cookie that says a customer's group: signed by the key of the day, and believed as long as its key is."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from multidict import CIMultiDict

from holdfast.contracts.answers import COHORT_HEADER
from holdfast.contracts.epochs import Bank
from holdfast.contracts.sessions import COHORT_COOKIE
from holdfast.edge import forward
from holdfast.edge.procedures import Answer
from holdfast.edge.state import Door
from holdfast.settings import Installation
from holdfast.signing import create_key, keyring, load_keyring
from holdfast.signing.pairs import (
    Accepted,
    private_file,
    public_file,
    read_accepted,
    write_private_key,
    write_public,
)

pytestmark = pytest.mark.demand("G1")


@pytest.fixture
def door(tmp_path, monkeypatch):
    monkeypatch.setattr(keyring, "LOOK_S", 0.0)
    home = Installation(tmp_path)
    create_key(home.keys, "door")
    return Door(home, 1, load_keyring(home.keys, "door", lambda: 1000.0))


def change(door, ends):
    """A new key signs; the old one is accepted until then, or struck."""
    keys, fresh = door.installation.keys, Ed25519PrivateKey.generate()
    known = [replace(one, ends=ends) for one in read_accepted(public_file(keys, "door")) if ends]
    write_public(keys, "door", [Accepted(fresh.public_key(), 1.0), *known])
    write_private_key(private_file(keys, "door"), fresh)


def handed_out(door):
    answer = Answer(200, CIMultiDict({COHORT_HEADER: "5"}), b"", Bank.PRIMARY, None)
    return forward._out(door, answer).cookies[COHORT_COOKIE].value


def read(door, token):
    request = SimpleNamespace(cookies={COHORT_COOKIE: token}, headers={})
    return forward._cohort(door, request, SimpleNamespace(api=False))


def test_a_struck_keys_cookie_is_neither_believed_nor_handed_out_any_more(door):
    old = handed_out(door)
    assert read(door, old) == 5
    change(door, None)
    assert read(door, old) is None
    new = handed_out(door)
    assert (new != old, read(door, new)) == (True, 5)


def test_a_cookie_is_believed_until_its_key_ends_and_not_for_having_been_seen(door):
    old = handed_out(door)
    change(door, 2000.0)
    assert [read(door, old), read(door, old)] == [5, 5]
    door.keyring.clock = lambda: 2000.0
    assert read(door, old) is None
