"""A made-up town in an outage: customers with accounts, what moved, what they tried to pay and could not, and orders that
were refused; drawn by a seed. Recorded here, and put into a bank's books by `put_into_books`, in the same order.
"""

import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

BEGAN = date(2025, 6, 10)
OUTAGE_LAST = date(2025, 6, 12)
REASONS = ("spare_limit", "kept_for_deadlines", "not_completed", "day_limit", "not_enough_money", "payee_blocked")
WEIGHTS = (8, 3, 3, 2, 4, 2)
PRODUCTS = (("current",), ("current", "savings"), ("business", "savings"), ("current", "savings", "business"))
LANDLORD = 2_000


@dataclass(frozen=True)
class Entry:
    """A transfer of value on a day; place: its place in the books' order."""

    place: tuple
    debit: int
    credit: int
    minor: int
    day: date
    kind: str


@dataclass(frozen=True)
class Try:
    """A payment that was tried on a day and refused."""

    place: tuple
    debit: int
    credit: int
    minor: int
    day: date
    reason: str


@dataclass(frozen=True)
class Order:
    """A standing order that is due on a day."""

    place: tuple
    debit: int
    minor: int
    day: date


@dataclass
class Town:
    """All that is recorded. owner, product, floor: by account."""

    began: date = BEGAN
    owner: dict = field(default_factory=dict)
    product: dict = field(default_factory=dict)
    floor: dict = field(default_factory=dict)
    entries: list = field(default_factory=list)
    tries: list = field(default_factory=list)
    orders: list = field(default_factory=list)
    refused_orders: list = field(default_factory=list)
    entries_into: dict = field(default_factory=lambda: defaultdict(list))

    def accounts_of(self, customer):
        return sorted(account for account, owner in self.owner.items() if owner == customer)


def make(luck, customers, first=LANDLORD + 1):
    """A town of so many customers; accounts and customers are numbered from `first` on."""
    town, accounts, own = Town(), [], {}
    number = first
    for n in range(customers):
        own[first + n] = []
        for product in luck.choice(PRODUCTS):
            number += 1
            account = customers + number
            town.owner[account], town.product[account] = first + n, product
            town.floor[account] = luck.choice((0, 0, -5_000_000)) if product == "current" else 0
            own[first + n].append(account)
            accounts.append(account)
    counter = iter(range(10**9))
    for mine in own.values():
        _live(town, luck, mine, accounts, counter)
    town.entries.sort(key=lambda one: one.place)
    town.tries.sort(key=lambda one: one.place)
    town.orders.sort(key=lambda one: one.place)
    _judge(town)
    for one in town.entries:
        town.entries_into[town.owner.get(one.credit)].append(one)
    return town


def _live(town, luck, mine, accounts, counter):
    def place(round_):
        return round_, next(counter)

    def days(first, last):
        return first + timedelta(days=luck.randint(0, (last - first).days))

    for account in mine:
        opening = luck.choice((30_000, 2_500_000, 9_950_000, 60_000_000, 120_000_000)) + luck.randint(0, 99_999)
        town.entries.append(Entry(place(0), 1, account, opening, date(2025, 5, 20), "opening"))
        for _ in range(luck.randint(0, 7)):
            day = days(date(2025, 5, 21), date(2025, 7, 25))
            town.entries.append(Entry(place(0), 1, account, luck.randint(1, 3_000_000), day, "deposit"))
        for _ in range(luck.choice((0, 2, 5, 7))):
            town.entries.append(Entry(place(1), account, LANDLORD, luck.randint(1, 40_000), days(date(2025, 6, 1), date(2025, 7, 25)), "payment"))  # fmt: skip
    if luck.random() < 0.5:  # a standing order while the wages are late
        minor = luck.randint(100_000, 90_000_000)
        town.orders.append(Order(place(2), mine[0], minor, luck.choice((BEGAN, OUTAGE_LAST, date(2025, 6, 20)))))
    for _ in range(luck.choice((0, 1, 1, 2, 4))):
        debit = luck.choice(mine)
        credit = luck.choice([one for one in mine if one != debit] * 3 + [luck.choice(accounts)])
        if credit == debit:
            continue
        minor, day = luck.randint(1_000, 30_000_000), days(BEGAN, OUTAGE_LAST + timedelta(days=luck.choice((0, 0, 20))))
        reason = luck.choices(REASONS, WEIGHTS)[0]
        for again in range(luck.choice((1, 1, 2, 3))):
            later = min(day + timedelta(days=again), date(2025, 7, 25))
            town.tries.append(Try(place(2), debit, credit, minor, later, reason))
        if luck.random() < 0.6:
            made = days(day, date(2025, 7, 25))
            town.entries.append(Entry(place(3), debit, credit, minor, made, "payment"))
            if luck.random() < 0.2:
                town.tries.append(Try(place(4), debit, credit, minor, days(BEGAN, date(2025, 7, 20)), "spare_limit"))
                if luck.random() < 0.5:
                    made = days(made, date(2025, 7, 25))
                    town.entries.append(Entry(place(5), debit, credit, minor, made, "payment"))
    if luck.random() < 0.7:
        wages = luck.randint(1_000_000, 6_000_000)
        day = luck.choice((date(2025, 6, 9), BEGAN, date(2025, 6, 11), OUTAGE_LAST, date(2025, 6, 25)))
        town.entries.append(Entry(place(3), 1, mine[0], wages, day, "salary"))


