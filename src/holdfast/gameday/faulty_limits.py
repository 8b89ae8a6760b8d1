"""Limits with a fault in them, put in force past every check, as a slip at a database console would put them; and set
right again as the product has it. What the control room shows of it is read on its own page.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
from psycopg.types.json import Jsonb

from holdfast.gameday import programs
from holdfast.gameday.console import Desk
from holdfast.gameday.errors import StoryBroken
from holdfast.settings import Installation

WORDS = "New limits were not taken"
"""What both banks say while the last good limits hold."""
BANKS = 2
SHOWN_S_MAX = 15.0
LOOK_S = 0.3


class FaultyLimits:
    """One slip: `put`, wait until it is `shown`, then `set_right`. shown_s and cleared_s: seconds, None: never."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._good: dict[str, Any] = {}
        self.shown_s: float | None = None
        self.cleared_s: float | None = None

    def put(self, names: tuple[str, ...], times: float) -> None:
        """These limits, that many times as high, are what both banks are told; raises StoryBroken."""
        with psycopg.connect(self._installation.database_url("bank"), connect_timeout=5) as connection:
            row = connection.execute("SELECT body FROM bank.bank_fact WHERE key = 'limits'").fetchone()
            if row is None:
                raise StoryBroken("the bank has no limits yet")
            self._good = row[0]
            body = faulty(self._good, names, times)
            connection.execute("UPDATE bank.bank_fact SET body = %s WHERE key = 'limits'", (Jsonb(body),))
            connection.execute(
                "INSERT INTO bank.fact (kind, key, body) VALUES ('limits', 'limits', %s)", (Jsonb(body),)
            )

    async def watch(self) -> None:
        """Until the control room's page shows that neither bank took them."""
        self.shown_s = await self._wait(lambda page: page.count(WORDS) >= BANKS)

    async def set_right(self) -> None:
        """The right limits, by the bank's own command; until the page says no more of it. Raises StoryBroken."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self._good, file)
            file.flush()
            await programs.run(self._installation, "holdfast.bank", "limits", "--file", str(Path(file.name)))
        self.cleared_s = await self._wait(lambda page: WORDS not in page)

    async def _wait(self, is_so: Any) -> float | None:
        began = time.monotonic()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            desk = Desk(self._installation, session, "auditor")
            await desk.log_in()
            while time.monotonic() - began < SHOWN_S_MAX:
                if is_so(await desk.look("/")):
                    return time.monotonic() - began
                await asyncio.sleep(LOOK_S)
        return None


def faulty(good: dict[str, Any], names: tuple[str, ...], times: float) -> dict[str, Any]:
    """The limits with a slip in those named (`spare.per_day_minor`), each at least 1; nobody confirmed them."""
    body: dict[str, Any] = json.loads(json.dumps({**good, "confirmed": False}))
    for name in names:
        part, _, field = name.rpartition(".")
        place = body[part] if part else body
        place[field] = max(int(place[field] * times), 1)
    return body
