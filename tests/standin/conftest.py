"""A world around one spare bank: a fake bank and fake doors (HTTP only), and the real process."""

import collections.abc
import pathlib

import pytest
from world import World


@pytest.fixture
def world(tmp_path: pathlib.Path) -> collections.abc.Iterator[World]:
    """A filled world of its own, with the process running."""
    made = World(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[World]:
    """One world for all tests of a module; each test uses a payment id of its own."""
    made = World(tmp_path_factory.mktemp("town"))
    try:
        made.start()
        yield made
    finally:
        made.end()
