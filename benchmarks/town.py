"""What is pretended around a spare bank that is measured: a bank that feeds it, doors with rows and claims.

The books and facts of a large bank are put into the copy by its own code before the process is started; what is fed
while it is measured is made beforehand, so that this process is not what is measured.
"""

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from aiohttp import web
from argon2 import PasswordHasher

from holdfast.contracts import blocks
from holdfast.contracts.epochs import COHORTS_COUNT, pack_epoch
from holdfast.settings import Installation
from holdfast.signing import load_keyring
from holdfast.signing.inside import Inside
from holdfast.standin.copy import Copy
from holdfast.standin.vault import FILE, Vault
from holdfast.standin.view import View

EPOCH = pack_epoch(1, 2)
FIRST = 1000
BALANCE_MINOR = 10_000_000
OPENINGS = 1000
PASSWORD, LOGINS = "right", 10
VERIFIER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
"""The first customers can log in; a right password costs what a wrong one costs, and is not counted as a guess."""
FACTS = 1000
TODAY = date.today()
ANSWER_BLOCKS_MAX = 20
LIMITS = {
    "normal": {"per_payment_minor": 10**9, "per_day_minor": 10**12, "payments_per_minute_max": 10_000},
    "spare": {"per_payment_minor": 10**9, "per_day_minor": 10**12, "payments_per_minute_max": 10_000},
    "spare_cohort_minor": 10**14,
    "spare_total_minor": 10**15,
}
BANK = {
    "name": "Bench", "currency": "NOK", "business_date": TODAY.isoformat(), "settlement": 1,
    "suspense": 2, "clearing": 3, "loss": 4, "compensation": 5, "fees": 6,
}  # fmt: skip


def transfer(debit: int, credit: int, amount: int, kind: str = "payment") -> blocks.Transfer:
    """A booked transfer with words, in minor units of NOK."""
    note = blocks.Note(b"s" * 16, "Payer Example", "Payee Example", "bench")
    return blocks.Transfer(
        uuid.uuid4(), debit, credit, amount, "NOK", kind, TODAY, debit % COHORTS_COUNT, pack_epoch(1, 1),
        "own", -1, "form", note_hash=note.hash(), note=note,
    )  # fmt: skip


def number_of(who: int) -> str:
    """The account number of a made-up customer."""
    return f"9999{FIRST + who:07d}"


