"""The waiting room of one door, with time that a test moves."""

import pytest

from holdfast.edge.waiting.room import Room
from holdfast.signing import create_key, load_keyring


class Clock:
    """Time that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keyring(tmp_path):
    for name in ("door", "primary", "standin"):
        create_key(tmp_path / "keys", name)
    return load_keyring(tmp_path / "keys", "door")


@pytest.fixture
def room(tmp_path, keyring, clock):
    made = Room(tmp_path, keyring, tmp_path / "keys", clock)
    yield made
    made.line.close()
