"""One person with a browser of their own, on a network of their own: HTTP/1.1 from an address of this loopback, cookies
kept, redirects not followed. Light, so that thousands of them wait in one process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.reading import Page, body_marks

ANSWER_S_MAX = 25.0
ANSWER_BYTES_MAX = 1_000_000
HEAD_BYTES_MAX = 65_536


@dataclass(frozen=True)
class Answer:
    """What came back. location: where a redirect leads; again_s: when the page says to look again, 0 for not at all."""

    page: Page
    location: str = ""
    again_s: float = 0.0

    @property
    def shows(self) -> str:
        """Which page it is."""
        return self.page.marks.get("page", "")


def address(number: int) -> str:
    """A loopback address, another one for each number below sixteen million."""
    return f"127.{1 + number // 65_536 % 250}.{number // 256 % 256}.{number % 256}"


@dataclass
class Visitor:
    """network: the address that it comes from; keeps: whether it keeps cookies."""

    origin: str
    network: str
    keeps: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """One request; raises OSError, TimeoutError, asyncio.IncompleteReadError or ValueError without an answer."""
        async with asyncio.timeout(ANSWER_S_MAX), self._line() as (reader, writer):
            writer.write(self._request(method, path, form))
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = _head(head)
            length = next((int(value) for name, value in headers if name == "content-length"), -1)
            body = await (reader.readexactly(length) if 0 <= length <= ANSWER_BYTES_MAX else reader.read())
            return self._read(path, status, headers, body.decode("utf-8", "replace"))

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        place = urlsplit(self.origin)
        if place.scheme != "http" or place.port is None:
            raise StoryBroken("people on networks of their own come without TLS, on this machine's loopback")
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", place.port, local_addr=(self.network, 0), limit=HEAD_BYTES_MAX
        )
        try:
            yield reader, writer
        finally:
            writer.close()

    def _request(self, method: str, path: str, form: dict[str, str] | None) -> bytes:
        body = b"" if form is None else urlencode(form).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(self.origin).netloc}", "Connection: close"]
        lines += [f"Origin: {self.origin}", "Accept: text/html"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _read(self, path: str, status: int, headers: list[tuple[str, str]], text: str) -> Answer:
        location, served_by, again_s = "", "", 0.0
        for name, value in headers:
            if name == "set-cookie" and self.keeps:
                self._keep(value)
            elif name == "location":
                location = value
            elif name == "holdfast-served-by":
                served_by = value
            elif name in ("refresh", "retry-after"):
                again_s = float(value.partition(";")[0])
        return Answer(Page(status, text, path, served_by, body_marks(text)), location, again_s)

    def _keep(self, value: str) -> None:
        for name, morsel in SimpleCookie(value).items():
            if morsel.value and morsel["max-age"] != "0":
                self.cookies[name] = morsel.value
            else:
                self.cookies.pop(name, None)

    async def challenge(self) -> str:
        """What a passkey is to sign; raises ValueError when the door gives none."""
        return str(json.loads((await self.ask("GET", "/passkey/challenge")).page.text)["challenge"])


def _head(raw: bytes) -> tuple[int, list[tuple[str, str]]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ", 2)[1]), [(name.strip().lower(), value.strip()) for name, _, value in pairs]
