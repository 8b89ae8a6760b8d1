"""The responder of the story: logs in to the control room's console as a person would, and presses one button."""

import re
from http.cookies import SimpleCookie
from types import TracebackType

import aiohttp

from holdfast.gameday.errors import StoryBroken
from holdfast.settings import Installation

ANSWER_S_MAX = 10.0


class Responder:
    """An `async with` session at the console."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._session: aiohttp.ClientSession
        self._cookies: dict[str, str] = {}

    async def __aenter__(self) -> "Responder":
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        status, _ = await self._post(
            "/login", {"username": "responder", "password": self._installation.secret("responder")}
        )
        if status not in (302, 303) or not self._cookies:
            await self._session.close()
            raise StoryBroken(f"the responder cannot log in to the control room (status {status})")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def hand_back(self, incident: int) -> str:
        """Press “Hand customers back” on the incident's page; what the console said, in short."""
        status, text = await self._post(f"/incidents/{incident}/hand-back", {"why": "the main system is well again"})
        if status in (302, 303):
            return "done"
        return re.sub(r"<[^>]+>|\s+", " ", text)[:150]

    async def _post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
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
            return got.status, await got.text()
