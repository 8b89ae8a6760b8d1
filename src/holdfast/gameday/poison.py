"""One customer whose payment kills what reads it: what the door answers, and what it answers when it comes again."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.errors import StoryBroken

AGAIN = 3
AGAIN_S_MAX = 0.5


@dataclass
class Poisoned:
    """What came of it. refused: how often the door said in its own page that it is not tried again, the payment's id
    kept; words: one line for each answer."""

    refused: int = 0
    words: list[str] = field(default_factory=list)


async def send(origin: str, person: dict[str, Any], pattern: str, seed: int) -> Poisoned:
    """Log in, pay with these words in the message, and send the same form again; raises StoryBroken before that."""
    out = Poisoned()
    crowd = Crowd(origin, [person], seed, 1.0, 0.0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        customer = Customer(crowd, person, random.Random(seed), session)
        page = await customer.ask("GET", "/pay", "pay") if await customer.log_in() else None
        if page is None or "id" not in page.hidden():
            raise StoryBroken("who is to send the poison request gets no form to pay")
        fields = page.hidden()
        account = person["accounts"][0]
        form = {**fields, "from": str(account["id"]), "to": account["number"], "amount": "1.00", "text": pattern}
        for attempt in range(1 + AGAIN):
            began = time.monotonic()
            answer = await customer.fetch("POST", "/pay", form)
            took_s = time.monotonic() - began
            said = answer.outcome()
            honest = (answer.status, answer.served_by, answer.marks.get("page")) == (503, "door", "struck")
            kept = (said.get("payment"), said.get("outcome")) == (fields["id"].replace("-", ""), "checking")
            out.refused += honest and kept and (attempt == 0 or took_s < AGAIN_S_MAX)
            out.words.append(f"{answer.marks.get('page', '?')} by {answer.served_by or 'nobody'} after {took_s:.2f} s")
    return out
