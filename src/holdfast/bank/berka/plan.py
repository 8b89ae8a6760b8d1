"""All that the import will open and book, worked out from the records before anything is written; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from holdfast.bank.berka.fitting import Fitted, fit
from holdfast.bank.berka.records import BUSINESS_DATE, AccountRecord, Movement, Records
from holdfast.bank.customers.opening import NewAccount, NewCustomer, NewOrder, Opening
from holdfast.bank.filling.made_up import OWN_ACCOUNTS, set_cohorts
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Post

CURRENCY = "CZK"
ACCOUNT_BASE = 10_000_000
"""Added to an account's number in the records: the books' low numbers are the bank's own."""
INTEREST = {"interest": 8}
"""The bank's own account for interest it pays; opened beside those that every bank has."""
OWN = {**OWN_ACCOUNTS, **INTEREST}
NO_NUMBER = ("", "0")


@dataclass(frozen=True, slots=True)
class Difference:
    """A row after which the stated balance moved by difference_minor more than its amount; not booked."""

    line: int
    transaction: int
    account: int
    date: date
    stated_minor: int
    difference_minor: int

    def as_json(self) -> dict[str, object]:
        """The difference as it stands in the report."""
        return {
            "file": "trans.asc",
            "line": self.line,
            "transaction": self.transaction,
            "account": self.account,
            "date": self.date.isoformat(),
            "stated_balance_minor": self.stated_minor,
            "difference_minor": self.difference_minor,
        }


@dataclass
class Plan:
    """What to open now, what waits, the transfers in order; balances and stated balances by account id.

    rounding holds the rounding differences in minor units, one a row. exceptions are transfers that are booked
    although the account falls below its floor. roles: customers of the demo's story, by customer id.
    """

    opening: Opening = field(default_factory=Opening)
    waiting_accounts: list[tuple[NewAccount, date]] = field(default_factory=list)
    waiting_orders: list[NewOrder] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    balances: dict[int, int] = field(default_factory=dict)
    stated: dict[int, int] = field(default_factory=dict)
    rounding: list[int] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    exceptions: int = 0
    roles: dict[int, str] = field(default_factory=dict)


def account_number(account: int) -> str:
    """The number customers write: the records' own, in eight digits as at the other banks of the time."""
    return f"{account:08d}"


def make_plan(records: Records) -> Plan:
    """Work out everything; the opening holds everybody, the accounts open on the bank's day, and their orders."""
    plan = Plan()
    names = _open_people(plan, records)
    moved: dict[int, list[Movement]] = {}
    for movement in records.movements:
        moved.setdefault(movement.account, []).append(movement)
    for account in plan.opening.accounts:
        _book(plan, account, names[account.id], fit(moved.get(account.id - ACCOUNT_BASE, ())))
    plan.posts.sort(key=lambda post: post.value_date)
    plan.exceptions = sum(post.over_floor for post in plan.posts)
    _place_orders(plan, records, names)
    return plan


def _open_people(plan: Plan, records: Records) -> dict[int, str]:
    """Customers, accounts and cohorts; the name of each account's first owner by account id."""
    holders: dict[int, list[int]] = {}
    for disposition in sorted(records.dispositions, key=lambda one: not one.owner):
        holders.setdefault(disposition.account, []).append(disposition.client)
    opening = Opening(
        [_customer(client) for client in sorted(records.clients)],
        [_account(one, holders.get(one.id, ())) for _, one in sorted(records.accounts.items())],
    )
    set_cohorts(opening)
    waits = {ACCOUNT_BASE + one.id: one.opened for one in records.accounts.values() if one.waits}
    plan.waiting_accounts = [(new, waits[new.id]) for new in opening.accounts if new.id in waits]
    plan.opening = replace(opening, accounts=[new for new in opening.accounts if new.id not in waits])
    names = {new.id: new.name for new in opening.customers}
    return {new.id: names[new.owners[0]] if new.owners else "" for new in opening.accounts}


