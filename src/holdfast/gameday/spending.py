"""Somebody outside the crowd who pays the same amount again and again, to see where a limit stands."""

import random
from typing import Any

import aiohttp
import psycopg

from holdfast.gameday.crowd import Crowd, Customer


def richest(url: str, people: list[dict[str, Any]]) -> dict[str, Any]:
    """Of these people the one whose account has most, of all that nobody shares."""
    numbers = [account["id"] for person in people for account in person["accounts"]]
    alone = {
        account["id"]: person
        for person in people
        for account in person["accounts"]
        if numbers.count(account["id"]) == 1
    }
    with psycopg.connect(url, connect_timeout=5) as connection:
        found = connection.execute(
            "SELECT account FROM ledger.account WHERE account = ANY(%s) ORDER BY balance_minor DESC LIMIT 1",
            (list(alone),),
        ).fetchone()
    return alone[found[0]] if found else people[-1]


async def spend(crowd: Crowd, person: dict[str, Any], amount_minor: int, times: int) -> list[str]:
    """Log in and pay that often from the fullest account; the outcome of each as it was told."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        customer = Customer(crowd, person, random.Random(crowd.seed), session)
        if not await customer.log_in():
            return ["no login"] * times
        return [await _pay(customer, amount_minor) for _ in range(times)]


async def _pay(customer: Customer, amount_minor: int) -> str:
    overview = await customer.ask("GET", "/", "overview")
    page = await customer.ask("GET", "/pay", "pay")
    fields = page.hidden() if page else {}
    accounts = overview.accounts() if overview else []
    if "id" not in fields or not accounts:
        return "no form"
    account = max(accounts, key=lambda one: int(one.get("balance-minor", "0")))
    own = {one.get("number") for one in accounts}
    payee = next(number for number in customer.crowd.numbers if number not in own)
    told = await customer.send(fields, account["account"], payee, amount_minor)
    return told.outcomes[-1][1] if told.outcomes else "no answer"
