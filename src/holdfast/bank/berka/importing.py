"""Load the records into an empty bank: everything is read and planned first, then written, customers last.

A load that was cut short can be started again with the same folder: ids in the books are derived, so what is
booked already is found and not booked twice.
"""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from holdfast.bank.berka.errors import ImportRefused
from holdfast.bank.berka.models import Waiting
from holdfast.bank.berka.people import add_story, choose_people
from holdfast.bank.berka.plan import CURRENCY, INTEREST, OWN, Plan, make_plan
from holdfast.bank.berka.records import BUSINESS_DATE, Records, read_records
from holdfast.bank.books import installation, reader
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import open_all, open_in_books, open_own_accounts
from holdfast.bank.database.base import wait_at_most
from holdfast.bank.errors import BankError
from holdfast.bank.filling.factors import give_factors, make_factors
from holdfast.bank.filling.fill import book_past, give_passwords, open_bank, say, write_logins
from holdfast.contracts.money import format_amount

WAIT_S_MAX = 60.0
COMPLAINTS_SHOWN_MAX = 20
BATCH = 1000


def import_berka(folder: Path, activate: int, seed: int) -> str:
    """Load the records of a folder; the summary in words. Raises ImportRefused (nothing was changed) or BankError."""
    started = time.monotonic()
    _refuse_unless_empty()
    say(f"reading the records in {folder}")
    records = read_records(folder)
    plan = make_plan(records)
    add_story(plan)
    say(f"{len(plan.posts)} transfers worked out after {time.monotonic() - started:.1f} s")
    logins = give_passwords(plan.opening, choose_people(plan, records, max(activate, 0), seed), plan.roles)
    make_factors(logins)
    say(f"{len(logins)} passwords hashed after {time.monotonic() - started:.1f} s")
    with wait_at_most(WAIT_S_MAX):
        open_bank(installation().bank_name, CURRENCY, BUSINESS_DATE, BUSINESS_DATE)
        if not reader().accounts(list(INTEREST.values())):
            open_own_accounts(INTEREST, CURRENCY)
        open_in_books(plan.opening.accounts)
        book_past(plan.posts)
        say(f"{len(plan.posts)} transfers booked after {time.monotonic() - started:.1f} s")
        _compare(plan)
        write_logins(logins)
        with transaction.atomic():
            _store_waiting(plan)
            open_all(plan.opening)
            give_factors(logins)
    report = make_report(folder, records, plan, len(logins))
    _write_report(report)
    say(f"the bank is open after {time.monotonic() - started:.1f} s")
    return summary(report)


def _refuse_unless_empty() -> None:
    if Customer.objects.exists():
        raise ImportRefused("the bank has customers already; nothing was changed, load the records into a new bank")
    opened = {one.currency for one in reader().accounts(list(OWN.values())).values()}
    for currency in {installation().currency, *opened} - {CURRENCY}:
        raise ImportRefused(
            f"this bank keeps its books in {currency} and the records are in {CURRENCY}; nothing was changed, "
            "load them into a new bank"
        )


def _compare(plan: Plan) -> None:
    """Raise BankError when the books do not hold what was worked out."""
    held = reader().accounts(list(plan.balances))
    for account, balance in plan.balances.items():
        if account not in held or held[account].balance_minor != balance:
            raise BankError(
                f"account {account} should hold {balance} after the load and does not; "
                "the books held something before, load the records into a new bank"
            )


def _store_waiting(plan: Plan) -> None:
    waiting = [
        Waiting(kind="account", ident=new.id, begins=opened, body=asdict(new)) for new, opened in plan.waiting_accounts
    ]
    waiting += [
        Waiting(kind="order", ident=new.id, begins=new.due, body={**asdict(new), "due": new.due.isoformat()})
        for new in plan.waiting_orders
    ]
    Waiting.objects.bulk_create(waiting, batch_size=BATCH)


def make_report(folder: Path, records: Records, plan: Plan, logins: int) -> dict[str, object]:
    """What import-report.json holds; amounts in minor units."""
    apart = sum(plan.balances[account] != stated for account, stated in plan.stated.items())
    return {
        "folder": str(folder),
        "business_date": BUSINESS_DATE.isoformat(),
        "currency": CURRENCY,
        "counts": {
            "clients": len(records.clients),
            "accounts": len(records.accounts),
            "orders": len(records.orders),
            "transactions": len(records.movements),
            "transfers": len(plan.posts),
            "logins": logins,
        },
        "open": {
            "accounts": len(records.accounts) - len(plan.waiting_accounts),
            "orders": len(records.orders) - len(plan.waiting_orders),
        },
        "waiting": {
            "accounts": len(plan.waiting_accounts),
            "orders": len(plan.waiting_orders),
            "transactions": records.later,
        },
        "counted_only": records.counted,
        "rounding": {
            "rows": len(plan.rounding),
            "sum_minor": sum(abs(one) for one in plan.rounding),
            "net_minor": sum(plan.rounding),
        },
        "differences": [one.as_json() for one in plan.differences],
        "balances": {
            "as_stated": len(plan.stated) - apart,
            "apart": apart,
            "negative": sum(balance < 0 for balance in plan.balances.values()),
        },
        "exceptions_to_the_floor": plan.exceptions,
        "reports": [one.as_json() for one in records.complaints],
    }


def summary(report: dict[str, object]) -> str:
    """The report in a few lines for the person who loaded the records."""
    found = json.loads(json.dumps(report))
    counts, waiting, rounding, balances = found["counts"], found["waiting"], found["rounding"], found["balances"]
    differences, reports = found["differences"], found["reports"]
    total = format_amount(sum(abs(one["difference_minor"]) for one in differences), CURRENCY)
    lines = [
        f"{counts['clients']} clients, {counts['accounts']} accounts, {counts['orders']} standing orders, "
        f"{counts['transactions']} transactions; the bank's day is {found['business_date']}",
        f"waiting for a later day: {waiting['accounts']} accounts, {waiting['orders']} standing orders, "
        f"{waiting['transactions']} transactions",
        f"balances as the records state them: {balances['as_stated']} accounts; apart: {balances['apart']}",
        f"rounding: {rounding['rows']} rows, {format_amount(rounding['sum_minor'], CURRENCY)} {CURRENCY} in all, "
        f"net {format_amount(rounding['net_minor'], CURRENCY, signed=True)} {CURRENCY}",
        f"other differences, listed and not booked: {len(differences)} rows, {total} {CURRENCY} in all",
        f"exceptions to the floor: {found['exceptions_to_the_floor']} transfers, "
        f"{balances['negative']} accounts below zero now",
        f"people with a password: {counts['logins']}",
        f"reports about rows: {len(reports)}",
    ]
    lines += [f"  {one['file']} line {one['line']}: {one['why']}" for one in reports[:COMPLAINTS_SHOWN_MAX]]
    if len(reports) > COMPLAINTS_SHOWN_MAX:
        lines.append(f"  and {len(reports) - COMPLAINTS_SHOWN_MAX} more")
    lines.append(f"all of it is in {_report_path()}")
    return "\n".join(lines)


def _report_path() -> Path:
    return installation().folder("bank") / "import-report.json"


def _write_report(report: dict[str, object]) -> None:
    """Write DATA/bank/import-report.json whole, readable by its owner only."""
    path = _report_path()
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(report, out, indent=1)
    part.replace(path)
