"""What the story sees while it plays: the doors' events, both banks' health, the control room's incident."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.gameday.clock import Clock
from holdfast.settings import Installation
from holdfast.signing import load_keyring

CALL_S_MAX = 3.0
EVENT_PARTS_MAX = 1000


class Watcher:
    """Polls with `runtime`'s signature; never changes anything but by `order` and `post`."""

    def __init__(self, installation: Installation, clock: Clock) -> None:
        self.installation = installation
        self.clock = clock
        self.keyring = load_keyring(installation.keys, "runtime", clock.now)
        self.session: aiohttp.ClientSession
        self.events: list[dict[str, Any]] = []
        self.last_event = 0
        self.incident: dict[str, Any] = {}
        self.incidents_before = 0
        self.opened: dict[int, dict[str, Any]] = {}
        """Every incident that was opened since the story began, by number, as it was last."""
        self.standin: dict[str, Any] = {}
        self.bank: dict[str, Any] = {}
        self.stood_still: set[int] = set()
        self.exposure_limits: set[int] = set()
        """What the spare bank might risk in all while it served alone, in minor units: less as its data grew older."""
        self.not_judged: dict[str, int] = {}
        """How many payments the rules failed at, by bank: the most that one process of it told."""

    async def call(
        self, to: str, port: int, method: str, path: str, body: dict[str, Any] | None = None, query: str = ""
    ) -> Any:
        """One signed call, to the console as browsers come; raises aiohttp.ClientError, TimeoutError or ValueError."""
        scheme, named = ("http", None) if to == "control" else ("https", to)
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {CALLER_HEADER: self.keyring.call(to, path, raw), "Content-Type": "application/json"}
        async with self.session.request(
            method,
            f"{scheme}://127.0.0.1:{port}{path}{query}",
            data=raw or None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(CALL_S_MAX),
            server_hostname=named,
        ) as got:
            if got.status != 200:
                raise ValueError(f"{path} answered {got.status}")
            return await got.json()

    async def door(self, method: str, path: str, body: dict[str, Any] | None = None, query: str = "") -> Any:
        """A call to any door."""
        return await self.call("door", self.installation.door_internal_port, method, path, body, query)

    async def begin(self) -> None:
        """What there is already belongs to no story."""
        self.last_event = await self._newest_event()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, OSError):
            self.incidents_before = max((int(one["number"]) for one in await self._incidents()), default=0)

    async def follow(self) -> None:
        """For ever: events, health and the newest incident; what does not answer keeps its last state."""
        looks = (
            (self._events, 0.15),
            (lambda: self._health("standin"), 0.5),
            (lambda: self._health("bank"), 0.5),
            (self._incident, 1.0),
        )
        await asyncio.gather(*(self._often(look, gap_s) for look, gap_s in looks))

    @staticmethod
    async def _often(look: Callable[[], Awaitable[None]], gap_s: float) -> None:
        while True:
            await look()
            await asyncio.sleep(gap_s)

    async def _events(self) -> None:
        try:
            fresh = (await self.door("GET", "/-/events", query=f"?after={self.last_event}"))["events"]
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return
        self.events += [{**e, "at": self.clock.real(e["at"])} for e in fresh]
        self.last_event = max([self.last_event, *(e["number"] for e in fresh)])

    async def _newest_event(self) -> int:
        """The number of the doors' last event; they give them in parts."""
        newest = 0
        for _ in range(EVENT_PARTS_MAX):
            part = (await self.door("GET", "/-/events", query=f"?after={newest}"))["events"]
            if not part:
                break
            newest = max(int(e["number"]) for e in part)
        return newest

    async def _incidents(self) -> list[dict[str, Any]]:
        listed = await self.call("control", self.installation.console_port, "GET", "/incidents.json")
        return list(listed["incidents"])

    async def groups_away(self) -> int:
        """How many groups are not at the main bank just now; -1 when no door answers."""
        try:
            modes: dict[str, int] = (await self.door("GET", "/-/health"))["mode_counts"]
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return -1
        return sum(modes.values()) - modes.get("primary", 0)

    async def _health(self, bank: str) -> None:
        port = self.installation.standin_port if bank == "standin" else self.installation.bank_port
        name = "standin" if bank == "standin" else "primary"
        try:
            health = {**await self.call(name, port, "GET", "/-/health"), "seen_at": time.time()}
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            health = {"ok": False, "seen_at": time.time()}
        judged = int(health.get("rules_not_judged", 0))
        self.not_judged[bank] = max(self.not_judged.get(bank, 0), judged)
        if bank == "standin":
            if "books" in health.get("feed_trouble", {}):
                self.stood_still.add(int(health["block"]))
            if health["ok"] and not self.bank.get("ok"):
                self.exposure_limits.add(int(health["exposure_limit_minor"]))
            self.standin = health if health["ok"] else {**self.standin, **health}
        else:
            self.bank = health if health["ok"] else {**self.bank, **health}

    async def _incident(self) -> None:
        try:
            fresh = [one for one in await self._incidents() if int(one["number"]) > self.incidents_before]
            newest = max((int(one["number"]) for one in fresh if one["cause"] == "bank"), default=0)
            for one in fresh:
                number = int(one["number"])
                if self.opened.get(number, {}).get("closed"):
                    continue
                self.opened[number] = await self.call(
                    "control", self.installation.console_port, "GET", f"/incidents/{number}.json"
                )
            self.incident = self.opened.get(newest, self.incident)
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError, KeyError):
            return
