"""`python -m holdfast.bank books-…`: what an accountant or auditor asks at a terminal; each returns its exit code."""

import sys
from datetime import UTC, date, datetime, timedelta

from holdfast.bank.accounting.anchoring import anchor_outside
from holdfast.bank.accounting.closing import bank_days, close, last_day_over, trial_balance
from holdfast.bank.accounting.describing import described, shown
from holdfast.bank.books import reader
from holdfast.contracts.money import format_amount
from holdfast.ledger.api import LedgerError

LINES_AT_ONCE = 1000


def _row(*cells: str) -> str:
    widths = (6, 10, 48, 4, 22, 22, 22)
    out = [
        f"{cell:>{width}}" if place > 3 else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return " ".join(out).rstrip() + "\n"


def chart() -> int:
    """The chart of accounts, with the bank's own accounts and how many customers' accounts stand under each line."""
    own = reader().own_accounts()
    for one in reader().chart():
        sys.stdout.write(f"{one.line}  {one.class_:<10} {one.name_en} / {one.name_nb}\n")
        for _, account, code, currency in (row for row in own if row[0] == one.line):
            sys.stdout.write(f"        account {account}  {code}  {currency}\n")
    for (key, currency), count in sorted(reader().sub_ledgers().items()):
        sys.stdout.write(f"Customers' accounts, {key}, {currency}: {count}\n")
    return 0


def show_trial_balance(day: date | None) -> int:
    """The trial balance of a day (the newest that is over); 1 when it does not balance."""
    wanted = day or last_day_over()
    try:
        found = trial_balance(wanted)
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    names = {one.line: one for one in reader().chart()}
    closed = f"closed by {found.closed[0]} and {found.closed[1]}" if found.closed else "not closed"
    sys.stdout.write(f"Trial balance of {wanted}, as of block {found.mark.block}; {closed}\n")
    sys.stdout.write(_row("line", "class", "name", "", "debited", "credited", "debits - credits"))
    for (line, currency), total in sorted(found.totals.items(), key=lambda one: (one[0][1], one[0][0])):
        amounts = (total.debits_minor, total.credits_minor, total.net_minor)
        shown = [format_amount(one, currency) for one in amounts]
        sys.stdout.write(_row(line, names[line].class_, names[line].name_en, currency, *shown))
    wrong = {one: found.difference_minor(one) for one in found.currencies() if found.difference_minor(one)}
    for currency, minor in wrong.items():
        sys.stdout.write(f"IT DOES NOT BALANCE in {currency}: {format_amount(minor, currency)}\n")
    if not wrong:
        sys.stdout.write("Debits and credits are equal in each currency.\n")
    return 1 if wrong else 0


def close_books(day: date, by: str, approved_by: str) -> int:
    """Close all days up to this one; 1 with the reason when it was not done."""
    try:
        words = close(day, by, approved_by)
    except LedgerError as error:
        sys.stderr.write(f"Not done: {error}.\n")
        return 1
    sys.stdout.write(words + ".\n")
    return 0


def show_account(account: int, first: date | None, last: date | None) -> int:
    """An account's entries as they were booked on some days, with the balance before, after each and behind them; 1
    when there is no such account. Words are left out: an auditor needs none of them."""
    days, today = bank_days(), bank_days().of(datetime.now(UTC))
    since, until = days.end((first or today) - timedelta(days=1)), days.end(last or today)
    states, found = reader().accounts([account]), reader().period(account, since, until)
    if found is None:
        sys.stderr.write(f"There is no account {account}.\n")
        return 1
    currency = states[account].currency
    sys.stdout.write(
        f"Account {account}, {states[account].code}, {currency}, booked {first or today} to {last or today}\n"
    )
    sys.stdout.write(described(account))
    sys.stdout.write(f"before: {format_amount(found.opening_minor, currency)}\n")
    after = found.begin.seq
    while lines := reader().lines_after(account, after, LINES_AT_ONCE, found.end.seq):
        for one in lines:
            amounts = [format_amount(minor, currency) for minor in (one.amount_minor, one.balance_after_minor)]
            booked = one.at.astimezone(days.zone).strftime("%Y-%m-%d %H:%M:%S")
            place = f"{booked}  value {one.value_date}  block {one.block:>9}  {one.id}  {one.kind:<12}"
            sys.stdout.write(f"{place} {amounts[0]:>20} {amounts[1]:>20}  {one.cause}\n")
        after = lines[-1].seq
    sys.stdout.write(f"behind: {format_amount(found.closing_minor, currency)}\n")
    return 0


def show_balance(account: int, at: datetime) -> int:
    """An account's balance and metadata as of an instant; one without zone is the bank's. 1 when there is no such
    account."""
    instant = at if at.tzinfo else at.replace(tzinfo=bank_days().zone)
    found = dict(reader().balances_before(instant, [account]))
    if account not in found:
        sys.stderr.write(f"There is no account {account}.\n")
        return 1
    currency = reader().accounts([account])[account].currency
    sys.stdout.write(
        f"Account {account} as of {instant.isoformat()}: {format_amount(found[account], currency)} {currency}\n"
        f"{shown(reader().account_metadata(account, reader().mark(instant).block))}"
    )
    return 0


def anchor(into: str) -> int:
    """Sign the end of the books, add it to a file (if one is named) and give it to the spare bank."""
    made, words = anchor_outside()
    if into:
        with open(into, "a", encoding="utf-8") as out:  # noqa: PTH123  # appended to, line by line
            out.write(made.to_line() + "\n")
    sys.stdout.write(f"Block {made.block}, hash {made.hash.hex()}; {words}.\n")
    return 0 if "keeps it" in words and "ANOTHER" not in words else 1
