"""The commands of python -m holdfast.bank; each returns its exit code."""

import json
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from holdfast.bank.books import installation, reader, rows
from holdfast.bank.customers.known import accounts_by_number
from holdfast.bank.database.base import WAIT_S_MAX, wait_at_most
from holdfast.bank.database.rights import give_rights
from holdfast.bank.errors import BankError
from holdfast.bank.exchange import facts
from holdfast.bank.exchange.facts import block_payee, tell
from holdfast.bank.orders.models import OrderRun
from holdfast.bank.payments.kids import set_kid_need
from holdfast.bank.sealed.keys import keys, notes
from holdfast.contracts.numbers import plain_number
from holdfast.guard import BadLimits
from holdfast.ledger.api import LedgerError, finish, install
from holdfast.settings import confine
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.sealing import NotSealed
from holdfast.telemetry import get_log, lines, traces

SENDER_S_MAX = 1.0
INDEX_S_MAX = 600.0
"""For what is built beside customers' work at a migration."""
"""A mail that is on its way when the worker ends goes again at the next start, under the same Message-ID."""


def web() -> int:
    """Serve until SIGTERM."""
    from holdfast.bank.web.serving import serve  # noqa: PLC0415  # only this command needs granian

    lines.keep(installation().folder("bank"), "bank-serving")
    _confine()
    try:
        serve()
    except AuthorityFault as fault:
        sys.stderr.write(f"The bank does not start: {fault}\n")
        return 1
    return 0


def worker() -> int:
    """Run the jobs, send mails, prove the books and measure the database until SIGTERM. What may be slow, or must be
    known while jobs hang, has a thread of its own."""
    from holdfast.bank.accounting.proving import prove_for_ever  # noqa: PLC0415
    from holdfast.bank.mail.sending import send_for_ever  # noqa: PLC0415
    from holdfast.bank.worker.loop import Worker  # noqa: PLC0415
    from holdfast.bank.worker.measuring import measure_for_ever  # noqa: PLC0415
    from holdfast.telemetry.describing import describe  # noqa: PLC0415
    from holdfast.telemetry.metrics import write_for_ever  # noqa: PLC0415

    lines.keep(installation().folder("bank"), "bank-worker")
    traces.keep(installation().folder("bank"), "bank-worker")
    _confine()
    describe(waits_for_the_database_s=WAIT_S_MAX)
    write_for_ever(installation().folder("bank"), "bank-worker")
    stop = threading.Event()
    sender = threading.Thread(target=send_for_ever, args=(stop,), name="mail", daemon=True)
    sender.start()
    threading.Thread(target=prove_for_ever, args=(stop,), name="proof", daemon=True).start()
    threading.Thread(target=measure_for_ever, args=(stop,), name="measuring", daemon=True).start()
    try:
        Worker().run()
    finally:
        stop.set()
        sender.join(SENDER_S_MAX)
    return 0


def _confine() -> None:
    """Pages and jobs reach the bank's own files only."""
    if why := confine(installation(), "bank"):
        get_log().warning("not confined to its own files", why=why)


def migrate() -> int:
    """Make or migrate schema `ledger` and schema `bank`; safe to repeat."""
    try:
        keys.must_be_there(_sealed_before())
    except NotSealed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    install(settings.DATABASE_URL, notes)
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=5, autocommit=True) as connection:
        connection.execute("create schema if not exists bank")
    with wait_at_most(INDEX_S_MAX):
        call_command("migrate", interactive=False, verbosity=0)
    give_rights(settings.DATABASE_URL, settings.WORKING_URL)
    return 0


def finish_migrating() -> int:
    """What a migration of the books left until no process of the release before runs; safe to repeat; 1 with the reason
    when the database does not let it now."""
    try:
        finish(settings.DATABASE_URL)
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _sealed_before() -> bool:
    """Whether this database holds what was sealed: customers, behind the migration that sealed them."""
    asked = (
        "select exists (select from bank.django_migrations where app = 'customers' and name = '0002_sealed')"
        " and exists (select from bank.customer)"
    )
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=5, autocommit=True) as connection:
        ((there,),) = connection.execute("select to_regclass('bank.django_migrations') is not null").fetchall()
        return bool(there and connection.execute(asked).fetchall()[0][0])