def _customer(client: int) -> NewCustomer:
    username = f"client-{client}"
    return NewCustomer(client, f"Client {client} (Berka)", username, 0, f"{username}@example.test")


def _account(one: AccountRecord, holders: Iterable[int]) -> NewAccount:
    owners = tuple(holders)
    title = "Shared account" if len(owners) > 1 else "Everyday account"
    return NewAccount(ACCOUNT_BASE + one.id, account_number(one.id), title, "current", CURRENCY, 0, owners)


def _book(plan: Plan, account: NewAccount, name: str, rows: list[Fitted]) -> None:
    """The transfers of one account in order, rounding directly after its row."""
    balance = 0
    for fitted in rows:
        row, difference = fitted.movement, fitted.difference_minor
        balance += row.change_minor
        plan.posts.append(_row_post(account, name, row, balance))
        if fitted.rounding:
            balance += difference
            plan.rounding.append(difference)
            plan.posts.append(_rounding_post(account, row, difference, balance))
        elif difference:
            plan.differences.append(Difference(row.line, row.id, row.account, row.date, row.balance_minor, difference))
        plan.stated[account.id] = row.balance_minor
    plan.balances[account.id] = balance


def _row_post(account: NewAccount, name: str, row: Movement, balance: int) -> Post:
    other = ", ".join(
        words
        for words in (
            f"bank {row.bank}" if row.bank else "",
            f"account {row.number}" if row.number not in NO_NUMBER else "",
        )
        if words
    )
    payer, payee = (other, name) if row.change_minor > 0 else (name, other)
    debit, credit = _sides(account.id, OWN[row.kind.own], row.change_minor)
    return Post(
        id=ids.file_line_id("berka", "trans.asc", row.id, "row"),
        debit=debit,
        credit=credit,
        amount_minor=abs(row.change_minor),
        currency=CURRENCY,
        kind=row.kind.name,
        value_date=row.date,
        cohort=account.cohort,
        epoch=FIRST_EPOCH,
        cause=f"berka:{row.id}",
        note=new_note(payer, payee, row.kind.words),
        over_floor=row.change_minor < 0 and balance < account.floor_minor,
    )


def _rounding_post(account: NewAccount, row: Movement, difference: int, balance: int) -> Post:
    debit, credit = _sides(account.id, OWN["rounding"], difference)
    return Post(
        id=ids.file_line_id("berka", "trans.asc", row.id, "rounding"),
        debit=debit,
        credit=credit,
        amount_minor=abs(difference),
        currency=CURRENCY,
        kind="rounding",
        value_date=row.date,
        cohort=account.cohort,
        epoch=FIRST_EPOCH,
        cause=f"berka:{row.id}:rounding",
        note=new_note("", "", "Rounding, as in the bank's old records"),
        over_floor=difference < 0 and balance < account.floor_minor,
    )


def _sides(account: int, own: int, change_minor: int) -> tuple[int, int]:
    """(debit, credit) of a change of a customer's account."""
    return (own, account) if change_minor > 0 else (account, own)


def _place_orders(plan: Plan, records: Records, names: dict[int, str]) -> None:
    """Orders of open accounts fall due on the bank's day, the others with their account's opening."""
    cohorts = {new.id: new.cohort for new in plan.opening.accounts}
    waiting = {new.id: (new.cohort, opened) for new, opened in plan.waiting_accounts}
    for order in records.orders:
        account = ACCOUNT_BASE + order.account
        cohort, due = waiting.get(account) or (cohorts[account], BUSINESS_DATE)
        (plan.waiting_orders if account in waiting else plan.opening.orders).append(
            NewOrder(
                id=order.id,
                cohort=cohort,
                debit=account,
                credit=OWN["clearing"],
                amount_minor=order.amount_minor,
                currency=CURRENCY,
                payer=names[account],
                payee=f"bank {order.bank}, account {order.number}",
                text=order.words,
                kind=order.kind,
                due=due,
            )
        )
