"""Is the copy still a copy of the books? Compared each minute, at once after a start, and when somebody asks.

The copy's last block and fifty of its accounts, read in one moment, are compared with what the bank says of that same
block: balances and what is held. A difference means that the spare bank would judge and show what is not so: from then
on it takes no money and says why, also after a restart, until it has been made anew (rebuilding.py). A bank that does
not answer, or no longer has the block, says nothing: an outage is no drift.
"""

import asyncio
import json
import random
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from holdfast.standin.copy import Copy
from holdfast.standin.feed import Source
from holdfast.standin.reader import CopyReader
from holdfast.telemetry import get_log

EVERY_S = 60.0
SOON_S = 1.0
SAMPLE = 50
_RANDOM = random.SystemRandom()


class Drift:
    """Looks for drift; what it finds is kept in the copy itself."""

    def __init__(
        self, source: Source, reader: CopyReader, copy: Copy, thread: ThreadPoolExecutor, readers: ThreadPoolExecutor
    ) -> None:
        self._source = source
        self._reader = reader
        self._copy = copy
        self._thread = thread
        self._readers = readers
        self.looked = 0

    @property
    def words(self) -> str:
        """What was found to differ, empty while nothing was."""
        return self._copy.drift

    async def run(self) -> None:
        """For ever: soon after a start until the bank has answered once, each minute after that."""
        while True:
            answered = await self.look()
            await asyncio.sleep(EVERY_S if answered else SOON_S)

    async def look(self) -> bool:
        """Compare once; whether the bank could be asked."""
        moves = self._reader.moves
        try:
            found = await self._compare()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
            return False
        if found is None:
            return False
        self.looked += 1
        if found and not self.words:
            get_log().error("drifted", why=found)
            await asyncio.get_running_loop().run_in_executor(self._thread, self._mark, moves, found)
        return True

    def _mark(self, moves: int, found: str) -> None:
        """Keep what was found, unless the copy was made anew meanwhile: then it was another one's."""
        if self._reader.moves == moves:
            self._copy.set_drift(found)

    async def _compare(self) -> str | None:
        """What differs, in words; empty when nothing does; None when the bank cannot say."""
        await self._source.ask("/-/feed/anchor", block=self._copy.view.head.number)  # no sample while nobody answers
        head, ours = await asyncio.get_running_loop().run_in_executor(
            self._readers, self._reader.sample, [_RANDOM.random() for _ in range(SAMPLE)]
        )
        if head.number == 0:
            return None
        said = json.loads(await self._source.ask("/-/feed/anchor", block=head.number))
        if said["hash"] is None:
            return None
        if bytes.fromhex(said["hash"]) != head.hash:
            return f"Block {head.number} of our spare bank's copy is not the one that stands in the books."
        asked = ",".join(str(one.account) for one in ours)
        said = json.loads(await self._source.ask("/-/feed/balances", block=head.number, accounts=asked))
        wrong = _differing("balances", head.number, {one.account: one.balance_minor for one in ours}, said["accounts"])
        if wrong or "held" not in said:  # a bank of the release before does not say it
            return wrong
        return _differing("held amounts", head.number, {one.account: one.held_minor for one in ours}, said["held"])


def _differing(what: str, block: int, ours: dict[int, int], said: list[list[int]]) -> str:
    """What differs, in words; empty when nothing does."""
    theirs = {int(account): int(minor) for account, minor in said}
    wrong = [account for account, minor in ours.items() if theirs.get(account) != minor]
    if not wrong:
        return ""
    first = wrong[0]
    return (
        f"{len(wrong)} of {len(ours)} {what} differ at block {block}; the first is account {first}: "
        f"{ours[first]} in our spare bank's copy, {theirs.get(first, 'no account')} in the books."
    )
