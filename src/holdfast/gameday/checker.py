"""The independent checker: what customers were told against what stands in the books.

It shares no code with the banks: plain SQL over the tables of the books, and the clients' own notes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from holdfast.gameday.notes import Told

PROOF = Path(__file__).resolve().parents[1] / "ledger" / "sql" / "proof.sql"


@dataclass
class Verdict:
    """Counts of the check; lost and duplicated must be 0. words: one line for each thing found wrong."""

    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    contradicted: int = 0
    unsettled: int = 0
    forced: int = 0
    suspended: int = 0
    blocks: int = 0
    transfers: int = 0
    findings: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def _rows(
    connection: psycopg.Connection[Any], statement: LiteralString, parameters: Iterable[object] = ()
) -> list[tuple[Any, ...]]:
    return connection.execute(statement, tuple(parameters)).fetchall()


def check(
    url: str,
    told: list[Told],
    file_message: str,
    salaries: list[tuple[str, str, int]],
    orders_date: str,
    since_seq: int = 0,
) -> Verdict:
    """Compare; orders_date: the due date whose standing orders must each have one end, and be paid at most once.

    since_seq: the books' last transfer before these customers began; others may have played before them.
    """
    verdict = Verdict()
    with psycopg.connect(url, connect_timeout=5) as connection:
        booked = {
            str(i).replace("-", ""): (debit, amount, code)
            for i, debit, amount, code in _rows(
                connection,
                "SELECT t.id, t.debit, t.amount_minor, a.code FROM ledger.transfer t "
                "JOIN ledger.account a ON a.account = t.credit "
                "WHERE t.kind = 'payment'",
            )
        }
        _check_told(verdict, told, booked)
        _check_twice(verdict, connection, told, since_seq)
        _check_salaries(verdict, connection, file_message, salaries)
        _check_orders(verdict, connection, orders_date)
        verdict.findings = [
            " · ".join(str(v) for v in row if v is not None)
            for row in connection.execute(PROOF.read_bytes()).fetchall()
        ]
        ((verdict.blocks, verdict.transfers),) = _rows(connection, "SELECT block, seq FROM ledger.head")
        ((verdict.forced,),) = _rows(
            connection,
            "SELECT count(*) FROM ledger.transfer WHERE source = 'journal' AND over_floor AND seq > %s",
            (since_seq,),
        )
        ((verdict.suspended,),) = _rows(
            connection,
            "SELECT count(*) FROM ledger.transfer t JOIN ledger.account a ON a.account = t.credit "
            "WHERE t.source = 'journal' AND a.code LIKE '%%suspense%%' AND t.seq > %s",
            (since_seq,),
        )
    return verdict


def _check_told(verdict: Verdict, told: list[Told], booked: dict[str, tuple[int, int, str]]) -> None:
    """Done means: in the books once, as asked. Refused means: not in the books."""
    for one in told:
        outcomes = [outcome for _, outcome in one.outcomes]
        found = booked.get(one.payment)
        if "done" in outcomes:
            verdict.acknowledged += 1
            if found is None:
                verdict.lost += 1
                verdict.words.append(f"payment {one.payment} was told done and is not in the books")
            elif found[:2] != (one.debit, one.amount_minor) or one.credit_number.replace(" ", "") not in found[2]:
                verdict.lost += 1
                verdict.words.append(f"payment {one.payment} stands in the books otherwise than it was asked: {found}")
        if any(outcome.startswith("refused") for outcome in outcomes) and (found is not None or "done" in outcomes):
            verdict.contradicted += 1
            verdict.words.append(f"payment {one.payment} was told refused and is booked or told done")
        if not outcomes or outcomes[-1] == "checking":
            verdict.unsettled += 1
            verdict.words.append(f"payment {one.payment} has no final answer ({outcomes or 'none'})")


def _check_twice(verdict: Verdict, connection: psycopg.Connection[Any], told: list[Told], since_seq: int) -> None:
    """Nothing stands twice: not under its id, and not as a payment that no customer sent."""
    sent = {one.payment for one in told}
    for ident, count in _rows(connection, "SELECT id, count(*) FROM ledger.transfer GROUP BY id HAVING count(*) > 1"):
        verdict.duplicated += count - 1
        verdict.words.append(f"transfer {ident} stands {count} times")
    for (ident,) in _rows(
        connection,
        "SELECT id FROM ledger.transfer "
        "WHERE kind = 'payment' AND (cause = 'form' OR cause LIKE 'api:%%') AND seq > %s",
        (since_seq,),
    ):
        if str(ident).replace("-", "") not in sent:
            verdict.duplicated += 1
            verdict.words.append(f"payment {ident} is in the books and no customer sent it")


def _check_salaries(
    verdict: Verdict, connection: psycopg.Connection[Any], message: str, salaries: list[tuple[str, str, int]]
) -> None:
    """Each line of the pay-day file stands once, with its amount."""
    rows = _rows(
        connection,
        "SELECT t.cause, t.amount_minor, a.code FROM ledger.transfer t JOIN ledger.account a ON a.account = t.credit "
        "WHERE t.cause LIKE %s",
        (f"file:{message}:%",),
    )
    seen: dict[str, int] = {}
    for cause, _amount, _code in rows:
        seen[cause] = seen.get(cause, 0) + 1
    amounts = {cause: (amount, code) for cause, amount, code in rows}
    for line, (account, _name, amount) in enumerate(salaries, 1):
        cause = f"file:{message}:{line}"
        if seen.get(cause, 0) == 0 or amounts[cause][0] != amount or account not in amounts[cause][1]:
            verdict.lost += 1
            verdict.words.append(f"salary line {line} is not in the books as it was sent")
        verdict.duplicated += max(seen.get(cause, 0) - 1, 0)


def _check_orders(verdict: Verdict, connection: psycopg.Connection[Any], due: str) -> None:
    """Each standing order of the day was paid at most once and has an end: paid, or refused."""
    paid = _rows(
        connection,
        "SELECT cause, count(*) FROM ledger.transfer WHERE kind = 'order' AND cause LIKE %s GROUP BY cause",
        (f"order:%:{due}",),
    )
    for cause, count in paid:
        if count > 1:
            verdict.duplicated += count - 1
            verdict.words.append(f"{cause} was paid {count} times")
