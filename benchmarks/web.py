"""`make bench-web`: the main bank through the front door, in real processes: a page of an account with 5,000
transactions at 50 requests a second, 100 payments a second from the sent form to the receipt's address, and as many
payments as it carries from 64 customers at once, each of whom pays again as soon as the receipt is there.

At a rate requests leave on time whether or not earlier ones were answered, so a queue shows in the figures. What is
measured is what the customer waits, door included, and what a payment costs all processes of the installation (doors,
both banks, both databases, control room) in processor time; a bank of its own is made and removed.
"""

import argparse
import asyncio
import json
import random
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say, share

from holdfast.contracts.blocks import Note
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.processors import used_s
from holdfast.gameday.reading import body_marks
from holdfast.ledger.api import Books, Notes, Post, Reader
from holdfast.runtime import installing, launching
from holdfast.settings import Installation
from holdfast.signing.sealing import Sealer

CUSTOMERS = 240
SETTLEMENT = 1
LINES, BATCH = 5000, 500
READERS = 6
PAGES_PER_S, PAYMENTS_PER_S = 50, 100
AT_ONCE, MOST = 64, 4000
SECONDS = 20
WARM_S = 3
PORT_BASE = 18400


def fill_account(home: Installation, account: int) -> None:
    """Give an account 5,000 transactions, small ones in and out."""
    url = home.database_url("bank")
    notes = Notes(Sealer(lambda: home.keys / "primary" / "bank-store.keys", b"holdfast bank note 1"))
    books, reader = Books(url, notes), Reader(url, notes)
    cohort = reader.accounts([account])[account].cohort
    row = reader.rows().get(cohort)
    luck, today = random.Random(1), date.today()
    posts = []
    for number in range(LINES):
        inward = number % 2 == 0
        debit, credit = (SETTLEMENT, account) if inward else (account, SETTLEMENT)
        note = Note(number.to_bytes(16, "big"), "A made-up payer", "A made-up payee", f"transaction {number}")
        posts.append(
            Post(id=uuid.uuid4(), debit=debit, credit=credit, amount_minor=luck.randint(100, 200) + 100 * inward,
                 currency=home.currency, kind="payment", value_date=today - timedelta(days=(LINES - number) // 50),
                 cohort=cohort, epoch=row.epoch if row else FIRST_EPOCH, cause="bench", note=note)
        )  # fmt: skip
    for start in range(0, LINES, BATCH):
        books.post_many(posts[start : start + BATCH])
    books.close()
    reader.close()


async def at_rate(per_s: int, seconds: float, one: Callable[[int], Awaitable[float | None]]) -> tuple[list[float], int]:
    """Begin `per_s` of them each second; (milliseconds of each that went well, how many did not)."""
    began, tasks = time.monotonic(), []
    for number in range(int(per_s * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    took = await asyncio.gather(*tasks)
    return [ms for ms in took if ms is not None], sum(ms is None for ms in took)


class Web:
    """The customers who are logged in, and what they do."""

    def __init__(self, customers: list[Customer]) -> None:
        self.customers = customers
        self.trouble = ""
        """What the first payment that was not booked was answered with."""

    async def account_page(self, number: int) -> float | None:
        """One account page of one of the customers with long histories: nobody may open too many in a minute."""
        customer = self.customers[number % READERS]
        account = customer.person["accounts"][0]["id"]
        began = time.monotonic()
        page = await customer.fetch("GET", f"/accounts/{account}", None)
        well = page.status == 200 and page.marks.get("page") == "account" and page.served_by == "primary"
        return (time.monotonic() - began) * 1000 if well else None

    async def payment(self, number: int, forms: list[dict[str, str]]) -> float | None:
        """Send one form; until the receipt's address came, which says that it is booked or not."""
        customer, form = self.customers[number % len(self.customers)], forms[number]
        cookies = "; ".join(f"{name}={value}" for name, value in customer.cookies.items())
        headers = {"Cookie": cookies, "Origin": customer.crowd.origin}
        began = time.monotonic()
        async with customer.session.post(
            f"{customer.crowd.origin}/pay", data=form, headers=headers, allow_redirects=False
        ) as got:
            text = await got.text()
            told = got.headers.get("Holdfast-Outcome", "done")
            booked = got.status == 303 and told.startswith("done")
        if not booked and not self.trouble:
            wrong = re.findall(r'class="(?:problem|wrong)"[^>]*>([^<]*)', text)
            self.trouble = f"status {got.status}, {body_marks(text).get('page')}: {'; '.join(wrong)}"
        return (time.monotonic() - began) * 1000 if booked else None

    async def forms(self, count: int) -> list[dict[str, str]]:
        """As many forms as payments, each with its own id, between a customer's own and another's account."""
        out = []
        for number in range(count):
            customer = self.customers[number % len(self.customers)]
            other = self.customers[(number + 1) % len(self.customers)].person
            page = (await customer.fetch("GET", "/pay", None)).hidden()
            out.append({**page, "from": str(customer.person["accounts"][0]["id"]), "to": other["accounts"][0]["number"],
                        "name": other["name"], "amount": "1.00", "text": "bench"})  # fmt: skip
        return out


async def at_once(people: int, count: int, one: Callable[[int], Awaitable[float | None]]) -> tuple[list[float], float]:
    """So many people at once until `count` are done; (milliseconds of each that went well, seconds in all)."""
    numbers, took = iter(range(count)), []

    async def go_on() -> None:
        for number in numbers:
            took.append(await one(number))

    began = time.monotonic()
    await asyncio.gather(*(go_on() for _ in range(people)))
    return [ms for ms in took if ms is not None], time.monotonic() - began


def costs(spent_s: dict[str, float], paid: int) -> list[Figure]:
    """What a payment cost, by program, the dearest first."""
    by_cost = sorted(spent_s.items(), key=lambda item: -item[1])
    return [Figure(f"of a payment's cost there, {name}", one_s / paid * 1000, "ms") for name, one_s in by_cost]


async def measure(home: Installation, people: list[dict[str, Any]]) -> list[Figure]:
    """Log everybody in, then both measurements one after the other."""
    crowd = Crowd(home.door_origin, people, 1, 10.0, 0.0)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        customers = [Customer(crowd, one, random.Random(number), session) for number, one in enumerate(people)]
        for one in customers:
            if not await one.log_in():
                raise SystemExit(f"{one.person['username']} could not log in")
        web = Web(customers)
        say(f"{len(customers)} customers are logged in")
        for seconds in (WARM_S, SECONDS):
            pages, lost = await at_rate(PAGES_PER_S, seconds, web.account_page)
        say(f"{len(pages)} account pages")
        forms = await web.forms(PAYMENTS_PER_S * (WARM_S + SECONDS))
        say(f"{len(forms)} forms")
        warm = PAYMENTS_PER_S * WARM_S
        await at_rate(PAYMENTS_PER_S, WARM_S, lambda number: web.payment(number, forms))
        before = used_s(home)
        paid, unpaid = await at_rate(PAYMENTS_PER_S, SECONDS, lambda number: web.payment(number + warm, forms))
        spent_s = sum(used_s(home).values()) - sum(before.values())
        forms = await web.forms(MOST)
        say(f"{len(forms)} more forms")
        before = used_s(home)
        most, all_s = await at_once(AT_ONCE, MOST, lambda number: web.payment(number, forms))
        then_s = {name: one_s - before[name] for name, one_s in used_s(home).items()}
    if web.trouble:
        say(f"not booked: {web.trouble}")
    return [
        Figure("account page of 5,000 transactions, p50", share(pages, 50), "ms"),
        Figure("account page of 5,000 transactions, p95", share(pages, 95), "ms", "<= 50"),
        Figure("account pages that failed", lost, "", "<= 0"),
        Figure("payment, form sent to booked, p50", share(paid, 50), "ms"),
        Figure("payment, form sent to booked, p99", share(paid, 99), "ms", "<= 1000"),
        Figure("payments that failed", unpaid, "", "<= 0"),
        Figure(f"payments a second of one core, at {PAYMENTS_PER_S} a second", len(paid) / spent_s, "payments/s"),
        Figure(f"payments a second, {AT_ONCE} customers at once", len(most) / all_s, "payments/s"),
        Figure("payments among them that failed", MOST - len(most), "", "<= 0"),
        Figure("payments a second of one core among them", len(most) / sum(then_s.values()), "payments/s", ">= 150"),
        *costs(then_s, len(most)),
    ]


def main() -> int:
    """Make the bank, measure, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT_BASE)
    port = parser.parse_args().port
    data = Path(tempfile.mkdtemp(prefix="holdfast-bench-web-"))
    (data / installing.DEMO_MARK).touch()
    child, home = launching.launch(data, port)
    try:
        launching.module(home, "holdfast.bank", "fill", "--customers", str(CUSTOMERS), "--seed", "1")
        launching.wait_until_served(home)
        logins = json.loads((data / "bank" / "logins.json").read_text())
        people = [one for one in logins if not one["role"] and one["accounts"]]
        for one in people[:READERS]:
            fill_account(home, one["accounts"][0]["id"])
        launching.wait_until_served(home)
        say("the bank is filled")
        return keep("web", asyncio.run(measure(home, people)))
    finally:
        launching.end(child, data)
        installing.remove_demo(data)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
