"""The list of mutants, and how one is put on it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

Mutant = Callable[[], Iterator[None]]
MUTANTS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {}
WORDS: dict[str, str] = {}


def mutant(words: str) -> Callable[[Mutant], Mutant]:
    """Put a mutant on the list, under its function's name."""

    def put(function: Mutant) -> Mutant:
        name = function.__name__.replace("_", "-")
        MUTANTS[name] = contextlib.contextmanager(function)
        WORDS[name] = words
        return function

    return put


def broken(target: Any, name: str, new: Any) -> Any:
    """While it is entered, what `target` holds under this name is another thing."""
    return patch.object(target, name, new)
