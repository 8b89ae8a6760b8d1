"""How much does each part bear? One kind of work at a time, ever more of it, at either bank, until customers would
notice; and which part was full then.

Work arrives at an even rate whether or not earlier work is done (an open loop), each piece by a customer who is free. A
step holds when nearly all of it was done, nearly none failed, and 95 % took no longer than the limit. The load is made
on the machine that it loads: what it costs itself is said beside.
"""

import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp
import psutil

from holdfast.gameday.clock import Clock
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.processors import of_tree_s, used_s
from holdfast.gameday.watching import Watcher
from holdfast.settings import Installation
from holdfast.signing.inside import Inside

STEP_S = 8.0
REST_S = 2.0
TIMES = 1.5
STEPS_MAX = 14
FAILED_SHARE_MAX, DONE_SHARE_MIN = 0.01, 0.95
DRAIN_S_MAX = 15.0
MOVE_S_MAX = 60.0
POOL_MAX = 400
MONEY_MIN_MINOR = 200_000
"""Who has less on every account does not take part: what is measured is the bank, not a purse."""
LOGGING_IN_AT_ONCE = 4
FULL_CORES = 0.85
"""A program of which one thread does all the work is full at about so many cores."""
LOADS = "the load itself"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work. first_per_s: the rate it begins with; limit_ms: what 95 % may take."""

    name: str
    first_per_s: float
    limit_ms: float
    work: Callable[[Customer], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Step:
    """What one rate came to; cores: how many each program used."""

    per_s: float
    done_per_s: float
    failed: int
    p50_ms: float
    p95_ms: float
    held: bool
    cores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Of one kind at one bank: the highest rate that held, the first that did not (None: it bore all of them), which
    part was full then, in words."""

    bank: str
    kind: str
    limit_ms: float
    held_per_s: float
    broke_per_s: float | None
    why: str
    part: str
    steps: tuple[Step, ...]


async def look(customer: Customer) -> bool:
    """Open an account's page."""
    account = customer.luck.choice(customer.person["accounts"])
    return await customer.ask("GET", f"/accounts/{account['id']}", "account") is not None


async def pay(customer: Customer) -> bool:
    """Open the form, and pay."""
    form, overview = await customer.ask("GET", "/pay", "pay"), None
    if form is not None:
        overview = await customer.ask("GET", "/", "overview")
    if form is None or overview is None:
        return False
    await customer.pay(form, overview.accounts())
    told = customer.crowd.told.get(form.hidden().get("id", "").replace("-", ""))
    return told is not None and bool(told.outcomes) and told.outcomes[-1][1] in ("done", "checking")


async def log_in_anew(customer: Customer) -> bool:
    """Log in on a browser that knows nobody."""
    customer.cookies, customer.logged_in = {}, False
    return await customer.log_in()


KINDS = (
    Kind("account pages", 10.0, 500.0, look),
    Kind("payments", 4.0, 1000.0, pay),
    Kind("logins", 2.0, 2000.0, log_in_anew),
)


def judged(per_s: float, took_ms: list[float], failed: int, limit_ms: float, cores: dict[str, float]) -> Step:
    """One step from what was measured; a piece of work that nobody was free for counts as not done. Pure."""
    wanted = max(1, round(per_s * STEP_S))
    p95 = statistics.quantiles(took_ms, n=20)[-1] if len(took_ms) > 1 else limit_ms * 2
    p50 = statistics.median(took_ms) if took_ms else limit_ms * 2
    done = len(took_ms)
    held = failed <= FAILED_SHARE_MAX * wanted and done >= DONE_SHARE_MIN * wanted and p95 <= limit_ms
    return Step(per_s, round(done / STEP_S, 2), failed, round(p50, 1), round(p95, 1), held, cores)


def why_broke(step: Step, limit_ms: float) -> str:
    """Why a step did not hold, in words. Pure."""
    if step.failed > FAILED_SHARE_MAX * step.per_s * STEP_S:
        return f"{step.failed} failed"
    if step.p95_ms > limit_ms:
        return f"95 % took up to {step.p95_ms:.0f} ms, more than {limit_ms:.0f}"
    return f"{step.done_per_s:.1f} a second were done of {step.per_s:.1f}"


def full_part(step: Step, cores: int) -> str:
    """Which part was full: one program near its core, or all cores together; "" when none was. Pure."""
    programs = {name: used for name, used in step.cores.items() if name != LOADS}
    if not programs:
        return ""
    first = max(programs, key=lambda name: (programs[name], name))
    together = sum(step.cores.values())
    if together >= FULL_CORES * cores:
        return f"the machine: {together:.2f} of {cores} cores, {first} the most of it ({programs[first]:.2f})"
    if programs[first] >= FULL_CORES:
        return f"{first}: {programs[first]:.2f} cores, and one is all it can use"
    return ""


