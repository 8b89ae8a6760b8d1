"""The made-up people, accounts and past of a new installation; pure, deterministic by seed.

Names say that they are made up. Balances are kept while the past is drawn, so that no transfer is refused.
"""

import hashlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from holdfast.bank.customers.numbers import make_number
from holdfast.bank.customers.opening import NewAccount, NewCustomer, NewOrder, Opening
from holdfast.bank.filling.cards import make_cards
from holdfast.contracts.blocks import Note
from holdfast.contracts.epochs import FIRST_EPOCH, cohort_of
from holdfast.contracts.needs import CALL_ME, HARD_TIMES, LARGE_PRINT, MORE_TIME, TOLD_FIRST
from holdfast.ledger.api import Post

OWN_ACCOUNTS = {"settlement": 1, "suspense": 2, "clearing": 3, "loss": 4, "compensation": 5, "fees": 6, "rounding": 7}
NEEDS = ((LARGE_PRINT,), (TOLD_FIRST, CALL_ME), (MORE_TIME, TOLD_FIRST), (HARD_TIMES,))
FIRST_ACCOUNT = 1001
FIRST_CUSTOMER = 1
UNIT = 100
PAST_DAYS = 90
SHARED_EVERY = 8
RITA_OPENING = 33_000 * UNIT
RITA_RENT = 12_500 * UNIT
GIVEN = (
    "Ada",
    "Bo",
    "Cleo",
    "Dag",
    "Eli",
    "Frode",
    "Gro",
    "Hal",
    "Ida",
    "Jon",
    "Kari",
    "Lars",
    "Mia",
    "Nils",
    "Oda",
    "Per",
    "Ragna",
    "Siv",
    "Tor",
    "Una",
    "Vidar",
    "Wenche",
    "Ylva",
    "Åse",
    "Øystein",
)
FAMILY = (
    "Sample",
    "Example",
    "Madeup",
    "Placeholder",
    "Testperson",
    "Specimen",
    "Fictional",
    "Pretend",
    "Mockson",
    "Dummysen",
    "Notreal",
    "Invented",
    "Samplesen",
    "Examplerud",
    "Fauxberg",
    "Standin-Nobody",
)
FIRMS = (
    ("Example Housing", "housing"),
    ("Made-up Grocer", "grocer"),
    ("Sample Power", "power"),
    ("Pretend Mobile", "mobile"),
    ("Invented Gym", "gym"),
)


@dataclass
class MadeUp:
    """All of it: what to open, the transfers of the past in order, which customers are firms, roles by customer."""

    opening: Opening = field(default_factory=Opening)
    posts: list[Post] = field(default_factory=list)
    firms: set[int] = field(default_factory=set)
    roles: dict[int, str] = field(default_factory=dict)
    first_customer: int = FIRST_CUSTOMER
    first_account: int = FIRST_ACCOUNT


class _Past:
    """Draws transfers that the balances cover. Minor units of one currency."""

    def __init__(self, draw: random.Random, seed: int, currency: str, cohorts: dict[int, int]) -> None:
        self.draw, self.seed, self.currency, self.cohorts = draw, seed, currency, cohorts
        self.balance: dict[int, int] = {}
        self.posts: list[Post] = []

    def move(  # noqa: PLR0917  # reads as a line of a journal
        self, debit: int, credit: int, amount: int, kind: str, day: date, words: tuple[str, str, str]
    ) -> None:
        """One transfer, left out when the debited customer's balance does not cover it."""
        own = debit in OWN_ACCOUNTS.values()
        if not own and self.balance.get(debit, 0) < amount:
            return
        self.balance[debit] = self.balance.get(debit, 0) - amount
        self.balance[credit] = self.balance.get(credit, 0) + amount
        name = f"fill|{self.seed}|{len(self.posts)}"
        salt = hashlib.sha256(name.encode()).digest()[:16]
        self.posts.append(
            Post(
                id=uuid.uuid5(uuid.NAMESPACE_URL, name),
                debit=debit,
                credit=credit,
                amount_minor=amount,
                currency=self.currency,
                kind=kind,
                value_date=day,
                cohort=self.cohorts[credit if own else debit],
                epoch=FIRST_EPOCH,
                cause="fill",
                note=Note(salt, *words),
            )
        )


