"""`copy.sqlite`: the fed blocks, the accounts they make, and the profile. Rebuildable, so synchronous NORMAL.

One thread applies what the feed brings, in transactions of about 5 ms (one large block is one transaction);
readers have connections of their own (reader.py). lookups.py says why a commit and what it changes in the view are one
step to whoever holds the view's lock. Nothing that grows with the number of customers is read at a start.
"""

import json
import sqlite3
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from holdfast.contracts.blocks import (
    AccountChange,
    Block,
    Pending,
    Release,
    Transfer,
    block_from_wire,
    days_of,
    held_change,
    item_to_wire,
)
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.profile import Fact, fact_from_wire
from holdfast.standin import queries
from holdfast.standin.errors import FeedBroken
from holdfast.standin.facts import columns_of
from holdfast.standin.habits import BY_HAND
from holdfast.standin.lookups import CopyAccounts, CopyFacts
from holdfast.standin.profile import LIMITS_KEY, LIMITS_NOT_TAKEN, Profile
from holdfast.standin.reader import CopyReader
from holdfast.standin.vault import Vault, open_store
from holdfast.standin.view import Account, BlockChange, Head, View, change_of
from holdfast.telemetry import get_log

SQL = queries.load("copy")
SCHEMA_VERSION = 4
PAGE_BYTES = 1024
"""Each transfer changes five pages somewhere in a large file; small ones are a quarter of the bytes to be written."""
CACHE_KB = 32_000
"""What the writer keeps of the file."""
STEP_S_MAX = 0.005
FILES = ("", "-wal", "-shm")
_COLUMNS = attrgetter(*(one.name for one in fields(Account)))
"""An account as its row has it."""
FIRST_NAME, POINTER = "copy.sqlite", "copy.current"


def current_copy(folder: Path) -> Path:
    """The file of the copy in use: copy.sqlite, or the one that a rebuild has put in its place."""
    pointer = folder / POINTER
    return folder / (pointer.read_text().strip() if pointer.exists() else FIRST_NAME)


def point_at(path: Path) -> None:
    """From now on this file is the copy in use, whole or not at all."""
    part = path.with_name(POINTER + ".part")
    part.write_text(path.name)
    part.replace(path.with_name(POINTER))


def remove_copy(path: Path) -> None:
    """Remove a copy's files; who reads them still reads on."""
    for suffix in FILES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def remove_others(current: Path) -> None:
    """Remove copies beside the one in use: half made, or replaced."""
    for path in current.parent.glob("copy*.sqlite"):
        if path != current:
            remove_copy(path)


def _packed(blocks: list[Block], vault: Vault) -> tuple[str, bytes]:
    """The items of blocks as insert_items takes them: their columns, and ids and sealed words behind one another."""
    rows, parts, at = [], list[bytes](), 1
    for block in blocks:
        for position, item in enumerate(block.items):
            words = vault.seal(json.dumps(item_to_wire(item), separators=(",", ":"), ensure_ascii=False))
            columns: list[int | None] = [None] * 5
            ident = b""
            if not isinstance(item, AccountChange):
                columns[:2], ident = [item.debit, item.credit], item.id.bytes
            if isinstance(item, Transfer):
                columns[2:4] = item.amount_minor, days_of(item.value_date) if item.kind in BY_HAND else None
            columns[4] = held_change(item) or None
            rows.append([block.number, position, *columns, at if ident else 0, at + len(ident), len(words)])
            parts += ident, words
            at += len(ident) + len(words)
    return json.dumps(rows, separators=(",", ":")), b"".join(parts)


