"""`holdfast books`: the books as an auditor or accountant asks for them."""

import getpass
import subprocess
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.contracts.anchors import PURPOSE, Anchor, anchor_of, token_of_line
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.runtime import postgres
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.gentle import gently
from holdfast.runtime.installing import running_data
from holdfast.runtime.launching import call_standin, module, own_keyring
from holdfast.runtime.terminal import console, told
from holdfast.settings import Installation, load

books_app = typer.Typer(no_args_is_help=True, help="The books.")
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; var/bank by default.")]
PROVE_S_MAX = 3600.0
ANCHORS_MAX = 1000
FILE_BYTES_MAX = 100_000_000


@books_app.command("prove")
@told
def prove(
    data: Data = None,
    since: Annotated[int, typer.Option(help="Only what came after this block, which an earlier proof covers.")] = 0,
    anchor: Annotated[Path | None, typer.Option(help="A file of anchors that was kept outside.")] = None,
    spare: Annotated[bool, typer.Option("--spare", help="Also the anchors that the spare bank keeps.")] = False,
) -> None:
    """Prove the books as an auditor would: ledger/sql/proof.sql through psql, nothing else. At the lowest priority."""
    installation = load(running_data(data))
    began = time.monotonic()
    url = installation.database_url("bank")
    findings = proof_findings(url, "proof_since" if since else "proof", since)
    compared = 0
    if anchor is not None:
        found = _from_file(installation, anchor)
        findings, compared = findings + _differing(installation, found, anchor.name), len(found)
    if spare:
        found = _from_spare(installation)
        findings, compared = findings + _differing(installation, found, "the spare bank"), compared + len(found)
    for line in findings:
        console.print(line, style="red", markup=False)
    anchors = f", {compared} anchors compared" if anchor or spare else ""
    console.print(f"{len(findings)} findings in {time.monotonic() - began:.1f} s{anchors}")
    if findings:
        raise typer.Exit(1)


@books_app.command("chart")
@told
def chart(data: Data = None) -> None:
    """The chart of accounts, with the bank's own accounts."""
    module(load(running_data(data)), "holdfast.bank", "books-chart")


@books_app.command("trial-balance")
@told
def trial_balance(
    data: Data = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The newest that is over.")] = None,
) -> None:
    """What was debited and credited on a day, and what stands at its end, by line of the chart and currency."""
    wanted = ("--day", day.date().isoformat()) if day else ()
    module(load(running_data(data)), "holdfast.bank", "books-trial-balance", *wanted)


@books_app.command("end-of-day")
@told
def end_of_day(
    data: Data = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last to be ended; yesterday.")] = None,
) -> None:
    """Accrue and book interest and fees, collect instalments, as the worker does. Safe to repeat."""
    wanted = ("--day", day.date().isoformat()) if day else ()
    module(load(running_data(data)), "holdfast.bank", "end-of-day", *wanted)


@books_app.command("account")
@told
def account(
    number: Annotated[
        int, typer.Argument(help="The account's number in the books; ./holdfast books chart has the bank's own.")
    ],
    data: Data = None,
    first: Annotated[str, typer.Option("--from", help="First day, 2026-11-22; today without it.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day; today without it.")] = "",
    at: Annotated[str, typer.Option(help="Only the balance as of this instant, 2026-11-22T12:00.")] = "",
    metadata: Annotated[
        list[str] | None,
        typer.Option(help="Set name=value instead, recorded for ever; name= takes it away. May be said several times."),
    ] = None,
) -> None:
    """An account's metadata, and its entries of some days, with the balance before, after each and behind them."""
    wanted = [(name, value) for name, value in (("--from", first), ("--to", last), ("--at", at)) if value]
    if metadata and wanted:
        raise RuntimeFault("--metadata changes what the account carries and shows no days; nothing was done")
    told_more = [part for pair in wanted for part in pair] + [f"--metadata={one}" for one in metadata or ()]
    module(load(running_data(data)), "holdfast.bank", "books-account", str(number), *told_more)


@books_app.command("find")
@told
def find(
    metadata: Annotated[str, typer.Argument(help="name=value, as a program attached it.")], data: Data = None
) -> None:
    """What carries metadata of this name with this very value: transfers, holds and accounts, in the books' order."""
    module(load(running_data(data)), "holdfast.bank", "books-find", "--", metadata)


