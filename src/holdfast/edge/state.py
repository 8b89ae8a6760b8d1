"""What one door knows and shares among its tasks: rows, bundle, counters, keys, and the register's thread."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.epochs import Mode, Row
from holdfast.edge.bundle import BundleStore
from holdfast.edge.community.touring import Touring
from holdfast.edge.errors import RegisterMissing
from holdfast.edge.known import Known
from holdfast.edge.register import BLAMED_KIND, Register
from holdfast.edge.suspects import REFUSED_S, Blamed
from holdfast.edge.switching import Sight, rows_to_trip
from holdfast.edge.waiting.room import Room
from holdfast.settings import Installation
from holdfast.signing import Keyring
from holdfast.signing.pairs import Accepted
from holdfast.telemetry import get_log

T = TypeVar("T")
WATCH_S = 0.03
SAME_FILE_EVERY = 30
"""Looks at the register between two looks whether it is still the file that was opened."""
log = get_log()


@dataclass
class Counters:
    """Counts since this door started."""

    requests: int = 0
    failed: int = 0
    retried: int = 0
    tripped: int = 0
    queued: int = 0
    by: dict[str, int] = field(default_factory=dict)


class Door:
    """One front door. All fields are used from its event loop; the register only through `ask`, once it is open."""

    def __init__(self, installation: Installation, number: int, keyring: Keyring) -> None:
        self.installation = installation
        self.name = f"door-{number}"
        self.number = number
        self.keyring = keyring
        self.folder = installation.folder("edge")
        self.path = self.folder / "register.sqlite"
        self.is_open = False
        self.register: Register
        self._watch_connection: Register
        self._file = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="register")
        self.known = Known([])
        self.rows_changed = asyncio.Event()
        self.counters = Counters()
        self.bundles = BundleStore(self.folder, keyring)
        self.cohorts_of_tokens: dict[str, int] = {}
        self._tokens_by: tuple[Accepted, ...] = ()
        self.client: aiohttp.ClientSession
        self.room = Room(self.folder, keyring, installation.keys)
        self.blamed = Blamed()
        self.touring = Touring()
        self._trip_lock = asyncio.Lock()

    def open_register(self) -> None:
        """From now on the door knows who serves whom; raises RegisterMissing."""
        self.register = Register(self.path, self.name)
        self._watch_connection = Register(self.path, self.name)
        self._file = self.path.stat().st_ino
        self.known = Known(self.register.rows())
        self.known.reads = self.register.reads()
        self.blamed = Blamed()
        self.blamed.learn(*self.register.blamed(0, time.time() - REFUSED_S))
        self.is_open = True

    @property
    def rows(self) -> list[Row]:
        """The rows as last read or written, by cohort."""
        return self.known.rows

    @property
    def sight(self) -> Sight:
        """What was seen of the primary lately."""
        return self.known.sight

    async def ask(self, work: Callable[[], T]) -> T:
        """Run work on the register in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def url(self, bank: str) -> str:
        """The address of `primary` or `standin`."""
        home = self.installation
        return f"https://127.0.0.1:{home.bank_port_for_doors if bank == 'primary' else home.standin_port_for_doors}"

    def forget_tokens(self) -> None:
        """What was verified under other keys than are accepted now is verified anew."""
        accepted = self.keyring.accepted("door")
        if accepted != self._tokens_by:
            self.cohorts_of_tokens.clear()
            self._tokens_by = accepted

    def majority(self) -> Mode:
        """Who serves those who are not logged in."""
        return self.known.majority()

    def take_rows(self, rows: list[Row]) -> None:
        """Put rows (all, or some that changed) into the cache; wake who waits for a change if there was one.

        Who reads the rows again without a change must wake nobody: requests that wait for a bank to come back each
        read them after every try, and would wake each other without end."""
        if self.known.take(rows):
            self.rows_changed.set()
            self.rows_changed = asyncio.Event()

    async def refresh(self) -> None:
        """Read all rows from the register, and who shows pages."""
        rows, self.known.reads = await self.ask(lambda: (self.register.rows(), self.register.reads()))
        self.take_rows(rows)

    async def wait_for_change(self, wait_s: float) -> None:
        """Wait until some row changes, at most wait_s."""
        event = self.rows_changed
        try:
            async with asyncio.timeout(wait_s):
                await event.wait()
        except TimeoutError:
            return

    async def trip(self, cohort: int | None) -> None:
        """Move the cohort, or all, to the spare bank if the pure rule says so; durable before it returns."""
        async with self._trip_lock:
            changes, words = rows_to_trip(self.sight, self.rows, time.monotonic(), cohort)
            if not changes:
                return
            held = await self.ask(lambda: self.register.swap(changes, "trip", words))
            if held:
                self.counters.tripped += len(held)
                log.warning("trip", words=words, groups=len(held))
                self.take_rows(held)
            if len(held) < len(changes):
                await self.refresh()

    async def blame(self, marks: bytes, route: str) -> None:
        """Record that this request broke both banks; from now on every door refuses it (its content is not kept)."""
        fingerprint = self.register.fingerprint(marks)
        words = f"a request ({route}) broke both banks and is not tried again: {fingerprint[:12]}"
        log.error("request refused", words=words)
        await self.ask(lambda: self.register.event(BLAMED_KIND, words, {"fingerprint": fingerprint, "route": route}))
        self.blamed.learn(self.blamed.last_event, [(time.time(), fingerprint)])

    async def watch(self) -> None:
        """Follow the register: rows written by the other door are here within WATCH_S.

        Raises RegisterMissing when the file is gone or another one: this door must then begin anew (rule 17).
        """
        seen = -1
        looks = 0
        while True:
            looks += 1
            if looks % SAME_FILE_EVERY == 0 and not self._same_file():
                raise RegisterMissing("the register is gone from under this door; it begins anew")
            try:
                version = self._watch_connection.version()  # some microseconds, never waits for a writer
                if version != seen:
                    self._follow()
                    seen = version
            except sqlite3.OperationalError as error:  # busy, or a full disk: the rows known hold meanwhile
                log.warning("the register cannot be read at this moment", why=str(error))
            await asyncio.sleep(WATCH_S)

    def _follow(self) -> None:
        """Take what was written since: who shows pages, the rows, the requests to refuse."""
        self.known.reads = self._watch_connection.reads()
        self.take_rows(self._watch_connection.rows())
        self.blamed.learn(*self._watch_connection.blamed(self.blamed.last_event))

    def _same_file(self) -> bool:
        try:
            return self.path.stat().st_ino == self._file
        except FileNotFoundError:
            return False

    async def call(self, bank: str, method: str, path: str, body: Any, wait_s: float) -> dict[str, Any]:
        """A signed internal call to a bank; raises aiohttp.ClientError, TimeoutError or ValueError."""
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {CALLER_HEADER: self.keyring.call(bank, path, raw), "Content-Type": "application/json"}
        async with self.client.request(
            method,
            self.url(bank) + path,
            data=raw or None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(wait_s),
            server_hostname=bank,
        ) as answer:
            if answer.status != 200:
                raise ValueError(f"{path} answered {answer.status}: {(await answer.text())[:200]}")
            result: dict[str, Any] = await answer.json()
            return result
