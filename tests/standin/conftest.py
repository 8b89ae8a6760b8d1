"""A world around one spare bank: a fake bank and fake doors (HTTP only), and the real process."""

import collections.abc
import pathlib

import pytest
from nursery import Nursery
from world import World


@pytest.fixture(scope="session")
def nursery() -> collections.abc.Iterator[Nursery]:
    """Where the spare bank's processes come from."""
    made = Nursery()
    yield made
    made.end()


@pytest.fixture
def stage(tmp_path: pathlib.Path, nursery: Nursery) -> collections.abc.Iterator[World]:
    """A world of its own in which the process was not started."""
    made = World(tmp_path, nursery)
    yield made
    made.end()


@pytest.fixture
def world(stage: World) -> World:
    """A filled world of its own, with the process running."""
    stage.start()
    return stage


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> collections.abc.Iterator[World]:
    """One world for all tests of a module; each test uses payment ids of its own."""
    made = World(tmp_path_factory.mktemp("town"), nursery)
    try:
        made.start()
        yield made
    finally:
        made.end()
