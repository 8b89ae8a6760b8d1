"""A test customer's browser: pages through the doors' public address, each wait bounded, read by their marks.

It comes in where customers do, by TLS where they do, and knows of the banks what docs/reference/wire.md promises of
their pages. The name that customers type is looked for on this machine: the way here from elsewhere (names, the
network before the doors) is not what a journey tries.
"""

import asyncio
import html
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from holdfast.contracts.answers import SERVED_BY_HEADER
from holdfast.control.journeys.errors import StepFailed
from holdfast.settings import Installation

STEP_S_MAX = 5.0
"""What takes longer is no answer: a person has gone by then."""
HOPS_MAX = 4
PAGE_BYTES_MAX = 2_000_000
COOKIES_MAX = 20
AGENT = "Holdfast journeys"
_BODY = re.compile(r"<body([^>]*)>")
_MARK = re.compile(r'data-([a-z-]+)="([^"]*)"')
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came at the end of its redirects. bank: who served it, `primary`, `standin` or `door`."""

    status: int
    text: str
    bank: str

    @property
    def name(self) -> str:
        """What the page calls itself (`overview`, `login` …); empty for none of ours."""
        found = _BODY.search(self.text)
        return dict(_MARK.findall(found.group(1))).get("page", "") if found else ""

    def marks(self, mark: str, value: str = "") -> dict[str, str]:
        """The marks of the first element that has this one, with this value where one is given; empty for none."""
        wanted = re.escape(value) if value else '[^"]*'
        found = re.search(rf'<[a-z0-9]+[^>]*\bdata-{mark}="{wanted}"[^>]*>', self.text)
        return dict(_MARK.findall(found.group(0))) if found else {}

    def fields(self) -> dict[str, str]:
        """The values of its forms' inputs."""
        out: dict[str, str] = {}
        for tag in _INPUT.findall(self.text):
            got = dict(_ATTRIBUTE.findall(tag))
            if "name" in got:
                out[got["name"]] = html.unescape(got.get("value", ""))
        return out


class OnThisMachine(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Where the doors listen."""
        del family
        flags = socket.AI_NUMERICHOST
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=flags)]

    async def close(self) -> None:
        """Nothing is held."""


def trusting(home: Installation) -> ssl.SSLContext | bool:
    """Whose certificates are believed: the public's authorities, and that of our own certificate where staff went on
    with one that the public does not trust. True where there is no TLS. Raises OSError."""
    if not home.tls_cert:
        return True
    context = ssl.create_default_context()
    if home.own_authority:
        context.load_verify_locations(home.tls_cert)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


class Browser:
    """One customer's cookies, and the way to the doors. To be used in one event loop, by one journey at a time."""

    def __init__(self, home: Installation) -> None:
        self._home = home
        self.cookies: dict[str, str] = {}
        self.requests = 0

    async def open(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Page:
        """The page at the end of the redirects; raises StepFailed without one in time. Each request goes by a new
        connection, and so to any of the doors."""
        try:
            async with asyncio.timeout(STEP_S_MAX):
                return await self._follow(method, path, form)
        except TimeoutError as error:
            raise StepFailed(f"no answer within {STEP_S_MAX:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise StepFailed(f"no answer: {type(error).__name__}") from error

    async def _follow(self, method: str, path: str, form: Mapping[str, str] | None) -> Page:
        origin = self._home.door_origin
        url, body = urljoin(origin, path), urlencode(form).encode() if form is not None else None
        connector = aiohttp.TCPConnector(resolver=OnThisMachine(), ssl=trusting(self._home), force_close=True)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            for _ in range(HOPS_MAX):
                self.requests += 1
                async with session.request(
                    method, url, data=body, headers=self._headers(body), allow_redirects=False
                ) as got:
                    text = (await got.content.read(PAGE_BYTES_MAX)).decode("utf-8", "replace")
                    self._keep(got.headers.getall("Set-Cookie", []))
                    if got.status not in (301, 302, 303):
                        return Page(got.status, text, got.headers.get(SERVED_BY_HEADER, ""))
                    method, body, url = "GET", None, urljoin(url, got.headers.get("Location", "/"))
                    if not url.startswith(f"{origin}/"):
                        raise StepFailed("the answer leads away from the bank")
        raise StepFailed(f"more than {HOPS_MAX} redirects")

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Origin": self._home.door_origin, "User-Agent": AGENT, "Accept-Language": "en"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return headers

    def _keep(self, told: list[str]) -> None:
        """Keep or drop cookies, as they are told."""
        for one in told[:COOKIES_MAX]:
            parsed: SimpleCookie = SimpleCookie()
            try:
                parsed.load(one)
            except CookieError:
                continue
            for name, morsel in parsed.items():
                if morsel.value and morsel["max-age"] != "0" and "1970" not in morsel["expires"]:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
