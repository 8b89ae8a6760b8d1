"""What the spare bank confirms to a payee while the main bank is away: that a payment has not gone out, or may
not have.

Nothing is confirmed while the main bank answers the feed, or takes this customer's payments: a rehearsal, a feed that
lags or one that was stopped is no outage. Since when: the instant at which the main bank answered last.
"""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.answers import Reason
from holdfast.contracts.confirmation import ADDRESS, PURPOSE, Confirmation, How
from holdfast.contracts.epochs import Mode
from holdfast.standin.bank import SpareBank
from holdfast.standin.gate import Visit
from holdfast.standin.history import History, Line
from holdfast.standin.render import missing

OUTAGE_S_MIN = 5.0
"""A bank that answered so lately is there."""
BY_OUTAGE = (Reason.SPARE_LIMIT, Reason.KEPT_FOR_DEADLINES)
"""Refusals that good times do not know."""


def outage_since(bank: SpareBank, mode: Mode) -> datetime | None:
    """When the main bank answered last, None while it is there. mode: who takes the customer's payments."""
    last_s = bank.view.answered_at_us / 1e6
    away = last_s > 0 and time.time() - last_s >= OUTAGE_S_MIN
    return datetime.fromtimestamp(last_s, UTC) if away and mode is not Mode.PRIMARY else None


def confirmable(line: Line) -> bool:
    """Whether a line is a payment of the customer's that the outage has kept back, or may have."""
    kept = line.state == "checking" or (line.state == "refused" and line.reason in BY_OUTAGE)
    return line.amount_minor < 0 and kept


def with_confirmations(bank: SpareBank, mode: Mode, lines: list[Line]) -> list[Line]:
    """The lines, those marked that can be confirmed now."""
    if outage_since(bank, mode) is None:
        return lines
    return [replace(line, confirmed=True) if confirmable(line) else line for line in lines]


class Confirming:
    """The handler of confirmations."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def confirmation(self, request: Request, visit: Visit) -> Response:
        """GET /money/<payment>/confirmation: 303 to the doors' page, which anybody may open; 404 for none."""
        since = outage_since(self.bank, visit.row.mode)
        line = await self._line(request.path_params["ident"], visit) if since is not None else None
        if since is None or line is None:
            return missing(self.bank, visit.frame, "confirm.missing")
        found = self._written(line, visit, since)
        proof = self.bank.keyring.sign(PURPOSE, found.to_payload())
        return RedirectResponse(f"{ADDRESS}?{urlencode({'proof': proof})}", 303)

    async def _line(self, ident: str, visit: Visit) -> Line | None:
        own = self.bank.view.profile.own_accounts(visit.who)
        history = History(self.bank, visit.phrases)
        lines = await history.lines(own, int(visit.customer["cohort"]), visit.row.epoch)
        due = await asyncio.get_running_loop().run_in_executor(self.bank.readers, history.orders_due, own)
        wanted = ident.replace("-", "")
        return next((one for one in [*lines, *due] if one.id.hex == wanted and confirmable(one)), None)

    def _written(self, line: Line, visit: Visit, since: datetime) -> Confirmation:
        day = self.bank.view.profile.business_date()
        return Confirmation(
            line.id.hex,
            str(visit.customer["name"]),
            line.title,
            -line.amount_minor,
            line.currency,
            day
            if line.due or not line.at_us
            else visit.phrases.local(datetime.fromtimestamp(line.at_us / 1e6, UTC)).date(),
            How.NOT_MADE if line.state == "refused" else How.NOT_KNOWN,
            since,
            None,
            datetime.now(UTC),
        )