class Copy:
    """The copy's one writer. Every method but `checkpoint_beside` is called from the copy's thread only."""

    def __init__(self, path: Path, view: View, vault: Vault) -> None:
        """Open the file and fill the view; a broken file, or one of another schema, is dropped."""
        self.path = path
        self.view = view
        self.follow: Callable[[BlockChange], None] | None = None
        """Is told of each change once it is committed; must return at once."""
        self._vault = vault
        self._mark = path.with_suffix(".broken")
        self.dropped = ""
        self.drift = ""
        self.settled: tuple[int, bytes] = (0, b"")
        """The journal entry, by number and hash, up to which the copy shows what became of every entry."""
        try:
            self._base = self._load()
        except (sqlite3.DatabaseError, KeyError, ValueError, TypeError) as error:
            self.dropped = str(error)
            get_log().warning("copy_dropped", why=str(error))
            remove_copy(path)
            self._mark.unlink(missing_ok=True)
            self._base = self._load()
        self.reader = CopyReader(path, vault)
        self._accounts = CopyAccounts(self.reader)
        view.accounts, view.profile.facts = self._accounts, CopyFacts(self.reader)
        view.held = self.reader.held

    def _load(self) -> sqlite3.Connection:
        if self._mark.exists():
            raise sqlite3.DatabaseError("it was found broken before")
        base = open_store(self.path, self._vault)
        base.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        try:
            self._prepare(base)
            self._fill(base)
        except BaseException:
            base.close()
            raise
        return base

    @staticmethod
    def _prepare(base: sqlite3.Connection) -> None:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"its schema is of version {version}, not {SCHEMA_VERSION}")
        base.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.executescript(SQL["schema"])
        base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _fill(self, base: sqlite3.Connection) -> None:
        meta = dict(base.execute(SQL["meta"]).fetchall())
        head = base.execute(SQL["head"]).fetchone()
        kept = [Fact(row[2], row[0], row[1], json.loads(row[3])) for row in base.execute(SQL["kept_facts"])]
        self.view.head = Head(*head) if head else Head()
        self.view.filled = meta.get("filled") == "1"
        self.drift = meta.get("drift", "")
        number, _, digest = meta.get("settled", "0:").partition(":")
        self.settled = (int(number), bytes.fromhex(digest))
        self.view.fed_at_us = self.view.answered_at_us = self.view.head.at_us
        self.view.apply_facts(kept, int(meta.get("fact_number", 0)))

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _in_transaction(
        self, write: Callable[[], None], end: Callable[[Callable[[], None]], None] = lambda commit: commit()
    ) -> None:
        """Write and commit, or nothing. end: is handed the commit, to put it where it belongs."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
            write()
            end(self._commit)
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                self._mark.touch()
                raise FeedBroken(f"The copy is broken ({error}); it is made anew at the next start.") from error
            raise

    def _commit(self) -> None:
        self._base.execute("COMMIT")

    def apply_answer(self, raw: bytes) -> tuple[int, int]:
        """Apply a feed answer of the books; (the bank's head, blocks applied). Raises FeedBroken in words."""
        try:
            answer = json.loads(raw)
            bank_head, blocks = int(answer["head"]), list(answer["blocks"])
        except (ValueError, KeyError, TypeError) as error:
            raise FeedBroken(f"The bank's answer about its books has not the agreed form ({error}).") from error
        applied, group, began = 0, list[Block](), time.monotonic()
        head = self.view.head
        for wire in blocks:
            try:
                block = self._check(wire, head)
            except FeedBroken:
                self._apply(group, head)  # what came before it holds
                raise
            head = Head(block.number, bytes.fromhex(wire["hash"]), block.at_us)
            group.append(block)
            if time.monotonic() - began > STEP_S_MAX / 2 or len(group) >= 100:
                applied += self._apply(group, head)
                group, began = [], time.monotonic()
        applied += self._apply(group, head)
        return bank_head, applied

    @staticmethod
    def _check(wire: Any, head: Head) -> Block:
        try:
            block = block_from_wire(wire)
        except (BadMessage, struct.error, OverflowError, UnicodeError) as error:
            raise FeedBroken(f"After block {head.number}: {error}. The copy stays at block {head.number}.") from error
        if block.number != head.number + 1 or block.previous != head.hash:
            raise FeedBroken(
                f"Block {block.number} does not follow block {head.number} of the copy; the copy stays there."
            )
        return block

    def _apply(self, blocks: list[Block], ended: Head | None = None) -> int:
        if not blocks:
            return 0
        known = self._states(blocks)
        try:
            change = change_of(blocks, known, self.view.head, ended)
        except KeyError as error:
            if len(blocks) > 1:
                return sum(self._apply([one]) for one in blocks)  # those before it hold
            raise FeedBroken(
                f"A block books on account {error}, which no block has opened; the copy stays at block "
                f"{self.view.head.number}."
            ) from error
        packed = _packed(blocks, self._vault)
        with self.view.lock:
            self._accounts.hold({number: known.get(number) for number in change.accounts})
        try:
            self._in_transaction(lambda: self._put_blocks(blocks, packed, change))
        except BaseException:
            with self.view.lock:
                self._accounts.hold({})  # nothing has changed
            raise
        self.view.apply_blocks(change)
        if self.follow is not None and self.view.filled:
            self.follow(change)
        return len(blocks)

    def _states(self, blocks: list[Block]) -> dict[int, Account]:
        """The accounts that these blocks touch, as they are now."""
        touched: set[int] = set()
        for block in blocks:
            for item in block.items:
                touched.update((item.account,) if isinstance(item, AccountChange) else (item.debit, item.credit))
        found = self._base.execute(SQL["accounts_among"], (json.dumps(list(touched)),))
        return {row[0]: Account(*row) for row in found}

    def _put_blocks(self, blocks: list[Block], packed: tuple[str, bytes], change: BlockChange) -> None:
        hashes = [*(block.previous for block in blocks[1:]), change.head.hash]
        for block, digest in zip(blocks, hashes, strict=True):
            self._base.execute(SQL["insert_block"], (block.number, block.previous, digest, block.at_us))
        self._base.execute(SQL["insert_items"], packed)
        self._put_holds(blocks)
        opened = {item.account for block in blocks for item in block.items if isinstance(item, AccountChange)}
        self._base.executemany(SQL["put_account"], [_COLUMNS(change.accounts[number]) for number in opened])
        moved = [
            (one.account, one.balance_minor, one.held_minor)
            for one in change.accounts.values()
            if one.account not in opened
        ]
        self._base.execute(SQL["set_balances"], (json.dumps(moved, separators=(",", ":")),))

    def _put_holds(self, blocks: list[Block]) -> None:
        for block in blocks:
            for position, item in enumerate(block.items):
                if isinstance(item, Pending):
                    row = (item.id.bytes, item.debit, item.amount_minor, block.number, position)
                    self._base.execute(SQL["put_hold"], row)
                elif isinstance(item, Release):
                    self._base.execute(SQL["end_hold"], (item.pending.bytes,))
                elif isinstance(item, Transfer) and item.tie and item.tie.settles:
                    self._base.execute(SQL["end_hold"], (item.tie.settles.bytes,))

    def apply_facts(self, raw: bytes) -> tuple[int, int]:
        """Apply a feed answer of the profile; (the bank's head, facts applied). Raises FeedBroken in words, behind the
        last fact that holds."""
        try:
            answer = json.loads(raw)
            bank_head, wires = int(answer["head"]), list(answer["facts"])
        except (ValueError, KeyError, TypeError) as error:
            raise FeedBroken(f"The bank's answer about its customers has not the agreed form ({error}).") from error
        trial, number, facts = Profile(), self.view.fact_number, list[Fact]()
        trouble: FeedBroken | None = None
        for wire in wires:
            try:
                fact = fact_from_wire(wire)
                trial.apply(fact)
            except (BadMessage, KeyError, ValueError, TypeError, AttributeError) as error:
                kind = wire.get("kind") if isinstance(wire, dict) else "?"
                trouble = FeedBroken(
                    f"After profile fact {number}: the next ({kind}) has not the agreed form ({error})."
                )
                break
            if fact.number <= number:
                trouble = FeedBroken(f"The bank sent profile fact {fact.number} again after {number}.")
                break
            facts.append(fact)
            number = fact.number
        if facts:
            kept = self._kept_apart(facts)
            self._in_transaction(
                lambda: self._put_facts(kept, number), lambda commit: self.view.apply_facts(kept, number, commit)
            )
        if trouble is not None:
            raise trouble
        return bank_head, len(facts)

    def _kept_apart(self, facts: list[Fact]) -> list[Fact]:
        """The facts as they are kept: limits that must not be taken stand beside the last good ones, not over them."""
        kept, trial = [], Profile()
        trial.limits = self.view.profile.limits
        for fact in facts:
            if fact.kind != "limits":
                kept.append(fact)
                continue
            trouble = trial.limits_trouble(fact.body)
            trial.apply(fact)
            if trouble:
                get_log().error("limits_not_taken", why=trouble)
                kept.append(replace(fact, key=LIMITS_NOT_TAKEN, body=fact.body or {}))
            else:
                kept += [replace(fact, key=LIMITS_KEY), replace(fact, key=LIMITS_NOT_TAKEN, body=None)]
        return kept

    def _put_facts(self, facts: Iterable[Fact], number: int) -> None:
        for fact in facts:
            if fact.body is None:
                self._base.execute(SQL["drop_fact"], (fact.kind, fact.key))
            else:
                body = json.dumps(fact.body, separators=(",", ":"), ensure_ascii=False)
                by = columns_of(fact.kind, fact.body)
                mark = self._vault.mark(fact.kind, by.term)
                self._base.execute(SQL["put_fact"], (fact.kind, fact.key, fact.number, body, mark, *by[1:]))
            if fact.kind == "account":
                self._base.execute(SQL["set_customers"], (int(fact.key), int(fact.body is not None)))
        self._base.execute(SQL["set_meta"], ("fact_number", str(number)))

    def has_accounts(self) -> bool:
        """Whether any block has opened an account."""
        return bool(self._base.execute(SQL["any_account"]).fetchone()[0])

    def note_settled(self, number: int, digest: bytes) -> None:
        """Up to this journal entry, with this hash, the copy shows what became of every entry; see deciding.restore."""
        if (number, digest) != self.settled:
            self._in_transaction(lambda: self._set_meta("settled", f"{number}:{digest.hex()}"))
            self.settled = (number, digest)

    def _set_meta(self, name: str, value: str) -> None:
        self._base.execute(SQL["set_meta"], (name, value))

    def set_filled(self) -> None:
        """From now on the copy is whole enough to serve by: it was level with the bank once."""
        self._in_transaction(lambda: self._set_meta("filled", "1"))
        self.view.filled = True

    def set_drift(self, words: str) -> None:
        """The copy was found to differ from the books: kept until it is made anew."""
        self.drift = words
        self._in_transaction(lambda: self._set_meta("drift", words))

    def take_over(self, new: "Copy") -> None:
        """Be what the new copy is; that one gets this one's connection, to be closed. The view is adopted apart."""
        self._base, new._base = new._base, self._base
        self._accounts, self.settled = new._accounts, new.settled
        self.path, self._mark, self.drift, self.dropped = new.path, new._mark, new.drift, new.dropped

    def checkpoint(self) -> None:
        """Move the rest of the write-ahead log into the file, so that it begins anew (the copy's thread)."""
        self._base.execute(SQL["checkpoint"])

    def checkpoint_beside(self) -> None:
        """Move the write-ahead log so far into the file, from a connection of its own: the feed goes on meanwhile."""
        base = open_store(self.path, self._vault)
        try:
            base.execute(SQL["checkpoint"])
        finally:
            base.close()
