"""Accounts and facts looked up in the copy, as of the view's head.

**One state.** Whoever holds the view's lock sees books, profile, waiting entries and exposure of one and the same
moment, although the copy's writer commits meanwhile:

- Accounts. Before the copy's writer begins to commit blocks it puts, under the lock, the accounts that they change as
  they were into `hold` (it has them in hand: the new states are computed from them). From then on those come from
  memory, and all others are the same in the copy before and after its commit. Behind the commit, under the lock again,
  the view takes the blocks' change (head, waiting entries, habits) and `update` lets go of the old states. So at each
  instant of the lock an account is as of `view.head`, and no one waits for a commit to be written.
- Facts. They are few and small, so their COMMIT itself runs under the lock (Copy.apply_facts).
- Items of blocks are only ever added. Who needs them as of the head asks for those below head + 1; who does not (an id
  that is booked already) is answered by what is committed, which is never less.

A single look-up without the lock is of a committed state, at most one commit newer than the view. What was looked up
lately is kept (recent.py), a bounded number, and forgotten in the same steps: accounts by `update`, facts by `put`.
"""

import json
from collections.abc import Collection, Mapping

from holdfast.contracts.profile import Fact
from holdfast.standin.facts import Body
from holdfast.standin.reader import CopyReader
from holdfast.standin.recent import Recent
from holdfast.standin.view import Account

KEPT_MAX = 4096
"""Accounts, and facts: some megabytes."""


class CopyAccounts:
    """view.Accounts over the copy; `hold` and `update` are called under the view's lock."""

    def __init__(self, reader: CopyReader) -> None:
        self._reader = reader
        self._before: Mapping[int, Account | None] = {}
        self._recent: Recent[int, Account | None] = Recent(KEPT_MAX)

    def get(self, number: int) -> Account | None:
        """The account as of the view's head; None when no block has opened it."""
        before = self._before  # one look at it: without the lock it may be let go of meanwhile
        if number in before:
            return before[number]
        return self._recent.get(number, lambda: self._reader.account(number))

    def hold(self, before: Mapping[int, Account | None]) -> None:
        """These accounts are about to change in the copy; until `update` they are as given here."""
        self._before = before

    def update(self, changed: Mapping[int, Account]) -> None:
        """The copy has committed these; from now on all are as it has them."""
        self._recent.forget(changed)
        self._before = {}


class CopyFacts:
    """facts.Facts over the copy."""

    def __init__(self, reader: CopyReader) -> None:
        self._reader = reader
        self._recent: Recent[tuple[str, str], Body | None] = Recent(KEPT_MAX)

    def put(self, fact: Fact) -> None:
        """The copy's writer has put it there."""
        self._recent.forget([(fact.kind, fact.key)])

    def get(self, kind: str, key: str) -> Body | None:
        """See Facts."""
        return self._recent.get((kind, key), lambda: self._read(kind, key))

    def _read(self, kind: str, key: str) -> Body | None:
        found = self._reader.rows("fact", kind, key)
        return json.loads(found[0][0]) if found else None

    def find(self, kind: str, term: str) -> tuple[str, Body] | None:
        """See Facts. What is not found is looked for once more with the keys as they are now on the disk: a rotation
        may have marked it anew."""
        found = self._marked(kind, self._reader.vault.marks(kind, term))
        if found is None:
            before = self._reader.vault.newest
            self._reader.vault.refresh()
            if self._reader.vault.newest != before:
                found = self._marked(kind, self._reader.vault.marks(kind, term))
        return found

    def _marked(self, kind: str, marks: list[bytes]) -> tuple[str, Body] | None:
        for mark in [*marks, marks[0]]:  # the first again: a rotation may pass between two looks
            found = self._reader.rows("fact_marked", kind, mark)
            if found:
                return str(found[0][0]), json.loads(found[0][1])
        return None

    def held(self, kind: str, holder: int) -> list[tuple[str, Body]]:
        """See Facts."""
        return [(key, json.loads(body)) for key, body in self._reader.rows("facts_held", kind, holder)]

    def due(
        self, day: str, after: int, limit: int, *, cohorts: Collection[int], urgent: bool
    ) -> list[tuple[int, Body]]:
        """See Facts."""
        found = self._reader.rows("orders_due", day, after, json.dumps(sorted(cohorts)), urgent, limit)
        return [(int(key), json.loads(body)) for key, body in found]