def make_up(customers: int, seed: int, currency: str, business_date: date, into: MadeUp | None = None) -> MadeUp:
    """Make up a bank with this many customers (firms come on top); into: an empty one that says the first ids."""
    draw = random.Random(seed)  # noqa: S311  # made-up data, not secrets
    made = into or MadeUp()
    numbers = _numbers()
    accounts = _firms(made, numbers, currency)
    accounts += _people(made, draw, customers, numbers, currency)
    made.opening.accounts = accounts
    set_cohorts(made.opening)
    _draw_past(made, draw, seed, currency, business_date)
    made.posts = _in_date_order(made.posts)
    _draw_orders(made, draw, currency, business_date)
    made.opening.cards = make_cards(made.opening, made.firms, seed, business_date)
    return made


def _in_date_order(posts: list[Post]) -> list[Post]:
    """The past as a bank would have booked it, day by day; what the balance of its day does not cover is left out."""
    balance: dict[int, int] = {}
    kept = []
    for post in sorted(posts, key=lambda one: one.value_date):
        if post.debit not in OWN_ACCOUNTS.values() and balance.get(post.debit, 0) < post.amount_minor:
            continue
        balance[post.debit] = balance.get(post.debit, 0) - post.amount_minor
        balance[post.credit] = balance.get(post.credit, 0) + post.amount_minor
        kept.append(post)
    return kept


def _numbers() -> Iterator[str]:
    for serial in range(1, 1_000_000):
        number = make_number(serial)
        if number is not None:
            yield number


def _firms(made: MadeUp, numbers: Iterator[str], currency: str) -> list[NewAccount]:
    out = []
    for index, (name, username) in enumerate(FIRMS):
        customer = made.first_customer + index
        made.firms.add(customer)
        made.roles[customer] = "landlord" if index == 0 else "firm"
        made.opening.customers.append(NewCustomer(customer, name, f"firm-{username}", 0, f"{username}@example.test"))
        out.append(
            NewAccount(
                made.first_account + index, next(numbers), "Business account", "business", currency, 0, (customer,)
            )
        )
    return out


