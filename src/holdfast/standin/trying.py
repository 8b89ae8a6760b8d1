"""The spare bank tried by the bank's own test customer while the main bank serves: POST /-/try, of the control room.

Customers reach this bank through the doors only, and a door sends nobody here whom the main bank serves: a row that
said otherwise would have to be claimed at the register, and epochs are no thing to play with each minute. So the test
customer's request comes as a signed call, and what is behind a customer's request is done by the very functions that do
it then: the name is found in the copy, the password is verified in the same queue, the code is compared with the
authenticator's secret, the overview is read from the copy and rendered by its template, and the payment is judged under
the rules, limits, balances and exposure of this moment.

What is left out is what would leave a trace or take something: the code is not claimed at the register, guesses are not
counted (only the control room can ask), no session begins, and the payment is neither fenced by an epoch nor journaled.
The writing of the journal is seen by its own measurement (standin_money_stopped) and by each customer's log-out.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts.answers import Reason
from holdfast.contracts.epochs import Bank, Mode
from holdfast.contracts.factors import is_authenticator_code, plain_code
from holdfast.contracts.journal import Payment
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.test_customers import is_test_customer
from holdfast.signing.onetime import fitting_step
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.errors import StandinError
from holdfast.standin.history import History
from holdfast.standin.judging import Ask
from holdfast.standin.pages import LATEST_MAX, cards, overview_page
from holdfast.standin.phrases import phrases
from holdfast.standin.render import Frame

FIELDS = ("username", "password", "code", "to")
FIELD_MAX = 200
AMOUNT_MINOR_MAX = 100


class Failed(Exception):
    """A step did not come out as it must; the text says how, in words."""


class Trying:
    """The handler of /-/try, for one running spare bank."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def attempt(self, request: Request) -> Response:
        """Do all steps, each timed, up to the one that fails. ValueError, TypeError and KeyError mean a bad body; 403
        for anybody but a test customer."""
        raw = await request.json()
        said = {name: str(raw[name])[:FIELD_MAX] for name in FIELDS}
        amount_minor = int(raw["amount_minor"])
        if not 0 < amount_minor <= AMOUNT_MINOR_MAX:
            raise ValueError(f"amount_minor is between 1 and {AMOUNT_MINOR_MAX}")
        customer = self.bank.view.profile.find_customer(said["username"])
        if customer is None or not is_test_customer(int(customer["id"])):
            return JSONResponse({"error": "Nobody known here as a test customer; nothing was tried."}, 403)
        number = int(customer["id"])
        steps: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("give name and password", lambda: self._password(customer, said["password"])),
            ("give the code", lambda: self._code(number, said["code"])),
            ("see the overview", lambda: self._overview(customer)),
            ("have a payment judged", lambda: self._payment(customer, said["to"], amount_minor)),
        ]
        return JSONResponse(await _timed(steps))

    async def _password(self, customer: dict[str, Any], password: str) -> None:
        if not await self.bank.passwords.verify(str(customer["verifier"]), password):
            raise Failed("the password does not fit the copy's verifier")

    async def _code(self, customer: int, typed: str) -> None:
        secret, code = self.bank.view.profile.factors(customer).authenticator, plain_code(typed)
        if not secret or not is_authenticator_code(code) or fitting_step(secret, code, time.time()) is None:
            raise Failed("the code does not fit the authenticator that the copy knows")

    async def _overview(self, customer: dict[str, Any]) -> None:
        number, spoken = int(customer["id"]), phrases(LANGUAGES[0], self.bank.place.time_zone)
        accounts = cards(self.bank, number)
        if not accounts:
            raise Failed("the copy shows no account of the test customer")
        lines = await History(self.bank, spoken).unclaimed([one.account for one in accounts])
        latest = [line for line in lines if line.state == "done"][:LATEST_MAX]
        frame = Frame("", spoken, "/", number)
        await overview_page(self.bank, frame, str(customer["name"]), accounts, latest)

    async def _payment(self, customer: dict[str, Any], to: str, amount_minor: int) -> None:
        profile = self.bank.view.profile
        own, credit = profile.own_accounts(int(customer["id"])), profile.find_payee(int(customer["id"]), to)
        if not own or credit is None:
            raise Failed("the copy does not know both accounts of the payment")
        cohort = int(customer["cohort"])
        payment = Payment(
            uuid.uuid4(),
            own[0],
            credit,
            amount_minor,
            self.bank.place.currency,
            "payment",
            profile.business_date(),
            cohort,
            "form",
            str(customer["name"]),
            profile.title(credit),
            "",
            int(customer["id"]),
        )
        reason = await self.bank.taking.judge_only(
            Order(payment, Ask(Bank.STANDIN, Mode.STANDIN, cohort, 1, 1, amount_minor))
        )
        if reason is not Reason.OK:
            raise Failed(f"the payment would be refused: {reason.value}")


async def _timed(steps: list[tuple[str, Callable[[], Awaitable[None]]]]) -> dict[str, Any]:
    """What came of each step up to the first that failed, as it goes over the wire."""
    done: list[dict[str, Any]] = []
    for name, work in steps:
        began = time.monotonic()
        try:
            await work()
            why = ""
        except (Failed, StandinError) as error:
            why = str(error)
        done.append({"name": name, "took_ms": round((time.monotonic() - began) * 1000, 2)})
        if why:
            return {"steps": done, "failed": name, "why": why}
    return {"steps": done, "failed": "", "why": ""}