@books_app.command("close")
@told
def close(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="All days up to this one.")],
    second: Annotated[str, typer.Option(help="The second person who agrees.")],
    data: Data = None,
) -> None:
    """Close days: their trial balances are stored, and what is booked later has a later value date. Never undone."""
    _close(load(running_data(data)), day.date(), second)


def _close(installation: Installation, day: date, second: str) -> None:
    me = f"terminal:{getpass.getuser()}"
    if second.strip() in ("", me):
        raise RuntimeFault("a day is closed by two people: name who agrees with --second; nothing was done")
    module(installation, "holdfast.bank", "books-close", "--day", day.isoformat(), "--by", me, "--second", second[:60])


@books_app.command("anchor")
@told
def anchor(
    data: Data = None,
    to: Annotated[Path | None, typer.Option(help="A file to which it is added; keep it outside the bank.")] = None,
) -> None:
    """Sign the end of the books now, and give it to the spare bank, which keeps it."""
    wanted = ("--to", str(to.resolve())) if to else ()
    module(load(running_data(data)), "holdfast.bank", "books-anchor", *wanted)


def proof_findings(url: str, name: str, since: int = 0) -> list[str]:
    """The findings of one of the proof's files (`proof`, `proof_since` a block), through psql, none when all is well;
    raises RuntimeFault in words."""
    file = postgres.clone_root() / "src" / "holdfast" / "ledger" / "sql" / f"{name}.sql"
    span = ("-c", f"SET holdfast.since = '{since:d}'") if since else ()
    arguments = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *span, "-f", str(file))
    with gently("psql", *arguments, url=url) as child:
        try:
            said, wrong = child.communicate(timeout=PROVE_S_MAX)
        except subprocess.TimeoutExpired as error:
            raise RuntimeFault(f"the proof did not end within {PROVE_S_MAX:.0f} s") from error
    if child.returncode != 0:
        raise RuntimeFault(f"the books cannot be read: {wrong.strip()[-300:]}")
    return [line for line in said.splitlines() if line]


def _from_file(installation: Installation, file: Path) -> list[Anchor]:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise RuntimeFault(f"{file} is larger than {FILE_BYTES_MAX >> 20} MiB")
        tokens = [token_of_line(line) for line in file.read_text().splitlines() if line.strip()]
    except (OSError, BadMessage) as error:
        raise RuntimeFault(f"{file} cannot be read as anchors: {error}") from error
    return [_verified(installation, one) for one in tokens]


def _from_spare(installation: Installation) -> list[Anchor]:
    answer = call_standin(installation, "GET", "/-/anchors", query=f"limit={ANCHORS_MAX}")
    return [_verified(installation, str(one["token"])) for one in answer["anchors"]]


def _verified(installation: Installation, token: str) -> Anchor:
    try:
        return anchor_of(own_keyring(installation).verify(PURPOSE, token, by={"primary"}), token)
    except (BadToken, BadMessage) as error:
        raise RuntimeFault(f"an anchor is not signed by this bank: {error}") from error


def _differing(installation: Installation, anchors: list[Anchor], kept_by: str) -> list[str]:
    """A finding for each anchor whose block is not in the books, or has another hash there."""
    held = _hashes(installation.database_url("bank"), [one.block for one in anchors])
    return [
        f"anchors hold|{one.block}||{kept_by} has the hash {one.hash.hex()} of block {one.block}, "
        f"the books {held.get(one.block, 'no such block')}"
        for one in anchors
        if held.get(one.block) != one.hash.hex() and one.block > 0
    ]


def _hashes(url: str, blocks: list[int]) -> dict[int, Any]:
    import psycopg  # noqa: PLC0415  # only here

    try:
        with psycopg.connect(url, connect_timeout=5, options="-c statement_timeout=60000") as base:
            rows = base.execute("SELECT number, hash FROM ledger.block WHERE number = ANY (%s)", (blocks,)).fetchall()
    except psycopg.OperationalError as error:
        raise RuntimeFault(f"the books cannot be read: {str(error)[:200].replace(url, '(the bank)')}") from error
    return {row[0]: bytes(row[1]).hex() for row in rows}
