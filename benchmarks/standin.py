"""`make bench-standin`: the spare bank as a real process, fed and asked over HTTP by this one.

The bank and the doors around it are pretended (town.py). The feed of 5,000 transfers a second and 200 payments a second
are measured together, since that is how a bank falls.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import uvloop

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, room, say, share
from town import EPOCH, FIRST, PASSWORD, Town, number_of

from holdfast import settings
from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.runtime.installing import make_keys
from holdfast.settings import Installation
from holdfast.signing.inside import Inside

FEED_PER_S, BLOCK_TRANSFERS = 5000, 250
PAYMENTS_PER_S = 200
WARM_S = 3.0
REST_S = 5.0
LOGIN_S = 4.0
BYTES_A_CUSTOMER = 5_000
MILLION = 1_000_000
NAMED: dict[str, Any] = {"server_hostname": "standin"}
"""Whose certificate is shown."""


class Bench:
    """The process and the questions to it."""

    def __init__(self, town: Town, session: aiohttp.ClientSession) -> None:
        self.town, self.place, self.session = town, town.place, session
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
            self.child.wait(60)
            self.child = None

    async def health(self) -> dict[str, Any]:
        """Its health, {} while it does not answer."""
        try:
            async with self.session.get(self.url("/-/health"), timeout=aiohttp.ClientTimeout(2), **NAMED) as got:
                answer: dict[str, Any] = await got.json()
                return answer
        except (aiohttp.ClientError, TimeoutError, OSError):
            return {}

    def url(self, path: str) -> str:
        """An address of it."""
        return f"https://127.0.0.1:{self.place.standin_port}{path}"

    async def until(self, done: Callable[[dict[str, Any]], Any], wait_s: float, words: str) -> float:
        """Wait until its health is so; how long that took, in seconds."""
        began = time.monotonic()
        while not done(found := await self.health()):
            if time.monotonic() - began > wait_s:
                raise SystemExit(f"not within {wait_s:.0f} s: {words}; {found}")
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def started(self) -> float:
        """Start it; seconds until it is ready and has shown a customer their accounts."""
        began = time.monotonic()
        self.start()
        await self.until(lambda found: found.get("ok"), 300, "started")
        await self.page(0)
        return time.monotonic() - began

    def pss_mb(self) -> float:
        """Proportional memory in MiB."""
        assert self.child is not None
        for line in Path(f"/proc/{self.child.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise SystemExit("this system does not tell proportional memory")

    def headers(self, who: int, session: bool = True) -> dict[str, str]:
        """What a door sends for a customer."""
        cohort, now = who % COHORTS_COUNT, time.time()
        row = {"cohort": cohort, "mode": "standin", "epoch": EPOCH, "forced": 0, "bank": "standin", "at": now,
               "network": "" if session else uuid.uuid4().hex}  # fmt: skip
        found = {
            "Holdfast-Row": self.town.keys["door"].sign("row", row),
            "Origin": self.place.door_origin,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if session:
            token = {"session": uuid.uuid4().hex, "customer": FIRST + who, "cohort": cohort, "factors": ["passkey"],
                     "began": now, "issued": now, "epoch": EPOCH}  # fmt: skip
            found["Cookie"] = f"hf_standin={self.town.keys['standin'].sign('session', token)}"
        return found

    async def page(self, who: int) -> None:
        """The customer's overview."""
        async with self.session.get(self.url("/"), headers=self.headers(who), allow_redirects=False, **NAMED) as got:
            if got.status != 200:
                raise RuntimeError(f"no overview: {got.status} {(await got.text())[-300:]}")

    async def look(self, path: str) -> None:
        """A page without a session."""
        async with self.session.get(self.url(path), headers=self.headers(0, session=False), **NAMED) as got:
            await got.read()

    async def log_in(self, who: int) -> None:
        """The step of a login that takes memory and time: the password, which leads on to the code."""
        form = urlencode({"username": f"person{who}", "password": PASSWORD})
        headers = self.headers(who, session=False)
        async with self.session.post(
            self.url("/login"), data=form, headers=headers, allow_redirects=False, **NAMED
        ) as got:
            if got.status != 200:
                raise RuntimeError(f"a login ended as {got.status}")

    async def pay(self, who: int) -> float:
        """One payment as a door sends it; milliseconds."""
        cohort, ident = who % COHORTS_COUNT, uuid.uuid4().hex
        birth = self.town.keys["standin"].sign("birth", {"id": ident, "cohort": cohort, "epoch": EPOCH})
        form = {"id": ident, "birth": birth, "from": str(FIRST + who), "name": "", "amount": "1.00", "text": "bench",
                "to": number_of((who * 7 + 1) % self.town.customers)}  # fmt: skip
        headers, body = self.headers(who), urlencode(form)
        began = time.perf_counter()
        async with self.session.post(
            self.url("/pay"), data=body, headers=headers, allow_redirects=False, **NAMED
        ) as got:
            said = got.headers.get("Holdfast-Outcome", "")
            text = await got.text()
        if not said.startswith("done"):
            raise RuntimeError(f"a payment was not taken: {got.status} {said} {text[-300:]}")
        return (time.perf_counter() - began) * 1000

    async def lag(self, until: float) -> list[float]:
        """Seconds by which the copy lags, looked at ten times a second."""
        seen = []
        while time.monotonic() < until:
            block = (await self.health()).get("block")
            if block is not None:
                since = self.town.waiting_since(int(block))
                seen.append(max(time.monotonic() - since, 0) if since else 0.0)
            await asyncio.sleep(0.1)
        return seen

    async def payments(self, first: int, until: float) -> list[float]:
        """PAYMENTS_PER_S, whatever the answers take, each of another customer; milliseconds."""
        tasks, number, due = set(), first, time.monotonic()
        times: list[float] = []

        async def one(who: int) -> None:
            times.append(await self.pay(who))

        while time.monotonic() < until:
            task = asyncio.create_task(one(number * 613 % self.town.customers))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
            due += 1 / PAYMENTS_PER_S
            await asyncio.sleep(max(due - time.monotonic(), 0))
        await asyncio.gather(*tasks)
        return times

    async def memory(self) -> tuple[float, float]:
        """(MiB at rest, MiB at most while two log in over and over)."""
        await asyncio.sleep(REST_S)
        rest, most, until = self.pss_mb(), 0.0, time.monotonic() + LOGIN_S

        async def customer(who: int) -> None:
            while time.monotonic() < until:
                await self.log_in(who)

        logins = asyncio.gather(customer(1), customer(2))
        while not logins.done():
            most = max(most, self.pss_mb())
            await asyncio.sleep(0.01)
        await logins
        return rest, most

    async def under_load(self, seconds: float) -> list[Figure]:
        """Payments and feed together."""
        gap = BLOCK_TRANSFERS / FEED_PER_S
        self.town.plan(int((seconds + WARM_S) * 1.5 / gap), BLOCK_TRANSFERS, gap)
        say("payments and feed together")
        feeding = asyncio.create_task(self.town.feed(gap))
        await self.payments(0, time.monotonic() + WARM_S)  # the first seconds warm up
        before, began = len(self.town.fed), time.monotonic()
        times, lags = await asyncio.gather(self.payments(10_000, began + seconds), self.lag(began + seconds))
        took, used = time.monotonic() - began, self.pss_mb()
        fed = len(self.town.fed) - before
        feeding.cancel()
        return [
            Figure("payments taken", len(times) / took, "per s", f">= {PAYMENTS_PER_S * 0.98:g}"),
            Figure("payment, median", share(times, 50), "ms"),
            Figure("payment, 99 % within", share(times, 99), "ms", "<= 25"),
            Figure("payment, the slowest", max(times), "ms"),
            Figure("transfers fed meanwhile", fed * BLOCK_TRANSFERS / took, "per s", ">= 4900"),
            Figure("feed lag, 99 % within", share(lags, 99), "s", "<= 1"),
            Figure("memory behind it (PSS)", used, "MiB"),
        ]