def fill(customers: int, seed: int, passwords: int | None, business_date: date | None) -> int:
    """Make the made-up bank if it is empty."""
    from holdfast.bank.filling.fill import fill_bank  # noqa: PLC0415

    try:
        fill_bank(customers, seed, passwords, business_date)
    except BankError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def import_berka(folder: Path, activate: int, seed: int) -> int:
    """Load a real bank's records if the bank is empty; prints a summary."""
    from holdfast.bank.berka import importing  # noqa: PLC0415

    try:
        words = importing.import_berka(folder, activate, seed)
    except BankError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(words + "\n")
    return 0


def stop_payee(number: str) -> int:
    """Stop payments to the account with this number, at both banks."""
    account = accounts_by_number.get(plain_number(number))
    if account is None:
        sys.stderr.write(f"There is no account {number}; nothing was changed.\n")
        return 1
    block_payee(account.id)
    sys.stdout.write(f"Payments to {account.number} ({account.title}) are stopped at both banks.\n")
    return 0


def set_limits(file: Path, confirmed: bool) -> int:
    """Set the limits of both banks from a file; 1 with the reason when they cannot be meant."""
    try:
        facts.set_limits({**dict(json.loads(file.read_text())), "confirmed": confirmed})
    except (OSError, ValueError, TypeError, BadLimits) as error:
        sys.stderr.write(f"Nothing was changed: {error}.\n")
        return 1
    sys.stdout.write("These limits hold at both banks now.\n")
    return 0


def mark_payee(number: str, kind: str) -> int:
    """Say that payments to the account with this number must arrive by a time."""
    account = accounts_by_number.get(plain_number(number))
    if account is None:
        sys.stderr.write(f"There is no account {number}; nothing was changed.\n")
        return 1
    facts.mark_payee(account.id, kind)
    sys.stdout.write(f"Payments to {account.number} ({account.title}) go first at the spare bank: {kind}.\n")
    return 0


def kid_need(number: str, need: str) -> int:
    """Say whether payments to the account with this number may or must carry a KID."""
    account = accounts_by_number.get(plain_number(number))
    if account is None:
        sys.stderr.write(f"There is no account {number}; nothing was changed.\n")
        return 1
    set_kid_need(account.id, "" if need == "none" else need)
    sys.stdout.write(f"Payments to {account.number} ({account.title}) and their KID: {need}.\n")
    return 0


def orders(day: date, at: datetime) -> int:
    """Write from when on the orders due on `day` run; a time without zone is the bank's."""
    instant = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(installation().time_zone))
    write_order_run(day, instant)
    return 0


def write_order_run(day: date, at: datetime) -> None:
    """Store and tell the fact order_run."""
    with transaction.atomic():
        OrderRun.objects.update_or_create(date=day, defaults={"at": at})
        tell("order_run", [(day.isoformat(), {"at": at.astimezone(UTC).isoformat()})])


def prove() -> int:
    """Print the findings of the proof, exchanges recomputed too; 1 if there are any."""
    from holdfast.bank.currencies.proving import prove_exchanges  # noqa: PLC0415

    findings = reader().prove() + prove_exchanges()
    for one in findings:
        sys.stdout.write(f"{one['invariant']}: block {one['block']}, account {one['account']}: {one['words']}\n")
    head = reader().head()
    sys.stdout.write(f"{len(findings)} findings; block {head.block}, hash {head.hash.hex()}\n")
    return 1 if findings else 0


def end_of_day(day: date | None) -> int:
    """End the bank's days up to one (default: yesterday); 1 when not all of it could be done now."""
    from holdfast.bank.charges.running import end_of_day as run  # noqa: PLC0415

    rows.refresh(at_once=True)
    return run(day, lambda words: print(words, flush=True))  # noqa: T201  # progress, to whoever runs it


def rotate_factors_key() -> int:
    """Change the key that seals the authenticators' secrets; 1 when one of them cannot be opened."""
    from holdfast.bank.factors.rotating import rotate  # noqa: PLC0415

    try:
        secrets, facts = rotate()
    except (BankError, NotSealed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Sealed anew: {secrets} secrets, {facts} facts.\n")
    return 0


def rotate_store_key() -> int:
    """Change the key that seals what the database holds of people; 1 when something of it cannot be opened."""
    from holdfast.bank.sealed.rotating import rotate  # noqa: PLC0415

    try:
        rows, words = rotate()
    except (BankError, LedgerError, NotSealed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Sealed anew: {rows} rows, the words of {words} transfers.\n")
    return 0
