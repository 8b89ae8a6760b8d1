"""`make bench-standin`: the spare bank as a real process, fed and asked over HTTP by this one.

The bank and the doors around it are pretended: blocks and facts are made here, rows and claims granted here. The feed
of 5,000 transfers a second and 200 payments a second are measured together, since that is how a bank falls.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import psutil
import uvloop
from aiohttp import web

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, share

from holdfast import settings
from holdfast.contracts import blocks
from holdfast.contracts.epochs import COHORTS_COUNT, pack_epoch
from holdfast.settings import Installation
from holdfast.signing import create_key, load_keyring

EPOCH = pack_epoch(1, 2)
FIRST_ACCOUNT = 1000
BALANCE_MINOR = 10_000_000
BLOCK_TRANSFERS = 250
FEED_PER_S = 5000
PAYMENTS_PER_S = 200
SECONDS = 20.0
FACTS_PAGE = 1000
OPENINGS = 2000
LIMITS = {
    "normal": {"per_payment_minor": 10**9, "per_day_minor": 10**12, "payments_per_minute_max": 10**6},
    "spare": {"per_payment_minor": 10**9, "per_day_minor": 10**12, "payments_per_minute_max": 10**6},
    "spare_cohort_minor": 10**14,
    "spare_total_minor": 10**15,
}


class Town:
    """Everything outside the spare bank."""

    def __init__(self, place: Installation, customers: int) -> None:
        self.place, self.customers = place, customers
        self.keys = {name: load_keyring(place.keys, name) for name in ("door", "primary", "standin", "control")}
        self.blocks: list[dict[str, Any]] = []
        self.made_at: list[float] = []
        self.last = blocks.GENESIS_HASH
        self.grown = asyncio.Event()
        self.openings = -(-customers // OPENINGS)

    def fact(self, number: int) -> dict[str, Any]:
        """Fact by number, made when it is asked for: limits, bank, then customer and account by turns."""
        if number == 1:
            return {"number": 1, "kind": "limits", "key": "limits", "body": LIMITS}
        if number == 2:
            bank = {"name": "Bench", "currency": "NOK", "business_date": date.today().isoformat(), "settlement": 1,
                    "suspense": 2, "clearing": 3, "loss": 4, "compensation": 5, "fees": 6}  # fmt: skip
            return {"number": 2, "kind": "bank", "key": "bank", "body": bank}
        who, is_account = divmod(number - 3, 2)
        account, cohort = FIRST_ACCOUNT + who, who % COHORTS_COUNT
        if is_account:
            body = {"number": f"9999{account:07d}", "title": "Everyday", "product": "current", "cohort": cohort,
                    "owners": [account]}  # fmt: skip
            return {"number": number, "kind": "account", "key": str(account), "body": body}
        body = {"name": f"Made-up Person {who}", "username": f"person{who}", "cohort": cohort,
                "email": f"p{who}@example.org",
                "language": "en", "verifier": "", "accounts": [account], "needs": []}  # fmt: skip
        return {"number": number, "kind": "customer", "key": str(account), "body": body}

    @property
    def facts(self) -> int:
        """How many facts there are."""
        return 2 + 2 * self.customers

    def append(self, items: list[blocks.Item]) -> None:
        """One more block."""
        block = blocks.Block(len(self.blocks) + 1, self.last, time.time_ns() // 1000, tuple(items))
        self.last = block.hash()
        self.blocks.append(blocks.block_to_wire(block, self.last))
        self.made_at.append(time.monotonic())
        self.grown.set()
        self.grown = asyncio.Event()

    def open_accounts(self) -> None:
        """Accounts with money, in blocks of a few thousand."""
        own = blocks.AccountChange(1, "settlement", "NOK", "debit", -(10**17), 0, 0)
        self.append([own])
        for start in range(0, self.customers, OPENINGS):
            people = range(start, min(start + OPENINGS, self.customers))
            changes: list[blocks.Item] = [
                blocks.AccountChange(FIRST_ACCOUNT + who, f"9999{FIRST_ACCOUNT + who:07d}", "NOK", "credit", 0, 0,
                                     who % COHORTS_COUNT)
                for who in people
            ]  # fmt: skip
            self.append(changes)
            self.append([self.transfer(1, FIRST_ACCOUNT + who, BALANCE_MINOR, "opening") for who in people])

    def transfer(self, debit: int, credit: int, amount: int, kind: str = "payment") -> blocks.Transfer:
        """A booked transfer with words."""
        note = blocks.Note(b"s" * 16, "Payer Example", "Payee Example", "bench")
        return blocks.Transfer(
            uuid.uuid4(), debit, credit, amount, "NOK", kind, date(2026, 1, 1), debit % COHORTS_COUNT, pack_epoch(1, 1),
            "own", -1, "form", note_hash=note.hash(), note=note,
        )  # fmt: skip

    async def serve(self) -> web.AppRunner:
        """The bank's feed and the doors' rows and claims."""
        bank, door = web.Application(), web.Application()
        bank.router.add_get("/-/feed/books", self._books)
        bank.router.add_get("/-/feed/profile", self._profile)
        door.router.add_get("/-/rows", self._rows)
        door.router.add_post("/-/claims", self._claims)
        for app, port in ((bank, self.place.bank_port), (door, self.place.door_internal_port)):
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    async def _books(self, request: web.Request) -> web.Response:
        after, limit = int(request.query["after"]), int(request.query["limit"])
        if len(self.blocks) <= after:
            try:
                async with asyncio.timeout(min(int(request.query["wait_ms"]) / 1000, 1.5)):
                    await self.grown.wait()
            except TimeoutError:
                pass
        return web.json_response({"head": len(self.blocks), "blocks": self.blocks[after : after + min(limit, 20)]})

    async def _profile(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        facts = [self.fact(number) for number in range(after + 1, min(after + FACTS_PAGE, self.facts) + 1)]
        return web.json_response({"head": self.facts, "facts": facts})

    async def _rows(self, _: web.Request) -> web.Response:
        rows = [[cohort, "standin", EPOCH, 0] for cohort in range(COHORTS_COUNT)]
        return web.json_response({"generation": 1, "rows": rows})

    async def _claims(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response({"granted": [one[0] for one in asked["claims"]], "denied": []})


class Bench:
    """The process and the questions to it."""

    def __init__(self, town: Town) -> None:
        self.town, self.place = town, town.place
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the spare bank."""
        environment = {**os.environ, "HOLDFAST_DATA": str(self.place.data), "PYTHONPATH": sys.path[1]}
        with (self.place.data / "standin.log").open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "holdfast.standin"], env=environment, stdout=log, stderr=log
            )

    def stop(self) -> None:
        """End it."""
        if self.child:
            self.child.terminate()
            self.child.wait(20)

    def url(self, path: str) -> str:
        """An address of it."""
        return f"http://127.0.0.1:{self.place.standin_port}{path}"

    async def health(self, session: aiohttp.ClientSession) -> dict[str, Any]:
        """Its health, {} while it does not answer."""
        try:
            async with session.get(self.url("/-/health"), timeout=aiohttp.ClientTimeout(2)) as got:
                answer: dict[str, Any] = await got.json()
                return answer
        except (aiohttp.ClientError, TimeoutError, OSError):
            return {}

    async def until(self, session: aiohttp.ClientSession, done: Any, wait_s: float, words: str) -> float:
        """Wait until its health is so; how long that took."""
        began, said = time.monotonic(), time.monotonic()
        while not done(found := await self.health(session)):
            if time.monotonic() - began > wait_s:
                raise SystemExit(f"not within {wait_s:.0f} s: {words}; {found}")
            if time.monotonic() - said > 5:
                said = time.monotonic()
                print(f"  … {words}: block {found.get('block')}, facts {found.get('profile')}", flush=True)
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    def pss_mb(self) -> float:
        """Proportional memory in MiB."""
        assert self.child is not None
        return float(psutil.Process(self.child.pid).memory_full_info().pss) / 2**20

    async def pay(self, session: aiohttp.ClientSession, who: int) -> float:
        """One payment as a door sends it; milliseconds, or an error in words."""
        account, to = FIRST_ACCOUNT + who, FIRST_ACCOUNT + (who * 7 + 1) % self.town.customers
        cohort, ident, now = who % COHORTS_COUNT, uuid.uuid4().hex, time.time()
        door, bank = self.town.keys["door"], self.town.keys["standin"]
        row = {"cohort": cohort, "mode": "standin", "epoch": EPOCH, "forced": 0, "bank": "standin", "at": now}
        token = {"session": uuid.uuid4().hex, "customer": account, "cohort": cohort, "factors": ["password"],
                 "began": now, "issued": now, "epoch": EPOCH}  # fmt: skip
        form = {"id": ident, "birth": bank.sign("birth", {"id": ident, "cohort": cohort, "epoch": EPOCH}),
                "from": str(account), "to": f"9999{to:07d}", "name": "", "amount": "1.00", "text": "bench"}  # fmt: skip
        headers = {
            "Holdfast-Row": door.sign("row", row), "Origin": self.place.door_origin,
            "Cookie": f"hf_standin={bank.sign('session', token)}", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        began = time.perf_counter()
        async with session.post(self.url("/pay"), data=urlencode(form), headers=headers, allow_redirects=False) as got:
            said = got.headers.get("Holdfast-Outcome", "")
            await got.read()
        if not said.startswith("done"):
            raise SystemExit(f"a payment was not taken: {got.status} {said} {(await got.text())[-300:]}")
        return (time.perf_counter() - began) * 1000

    async def feed(self, until: float) -> int:
        """Blocks at FEED_PER_S transfers a second."""
        made, gap = 0, BLOCK_TRANSFERS / FEED_PER_S
        due = time.monotonic()
        while time.monotonic() < until:
            base = made % self.town.customers
            self.town.append([
                self.town.transfer(FIRST_ACCOUNT + (base + n) % self.town.customers,
                                   FIRST_ACCOUNT + (base + n * 3 + 1) % self.town.customers, 10)
                for n in range(BLOCK_TRANSFERS)
            ])  # fmt: skip
            made += BLOCK_TRANSFERS
            due += gap
            await asyncio.sleep(max(due - time.monotonic(), 0))
        return made

    async def lag(self, session: aiohttp.ClientSession, until: float) -> list[float]:
        """Seconds by which the copy lags, looked at ten times a second."""
        seen = []
        while time.monotonic() < until:
            block = int((await self.health(session)).get("block", 0))
            waiting = self.town.made_at[block] if block < len(self.town.made_at) else None
            seen.append(time.monotonic() - waiting if waiting else 0.0)
            await asyncio.sleep(0.1)
        return seen

    async def payments(self, session: aiohttp.ClientSession, until: float) -> list[float]:
        """PAYMENTS_PER_S, whatever the answers take."""
        tasks, number, due = set(), 0, time.monotonic()
        times: list[float] = []

        async def one(who: int) -> None:
            times.append(await self.pay(session, who))

        while time.monotonic() < until:
            task = asyncio.create_task(one(number % self.town.customers))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
            due += 1 / PAYMENTS_PER_S
            await asyncio.sleep(max(due - time.monotonic(), 0))
        await asyncio.gather(*tasks)
        return times


async def measure(place: Installation, customers: int) -> list[Figure]:
    """All figures of one size."""
    town = Town(place, customers)
    runner = await town.serve()
    bench = Bench(town)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:
            town.open_accounts()
            bench.start()
            filled = await bench.until(
                session, lambda h: bool(h.get("ok")) and (h["profile"], h["block"]) == (town.facts, len(town.blocks)),
                1800, f"filled with {customers} customers",
            )  # fmt: skip
            bench.stop()
            bench.start()
            started = await bench.until(session, lambda h: h.get("ok"), 300, "started again")
            await asyncio.sleep(3)
            memory = bench.pss_mb()
            for who in range(20):
                await bench.pay(session, who)
            until = time.monotonic() + SECONDS
            times, lags, fed = await asyncio.gather(
                bench.payments(session, until), bench.lag(session, until), bench.feed(until)
            )
    finally:
        bench.stop()
        await runner.cleanup()
    million = customers >= 1_000_000
    return [
        Figure("customers", customers, ""),
        Figure("filled from nothing", filled, "s"),
        Figure("start to serving", started, "s", "<= 2" if million else ""),
        Figure("memory at rest (PSS)", memory, "MiB", "<= 200" if million else ""),
        Figure("payments taken", len(times) / SECONDS, "per s"),
        Figure("payment, median", share(times, 50), "ms"),
        Figure("payment, 99 % within", share(times, 99), "ms", "<= 25"),
        Figure("transfers fed meanwhile", fed / SECONDS, "per s", ">= 4900"),
        Figure("feed lag, 99 % within", share(lags, 99), "s", "<= 1"),
    ]


def main() -> int:
    """Measure at one size and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--port", type=int, default=23_700)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        place = Installation(data=Path(folder), port_base=chosen.port)
        settings.write(place)
        for name in ("door", "primary", "standin", "control", "runtime", "clearing", "network"):
            create_key(place.keys, name)
        figures = uvloop.run(measure(place, chosen.customers))
    return keep("standin", figures)


if __name__ == "__main__":
    sys.exit(main())