async def measure(place: Installation, customers: int, seconds: float) -> list[Figure]:
    """All figures of one size."""
    town = Town(place, customers)
    say(f"books and facts of {customers} customers")
    filled = town.fill()
    whole = customers >= MILLION
    calling = aiohttp.TCPConnector(limit=200, ssl=Inside(town.place.keys, "door", serves=False))
    async with town.serving(), aiohttp.ClientSession(connector=calling) as session:
        bench = Bench(town, session)
        try:
            say("start to serving")
            starts = []
            for _ in range(3):
                starts.append(await bench.started())
                bench.stop()
            await bench.started()
            await bench.look("/login")  # its template is read once
            say("memory at rest and with two logins")
            rest, most = await bench.memory()
            loaded = await bench.under_load(seconds)
        finally:
            bench.stop()
    return [
        Figure("customers", customers, ""),
        Figure("books and facts made", filled, "s"),
        Figure("start to serving, the median of 3", share(starts, 50), "s", "<= 2" if whole else ""),
        Figure("memory at rest (PSS)", rest, "MiB", "<= 200" if whole else ""),
        Figure("memory more for each of two logins", (most - rest) / 2, "MiB", "<= 20" if whole else ""),
        Figure("memory with two logins (PSS)", most, "MiB", "<= 240" if whole else ""),
        *loaded,
    ]


def main() -> int:
    """Measure at one size and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=MILLION)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--port", type=int, default=23_700)
    parser.add_argument("--data", type=Path, help="a folder to be used again in a next run; otherwise none is kept")
    chosen = parser.parse_args()
    folder = chosen.data or Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    room(folder, chosen.customers * BYTES_A_CUSTOMER)
    try:
        place = Installation(data=folder, port_base=chosen.port)
        settings.write(place)
        make_keys(place)
        for path in place.folder("standin").glob("journal.sqlite*"):
            path.unlink()  # an earlier run's payments, which nobody will ever enter in the books
        figures = uvloop.run(measure(place, chosen.customers, chosen.seconds))
    finally:
        if chosen.data is None:
            shutil.rmtree(folder, ignore_errors=True)
    return keep("standin", figures)


if __name__ == "__main__":
    sys.exit(main())
