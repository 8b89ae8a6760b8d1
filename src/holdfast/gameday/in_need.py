"""Customers whom grey days hit hardest: without money for food, with a payment that must arrive by a day, and with
needs they told the bank of. What each was told is held against the books, and against what the control room sent.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import psycopg

from holdfast.gameday.crowd import Customer
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.reading import Page

if TYPE_CHECKING:
    from holdfast.gameday.scenario import Step
    from holdfast.gameday.story import Story

PRESSES = 3
SENT_S_MAX = 120.0
LOOK_S = 0.5
OPEN = 'data-state="checking"'
"""How a line of the page is marked of which the end is not known."""
LOOKERS_AT_ONCE = 4
ADVANCES = """
SELECT a.customer, count(*) FILTER (WHERE t.id IS NOT NULL), count(*) FROM bank.advance a
LEFT JOIN ledger.transfer t ON t.id = a.id AND t.kind = 'advance' AND t.amount_minor = a.amount_minor
WHERE a.customer = ANY(%s) GROUP BY a.customer
"""
FATES = """
SELECT count(*) FILTER (WHERE m.state IN ('created', 'sending')
    OR (m.state IN ('temporary', 'technical') AND m.next_attempt_at IS NOT NULL)),
count(*) FILTER (WHERE m.needs_first AND m.sending_at > (SELECT min(o.sending_at) FROM tell_message o
    WHERE o.notice_id = m.notice_id AND NOT o.needs_first)),
count(DISTINCT m.customer) FILTER (WHERE m.needs_first AND m.state = 'delivered')
FROM tell_message m JOIN tell_notice n ON n.id = m.notice_id WHERE n.incident_id = %s
"""
UNTOLD = """
SELECT count(*) FROM care_customer c WHERE c.email <> '' AND NOT EXISTS (SELECT 1 FROM tell_message m
JOIN tell_notice n ON n.id = m.notice_id WHERE n.incident_id = %s AND m.customer = c.id)
"""


@dataclass
class InNeed:
    """What these customers were told. helped: who was told that emergency money was given; proofs: confirmations that
    a payee read at the doors; otherwise: what was told that should not have been, in words."""

    helped: set[int] = field(default_factory=set)
    pressed: set[int] = field(default_factory=set)
    proofs: list[str] = field(default_factory=list)
    in_time: int = 0
    looked: int = 0
    fates_open: int = 0
    otherwise: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)


async def press_help(story: "Story", step: "Step") -> None:
    """`value` people outside the crowd press the button of emergency money, each three times at once."""
    people = story.others[: int(step.value)]
    given = await asyncio.gather(*(_press(story, person) for person in people))
    story.note("customers", f"{step.words}: {sum(given)} of {len(people)} were given emergency money, asked {PRESSES}×")


async def _press(story: "Story", person: dict[str, Any]) -> bool:
    """Whether the page said that money was given."""
    async with _browser(story, person) as customer:
        page = await customer.ask("GET", "/help-now", "help-now")
        if page is None or 'data-help-now="offered"' not in page.text:
            story.in_need.otherwise.append(f"{person['username']} is not offered emergency money")
            return False
        story.in_need.pressed.add(int(person["customer"]))
        form = page.hidden()
        asked = {name: form[name] for name in ("id", "month", "number")}
        pages = await asyncio.gather(*(customer.ask("POST", "/help-now", "help-now", asked) for _ in range(PRESSES)))
        given = all(one is not None and "data-given=" in one.text for one in pages)
        if given:
            story.in_need.helped.add(int(person["customer"]))
        else:
            story.in_need.otherwise.append(f"{person['username']} was not given what was offered")
        return given


async def pay_in_time(story: "Story", step: "Step") -> None:
    """Somebody pays `value` units that must arrive by a day. pattern: `done`, or `refused`: then the page of their
    money has a confirmation for the payee, who reads it at a front door without logging in."""
    async with _browser(story, story.outsider) as customer:
        form = await customer.ask("GET", "/pay", "pay")
        overview = await customer.ask("GET", "/", "overview")
        if form is None or overview is None:
            story.in_need.otherwise.append("whoever has to pay in time sees no form")
            return
        accounts = overview.accounts()
        account = max(accounts, key=lambda one: int(one.get("balance-minor", "0")))
        own = {one.get("number") for one in accounts}
        payee = next(number for number in customer.crowd.numbers if number not in own)
        fields = {**form.hidden(), "deadline": "yes"}
        told = await customer.send(fields, account["account"], payee, int(step.value * 100))
        outcome = told.outcomes[-1][1] if told.outcomes else "no answer"
        story.note("customers", f"{step.words}: {outcome}")
        if not outcome.startswith(step.pattern):
            story.in_need.otherwise.append(f"{step.words}: told {outcome}, expected {step.pattern}")
        elif step.pattern == "done":
            story.in_need.in_time += 1
        else:
            await _confirm(story, customer, told.payment)


async def _confirm(story: "Story", customer: Customer, payment: str) -> None:
    """The customer's page leads to a confirmation of this payment, signed by the bank."""
    page = await customer.ask("GET", f"/money/{payment}/confirmation", "confirmation")
    if page is None or not _holds(page) or payment not in page.text:
        story.in_need.otherwise.append(f"no confirmation for the payee of payment {payment}")
        return
    story.in_need.proofs.append(page.url)


