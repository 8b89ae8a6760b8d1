"""Faults one after the other on one running bank, while customers work: what the control room made of each is kept as a
recorded case with its true cause (control/diagnosis/recorded.py), for `make bench-diagnosis CASES=folder`.

Between two faults everything is mended, everybody is handed back and the incident has ended, which else would take the
next fault for its own; the diagnosis itself leaves the times of earlier incidents out of what it compares with.
"""

import asyncio
import contextlib
import html
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from holdfast.gameday import by_program
from holdfast.gameday.clock import Clock
from holdfast.gameday.console import SEEN, Desk
from holdfast.gameday.crowd import Crowd
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.faults import Fault
from holdfast.gameday.storm import Login, Stormers
from holdfast.gameday.watching import Watcher
from holdfast.settings import Installation, ask_supervisor
from holdfast.signing.inside import Inside

CUSTOMERS, CYCLE_S, ANEW_SHARE, RAMP_S = 30, 8.0, 0.06, 10.0
WARM_S, CALM_S = 100.0, 24.0
NOTICED_S_MAX = 65.0
LOOKED_S, LOOKED_S_MIN = 14.0, 30.0
"""The case is taken so long after the incident opened, and so long after the fault at least: three rounds."""
WHOLE_S_MAX = 420.0
ORDER_GAP_S = 8.0
LOOK_S = 0.5
PAYERS_CYCLE_S = 0.6
SOURCE = "false-alarms"
FORM = "holdfast-case/1"
"""Of a recorded case (control/diagnosis/recorded.py). What nobody noticed is a case in which nothing was measured, so
that it counts as not found."""