class Stress:
    """One measurement on a running installation. say: takes a line for people."""

    def __init__(self, installation: Installation, seed: int, people: list[dict[str, Any]], say: Callable[[str], None]):
        self._installation = installation
        self._say = say
        self._crowd = Crowd(installation.door_origin, people, seed, 1.0, 0.0)
        self._luck = random.Random(seed)
        self._watcher = Watcher(installation, Clock(installation))

    async def run(self) -> dict[str, Any]:
        """Measure all kinds at both banks, customers at the main bank again at the end; raises StoryBroken."""
        calling = aiohttp.TCPConnector(ssl=Inside(self._installation.keys, "runtime", serves=False))
        outside = aiohttp.TCPConnector(limit=0, keepalive_timeout=10)
        found: list[Found] = []
        async with (
            aiohttp.ClientSession(connector=calling) as inner,
            aiohttp.ClientSession(connector=outside, cookie_jar=aiohttp.DummyCookieJar()) as session,
        ):
            self._watcher.session = inner
            people = self._crowd.people[:POOL_MAX]
            pool = [Customer(self._crowd, one, random.Random(self._luck.random()), session) for one in people]
            for bank in ("main bank", "spare bank"):
                await self._everybody_at(bank)
                pool = await self._all_in(pool)
                self._say(f"{bank}: {len(pool)} customers are logged in")
                found += [await self._measure(bank, kind, pool) for kind in KINDS]
            await self._everybody_at("main bank")
        cores = psutil.cpu_count() or 1
        return {"at": time.time(), "cores": cores, "found": [asdict(one) for one in found]}

    async def _measure(self, bank: str, kind: Kind, pool: list[Customer]) -> Found:
        rate, held, steps = kind.first_per_s, 0.0, list[Step]()
        broke: float | None = None
        for _ in range(STEPS_MAX):
            step = await self._step(rate, kind, pool)
            steps.append(step)
            self._say(
                f"{bank}, {kind.name}: {rate:.1f}/s asked, {step.done_per_s:.1f}/s done, half within "
                f"{step.p50_ms:.0f} ms, 95 % within {step.p95_ms:.0f} ms, {step.failed} failed"
            )
            if not step.held:
                broke = rate
                break
            held, rate = rate, round(rate * TIMES, 1)
            await asyncio.sleep(REST_S)
        last = steps[-1]
        why = "" if broke is None else why_broke(last, kind.limit_ms)
        part = "" if broke is None else full_part(last, psutil.cpu_count() or 1)
        found = Found(bank, kind.name, kind.limit_ms, held, broke, why, part, tuple(steps))
        ended = "" if found.broke_per_s is None else f", not {found.broke_per_s:.1f}/s: {why}"
        self._say(f"{bank}, {kind.name}: bears {found.held_per_s:.1f}/s{ended}")
        return found

    async def _step(self, per_s: float, kind: Kind, pool: list[Customer]) -> Step:
        free, tasks = list(pool), set[asyncio.Task[None]]()
        took_ms, failed = list[float](), 0
        before, began = self._used(), time.monotonic()

        async def one(customer: Customer) -> None:
            nonlocal failed
            at = time.monotonic()
            well = await kind.work(customer)
            if well:
                took_ms.append((time.monotonic() - at) * 1000)
            else:
                failed += 1
                customer.logged_in = customer.logged_in or await customer.log_in()
            free.append(customer)

        for number in range(max(1, round(per_s * STEP_S))):
            await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
            if free:
                tasks.add(asyncio.create_task(one(free.pop(0))))
        spent_s = time.monotonic() - began
        cores = {name: round((used - before.get(name, used)) / spent_s, 3) for name, used in self._used().items()}
        _, late = await asyncio.wait(tasks, timeout=DRAIN_S_MAX)
        for task in late:
            task.cancel()
        failed += len(late)
        return judged(per_s, took_ms, failed, kind.limit_ms, cores)

    def _used(self) -> dict[str, float]:
        """Seconds of processor that each program's processes used so far."""
        return {**used_s(self._installation), LOADS: of_tree_s(os.getpid())}

    async def _all_in(self, pool: list[Customer]) -> list[Customer]:
        """Log all in; those who have money to pay with."""
        gate = asyncio.Semaphore(LOGGING_IN_AT_ONCE)

        async def one(customer: Customer) -> bool:
            async with gate:
                overview = await customer.ask("GET", "/", "overview") if await log_in_anew(customer) else None
                if overview is None:
                    raise StoryBroken(f"{customer.person['username']} could not log in; nothing was measured")
                return any(int(one.get("balance-minor", "0")) >= MONEY_MIN_MINOR for one in overview.accounts())

        rich = await asyncio.gather(*(one(customer) for customer in pool))
        return [customer for customer, has_money in zip(pool, rich, strict=True) if has_money]

    async def _everybody_at(self, bank: str) -> None:
        """Order all groups there, and wait until they are."""
        away, wanted = await self._watcher.groups_away(), 0 if bank == "main bank" else 256
        if away == wanted:
            return
        what = "hand_back" if wanted == 0 else "standin_on"
        body = {"what": what, "cohorts": None, "why": "a measurement of what the banks bear", "by": "terminal:stress"}
        await self._watcher.door("POST", "/-/orders", body)
        deadline = time.monotonic() + MOVE_S_MAX
        while await self._watcher.groups_away() != wanted:
            if time.monotonic() > deadline:
                raise StoryBroken(f"not within {MOVE_S_MAX:.0f} s: everybody is at the {bank}")
            await asyncio.sleep(0.2)
