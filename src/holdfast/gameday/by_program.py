"""Simulated customers whose own program looks and pays for them: by the API, through the front door, with a token.

They believe only what the API says, and write it down for the checker as the others do. They know the bank by its
client alone.
"""

import asyncio
import json
import random
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from holdfast.client import Call, ClientError, ProblemTold, api
from holdfast.contracts.ids import api_payment_id
from holdfast.gameday import exchanging
from holdfast.gameday.crowd import AGAIN_GAP_S, AGAIN_MAX, ANSWER_S_MAX, CLIENT_S_MAX, Crowd, Customer
from holdfast.gameday.notes import Request, Told

Read = TypeVar("Read")
NOBODY, UNDER_WAY, REFUSED = "nobody-answers", "in-flight", "payment-refused"
ENDS_LATER = ("not-found", "later")
"""What a look-up may say while it is not known how a payment ended."""
LOOKS_MAX = 20


@dataclass(frozen=True)
class Raw:
    """One answer as it came."""

    status: int
    served_by: str
    content: bytes

    def code(self) -> str:
        """The code of a problem; empty when it is none."""
        try:
            said = json.loads(self.content)
        except ValueError:
            return ""
        return str(said.get("code", "")) if isinstance(said, dict) else ""


def worker(crowd: Crowd, person: dict[str, Any], luck: random.Random, session: aiohttp.ClientSession) -> Customer:
    """Who has a token leaves it to a program; the others use the pages."""
    return (ByProgram if person.get("token") else Customer)(crowd, person, luck, session)


class ByProgram(Customer):
    """One simulated customer with a program. problem: what the last answer said was wrong, empty when it was none."""

    problem: dict[str, Any] = {}  # noqa: RUF012  # replaced, never changed

    async def log_in(self) -> bool:
        """A token needs no login."""
        self.logged_in = True
        return True

    async def log_out(self) -> None:
        """Nor does it end with one."""

    async def see_session_over(self) -> None:
        """A token is no session."""

    async def cycle(self) -> None:
        """The accounts, a balance, a payment."""
        await self.pause()
        found = await self.use(api.list_accounts())
        if found is not None and not found.items:
            self.note_failure("the API shows no account")
        own = {one["id"] for one in self.person["accounts"]}
        items = found.items if found else []
        rich = [one for one in items if int(one.id) in own and one.balance.available_minor > 20_000]
        abroad = [one for one in items if int(one.id) not in own]
        await self.pause()
        if rich and abroad and not self.crowd.halted and self.luck.random() < exchanging.SHARE:
            await exchanging.exchange_some(self, rich[0], abroad[0])
        if rich:
            account = self.luck.choice(rich)
            await self.use(api.get_balance(account.id))
            await self.pause()
            if not self.crowd.halted:
                await self.pay_from(account)
        await self.pause()

    async def pay_from(self, account: api.Account) -> None:
        """Pay somebody a small amount, under a new key; the same again while nobody answers."""
        own = {one["number"] for one in self.person["accounts"]}
        payee = self.luck.choice([number for number in self.crowd.numbers if number not in own])
        body = api.NewPayment(
            from_account=account.id,
            to_number=payee,
            amount_minor=self.luck.randint(100, 4_000),
            currency=account.currency,
            payee=self.crowd.names[payee],
            text="rehearsal",
        )
        key = uuid.UUID(int=self.luck.getrandbits(128)).hex
        ident = api_payment_id(int(self.person["customer"]), key)
        told = self.crowd.told[ident.hex] = Told(ident.hex, int(account.id), payee, body.amount_minor)
        for _ in range(AGAIN_MAX):
            self.heard_of(told, await self.use(api.make_payment(body, key), may_be=(REFUSED,)))
            if not self.turned_away:
                break
            await asyncio.sleep(AGAIN_GAP_S)

    def heard_of(self, told: Told, said: api.Payment | None) -> None:
        """Write down what the API says of a payment; a refusal comes as a problem when it is made, as a state later."""
        if said is None and self.problem.get("code") != REFUSED:
            return
        ident = said.id.hex if said else uuid.UUID(str(self.problem["payment"])).hex
        if ident != told.payment:
            self.note_failure("the API tells of another payment")
            return
        state = said.state if said else "refused"
        told.outcomes.append((time.time(), "refused-settled" if state == "refused" else state))
        if state == "refused":
            self.crowd.refused[str(said.reason if said else self.problem.get("reason"))] += 1

    async def look_back(self) -> None:
        """At the end: see how each payment that was being checked, or got no answer, ended."""
        await exchanging.look_back(self)
        own = {one["id"] for one in self.person["accounts"]}
        for told in list(self.crowd.told.values()):
            if told.debit not in own or (told.outcomes and told.outcomes[-1][1] != "checking"):
                continue
            for _ in range(LOOKS_MAX):
                self.heard_of(told, await self.use(api.get_payment(uuid.UUID(hex=told.payment)), may_be=ENDS_LATER))
                if told.outcomes and told.outcomes[-1][1] != "checking":
                    break
                await asyncio.sleep(AGAIN_GAP_S)

    async def use(self, call: Call[Read], may_be: tuple[str, ...] = ()) -> Read | None:
        """One call, timed and judged; None when it failed, or was told with one of these codes of a problem. What is
        under way, or turned away by the doors alone, leaves `turned_away` set: the same is sent again."""
        crowd, at, began = self.crowd, time.time(), time.monotonic()
        raw, why, answer = None, "", None
        self.problem = {}
        try:
            raw = await self.fetch_call(call)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = f"no answer: {type(error).__name__}"
            if crowd.repeats and not isinstance(error, TimeoutError):
                raw = await self.repeat(lambda: self.fetch_call(call), at)
        ms = (time.monotonic() - began) * 1000
        honest = raw is not None and crowd.honest_pages and raw.status == 503 and raw.code() == NOBODY
        self.turned_away = honest or (raw is not None and raw.code() == UNDER_WAY)
        if raw is not None:
            answer, why = (None, "") if self.turned_away else self._read(call, raw, may_be)
            why = why or (f"answered after {ms / 1000:.1f} s" if ms > ANSWER_S_MAX * 1000 else "")
        what = f"{call.method} {re.sub(r'[0-9a-f]{8,}|[0-9]+', '…', call.path)}"
        status, served_by = (raw.status, raw.served_by) if raw else (0, "")
        crowd.requests.append(Request(at, ms, f"{what} (API)", status, served_by, why, 1, honest))
        if honest:
            await self.look_at_status()
        return answer

    def _read(self, call: Call[Read], raw: Raw, may_be: tuple[str, ...]) -> tuple[Read | None, str]:
        """The answer, and why it is not what was asked for; a problem is kept."""
        self.problem = {}
        try:
            return call.read(raw.status, raw.content), ""
        except ProblemTold as told:
            self.problem = told.problem
            return None, "" if told.code in may_be else f"status {told.status} {told.code}"
        except ClientError as error:
            return None, str(error)

    async def fetch_call(self, call: Call[Any]) -> Raw:
        """Send it once."""
        async with self.session.request(
            call.method,
            self.crowd.origin + call.address,
            data=call.content(),
            headers=call.sent(self.person["token"]),
            timeout=aiohttp.ClientTimeout(CLIENT_S_MAX),
        ) as got:
            return Raw(got.status, got.headers.get("Holdfast-Served-By", ""), await got.read())
