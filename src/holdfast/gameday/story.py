"""Play one scenario on a running installation: customers work, something breaks, people repair, all is counted."""

import asyncio
import json
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from holdfast.gameday import clearing
from holdfast.gameday.checker import Verdict, check
from holdfast.gameday.console import Responder
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.scenario import Scenario, Step
from holdfast.gameday.watching import Watcher
from holdfast.settings import Installation, ask_supervisor

RETURN_S_MAX = 60.0
CLOSE_S_MAX = 45.0
LINE_S = 2.0
SALARIES_MAX = 4000
VISITORS_AT_FAULT = 3


class Story:
    """One play: `await play()`, then the fields hold all that was measured."""

    def __init__(self, installation: Installation, scenario: Scenario, seed: int) -> None:
        self.installation, self.scenario, self.seed = installation, scenario, seed
        people = json.loads((installation.data / "bank" / "logins.json").read_text())
        workers = [p for p in people if not p.get("role")][: scenario.customers]
        random.Random(seed).shuffle(workers)
        self.special = [p for p in people if p.get("role")]
        self.crowd = Crowd(
            installation.door_origin, workers, seed, scenario.cycle_s, scenario.logins_anew_share, scenario.ramp_s
        )
        self.watcher = Watcher(installation)
        self.fault_at = 0.0
        self.began_at = 0.0
        self.started_at = time.time()
        self.events: list[dict[str, Any]] = []
        self.standin_block_at_fault = 0
        self.file_answer: dict[str, Any] = {}
        self.salaries: list[tuple[str, str, int]] = []
        self.message_id = f"PAYDAY-{seed}-{int(time.time())}"
        self.business_date = datetime.now(UTC).date()
        self.special_pages: dict[str, str] = {}
        self.verdict = Verdict()
        self.queued = 0
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
        async with aiohttp.ClientSession() as session:
            self.watcher.session = session
            await self._prepare()
            following = asyncio.create_task(self.watcher.follow())
            working = asyncio.create_task(self.crowd.run())
            showing = asyncio.create_task(self._show())
            try:
                self.began_at = time.time()
                self.note("customers", f"{len(self.crowd.people)} customers begin to log in, look and pay")
                await self._orders_fall_due(scenario.warm_s - scenario.orders_before_fault_s)
                await self._calm(scenario.warm_s - (time.time() - self.began_at), working)
                for step in scenario.steps:
                    await self._until(step, working)
                    await self._do(step)
                await self._wait(
                    self._all_returned, RETURN_S_MAX, "all customers are back at the main bank", order=True
                )
                await self._calm(scenario.calm_s, working)
                await self._wait(
                    lambda: bool(self.watcher.incident.get("closed")), CLOSE_S_MAX, "the incident is closed", order=True
                )
                self.crowd.stopping = True
                async with asyncio.timeout(40):
                    await working
                await self._look("after")
                await self._count_queued()
                await asyncio.sleep(0.3)
            finally:
                self.crowd.stopping = True
                for task in (following, working, showing, *self._tasks):
                    task.cancel()
                await asyncio.gather(following, working, showing, *self._tasks, return_exceptions=True)
        self.verdict = await asyncio.to_thread(
            check,
            self.installation.database_url("bank"),
            list(self.crowd.told.values()),
            self.message_id,
            self.salaries if self.file_answer else [],
            self.business_date.isoformat(),
        )

    async def _prepare(self) -> None:
        """What the outside world knows of the bank: its day, and who gets a salary paid in."""
        self.business_date, self.salaries = await asyncio.to_thread(
            _outside_knowledge, self.installation.database_url("bank")
        )
        self.file = clearing.pay_day_file(
            self.message_id, self.business_date, self.installation.currency, self.salaries
        )

    async def _orders_fall_due(self, in_s: float) -> None:
        """Tell the bank, well before, from when on the day's standing orders run: just before the fault."""
        at = datetime.fromtimestamp(self.began_at + in_s, UTC)
        command = [
            sys.executable,
            "-m",
            "holdfast.bank",
            "orders",
            "--date",
            self.business_date.isoformat(),
            "--at",
            at.isoformat(),
        ]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StoryBroken(f"the standing orders could not be told to the bank: {done.stderr[-300:]}")
        self.note(
            "bank", f"the standing orders of {self.business_date} will fall due in {at.timestamp() - time.time():.1f} s"
        )

    async def _calm(self, wait_s: float, working: "asyncio.Task[None]") -> None:
        done, _ = await asyncio.wait({working}, timeout=max(wait_s, 0))
        if done:
            working.result()
            raise StoryBroken("the customers stopped working")

    async def _until(self, step: Step, working: "asyncio.Task[None]") -> None:
        if self.fault_at:
            await self._calm(self.fault_at + step.at_s - time.time(), working)

    async def _do(self, step: Step) -> None:
        if step.do == "break":
            async with self.crowd.visitors(VISITORS_AT_FAULT):
                answer = await asyncio.to_thread(
                    ask_supervisor, self.installation.data, do="break", names=list(step.names), how=step.how
                )
            self.fault_at = self.fault_at or float(answer["at"])
            self.note(
                "bank", f"{step.words} ({answer['signal']} to {answer['processes']} processes)", float(answer["at"])
            )
            self._start(self._after_fault())
        elif step.do == "mend":
            self.note("people", step.words)
            await asyncio.to_thread(ask_supervisor, self.installation.data, do="mend", names=list(step.names))
        elif step.do == "pay_day_file":
            self._start(self._send_file(step.words))
        else:
            raise StoryBroken(f"the scenario asks for an unknown step {step.do!r}")

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

    async def _after_fault(self) -> None:
        await asyncio.sleep(1.0)
        self.standin_block_at_fault = int(self.watcher.standin.get("block", 0))
        await asyncio.sleep(7.0)
        await self._look("during")

    async def _send_file(self, words: str) -> None:
        self.note("clearing", f"{words}: {len(self.salaries)} salaries, {len(self.file) // 1000} kB")
        self.file_answer = await clearing.send(self.installation, self.file)
        self.note(
            "spare bank" if self.file_answer.get("bank") == "standin" else "bank",
            f"pay-day file answered {self.file_answer['status']}: {self.file_answer.get('accepted', 0)} accepted, "
            f"{self.file_answer.get('suspended', 0)} in suspense, {self.file_answer['seconds']:.1f} s",
        )

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

    def _all_returned(self) -> bool:
        return any(e["kind"] == "handback" and e["data"].get("whole") for e in self.watcher.events)

    async def _wait(self, done: Any, wait_s: float, words: str, order: bool = False) -> None:
        """Wait until it is so; order: once the control room sees the bank healthy, hand back as its responder."""
        deadline = time.monotonic() + wait_s
        ordered = 0.0
        while not done():
            if time.monotonic() > deadline:
                raise StoryBroken(f"not within {wait_s:.0f} s: {words}")
            if order and self.watcher.incident.get("phase") == "repaired" and self._may_order(ordered):
                ordered = time.monotonic()
                async with Responder(self.installation) as responder:
                    said = await responder.hand_back(int(self.watcher.incident["number"]))
                self.note("people", f"the responder presses “Hand customers back”: {said}")
            await asyncio.sleep(0.1)

    def _may_order(self, ordered: float) -> bool:
        """Whether the button may be pressed: not yet, or the last order ended without everybody being back."""
        if not ordered:
            return True
        ends = [e["at"] for e in self.watcher.events if e["kind"] == "order" and "result" in e["data"]]
        return bool(ends) and time.monotonic() - ordered > 2 and time.time() - max(ends) > 1

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
                    self.note("control room", entry["words"], _instant(entry["at"]))
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


def _outside_knowledge(url: str) -> tuple[date, list[tuple[str, str, int]]]:
    with psycopg.connect(url, connect_timeout=5) as connection:
        day = connection.execute("SELECT body ->> 'business_date' FROM bank.bank_fact WHERE key = 'bank'").fetchone()
        rows = connection.execute(
            "SELECT number, title FROM bank.account WHERE product <> 'savings' AND number <> '' ORDER BY id LIMIT %s",
            (SALARIES_MAX,),
        ).fetchall()
    if not day or not rows:
        raise StoryBroken("the bank has no customers yet")
    return date.fromisoformat(day[0]), [(number, title, clearing.SALARY_MINOR) for number, title in rows]


def _instant(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value)).timestamp()


def write_pages(story: Story, folder: Path) -> None:
    """Keep what the special customers saw, beside the report."""
    for name, text in story.special_pages.items():
        (folder / f"seen-{name}.html").write_text(text)