class Town:
    """Everything outside the spare bank; `fed` are blocks as they travel, behind the last one in the copy."""

    def __init__(self, place: Installation, customers: int) -> None:
        self.place, self.customers = place, customers
        self.keys = {name: load_keyring(place.keys, name) for name in ("door", "primary", "standin", "control")}
        self.block, self.last = 0, blocks.GENESIS_HASH
        self.facts = 0
        self.fed: list[bytes] = []
        self.planned: list[bytes] = []
        self.shown_at: list[float] = []
        self._grown = asyncio.Event()

    def fill(self) -> float:
        """Put books and facts into the copy, where they are not there from an earlier run; seconds that took."""
        began = said = time.monotonic()
        vault = Vault(self.place.keys / "standin" / FILE)
        copy = Copy(self.place.folder("standin") / "copy.sqlite", View(), vault)
        self.block, self.last, self.facts = copy.view.head.number, copy.view.head.hash, copy.view.fact_number
        parts = self._parts() if not copy.view.filled else iter(())
        for done, (blocks_made, facts_made) in enumerate(parts, 1):
            copy.apply_answer(b'{"head":%d,"blocks":[%s]}' % (self.block, b",".join(blocks_made)))
            copy.apply_facts(json.dumps({"head": self.facts, "facts": facts_made}).encode())
            if done % 50 == 0:
                copy.checkpoint()
            if time.monotonic() - said > 10:
                said = time.monotonic()
                sys.stdout.write(f"  … {done * OPENINGS} of {self.customers} customers, {said - began:.0f} s\n")
                sys.stdout.flush()
        copy.set_filled()
        copy.checkpoint()
        copy.close()
        return time.monotonic() - began

    def _parts(self) -> Iterator[tuple[list[bytes], list[dict[str, Any]]]]:
        """Some customers at a time, with their accounts and money: (blocks, facts)."""
        own = [blocks.AccountChange(n, f"own-{n}", "NOK", "debit", -(10**17), 0, 0) for n in range(1, 7)]
        yield [self.made(list(own))], [self._fact("limits", "limits", LIMITS), self._fact("bank", "bank", BANK)]
        for start in range(0, self.customers, OPENINGS):
            people = range(start, min(start + OPENINGS, self.customers))
            opened = self.made(
                [blocks.AccountChange(FIRST + who, number_of(who), "NOK", "credit", 0, 0, who % COHORTS_COUNT)
                 for who in people]
            )  # fmt: skip
            paid = self.made([transfer(1, FIRST + who, BALANCE_MINOR, "opening") for who in people])
            yield [opened, paid], [fact for who in people for fact in self._person(who)]

    def _fact(self, kind: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        self.facts += 1
        return {"number": self.facts, "kind": kind, "key": key, "body": body}

    def _person(self, who: int) -> list[dict[str, Any]]:
        account, cohort = FIRST + who, who % COHORTS_COUNT
        body = {"number": number_of(who), "title": "Everyday", "product": "current", "cohort": cohort,
                "owners": [account]}  # fmt: skip
        person = {"name": f"Made-up Person {who}", "username": f"person{who}", "cohort": cohort,
                  "email": f"p{who}@example.org", "language": "en",
                  "verifier": VERIFIER if who < LOGINS else "", "accounts": [account],
                  "needs": []}  # fmt: skip
        return [self._fact("account", str(account), body), self._fact("customer", str(account), person)]

    def made(self, items: list[blocks.Item], at_us: int | None = None) -> bytes:
        """The next block as it travels."""
        self.block += 1
        block = blocks.Block(self.block, self.last, at_us or time.time_ns() // 1000, tuple(items))
        self.last = block.hash()
        return json.dumps(blocks.block_to_wire(block, self.last)).encode()

    def plan(self, count: int, transfers: int, gap_s: float) -> None:
        """Make so many blocks beforehand, to be fed with this gap."""
        first, now_us, made = self.block + 1, time.time_ns() // 1000, 0
        for number in range(count):
            items: list[blocks.Item] = []
            for _ in range(transfers):
                items.append(transfer(FIRST + made * 7919 % self.customers, FIRST + (made * 104_729 + 1) % self.customers,
                                      10))  # fmt: skip
                made += 1
            self.planned.append(self.made(items, now_us + int(number * gap_s * 1e6)))
        self.before = first - 1

    async def feed(self, gap_s: float) -> None:
        """Feed what was planned, until it is fed or this is cancelled."""
        due = time.monotonic()
        for block in self.planned:
            self.fed.append(block)
            self.shown_at.append(time.monotonic())
            self._grown.set()
            self._grown = asyncio.Event()
            due += gap_s
            await asyncio.sleep(max(due - time.monotonic(), 0))

    def waiting_since(self, block: int) -> float | None:
        """When the block after this one could be fetched first; None when there is none."""
        place = block - self.before
        return self.shown_at[place] if 0 <= place < len(self.shown_at) else None

    @contextlib.asynccontextmanager
    async def serving(self) -> Any:
        """The bank's feed, and the doors' rows and claims, while this lasts."""
        self.before = self.block
        bank, door = web.Application(), web.Application(client_max_size=10**8)
        bank.router.add_get("/-/feed/books", self._books)
        bank.router.add_get("/-/feed/profile", self._profile)
        door.router.add_get("/-/rows", self._rows)
        door.router.add_post("/-/claims", self._claims)
        runners = []
        for app, name, port in (
            (bank, "primary", self.place.bank_port), (door, "door", self.place.door_internal_port),
        ):  # fmt: skip
            inside = Inside(self.place.keys, name, serves=True)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=inside).start()
            runners.append(runner)
        try:
            yield
        finally:
            for runner in runners:
                await runner.cleanup()

    async def _books(self, request: web.Request) -> web.Response:
        after, limit = int(request.query["after"]) - self.before, int(request.query["limit"])
        if len(self.fed) <= after:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(int(request.query["wait_ms"]) / 1000, 1.5)):
                    await self._grown.wait()
        found = self.fed[max(after, 0) : max(after, 0) + min(limit, ANSWER_BLOCKS_MAX)]
        body = b'{"head":%d,"blocks":[%s]}' % (self.before + len(self.fed), b",".join(found))
        return web.Response(body=body, content_type="application/json")

    async def _profile(self, _: web.Request) -> web.Response:
        return web.json_response({"head": self.facts, "facts": []})

    async def _rows(self, _: web.Request) -> web.Response:
        rows = [[cohort, "standin", EPOCH, 0] for cohort in range(COHORTS_COUNT)]
        return web.json_response({"generation": 1, "rows": rows})

    async def _claims(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response({"granted": [one[0] for one in asked["claims"]], "denied": []})