def _people(made: MadeUp, draw: random.Random, count: int, numbers: Iterator[str], currency: str) -> list[NewAccount]:
    out: list[NewAccount] = []
    first, account = made.first_customer + len(FIRMS), made.first_account + len(FIRMS)
    for index in range(count):
        customer = first + index
        if index == 0:
            name, username = "Rita Rentmade (made up)", "rita"
            made.roles[customer] = "late-rent"
        else:
            given, family = GIVEN[index % len(GIVEN)], FAMILY[index // len(GIVEN) % len(FAMILY)]
            turn = index // (len(GIVEN) * len(FAMILY))
            name = f"{given} {family}" + (f" {turn + 1}" if turn else "")
            username = f"{given}.{family}".lower().replace("å", "a").replace("ø", "o")
            username += f".{turn + 1}" if turn else ""
        language = "nb" if index and draw.random() < 0.3 else "en"
        needs = NEEDS[index % len(NEEDS)] if draw.random() < 0.03 else ()
        made.opening.customers.append(
            NewCustomer(customer, name, username, 0, f"{username}@example.test", language, "", needs)
        )
        owners: tuple[int, ...] = (customer,)
        if index > 1 and index % SHARED_EVERY == 0:
            owners = (customer - 1, customer)
        out.append(
            NewAccount(
                account,
                next(numbers),
                "Shared account" if len(owners) > 1 else "Everyday account",
                "current",
                currency,
                0,
                owners,
            )
        )
        account += 1
        if index and draw.random() < 0.4:
            out.append(NewAccount(account, next(numbers), "Savings", "savings", currency, 0, (customer,)))
            account += 1
    return out


def set_cohorts(opening: Opening) -> None:
    """Accounts and customers that are connected by owning share a cohort: that of the smallest account number;
    who owns nothing has that of the username.
    """
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for account in opening.accounts:
        for owner in account.owners:
            parent[root(("customer", owner))] = root(("account", account.id))
    key: dict[tuple[str, int], str] = {}
    for account in opening.accounts:
        top = root(("account", account.id))
        key[top] = min(key.get(top, account.number), account.number)
    opening.accounts = [replace(one, cohort=cohort_of(key[root(("account", one.id))])) for one in opening.accounts]
    opening.customers = [
        replace(one, cohort=cohort_of(key.get(root(("customer", one.id)), one.username))) for one in opening.customers
    ]


def _draw_past(made: MadeUp, draw: random.Random, seed: int, currency: str, today: date) -> None:
    cohorts = {account.id: account.cohort for account in made.opening.accounts}
    past = _Past(draw, seed, currency, cohorts)
    names = {customer.id: customer.name for customer in made.opening.customers}
    firms = [one for one in made.opening.accounts if one.owners[0] in made.firms]
    settlement = OWN_ACCOUNTS["settlement"]
    begin = today - timedelta(days=PAST_DAYS + 1)
    people = [one for one in made.opening.accounts if one.owners[0] not in made.firms]
    friends = [one for one in people if one.owners[0] not in made.roles]
    for firm in firms:
        past.move(settlement, firm.id, 250_000 * UNIT, "opening", begin, ("", names[firm.owners[0]], "Opening balance"))
    for account in people:
        name = names[account.owners[0]]
        rita = made.roles.get(account.owners[0]) == "late-rent"
        amount = RITA_OPENING if rita else draw.randrange(4_000, 60_000) * UNIT
        past.move(settlement, account.id, amount, "opening", begin, ("", name, "Opening balance"))
        if rita:
            for days in (61, 31):
                past.move(
                    account.id,
                    firms[0].id,
                    RITA_RENT,
                    "order",
                    today - timedelta(days=days),
                    (name, FIRMS[0][0], "Rent"),
                )
        elif account.product != "savings":
            _draw_life(past, account, name, friends, firms, names, today)
    made.posts = past.posts


def _draw_life(  # noqa: PLR0917  # who pays, whom, until when
    past: _Past,
    account: NewAccount,
    name: str,
    people: list[NewAccount],
    firms: list[NewAccount],
    names: dict[int, str],
    today: date,
) -> None:
    """About ten transfers of one account: salary, shops, bills, a friend."""
    draw, events = past.draw, []
    salary = draw.randrange(24_000, 52_000) * UNIT
    for month in range(3):
        events.append((PAST_DAYS - month * 30, "salary"))
        events += [(draw.randrange(1, PAST_DAYS), "shop"), (draw.randrange(1, PAST_DAYS), "bill")]
    events.append((draw.randrange(1, PAST_DAYS), "friend"))
    for days, what in sorted(events, reverse=True):
        day = today - timedelta(days=days)
        if what == "salary":
            past.move(
                OWN_ACCOUNTS["settlement"], account.id, salary, "salary", day, ("Example Employer", name, "Salary")
            )
            continue
        firm = firms[1] if what == "shop" else firms[draw.randrange(2, len(firms))]
        other = draw.choice(people) if what == "friend" else firm
        if other.id != account.id:
            past.move(
                account.id,
                other.id,
                draw.randrange(4_000, 190_000),
                "payment",
                day,
                (name, names[other.owners[0]], {"shop": "Groceries", "bill": "Invoice"}.get(what, "Thanks")),
            )


def _draw_orders(made: MadeUp, draw: random.Random, currency: str, due: date) -> None:
    names = {customer.id: customer.name for customer in made.opening.customers}
    firms = [one for one in made.opening.accounts if one.owners[0] in made.firms]
    ident = 1
    # Rita's rent comes last: in a rehearsal it falls due when the bank is already gone.
    last_rita = sorted(made.opening.accounts, key=lambda one: made.roles.get(one.owners[0]) == "late-rent")
    for account in last_rita:
        owner = account.owners[0]
        if owner in made.firms or account.product == "savings":
            continue
        rita = made.roles.get(owner) == "late-rent"
        for turn in range(1 if rita else draw.randrange(3)):
            rent = rita or (turn == 0 and draw.random() < 0.5)
            firm = firms[0] if rent else firms[draw.randrange(2, len(firms))]
            amount = draw.randrange(1_000, 4_000) * UNIT if rent else draw.randrange(20_000, 90_000)
            amount = RITA_RENT if rita else amount
            made.opening.orders.append(
                NewOrder(
                    ident,
                    account.cohort,
                    account.id,
                    firm.id,
                    amount,
                    currency,
                    names[owner],
                    names[firm.owners[0]],
                    "Rent" if rent else "Invoice",
                    "rent" if rent else "bill",
                    due,
                )
            )
            ident += 1
