"""The parts of one running spare bank, put together once and handed to the pages."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp

from holdfast.contracts.epochs import Row
from holdfast.settings import Installation
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.inside import Inside
from holdfast.standin.copy import Copy, current_copy, remove_others
from holdfast.standin.deciding import restore
from holdfast.standin.doors import Doors, served_here
from holdfast.standin.drift import Drift
from holdfast.standin.errors import StandinError
from holdfast.standin.exposure import Exposure
from holdfast.standin.feed import Feed, Source
from holdfast.standin.journal import Journal, JournalReader, Writing
from holdfast.standin.login import Passwords
from holdfast.standin.reader import CopyReader
from holdfast.standin.shadow import Shadow
from holdfast.standin.taking import Taking
from holdfast.standin.vault import FILE as KEYS_FILE
from holdfast.standin.vault import Vault
from holdfast.standin.view import View

READERS = 3


@dataclass
class SpareBank:
    """Everything that lives as long as the process. Made by `open_spare_bank`, ended by `close`."""

    place: Installation
    keyring: Keyring
    view: View
    journal: Journal
    journal_reader: JournalReader
    copy: Copy
    copy_reader: CopyReader
    vault: Vault
    copy_thread: ThreadPoolExecutor
    readers: ThreadPoolExecutor
    http: aiohttp.ClientSession
    doors: Doors
    source: Source
    feed: Feed
    drift: Drift
    taking: Taking
    passwords: Passwords
    shadow: Shadow
    exposure: Exposure

    async def close(self) -> None:
        """End threads, client and files."""
        await self.http.close()
        self.passwords.close()
        self.copy.follow = None
        await asyncio.to_thread(self.shadow.stop)
        await asyncio.to_thread(self.journal.stop)
        self.copy_thread.submit(self.note_settled)
        self.copy_thread.submit(self.copy.close)
        self.copy_thread.shutdown(wait=True)
        self.readers.shutdown(wait=False, cancel_futures=True)

    def serving(self, cohort: int) -> Row | None:
        """The cohort's last known row, when the spare bank serves it and its epoch is open here."""
        row = self.doors.rows.get(cohort)
        known, closed = self.journal.known.get(cohort, 0), self.journal.closed.get(cohort, 0)
        return row if served_here(row, known, closed) else None

    def rules_trouble(self) -> str | None:
        """What is wrong with the rules or limits that were told, in words; None when all is well."""
        view = self.view
        return (
            " ".join(filter(None, (view.profile.rules_trouble, self.taking.rules.trouble, view.ageing_trouble))) or None
        )

    def note_settled(self) -> None:
        """Have the copy keep how far the journal is settled: the next start need not read that (the copy's thread)."""
        number = self.view.settled_upto(self.journal.position)
        self.copy.note_settled(number, self.journal_reader.hash_of(number))

    async def learn(self, rows: list[Row]) -> None:
        """Store higher epochs durably; does nothing without any."""
        higher = [row for row in rows if row.epoch > self.journal.known.get(row.cohort, 0)]
        if higher:
            await asyncio.wrap_future(self.journal.submit(lambda writing: _learn(writing, higher)))


def _learn(writing: Writing, rows: list[Row]) -> None:
    for row in rows:
        writing.learn(row.cohort, row.epoch)


def _open_stores(
    folder: Path, zone: ZoneInfo, vault: Vault, currency: str
) -> tuple[View, Journal, Copy, JournalReader]:
    view = View()
    view.profile.today = lambda: datetime.now(zone).date()
    view.profile.own_currency = currency
    journal = Journal(folder / "journal.sqlite", vault)
    path = current_copy(folder)
    remove_others(path)
    copy = Copy(path, view, vault)
    journal_reader = JournalReader(folder / "journal.sqlite", vault)
    number, digest = copy.settled
    known = number if number and journal_reader.hash_of(number) == digest else 0
    restore(view, journal_reader, copy.reader, time.time_ns() // 1000, known)
    return view, journal, copy, journal_reader


async def open_spare_bank(place: Installation) -> SpareBank:
    """Open stores and clients; raises StandinError or OSError in words when they cannot be used."""
    try:
        keyring = load_keyring(place.keys, "standin")
    except FileNotFoundError as error:
        raise StandinError(f"the key {error.filename} is missing; make the keys with ./holdfast keys") from error
    vault, zone = Vault(place.keys / "standin" / KEYS_FILE), ZoneInfo(place.time_zone)
    view, journal, copy, journal_reader = _open_stores(place.folder("standin"), zone, vault, place.currency)
    calling = aiohttp.TCPConnector(limit=32, ssl=Inside(place.keys, "standin", serves=False))
    http = aiohttp.ClientSession(connector=calling, cookie_jar=aiohttp.DummyCookieJar())
    copy_thread, readers = ThreadPoolExecutor(1, "copy-writer"), ThreadPoolExecutor(READERS, "reader")
    shadow = Shadow(view, copy.reader, place.folder("standin") / "shadow.json")
    copy.follow = shadow.follow
    shadow.start()
    doors = Doors(http, keyring, place.door_internal_port)
    source = Source(http, keyring, place.bank_port_for_standin)
    return SpareBank(
        place,
        keyring,
        view,
        journal,
        journal_reader,
        copy,
        copy.reader,
        vault,
        copy_thread,
        readers,
        http,
        doors,
        source,
        Feed(source, copy=copy, view=view, thread=copy_thread),
        Drift(source, copy.reader, copy, copy_thread, readers),
        Taking(journal, copy.reader, view, doors, lambda: copy.drift),
        Passwords(),
        shadow,
        Exposure(view, copy.reader, readers),
    )
