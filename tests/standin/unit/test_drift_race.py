"""What a look at the copy found is of the copy that was looked at."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from holdfast.standin.drift import Drift
from holdfast.standin.view import Account, Head

ACCOUNT = Account(10, "10", "NOK", "credit", 0, 0, 5, 700)


class OneSample:
    """A copy's reader that may be moved to another file while it is asked."""

    def __init__(self, moves_on: bool) -> None:
        self.moves, self._moves_on, self.taken = 0, moves_on, 0

    def sample(self, _places: object) -> tuple[Head, list[Account]]:
        self.moves, self.taken = self.moves + self._moves_on, self.taken + 1
        return Head(3, b"h" * 32, 0), [ACCOUNT]


class OneBank:
    """A bank that says another balance of the account, nothing of holds, or nothing at all."""

    def __init__(self, away: bool = False) -> None:
        self._away = away

    async def ask(self, path: str, **_query: object) -> bytes:
        if self._away:
            raise OSError("away")
        said = {"hash": (b"h" * 32).hex()} if path.endswith("anchor") else {"accounts": [[10, 900]]}
        return json.dumps(said).encode()


def look(reader: OneSample, bank: OneBank) -> tuple[bool, list[str]]:
    """Whether the bank could be asked, and what was kept as found."""
    kept: list[str] = []
    copy = SimpleNamespace(drift="", set_drift=kept.append, view=SimpleNamespace(head=Head(3, b"h" * 32, 0)))
    with ThreadPoolExecutor(1) as thread:
        drift = Drift(bank, reader, copy, thread, thread)  # type: ignore[arg-type]  # as much of them as it asks
        return asyncio.run(drift.look()), kept


@pytest.mark.parametrize("made_anew", [False, True])
def test_what_was_found_of_a_copy_that_was_made_anew_meanwhile_is_not_kept_of_the_new_one(made_anew: bool) -> None:
    answered, kept = look(OneSample(made_anew), OneBank())
    assert answered
    assert [("900 in the books" in words) for words in kept] == ([] if made_anew else [True])


def test_no_sample_is_drawn_while_the_bank_does_not_answer() -> None:
    reader = OneSample(False)
    assert (look(reader, OneBank(away=True)), reader.taken) == ((False, []), 0)
