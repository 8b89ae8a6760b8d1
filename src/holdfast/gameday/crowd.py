"""Simulated customers: real HTTP through the front door, each at its own pace, believing only what they see.

They share no code with the banks: a page is read by the marks that docs/reference/wire.md promises, and what a
customer was told about a payment is written down for the checker.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp

from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.factors import Factors
from holdfast.gameday.logging_in import log_in
from holdfast.gameday.notes import Exchanged, Repeat, Request, Told
from holdfast.gameday.reading import Page, body_marks, looks_again_s

ANSWER_S_MAX = 5.0
CLIENT_S_MAX = 15.0
REDIRECTS_MAX = 4
REPEAT_S_MAX = 5.0
REPEAT_GAP_S = 0.05
AGAIN_MAX = 60
AGAIN_GAP_S = 1.0
LINE_S_MAX = 20.0
HOLD_S_MAX = 20.0
DEVICE = "hf_device"
Answer = TypeVar("Answer")


class Crowd:
    """All simulated customers and their log."""

    def __init__(
        self,
        origin: str,
        people: list[dict[str, Any]],
        seed: int,
        cycle_s: float,
        anew_share: float,
        ramp_s: float = 0.0,
        *,
        repeats: bool = False,
        honest_pages: bool = False,
        codes: bool = False,
        lines: bool = False,
        worker: Callable[["Crowd", dict[str, Any], random.Random, aiohttp.ClientSession], "Customer"] | None = None,
    ) -> None:
        """worker: makes one of the customers; without it each uses the pages. codes: some log in by password and code
        and not by passkey, which needs clocks that are right everywhere. lines: who is shown a place in the line waits
        there, up to 20 s; otherwise that is a failure."""
        self.origin, self.codes, self.lines = origin, codes, lines
        self._worker = worker or Customer
        self.people = people
        self.seed = seed
        self.cycle_s = cycle_s
        self.anew_share = anew_share
        self.ramp_s = ramp_s
        self.repeats, self.honest_pages = repeats, honest_pages
        self.requests: list[Request] = []
        self.repeated: list[Repeat] = []
        self.told: dict[str, Told] = {}
        self.exchanged: dict[str, Exchanged] = {}
        self.exchange_waits = 0
        """How often somebody was told that exchange waits for the main bank."""
        self.restarted = 0
        self.waits: list[float] = []
        """How long each wait in the line before the login took, in seconds."""
        self.refused: dict[str, int] = defaultdict(int)
        self.stopping = False
        self.held = False
        self.sessions_over = False
        """Whether those who were held must log in anew, since time went on without them."""
        self.at_work = self.resting = 0
        self.names = {a["number"]: p["name"] for p in people for a in p["accounts"]}
        self.numbers = list(self.names)

    async def run(self) -> None:
        """Let everybody work until `stopping`; each ends its cycle."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=10)
        async with (
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
            asyncio.TaskGroup() as group,
        ):
            for number, person in enumerate(self.people):
                luck = random.Random(self.seed * 100_003 + number)
                group.create_task(self._worker(self, person, luck, session).live())

    async def hold(self) -> None:
        """Let everybody end what they are at and wait; raises StoryBroken when somebody does not within 20 s."""
        self.held = True
        deadline = time.monotonic() + HOLD_S_MAX
        while self.resting < self.at_work:
            if time.monotonic() > deadline:
                raise StoryBroken(f"{self.at_work - self.resting} customers did not end what they were at")
            await asyncio.sleep(REPEAT_GAP_S)

    def go_on(self, *, sessions_over: bool) -> None:
        """Everybody works on; sessions_over: their sessions must have ended meanwhile."""
        self.held, self.sessions_over = False, sessions_over

    @property
    def halted(self) -> bool:
        """Whether nobody begins anything more."""
        return self.stopping or self.held

    @contextlib.asynccontextmanager
    async def visitors(self, number: int) -> AsyncIterator[None]:
        """Meanwhile some people open the log-in page again and again, so that requests are always on their way."""
        over = False

        async def visit() -> None:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                visitor = Customer(self, {}, random.Random(self.seed), session)
                while not over:
                    await visitor.ask("GET", "/login", "login")

        async with asyncio.TaskGroup() as group:
            for _ in range(number):
                group.create_task(visit())
            yield
            over = True