def _judge(town):
    """What the books take, in their order: an entry or order out of an account that has not the money is no entry."""
    had, kept = defaultdict(int), []
    for one in sorted([*town.entries, *town.orders], key=lambda one: one.place):
        if had[one.debit] - one.minor < town.floor.get(one.debit, -(10**15)):
            if isinstance(one, Order):
                town.refused_orders.append(one)
            continue
        credit = LANDLORD if isinstance(one, Order) else one.credit
        kind = "order" if isinstance(one, Order) else one.kind
        kept.append(Entry(one.place, one.debit, credit, one.minor, one.day, kind))
        had[one.debit] -= one.minor
        had[credit] += one.minor
    town.entries = kept


def put_into_books(town, cohort_of, currency="NOK"):
    """Customers, accounts, entries, refusals and late charges, as a bank has them after the outage."""
    from holdfast.bank.books import books, reader
    from holdfast.bank.customers import opening
    from holdfast.contracts.blocks import AccountChange

    customers = sorted(set(town.owner.values()))
    if LANDLORD not in reader().accounts([LANDLORD]):
        books().change_accounts([AccountChange(LANDLORD, "landlord", currency, "credit", 0, 0, 0)])
    new = [opening.NewCustomer(one, f"Customer {one}", f"tried{one}", cohort_of(one)) for one in customers]
    accounts = [
        opening.NewAccount(account, f"8{account}", product.capitalize(), product, currency, cohort_of(town.owner[account]),
                           (town.owner[account],), town.floor[account])
        for account, product in town.product.items()
    ]  # fmt: skip
    opening.open_all(opening.Opening(new, accounts))
    rounds = sorted({one.place[0] for one in [*town.entries, *town.tries, *town.refused_orders]})
    for number in rounds:
        _put_round(town, number, cohort_of, currency)


def _put_round(town, number, cohort_of, currency):
    from holdfast.bank.books import books, rows
    from holdfast.bank.exchange.models import Replayed
    from holdfast.contracts.answers import Reason
    from holdfast.ledger.api import Post, Result

    everything = [*town.entries, *town.tries, *town.refused_orders]
    these = sorted((one for one in everything if one.place[0] == number), key=lambda one: one.place)
    posts, replayed = [], []
    for one in these:
        cohort = cohort_of(town.owner.get(one.debit, town.owner.get(getattr(one, "credit", 0), 0)))
        said = {"currency": currency, "value_date": one.day, "cohort": cohort, "epoch": rows.row(cohort).epoch}
        said |= {"cause": "made up", "id": uuid.uuid4(), "debit": one.debit, "amount_minor": one.minor}
        if isinstance(one, Try):
            said |= {"credit": one.credit, "kind": "payment", "refuse": Reason(one.reason), "source": "journal"}
            at = datetime.combine(one.day, clock(11), UTC)
            sequence = time.time_ns()
            said["journal_number"] = sequence
            replayed.append(Replayed(number=sequence, payment=said["id"], kind="refusal", ended="refused",
                                     accepted_at=at, entered_at=at))  # fmt: skip
        elif isinstance(one, Order):
            said |= {"credit": LANDLORD, "kind": "order"}
        else:
            said |= {"credit": one.credit, "kind": one.kind}
        posts.append(Post(**said))
    Replayed.objects.bulk_create(replayed, batch_size=1_000)
    refused = []
    for start in range(0, len(posts), 2_000):
        part = books().post_many(posts[start : start + 2_000])
        for one, post, posted in zip(these[start : start + 2_000], posts[start : start + 2_000], part, strict=True):
            taken = posted.result is Result.POSTED
            if taken != isinstance(one, Entry):
                raise RuntimeError(f"{one} ended as {posted.result} {posted.reason}: not as it was recorded")
            if isinstance(one, Order):
                refused.append((one, post, posted.block))
    _put_charges(town, refused, cohort_of, currency)


def _put_charges(town, refused, cohort_of, currency):
    """The late charges of orders that were refused."""
    from django.utils import timezone

    from holdfast.bank.books import books, rows
    from holdfast.bank.exchange.facts import bank_facts
    from holdfast.bank.orders.charging import price_on
    from holdfast.bank.orders.models import Charge, Execution
    from holdfast.bank.orders.models import Order as StandingOrder
    from holdfast.bank.payments.pay import bank_today
    from holdfast.contracts import ids
    from holdfast.ledger.api import Post

    posts, charges = [], []
    for one, post, block in refused:
        number, cohort = one.debit * 100 + one.day.day, cohort_of(town.owner[one.debit])
        order = StandingOrder.objects.create(
            id=number, cohort=cohort, debit=one.debit, credit=LANDLORD, amount_minor=one.minor, currency=currency,
            payer="Customer", payee="Landlord", text="Rent", kind="rent", due=one.day,
        )  # fmt: skip
        done = Execution.objects.create(
            order=order, due=one.day, payment=post.id, state="refused", reason="not_enough_money", source="own",
            block=block, at=timezone.now(),
        )  # fmt: skip
        price = price_on("late_order", currency, one.day)
        ident = ids.charge_id("late_order", one.debit, f"{number}:{one.day}")
        posts.append(Post(ident, one.debit, bank_facts.own("fees"), price.amount_minor, currency, "charge", bank_today(),
                          cohort, rows.row(cohort).epoch, "rule:late_order", over_floor=True))  # fmt: skip
        charges.append(Charge(id=ident, execution=done, account=one.debit, cohort=cohort, currency=currency,
                              amount_minor=price.amount_minor, price=price, at=timezone.now()))  # fmt: skip
    for start in range(0, len(posts), 2_000):
        books().post_many(posts[start : start + 2_000])
    Charge.objects.bulk_create(charges, batch_size=1_000)
