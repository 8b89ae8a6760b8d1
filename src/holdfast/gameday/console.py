"""The people of the story at the control room's console: one proposes the hand-back, another confirms it.

They log in as people would and press the buttons of the page. Both log in at once, so that two people cost the
customers no more time than one.
"""

import asyncio
import re
import time
from http.cookies import SimpleCookie
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

import aiohttp

from holdfast.contracts.factors import STEP_S, STEPS_ASIDE
from holdfast.gameday.errors import StoryBroken
from holdfast.settings import Installation
from holdfast.signing.onetime import code_at

ANSWER_S_MAX = 10.0
SEEN = (302, 303)
LOG_INS_MAX = 3
_steps: dict[tuple[str, str], int] = {}
"""The last half minute whose code this program used, by installation and person: each code is taken once."""


class Desk:
    """One member of staff at the console, named by role; password and authenticator secret lie in the installation's
    secrets."""

    def __init__(self, installation: Installation, session: aiohttp.ClientSession, name: str) -> None:
        self._installation = installation
        self._session = session
        self._name = name
        self._cookies: dict[str, str] = {}

    async def log_in(self) -> None:
        """By password and code, a code that was used before is followed by the next one. Raises StoryBroken when the
        console does not let this person in."""
        status = 0
        for _ in range(LOG_INS_MAX):
            form = {
                "username": self._name,
                "password": self._installation.secret(self._name),
                "code": await self._next_code(),
            }
            status, _, _ = await self.press("/login", form)
            if status in SEEN and self._cookies:
                return
        raise StoryBroken(f"the {self._name} cannot log in to the control room (status {status})")

    async def _next_code(self) -> str:
        """A code later than those this program used, by the console's clock; waits until its half minute is near."""
        found = re.search(r'data-now="([0-9]+)"', await self.look("/login"))
        now = int(found.group(1)) if found else time.time()
        who = str(self._installation.data), self._name
        step = max(_steps.get(who, 0) + 1, int(now // STEP_S) - STEPS_ASIDE)
        await asyncio.sleep(max(0.0, (step - STEPS_ASIDE) * STEP_S - now))
        _steps[who] = step
        return code_at(self._installation.secret(f"{self._name}-authenticator"), step)

    async def press(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        """Send a form; the status, where the console leads to, and the page."""
        origin = self._installation.console_origin
        headers = {"Origin": origin, "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        async with self._session.post(
            origin + path,
            data=form,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(ANSWER_S_MAX),
        ) as got:
            for value in got.headers.getall("Set-Cookie", []):
                for name, morsel in SimpleCookie(value).items():
                    self._cookies[name] = morsel.value
            return got.status, got.headers.get("Location", ""), await got.text()

    async def look(self, path: str) -> str:
        """Open a page of the console; its text."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        async with self._session.get(
            self._installation.console_origin + path,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(ANSWER_S_MAX),
        ) as got:
            return await got.text()


class Responder:
    """An `async with` session of the responder, with the manager beside."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> "Responder":
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._first, self._second = (Desk(self._installation, self._session, name) for name in ("responder", "manager"))
        try:
            await asyncio.gather(self._first.log_in(), self._second.log_in())
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def hand_back(self, incident: int) -> str:
        """Propose “Hand customers back” as one, confirm it as the other; what the console said, in short."""
        why = {"why": "the main system is well again"}
        status, where, text = await self._first.press(f"/incidents/{incident}/hand-back", why)
        if status not in SEEN:
            return _short(text)
        number = parse_qs(urlsplit(where).query).get("proposal", ["0"])[0]
        status, _, text = await self._second.press(f"/approvals/{number}/approve", {})
        return "done" if status in SEEN else _short(text)


def _short(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)[:150]