class Campaign:
    """One run over many faults; `await play(faults)` writes a file for each into the folder."""

    def __init__(self, installation: Installation, seed: int, folder: Path) -> None:
        self.installation, self.seed, self.folder = installation, seed, folder
        people = json.loads((installation.data / "bank" / "logins.json").read_text())
        workers = [one for one in people if not one.get("role")]
        random.Random(seed).shuffle(workers)
        self.crowd = self._crowd_of(workers[:CUSTOMERS], CYCLE_S, ANEW_SHARE, RAMP_S)
        self.others = workers[CUSTOMERS:] or workers[-1:]
        self.watcher = Watcher(installation, Clock(installation))
        self.ended: Counter[str] = Counter()
        self._token = ""

    def _crowd_of(self, people: list[dict[str, Any]], cycle_s: float, anew: float, ramp_s: float) -> Crowd:
        origin = self.installation.door_origin
        return Crowd(origin, people, self.seed, cycle_s, anew, ramp_s, repeats=True, worker=by_program.worker)

    async def play(self, faults: list[Fault]) -> None:
        """Play all of which the folder holds no case; raises StoryBroken when the bank does not become whole again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        calling = aiohttp.TCPConnector(ssl=Inside(self.installation.keys, "runtime", serves=False))
        async with aiohttp.ClientSession(connector=calling) as session:
            self.watcher.session = session
            await self.watcher.begin()
            if any(fault.alarm[0] for fault in faults):
                self._token = await self._source()
            working = asyncio.create_task(self.crowd.run())
            following = asyncio.create_task(self.watcher.follow())
            try:
                print(f"{CUSTOMERS} customers work; the first fault comes after {WARM_S:.0f} s", flush=True)
                await asyncio.sleep(WARM_S)
                for number, fault in enumerate(faults, 1):
                    if (self.folder / f"{fault.name}.json").exists():
                        self.ended["kept before"] += 1
                        continue
                    await self._whole()
                    await asyncio.sleep(CALM_S)
                    print(f"{number:>3}/{len(faults)} {fault.name:<28} {await self._one(fault)}", flush=True)
            finally:
                self.crowd.stopping = True
                working.cancel()
                following.cancel()
                await asyncio.gather(working, following, return_exceptions=True)

    async def _one(self, fault: Fault) -> str:
        """Inject, wait for the incident, keep the case, mend; what came of it in words."""
        before = max(self.watcher.opened, default=self.watcher.incidents_before)
        began = time.time()
        async with self._too_much(*fault.do):
            for each in fault.breaks:
                wanted = {"names": list(each.names), "how": each.how, "value": each.value, "words": each.pattern}
                await asyncio.to_thread(ask_supervisor, self.installation.data, do="break", **wanted)
            if fault.alarm[0]:
                await self._tell_alarm(*fault.alarm, status="firing")
            number = await self._noticed(before, began + NOTICED_S_MAX)
            words = f"noticed by nobody within {NOTICED_S_MAX:.0f} s"
            if number:
                noticed = time.time()
                await asyncio.sleep(max(noticed + LOOKED_S, began + LOOKED_S_MIN) - time.time())
                words = await self._keep(fault, number, noticed - began)
            else:
                nothing = {"complaint": {"component": "", "metric": "", "at": began}}
                self._write(fault, {"form": FORM, "case": nothing, "shown": [], "noticed_s": None})
        if fault.alarm[0]:
            await self._tell_alarm(*fault.alarm, status="resolved")
        await asyncio.to_thread(ask_supervisor, self.installation.data, do="mend", names=["everything"])
        self.ended["kept" if number else "not noticed"] += 1
        return words

    async def _noticed(self, before: int, until: float) -> int:
        """The number of the first incident that was opened since; 0 when there is none by then."""
        while time.time() < until:
            if fresh := [number for number in self.watcher.opened if number > before]:
                return min(fresh)
            await asyncio.sleep(LOOK_S)
        return 0

    async def _keep(self, fault: Fault, number: int, after_s: float) -> str:
        """Write the case down. Where several incidents were opened, the bank's own speaks for all."""
        port = self.installation.console_port
        fresh = {n: one for n, one in self.watcher.opened.items() if n >= number}
        chosen = next((n for n, one in sorted(fresh.items()) if one.get("cause") == "bank"), number)
        made = await self.watcher.call("control", port, "GET", f"/incidents/{chosen}/case.json")
        self._write(fault, made | {"noticed_s": round(after_s, 1)})
        named = [str(one.get("what")) for one in made["shown"][:3]]
        return f"noticed after {after_s:.1f} s, {len(fresh)} incidents; named {'; '.join(named)[:160]}"

    def _write(self, fault: Fault, made: dict[str, Any]) -> None:
        told = made | {"causes": list(fault.causes), "known": True, "fault": fault.name}
        (self.folder / f"{fault.name}.json").write_text(json.dumps(told, separators=(",", ":")))

    async def _whole(self) -> None:
        """Until everybody is at the main bank and no incident is open; hands back whenever it can."""
        deadline, ordered = time.monotonic() + WHOLE_S_MAX, 0.0
        while True:
            away = await self.watcher.groups_away()
            open_ones = [n for n, one in self.watcher.opened.items() if not one.get("closed")]
            if away == 0 and not open_ones:
                return
            if time.monotonic() > deadline:
                raise StoryBroken(
                    f"not whole after {WHOLE_S_MAX:.0f} s: {away} groups away, incidents {open_ones} open"
                )
            if away > 0 and self.watcher.bank.get("ok") and time.monotonic() - ordered > ORDER_GAP_S:
                ordered = time.monotonic()
                body = {"what": "hand_back", "cohorts": None, "why": "mended", "by": "terminal:operator"}
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, OSError):
                    await self.watcher.door("POST", "/-/orders", body)
            await asyncio.sleep(LOOK_S)

    @contextlib.asynccontextmanager
    async def _too_much(self, what: str, number: int) -> AsyncIterator[None]:
        """Meanwhile more is done than usual: `guess` wrong passwords (number a second), `logins` by that many people
        without a pause, `payers` who pay without one; nothing for ""."""
        makes = Stormers(self.installation.door_origin, self.others, self.seed)
        tasks: list[asyncio.Task[Any]] = []
        crowd: Crowd | None = None
        if what == "guess":
            tasks.append(asyncio.create_task(_guess(makes, number)))
        elif what == "logins":
            tasks += [asyncio.create_task(_log_in_again_and_again(makes)) for _ in range(number)]
        elif what == "payers":
            crowd = self._crowd_of(self.others[:number], PAYERS_CYCLE_S, 0.0, 2.0)
            tasks.append(asyncio.create_task(crowd.run()))
        elif what:
            raise StoryBroken(f"nothing is known of {what!r}: guess, logins or payers")
        try:
            yield
        finally:
            if crowd is not None:
                crowd.stopping = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _source(self) -> str:
        """Let the false alarms be told: the manager adds a source on the page Alerts; its token."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            desk = Desk(self.installation, session, "manager")
            await desk.log_in()
            status, _, page = await desk.press("/alerts/sources", {"name": SOURCE})
        found = re.search(r"<code>([^<]+)</code>", page)
        if status in SEEN or found is None:
            raise StoryBroken(f"no source of alerts can be added: the console answered {status}")
        return html.unescape(found.group(1))

    async def _tell_alarm(self, component: str, severity: str, *, status: str) -> None:
        labels = {"alertname": "LooksOdd", "component": component, "severity": severity}
        alert = {"status": status, "labels": labels, "annotations": {"summary": f"{component} looks odd"}}
        body = {"version": "4", "alerts": [alert]}
        hook = f"{self.installation.console_origin}/hooks/alertmanager"
        headers = {"Authorization": f"Bearer {self._token}"}
        async with aiohttp.ClientSession() as session, session.post(hook, json=body, headers=headers) as got:
            if got.status != 200:
                raise StoryBroken(f"the false alarm was not taken: {got.status}")


async def _guess(makes: Stormers, per_s: int) -> None:
    """Wrong passwords at an even rate, until cancelled; at most ten seconds' worth under way."""
    told: Counter[str] = Counter()
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            if len(running) < per_s * 10:
                task = asyncio.create_task(makes.bot(told))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(1 / per_s)
    finally:
        for task in tuple(running):
            task.cancel()


async def _log_in_again_and_again(makes: Stormers) -> None:
    while True:
        login: Login = makes.login()
        login.types_s = (0.0, 0.3)
        await login.go(time.monotonic() + WHOLE_S_MAX)
