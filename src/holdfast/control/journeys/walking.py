"""The journeys themselves: what a customer does, step by step, and what they would have to see for it to have worked.

The kept session (test customer 1) is logged in once and goes on for as long as sessions last, to whichever bank serves;
every sixth time it pays the smallest amount there is to test customer 2. The fresh login (test customer 2) begins with
neither session nor cookie but the one by which a device is known, and pays the same amount back.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from holdfast.contracts.factors import DEVICE_COOKIE
from holdfast.contracts.money import format_amount
from holdfast.control.journeys.browser import Browser, Page
from holdfast.control.journeys.errors import StepFailed
from holdfast.control.journeys.logins import Login
from holdfast.control.journeys.results import Result, Step

AMOUNT_MINOR = 1
LOG_IN, CODE, OVERVIEW, BALANCE = "give name and password", "give the code", "see the overview", "read the balance"
FORM, PAY, FIND = "open the payment form", "pay the other test customer", "find the payment in the account"
Clock = Callable[[], float]


class WrongPassword(StepFailed):
    """Name and password do not fit any more."""


class Journey:
    """One test customer on their way. clock: seconds since 1970, as the authenticator has them; wrong_password: the
    last time ended because name and password did not fit."""

    def __init__(self, name: str, browser: Browser, who: Login, clock: Clock = time.time) -> None:
        self._name = name
        self._browser = browser
        self._who = who
        self._clock = clock
        self._code_step = 0
        self._steps: list[Step] = []
        self._bank = ""
        self.wrong_password = False

    async def kept(self, other: Login, currency: str, *, pays: bool) -> Result:
        """Overview and balance on the session there is; a new one only where it is over."""

        async def walk() -> None:
            page = await self._open(OVERVIEW, "GET", "/", ("overview", "login"))
            if page.name == "login":
                page = await self._log_in()
            balance = self._balance(page)
            await self._look(balance)
            if pays:
                await self._pay(other, currency)

        return await self._walked(walk)

    async def fresh(self, other: Login, currency: str) -> Result:
        """From the form of the login to the payment found again in the account."""
        cookies = self._browser.cookies
        self._browser.cookies = {DEVICE_COOKIE: cookies[DEVICE_COOKIE]} if DEVICE_COOKIE in cookies else {}

        async def walk() -> None:
            page = await self._log_in()
            self._balance(page)
            await self._pay(other, currency)

        return await self._walked(walk)

    async def _walked(self, walk: Callable[[], Awaitable[None]]) -> Result:
        self._steps, self._bank, self.wrong_password, at = [], "", False, datetime.now(UTC)
        before, failed, why = self._browser.requests, "", ""
        try:
            await walk()
        except StepFailed as fault:
            failed, why = self._steps[-1].name, str(fault)
            self.wrong_password = isinstance(fault, WrongPassword)
        steps, requests = tuple(self._steps), self._browser.requests - before
        return Result(self._name, at, self._bank, steps, failed, why[:200], requests)

    async def _open(
        self, step: str, method: str, path: str, wanted: tuple[str, ...], form: dict[str, str] | None = None
    ) -> Page:
        """One step: the page that came; raises StepFailed for another than those that are wanted."""
        began = time.monotonic()
        try:
            page = await self._browser.open(method, path, form)
        finally:
            self._steps.append(Step(step, (time.monotonic() - began) * 1000))
        self._bank = page.bank if page.bank in ("primary", "standin") else self._bank
        if page.status >= 500 or page.name not in wanted:
            raise StepFailed(f"instead of the page came {page.name or 'one that is not ours'} (status {page.status})")
        return page

    async def _log_in(self) -> Page:
        who = self._who
        form = {"username": who.username, "password": who.password}
        page = await self._open(LOG_IN, "POST", "/login", ("login-code", "login"), form)
        if page.name == "login":
            problem = page.marks("problem").get("problem", "")
            if problem == "wrong":
                raise WrongPassword("name and password do not fit")
            raise StepFailed(f"refused: {problem or 'nothing said'}")
        step, code = who.code(self._clock())
        if step == self._code_step:
            raise StepFailed("the authenticator's code of this half minute was used before")
        self._code_step = step
        proved = {"proof": page.fields().get("proof", ""), "code": code}
        return await self._open(CODE, "POST", "/login", ("overview",), proved)

    def _balance(self, page: Page) -> int:
        """The balance of the test account as a page shows it, in minor units; raises StepFailed."""
        shown = page.marks("account", str(self._who.account)).get("balance-minor", "")
        if not shown.lstrip("-").isdecimal():
            raise StepFailed("the page shows no balance of the test account")
        return int(shown)

    async def _look(self, balance_minor: int) -> None:
        """The account's own page; both pages tell one balance, but for a payment that the other made in between."""
        page = await self._open(BALANCE, "GET", f"/accounts/{self._who.account}", ("account",))
        difference = self._balance(page) - balance_minor
        if abs(difference) > AMOUNT_MINOR:
            raise StepFailed(f"the account's page differs from the overview by {difference} minor units")

    async def _pay(self, other: Login, currency: str) -> None:
        """Pay, read the receipt, and find the payment in the account."""
        page = await self._open(FORM, "GET", "/pay", ("pay",))
        fields = page.fields()
        ident = _hex(fields.get("id", ""))
        form = {
            "id": fields["id"],
            "birth": fields.get("birth", ""),
            "from": str(self._who.account),
            "to": other.number,
            "name": other.name,
            "amount": format_amount(AMOUNT_MINOR, currency),
            "text": "Test of the bank",
        }
        page = await self._open(PAY, "POST", "/pay", ("receipt",), form)
        told = page.marks("outcome")
        if told.get("outcome") not in ("done", "checking"):
            raise StepFailed(f"the receipt says: {told.get('outcome') or 'nothing'}")
        page = await self._open(FIND, "GET", f"/accounts/{self._who.account}", ("account",))
        if told["outcome"] == "done" and not page.marks("payment", ident):
            raise StepFailed("the account does not show the payment that the receipt tells of")


def _hex(ident: str) -> str:
    try:
        return uuid.UUID(ident).hex
    except ValueError as error:
        raise StepFailed("the payment form carries no id") from error
