"""Simulated customers with accounts in two currencies exchange money by program: a quote, then an exchange by it.

While the main bank is away they are told that it waits, which is no failure; what they sent before, and got no answer
to, they look up at the end. What each was told is written down for the checker.
"""

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from holdfast.client import api
from holdfast.contracts.ids import api_payment_id
from holdfast.gameday.crowd import AGAIN_GAP_S, AGAIN_MAX
from holdfast.gameday.notes import NOT_MADE, Exchanged

if TYPE_CHECKING:
    from holdfast.gameday.by_program import ByProgram

SHARE = 0.5
"""Of the cycles of who can."""
LEAST_MINOR, MOST_MINOR = 2_000, 9_000
LOOKS_MAX = 20
WAITS, OVER, REFUSED, NOT_FOUND = "later", "quote-over", "payment-refused", "not-found"
AGAIN = ("nobody-answers", "journal-missing")
"""The main bank fell with the exchange in its hands, or is not whole yet: nobody knows, and the same is sent again.
What the spare bank does not offer cannot go on there."""


async def exchange_some(one: "ByProgram", home: api.Account, abroad: api.Account) -> None:
    """Ask for a quote and exchange by it; the same again, under the same key, while nobody answers."""
    sold_minor = one.luck.randint(LEAST_MINOR, MOST_MINOR)
    wanted = api.NewExchangeQuote(from_account=home.id, to_account=abroad.id, sold_minor=sold_minor)
    quote = await one.use(api.quote_exchange(wanted), may_be=(WAITS, *AGAIN))
    if quote is None:
        one.crowd.exchange_waits += one.problem.get("code") == WAITS
        return
    key = uuid.UUID(int=one.luck.getrandbits(128)).hex
    ident = api_payment_id(int(one.person["customer"]), key).hex
    told = one.crowd.exchanged[ident] = Exchanged(ident, int(home.id), int(abroad.id), sold_minor, quote.bought_minor)
    call = api.make_exchange(api.NewExchange(quote=quote.quote, text="rehearsal"), key)
    for _ in range(AGAIN_MAX):
        said = await one.use(call, may_be=(WAITS, OVER, REFUSED, *AGAIN))
        if said is not None:
            told.outcomes.append((time.time(), said.state))
        elif one.problem.get("code") == REFUSED:
            told.outcomes.append((time.time(), "refused"))
        elif one.problem.get("code") == OVER:
            told.outcomes.append((time.time(), NOT_MADE))
        if not one.turned_away and one.problem.get("code") not in AGAIN:
            break
        await asyncio.sleep(AGAIN_GAP_S)


async def look_back(one: "ByProgram") -> None:
    """At the end: see how each exchange that was being checked, or got no answer, ended. What the bank does not know
    was never made."""
    own = {account["id"] for account in one.person["accounts"]}
    for told in [told for told in one.crowd.exchanged.values() if told.debit in own and not told.ended]:
        for _ in range(LOOKS_MAX):
            said = await one.use(api.get_payment(uuid.UUID(hex=told.payment)), may_be=(WAITS, NOT_FOUND, *AGAIN))
            if said is not None:
                told.outcomes.append((time.time(), said.state))
            elif one.problem.get("code") == NOT_FOUND:
                told.outcomes.append((time.time(), NOT_MADE))
            if told.ended:
                break
            await asyncio.sleep(AGAIN_GAP_S)