class Customer:
    """One simulated customer."""

    def __init__(
        self, crowd: Crowd, person: dict[str, Any], luck: random.Random, session: aiohttp.ClientSession
    ) -> None:
        self.crowd, self.person, self.luck, self.session = crowd, person, luck, session
        self.cookies: dict[str, str] = {}
        self.logged_in = False
        self.turned_away = self.waited = False
        self.factors = Factors(person, crowd.origin)

    async def live(self) -> None:
        """Log in, then cycles of looking and paying at an uneven pace, until the crowd stops."""
        crowd = self.crowd
        await asyncio.sleep(self.luck.random() * crowd.ramp_s)
        crowd.at_work += 1
        while not crowd.stopping:
            if crowd.held:
                await self.rest()
            if not self.logged_in and not await self.log_in():
                await self.pause()
                continue
            await self.cycle()
            if self.luck.random() < crowd.anew_share and not crowd.halted:
                await self.log_out()
        crowd.at_work -= 1
        await self.look_back()

    async def rest(self) -> None:
        """Wait while time jumps; then, when the session is over, see that it is."""
        crowd = self.crowd
        crowd.resting += 1
        while crowd.held and not crowd.stopping:
            await asyncio.sleep(REPEAT_GAP_S)
        crowd.resting -= 1
        if crowd.sessions_over and self.logged_in:
            await self.see_session_over()

    async def see_session_over(self) -> None:
        """The next page asks to log in."""
        await self.ask("GET", "/", "login")
        self.logged_in = False

    async def pause(self) -> None:
        """Think for a while: a fifth of a cycle on average."""
        left = self.luck.expovariate(5.0 / self.crowd.cycle_s)
        deadline = time.monotonic() + min(left, self.crowd.cycle_s)
        while time.monotonic() < deadline and not self.crowd.halted:
            await asyncio.sleep(min(0.5, max(deadline - time.monotonic(), 0)))

    async def log_in(self) -> bool:
        """By password and code, or by passkey, as a person would."""
        self.logged_in = await log_in(self)
        return self.logged_in

    async def log_out(self) -> None:
        """Log out and forget, but for what a browser keeps: that the customer was logged in on it."""
        await self.ask("POST", "/logout", "login", {}, may_be=("logged-out", "overview", "home"))
        self.cookies = {name: value for name, value in self.cookies.items() if name == DEVICE}
        self.logged_in = False

    async def cycle(self) -> None:
        """Overview, an account, the form, a payment, its receipt."""
        await self.pause()
        overview = await self.ask("GET", "/", "overview")
        accounts = overview.accounts() if overview else []
        if overview and not accounts:
            self.note_failure("the overview shows no account")
        if not accounts:
            return
        await self.pause()
        account = self.luck.choice(accounts)
        await self.ask("GET", f"/accounts/{account['account']}", "account")
        await self.pause()
        form = await self.ask("GET", "/pay", "pay")
        await self.pause()
        if form and not self.crowd.halted:
            await self.pay(form, accounts)
        await self.pause()

    async def pay(self, page: Page, accounts: list[dict[str, str]]) -> None:
        """Pay somebody a small amount, by the form as it was given."""
        fields = page.hidden()
        rich = [a for a in accounts if int(a.get("balance-minor", "0")) > 20_000]
        if not rich or "id" not in fields:
            if "id" not in fields:
                self.note_failure("the payment form carries no id")
            return
        account = self.luck.choice(rich)
        own = {a.get("number") for a in accounts}
        payee = self.luck.choice([n for n in self.crowd.numbers if n not in own])
        amount = self.luck.randint(100, 4_000)
        await self.send(fields, account["account"], payee, amount)

    async def send(self, fields: dict[str, str], account: str, payee: str, amount: int) -> Told:
        """Send the form with this payment, again and again while nobody answers; what was told about it."""
        form = {
            **fields,
            "from": account,
            "to": payee,
            "name": self.crowd.names[payee],
            "amount": f"{amount // 100}.{amount % 100:02d}",
            "text": "rehearsal",
        }
        payment = fields["id"].replace("-", "")
        told = Told(payment, int(account), payee, amount)
        self.crowd.told[payment] = told
        for _ in range(AGAIN_MAX):
            answer = await self.ask("POST", "/pay", "receipt", form)
            if answer:
                self.heard(told, answer)
            if not self.turned_away:
                break
            await asyncio.sleep(AGAIN_GAP_S)  # then the door's button: send it again, under the same id
        return told

    def heard(self, told: Told, page: Page) -> None:
        """Write down what a receipt says."""
        said = page.outcome()
        outcome = said.get("outcome", "")
        if said.get("payment", "").replace("-", "") != told.payment or not outcome:
            self.note_failure("the receipt does not tell how the payment ended")
            return
        told.outcomes.append((time.time(), outcome))
        if outcome.startswith("refused"):
            self.crowd.refused[re.sub(r"\W+", " ", said.get("reason", "refused"))] += 1

    async def look_back(self) -> None:
        """At the end: see how each payment that was being checked, or got no answer, ended."""
        own = {a["id"] for a in self.person["accounts"]}
        for told in list(self.crowd.told.values()):
            if told.debit in own and (not told.outcomes or told.outcomes[-1][1] == "checking"):
                if not self.logged_in and not await self.log_in():
                    return
                for _ in range(20):
                    page = await self.ask("GET", f"/receipt/{told.payment}", "receipt", may_be=("not-found",))
                    if page and page.marks.get("page") == "receipt":
                        self.heard(told, page)
                    if told.outcomes and told.outcomes[-1][1] != "checking":
                        break
                    await asyncio.sleep(1.0)

    def note_failure(self, why: str) -> None:
        """Something that was not what the customer asked for."""
        self.crowd.requests.append(Request(time.time(), 0.0, "content", 0, "", why))

    async def ask(
        self, method: str, path: str, want: str, form: dict[str, str] | None = None, may_be: tuple[str, ...] = ()
    ) -> Page | None:
        """One request with its redirects, timed and judged, and a wait in the line where there is one, which `waited`
        tells afterwards: what was sent before it counts for nothing. None when it failed."""
        page = await self.ask_once(method, path, want, form, may_be)
        self.waited = page is not None and page.gives_a_place()
        began = time.monotonic()
        while page is not None and page.gives_a_place():
            if time.monotonic() - began > LINE_S_MAX:
                self.note_failure(f"waited in the line for more than {LINE_S_MAX:.0f} s")
                return None
            await asyncio.sleep(max(page.again_s, AGAIN_GAP_S))
            here = urlsplit(page.url)
            page = await self.ask_once("GET", f"{here.path}?{here.query}".rstrip("?"), want, None, may_be)
        if self.waited:
            self.crowd.waits.append(time.monotonic() - began)
        return page

    async def ask_once(
        self, method: str, path: str, want: str, form: dict[str, str] | None, may_be: tuple[str, ...]
    ) -> Page | None:
        """The same without waiting in a line."""
        crowd = self.crowd
        at, began, page, why = time.time(), time.monotonic(), None, ""
        try:
            page = await self.fetch(method, path, form)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = f"no answer: {type(error).__name__}"
            if crowd.repeats and not isinstance(error, TimeoutError):
                page = await self.repeat(lambda: self.fetch(method, path, form), at)
        ms = (time.monotonic() - began) * 1000
        self.turned_away = page is not None and crowd.honest_pages and page.says_nobody_answers()
        if page is not None:
            why = "" if self.turned_away else self.judge(page, want, may_be, ms)
        crowd.requests.append(
            Request(
                at,
                ms,
                f"{method} {re.sub(r'[0-9a-f]{8,}|[0-9]+', '…', path)}",
                page.status if page else 0,
                page.served_by if page else "",
                why,
                page.hops if page else 1,
                self.turned_away,
            )
        )
        if self.turned_away:
            await self.look_at_status()
        return None if why or self.turned_away else page

    async def repeat(self, again: Callable[[], Awaitable[Answer]], at: float) -> Answer | None:
        """The same again, with the same id, as a person does whose connection broke; None without an answer in time."""
        began = time.monotonic()
        while (left := REPEAT_S_MAX - (time.monotonic() - began)) > 0:
            try:
                async with asyncio.timeout(left):
                    answer = await again()
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(REPEAT_GAP_S)
                continue
            self.crowd.repeated.append(Repeat(at, time.monotonic() - began))
            return answer
        self.crowd.repeated.append(Repeat(at, None))
        return None

    async def look_at_status(self) -> None:
        """Who reads that nobody answers opens the status page, which the door serves alone."""
        try:
            page = await self.fetch("GET", "/status", None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.note_failure(f"the status page gave no answer: {type(error).__name__}")
            return
        if page.status != 200 or page.served_by != "door" or page.marks.get("page") != "status":
            self.note_failure(f"the status page answered {page.status} by {page.served_by or 'nobody'}")

    def judge(self, page: Page, want: str, may_be: tuple[str, ...], ms: float) -> str:
        """Why this is not what the customer asked for; empty when it is."""
        got = page.marks.get("page", "")
        if self.crowd.lines and page.gives_a_place():
            return ""
        if page.status >= 500:
            return f"status {page.status}"
        if ms > ANSWER_S_MAX * 1000:
            return f"answered after {ms / 1000:.1f} s"
        if want and got != want and got not in may_be:
            return f"asked for {want}, got {got or 'an unknown page'} (status {page.status})"
        return ""

    async def fetch(self, method: str, path: str, form: dict[str, str] | None) -> Page:
        """The page at the end of the redirects."""
        url, body = urljoin(self.crowd.origin, path), urlencode(form).encode() if form is not None else None
        for hop in range(1, REDIRECTS_MAX + 1):
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Origin": self.crowd.origin}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            async with self.session.request(
                method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(CLIENT_S_MAX),
            ) as got:
                text = await got.text()
                for value in got.headers.getall("Set-Cookie", []):
                    self.keep(value)
                if got.status in (301, 302, 303):
                    method, body, url = "GET", None, urljoin(url, got.headers["Location"])
                    continue
                served_by = got.headers.get("Holdfast-Served-By", "")
                return Page(got.status, text, url, served_by, body_marks(text), hop, looks_again_s(got.headers))
        return Page(599, "", url, "", {})

    def keep(self, value: str) -> None:
        """Keep or drop a cookie."""
        for name, morsel in SimpleCookie(value).items():
            if morsel.value and morsel["max-age"] != "0" and "1970" not in morsel["expires"]:
                self.cookies[name] = morsel.value
            else:
                self.cookies.pop(name, None)
