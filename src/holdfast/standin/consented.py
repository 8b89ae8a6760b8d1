"""What a customer's own pages show here now, for one agent of support to whom the customer gave consent. It only reads,
and claims nothing: a refusal that the customer was not told yet reads as being checked."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts.consent import (
    ACCOUNTS_SHOWN_MAX,
    PURPOSE,
    Asked,
    Over,
    PagesShown,
    ShownAccount,
    ShownLine,
    asked_from_wire,
)
from holdfast.contracts.sessions import Session
from holdfast.contracts.shapes import to_wire
from holdfast.standin.bank import SpareBank
from holdfast.standin.history import History, Line
from holdfast.standin.owing import owed_of
from holdfast.standin.pages import LATEST_MAX, AccountCard, cards
from holdfast.standin.phrases import Phrases, phrases
from holdfast.telemetry import get_log


class PagesShownTo:
    """Handler of /-/pages-shown."""

    def __init__(self, bank: SpareBank) -> None:
        self._bank = bank

    async def show(self, request: Request) -> Response:
        """The customer's accounts, balances and latest entries as their overview has them; 409 with `over` when the
        consent does not hold, and then nothing of them. Raises BadToken for a consent that no door signed, ValueError,
        TypeError and KeyError for another form."""
        asked = self._asked(await request.json())
        over = self._over(asked)
        who = asked.consent.customer
        get_log().info("pages shown to support", customer=who, agent=asked.agent, over=over or "")
        if over is not None:
            return JSONResponse({"over": over.value}, 409)
        return JSONResponse(to_wire(await self._shown(who, phrases(asked.language, self._bank.place.time_zone))))

    def _asked(self, raw: dict[str, object]) -> Asked:
        said = self._bank.keyring.verify(PURPOSE, str(raw["consent"]), by={"door"})
        return asked_from_wire(raw, said)

    def _over(self, asked: Asked) -> Over | None:
        consent, view = asked.consent, self._bank.view
        if over := consent.over(asked.agent):
            return over
        if view.profile.customer(consent.customer) is None:
            return Over.NO_CUSTOMER
        session = Session(consent.session, consent.customer, 0, (), consent.began, consent.given, 0)
        return Over.LOGGED_OUT if view.session_ended(session) else None

    async def _shown(self, customer: int, spoken: Phrases) -> PagesShown:
        bank, accounts = self._bank, cards(self._bank, customer)
        lines = await History(bank, spoken).told([one.account for one in accounts])
        owed = await asyncio.get_running_loop().run_in_executor(bank.readers, owed_of, bank, customer)
        owed_minor = sum(one.amount_minor for one in owed)
        latest = [line for line in lines if line.state != "refused"][:LATEST_MAX]
        return PagesShown(
            spoken.at(bank.view.fed_at_us),
            bank.view.customer_frozen(customer),
            spoken.amount(owed_minor, bank.view.profile.help().terms.currency) if owed_minor else "",
            tuple(self._account(one, spoken) for one in accounts[:ACCOUNTS_SHOWN_MAX]),
            tuple(_line(line, spoken) for line in latest),
            len(accounts) > ACCOUNTS_SHOWN_MAX,
        )

    def _account(self, one: AccountCard, spoken: Phrases) -> ShownAccount:
        return ShownAccount(
            spoken.number(one.number),
            one.title,
            spoken.amount(one.balance_minor, one.currency),
            spoken.amount(one.available_minor, one.currency),
            spoken.amount(one.held_minor, one.currency) if one.held_minor else "",
            self._bank.view.account_frozen(one.account),
            (),
        )


def _line(line: Line, spoken: Phrases) -> ShownLine:
    words = line.words if line.state == "done" else f"{line.words} ({spoken.say(line.tag[1])})"
    return ShownLine(line.title, words, spoken.amount(line.amount_minor, line.currency, signed=True))
