"""Play one scenario on a running installation: customers work, something breaks, people repair, all is counted.

How everybody comes home at the end is in ending.py.
"""

import asyncio
import json
import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from holdfast.gameday import (
    by_program,
    clearing,
    daylong,
    ending,
    following,
    in_need,
    poison,
    programs,
    spending,
    storm,
)
from holdfast.gameday.checker import TEST_ACCOUNTS, Verdict, check
from holdfast.gameday.clock import Clock
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.faulty_limits import FaultyLimits
from holdfast.gameday.scenario import Scenario, Step
from holdfast.gameday.watching import Watcher
from holdfast.settings import Installation, ask_supervisor
from holdfast.signing.inside import Inside

HANDBACK_S_MAX = 90.0
LINE_S = 2.0
STEPS = (
    "break",
    "mend",
    "pay_day_file",
    "poison_request",
    "bad_limits",
    "good_limits",
    "runbook",
    "login_storm",
    *daylong.STEPS,
    *in_need.STEPS,
)
SALARIES_MAX = 4000
VISITORS_AT_FAULT = 3
ASIDE = "aside"
"""The role of the made-up customer who is left to whoever tries the bank by hand."""
BENT = ("step", "misjudge")
"""Faults of all programs at once."""
TAKE_THEIR_TIME = ("restart", "clock", "outdated")
"""Faults that last: the fault is when they begin."""