def _holds(page: Page) -> bool:
    """Whether a front door says, by itself, that the bank signed it."""
    return page.served_by == "door" and 'data-holds="yes"' in page.text


async def read_proofs(story: "Story", step: "Step") -> None:
    """Payees open the confirmations again, nobody logged in."""
    async with _browser(story) as reader:
        for url in story.in_need.proofs:
            page = await reader.ask("GET", url, "confirmation")
            if page is None or not _holds(page):
                story.in_need.otherwise.append("a confirmation no longer holds")
    story.note("payees", f"{step.words}: {len(story.in_need.proofs)} read")


async def see_money(story: "Story", step: "Step") -> None:
    """Everybody of the crowd, and who was helped, opens the page of what happened to their money."""
    people = [*story.crowd.people, *(one for one in story.others if int(one["customer"]) in story.in_need.pressed)]
    gate = asyncio.Semaphore(LOOKERS_AT_ONCE)

    async def look(person: dict[str, Any]) -> None:
        async with gate, _browser(story, person) as customer:
            page = await customer.ask("GET", "/money", "money")
            if page is None:
                story.in_need.otherwise.append(f"{person['username']} does not see what happened to their money")
                return
            story.in_need.looked += 1
            story.in_need.fates_open += page.text.count(OPEN)

    await asyncio.gather(*(look(person) for person in people))
    story.note("customers", f"{step.words}: {story.in_need.looked} look, {story.in_need.fates_open} lines are open")


def check(story: "Story") -> None:
    """The books, and the messages of the incident; fills story.in_need.measured."""
    need, place = story.in_need, story.installation
    with psycopg.connect(place.database_url("bank"), connect_timeout=5) as connection:
        found = {one: (booked, all_) for one, booked, all_ in connection.execute(ADVANCES, (list(need.pressed),))}
    for customer in need.pressed:
        if found.get(customer, (0, 0)) != ((1, 1) if customer in need.helped else (0, 0)):
            need.otherwise.append(f"customer {customer}: emergency money stands {found.get(customer)} in the books")
    number = int(story.watcher.incident.get("number", 0))
    with psycopg.connect(place.database_url("control"), connect_timeout=5, autocommit=True) as connection:
        deadline = time.monotonic() + SENT_S_MAX
        while True:
            open_, late, first = connection.execute(FATES, (number,)).fetchone() or (None, None, None)
            if not open_ or time.monotonic() > deadline:
                break
            time.sleep(LOOK_S)
        (untold,) = connection.execute(UNTOLD, (number,)).fetchone() or (None,)
    for words in need.otherwise:
        story.note("customers", words)
    need.measured = {
        "in_need_otherwise": len(need.otherwise),
        "helped_min": len(need.helped),
        "in_time_min": need.in_time,
        "proofs_min": len(need.proofs),
        "looked_min": need.looked,
        "fates_open": need.fates_open,
        "messages_open": open_,
        "needs_after_others": late,
        "needs_told_min": first,
        "untold": untold,
    }


@asynccontextmanager
async def _browser(story: "Story", person: dict[str, Any] | None = None) -> AsyncIterator[Customer]:
    """A browser outside the crowd, of somebody logged in, or of nobody; its requests count with the crowd's. Raises
    StoryBroken when the person does not get in."""
    crowd = story.crowd
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        customer = Customer(crowd, person or {}, random.Random(story.seed), session)
        if person is not None and not await customer.log_in():
            raise StoryBroken(f"{person['username']} does not get in")
        yield customer


STEPS = {"help_now": press_help, "pay_in_time": pay_in_time, "read_proofs": read_proofs, "see_money": see_money}
"""What a scenario may ask of them."""