class Story:
    """One play: `await play()`, then the fields hold all that was measured."""

    def __init__(self, installation: Installation, scenario: Scenario, seed: int) -> None:
        self.installation, self.scenario, self.seed = installation, scenario, seed
        people = json.loads((installation.data / "bank" / "logins.json").read_text())
        workers = [p for p in people if not p.get("role")]
        random.Random(seed).shuffle(workers)
        self.special = [p for p in people if p.get("role") and p["role"] != ASIDE]
        self.others = workers[scenario.customers :] or workers[-1:]
        self.outsider = self.others[0]
        self.crowd = Crowd(
            installation.door_origin,
            workers[: scenario.customers],
            seed,
            scenario.cycle_s,
            scenario.logins_anew_share,
            scenario.ramp_s,
            repeats=scenario.repeats,
            honest_pages=scenario.honest_pages,
            codes=not scenario.rehearsed,
            lines=True,
            worker=by_program.worker,
        )
        self.clock = Clock(installation)
        self.watcher = Watcher(installation, self.clock)
        self.faulty_limits = FaultyLimits(installation)
        self.days = daylong.Days()
        self.in_need = in_need.InNeed()
        self.followed = following.Followed()
        self.fault_at = 0.0
        self.broken_at: list[float] = []
        self.began_at = 0.0
        self.started_at = time.time()
        self.events: list[dict[str, Any]] = []
        self.standin_block_at_fault = 0
        self.file_answer: dict[str, Any] = {}
        self.salaries: list[tuple[str, str, int]] = []
        self.message_id = f"PAYDAY-{seed}-{int(time.time())}"
        self.business_date = datetime.now(UTC).date()
        self.special_pages: dict[str, str] = {}
        self.poisoned = poison.Poisoned()
        self.storm = storm.Storm()
        self.verdict = Verdict()
        self.queued = 0
        self.since_seq = 0
        self.last_mend_at = 0.0
        self.died = self.died_before = 0
        self.not_running: list[str] = []
        self._shown = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def note(self, building: str, what: str, at: float | None = None) -> None:
        """Put an event on the timeline and on the screen."""
        at = time.time() if at is None else at
        self.events.append({"at": at, "building": building, "what": what})
        relative = at - self.fault_at if self.fault_at else at - self.started_at
        print(f"{'fault' if self.fault_at else 'start'} {relative:+7.2f} s  {building:<12} {what}", flush=True)

    async def play(self) -> None:
        """The whole story; raises StoryBroken when a step does not happen in its time."""
        scenario = self.scenario
        calling = aiohttp.TCPConnector(ssl=Inside(self.installation.keys, "runtime", serves=False))
        async with aiohttp.ClientSession(connector=calling) as session:
            self.watcher.session = session
            await self.watcher.begin()
            for step in scenario.steps:
                if step.when == "before":
                    await asyncio.sleep(step.at_s)
                    await self._do(step)
            await self._prepare()
            following = asyncio.create_task(self.watcher.follow())
            working = asyncio.create_task(self.crowd.run())
            showing = asyncio.create_task(self._show())
            try:
                self.began_at = time.time()
                self.note("customers", f"{len(self.crowd.people)} customers begin to log in, look and pay")
                if scenario.orders_before_fault_s is not None:
                    await self._orders_fall_due(scenario.warm_s - scenario.orders_before_fault_s)
                for step in scenario.steps:
                    if step.when == "fault":
                        await self._until(step, working)
                        await self._do(step)
                armed = [step for step in scenario.steps if step.when == "handback"]
                in_handback = asyncio.create_task(self._in_handback(armed))
                self._tasks.add(in_handback)
                await ending.bring_home(self, in_handback)
                await self.calm(scenario.calm_s, working)
                await ending.close(self)
                self.crowd.stopping = True
                async with asyncio.timeout(40):
                    await working
                if scenario.hand_back == "responder":
                    await self._look("after")
                for step in scenario.steps:
                    if step.when == "after":
                        await asyncio.sleep(step.at_s)
                        await self._do(step)
                await ending.settle(self)
                await self._count_queued()
                await asyncio.sleep(0.3)
            finally:
                self.crowd.stopping = True
                for task in (following, working, showing, *self._tasks):
                    task.cancel()
                await asyncio.gather(following, working, showing, *self._tasks, return_exceptions=True)
        await self._check()

    async def _check(self) -> None:
        """Hold what everybody was told against the books, once nobody works any more."""
        self.verdict = await asyncio.to_thread(
            check,
            self.installation.database_url("bank"),
            list(self.crowd.told.values()),
            self.message_id,
            self.salaries if self.file_answer else [],
            self.business_date.isoformat(),
            self.since_seq,
            list(self.crowd.exchanged.values()),
        )
        if self.days.first:
            await asyncio.to_thread(daylong.check, self)
        if any(step.do in in_need.STEPS for step in self.scenario.steps):
            await asyncio.to_thread(in_need.check, self)

    async def _prepare(self) -> None:
        """What the outside world knows of the bank: its day, and who gets a salary paid in."""
        self.business_date, self.salaries, self.since_seq = await asyncio.to_thread(
            _outside_knowledge, self.installation.database_url("bank"), self.installation.currency
        )
        states = (await asyncio.to_thread(ask_supervisor, self.installation.data, do="status"))["programs"]
        self.died_before = sum(one["restarts"] for one in states.values())
        if any(step.do in ("spend", "pay_in_time") for step in self.scenario.steps):
            self.outsider = await asyncio.to_thread(
                spending.richest, self.installation.database_url("bank"), self.others
            )

    async def _orders_fall_due(self, in_s: float) -> None:
        """Tell the bank, well before, from when on the day's standing orders run: just before the fault."""
        at = datetime.fromtimestamp(self.began_at + in_s + self.clock.ahead_s, UTC)
        day = ("--date", self.business_date.isoformat(), "--at", at.isoformat())
        await programs.run(self.installation, "holdfast.bank", "orders", *day)
        self.note(
            "bank",
            f"the standing orders of {self.business_date} will fall due in {at.timestamp() - self.clock.now():.1f} s",
        )

    async def calm(self, wait_s: float, working: "asyncio.Task[None]") -> None:
        done, _ = await asyncio.wait({working}, timeout=max(wait_s, 0))
        if done:
            working.result()
            raise StoryBroken("the customers stopped working")

    async def _until(self, step: Step, working: "asyncio.Task[None]") -> None:
        fault_at = self.fault_at or self.began_at + self.scenario.warm_s
        await self.calm(fault_at + step.at_s - time.time(), working)

    async def _in_handback(self, steps: list[Step]) -> None:
        """What is to happen in the hand-back happens from its first event on."""
        if not steps:
            return
        known = len(self.watcher.events)
        async with asyncio.timeout(HANDBACK_S_MAX):
            while not any(e["kind"] == "handback" for e in self.watcher.events[known:]):
                await asyncio.sleep(0.02)
        began = time.time()
        for step in steps:
            await asyncio.sleep(max(began + step.at_s - time.time(), 0))
            await self._do(step)

    async def _do(self, step: Step) -> None:
        if step.do == "break":
            await self._break(step)
        elif step.do == "mend":
            self.note("people", step.words)
            await asyncio.to_thread(ask_supervisor, self.installation.data, do="mend", names=list(step.names))
            self.last_mend_at = time.time()
        elif step.do == "pay_day_file":
            self._start(self._send_file(step.words, int(step.value)))
        elif step.do == "poison_request":
            self._start(self._send_poison(step))
        elif step.do == "bad_limits":
            await asyncio.to_thread(self.faulty_limits.put, step.names, step.value)
            self._fault_begins(time.time())
            self.note("fault", step.words)
            self._start(self.faulty_limits.watch())
        elif step.do == "login_storm":
            await storm.rage(self, step)
        elif step.do == "good_limits":
            self.note("people", step.words)
            await self.faulty_limits.set_right()
        elif step.do == "runbook":
            await following.follow(self, step)
        elif step.do in daylong.STEPS:
            await daylong.STEPS[step.do](self, step)
        elif step.do in in_need.STEPS:
            await in_need.STEPS[step.do](self, step)
        else:
            raise StoryBroken(f"the scenario asks for {step.do!r}; there are {', '.join(STEPS)}")

    async def _break(self, step: Step) -> None:
        asked_at = time.time()
        first = step.at_s >= 0 and not self.fault_at
        if first and step.how in TAKE_THEIR_TIME:
            self._fault_begins(asked_at)
        at_once = first and step.how not in TAKE_THEIR_TIME
        async with self.crowd.visitors(VISITORS_AT_FAULT if at_once else 0):
            answer = await asyncio.to_thread(
                ask_supervisor,
                self.installation.data,
                do="break",
                names=list(step.names),
                how=step.how,
                value=step.value,
                words=step.pattern,
            )
        at = float(answer["at"])
        self.broken_at.append(at)
        if first:
            self._fault_begins(at)
        parts = "wires" if step.names[0].startswith("wire-") else "places" if step.how in BENT else "processes"
        self.note("fault", f"{step.words} ({answer['signal']}, {answer['processes']} {parts})", at)

    def begin_fault(self) -> None:
        """The fault is now, if it was not before."""
        self._fault_begins(time.time())

    def _fault_begins(self, at: float) -> None:
        """The first fault is the instant that all is timed from."""
        if not self.fault_at:
            self.fault_at = at
            self._start(self._after_fault())

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

    async def _after_fault(self) -> None:
        await asyncio.sleep(1.0)
        self.standin_block_at_fault = int(self.watcher.standin.get("block", 0))
        if self.scenario.hand_back == "responder":
            await asyncio.sleep(7.0)
            await self._look("during")

    async def _send_file(self, words: str, days_late: int) -> None:
        settled = self.business_date + timedelta(days=self.days.number - days_late)
        file = clearing.pay_day_file(self.message_id, settled, self.installation.currency, self.salaries)
        self.note("clearing", f"{words}: {len(self.salaries)} salaries, {len(file) // 1000} kB")
        self.file_answer = await clearing.send(self.installation, file, self.clock.now())
        self.note(
            "spare bank" if self.file_answer.get("bank") == "standin" else "bank",
            f"pay-day file answered {self.file_answer['status']}: {self.file_answer.get('accepted', 0)} accepted, "
            f"{self.file_answer.get('suspended', 0)} in suspense, {self.file_answer['seconds']:.1f} s",
        )

    async def _send_poison(self, step: Step) -> None:
        self.note("customers", step.words)
        self.poisoned = await poison.send(self.installation.door_origin, self.outsider, step.pattern, self.seed)
        self.note("customers", f"the poison request was answered: {'; '.join(self.poisoned.words)}")

    async def _look(self, when: str) -> None:
        """See with the eyes of the special customers what happened to their money."""
        for person in self.special:
            look = Crowd(self.installation.door_origin, [person], self.seed, 1.0, 0.0)
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                customer = Customer(look, person, random.Random(self.seed), session)
                if await customer.log_in():
                    page = await customer.ask("GET", "/money", "money")
                    if page:
                        self.special_pages[f"{person['username']}-{when}"] = page.text
            self.crowd.requests += look.requests

    async def _count_queued(self) -> None:
        for number in (1, 2):
            try:
                health = await self.watcher.call("door", self.installation.door_own_port(number), "GET", "/-/health")
                self.queued += int(health["queued"])
            except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
                continue

    async def _show(self) -> None:
        """Tell the doors' events and the incident's timeline as they come, and a line of numbers every two seconds."""
        seen_timeline = 0
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.1)
            while self._shown < len(self.watcher.events):
                event = self.watcher.events[self._shown]
                self._shown += 1
                self.note("front doors", event["words"], event["at"])
            timeline = self.watcher.incident.get("timeline", [])
            for entry in timeline[seen_timeline:]:
                if entry.get("source") != "doors":
                    self.note("control room", entry["words"], self.clock.real(_instant(entry["at"])))
            seen_timeline = len(timeline)
            if time.monotonic() - last >= LINE_S:
                last = time.monotonic()
                self._line()

    def _line(self) -> None:
        now = time.time()
        lately = [r for r in self.crowd.requests[-2000:] if r.at > now - LINE_S and r.status]
        by = {name: sum(r.served_by == name for r in lately) for name in ("primary", "standin", "door")}
        failed = sum(bool(r.why) for r in self.crowd.requests)
        relative = now - self.fault_at if self.fault_at else now - self.started_at
        print(
            f"{'fault' if self.fault_at else 'start'} {relative:+7.2f} s  {'·':<12} "
            f"{len(lately) / LINE_S:.0f} requests/s (main bank {by['primary']}, spare bank {by['standin']}), "
            f"failed so far {failed}, "
            f"payments told done {sum(any(o == 'done' for _, o in t.outcomes) for t in self.crowd.told.values())}, "
            f"spare bank at block {self.watcher.standin.get('block', '?')}",
            flush=True,
        )


def _outside_knowledge(url: str, currency: str) -> tuple[date, list[tuple[str, str, int]], int]:
    with psycopg.connect(url, connect_timeout=5) as connection:
        day = connection.execute("SELECT body ->> 'business_date' FROM bank.bank_fact WHERE key = 'bank'").fetchone()
        rows = connection.execute(
            "SELECT number, title FROM bank.account WHERE product <> 'savings' AND number <> '' AND number NOT LIKE %s "
            "AND currency = %s ORDER BY id LIMIT %s",
            (f"{TEST_ACCOUNTS}%", currency, SALARIES_MAX),
        ).fetchall()
        head = connection.execute("SELECT seq FROM ledger.head").fetchone()
    if not day or not rows or not head:
        raise StoryBroken("the bank has no customers yet")
    return date.fromisoformat(day[0]), [(number, title, clearing.SALARY_MINOR) for number, title in rows], head[0]


def _instant(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value)).timestamp()


def write_pages(story: Story, folder: Path) -> None:
    """Keep what the special customers saw, beside the report."""
    for name, text in story.special_pages.items():
        (folder / f"seen-{name}.html").write_text(text)
