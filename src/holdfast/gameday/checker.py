"""The independent checker: what customers were told against what stands in the books.

It shares no code with the banks: plain SQL over the tables of the books, and the clients' own notes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from holdfast.gameday.notes import NOT_MADE, Exchanged, Told

TEST_ACCOUNTS = "9714"
"""How the numbers of the bank's own test accounts begin: what the control room's journeys pay, no customer sent."""
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
    exchanges: list[float] = field(default_factory=list)
    """When each exchange that stands in the books was told done, in seconds since 1970."""
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
    exchanged: Iterable[Exchanged] = (),
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
        _check_exchanges(verdict, connection, list(exchanged), since_seq)
        _check_positions(verdict, connection)
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
        "WHERE kind = 'payment' AND (cause = 'form' OR cause LIKE 'api:%%') AND seq > %s "
        "AND debit NOT IN (SELECT account FROM ledger.account WHERE code LIKE %s)",
        (since_seq, f"{TEST_ACCOUNTS}%"),
    ):
        if str(ident).replace("-", "") not in sent:
            verdict.duplicated += 1
            verdict.words.append(f"payment {ident} is in the books and no customer sent it")


def _check_exchanges(
    verdict: Verdict, connection: psycopg.Connection[Any], exchanged: list[Exchanged], since_seq: int
) -> None:
    """Done means: both transfers stand once, linked, with the amounts and accounts that were told. Refused, or not
    made: neither stands. Nothing stands that nobody asked for."""
    positions = [one for one, _ in _positions(connection)]
    pairs = {
        str(ident).replace("-", ""): found
        for ident, *found in _rows(
            connection,
            "SELECT s.id, s.debit, b.credit, s.amount_minor, b.amount_minor, count(*) OVER (PARTITION BY s.id) "
            "FROM ledger.transfer s JOIN ledger.tie x ON x.id = s.id AND x.linked = s.id "
            "JOIN ledger.tie y ON y.linked = s.id AND y.id <> s.id JOIN ledger.transfer b ON b.id = y.id "
            "WHERE s.kind = 'exchange' AND b.kind = 'exchange' AND s.seq > %s "
            "AND s.credit = ANY (%s) AND b.debit = ANY (%s)",
            (since_seq, positions, positions),
        )
    }
    for one in exchanged:
        outcomes = [outcome for _, outcome in one.outcomes]
        found = pairs.pop(one.payment, None)
        if "done" in outcomes and found != [one.debit, one.credit, one.sold_minor, one.bought_minor, 1]:
            verdict.lost += 1
            verdict.words.append(f"exchange {one.payment} was told done; in the books it is {found or 'nowhere'}")
        elif "done" in outcomes:
            verdict.exchanges.append(next(at for at, outcome in one.outcomes if outcome == "done"))
        if {"refused", NOT_MADE} & set(outcomes) and (found is not None or "done" in outcomes):
            verdict.contradicted += 1
            verdict.words.append(f"exchange {one.payment} was told {outcomes} and is booked or told done")
        if not one.ended:
            verdict.unsettled += 1
            verdict.words.append(f"exchange {one.payment} has no final answer ({outcomes or 'none'})")
    for ident in pairs:
        verdict.duplicated += 1
        verdict.words.append(f"exchange {ident} is in the books and no customer asked for it")


def _positions(connection: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    """The bank's position accounts with what each holds, in minor units of its currency."""
    found = _rows(connection, "SELECT account, balance_minor FROM ledger.account WHERE code LIKE 'own:position:%%'")
    return [(account, balance) for account, balance in found]


def _check_positions(verdict: Verdict, connection: psycopg.Connection[Any]) -> None:
    """Each position account holds what customers sold less what they bought, by exchanges and by nothing else."""
    for account, balance in _positions(connection):
        ((moved, others),) = _rows(
            connection,
            "SELECT coalesce(sum(CASE WHEN credit = %s THEN amount_minor ELSE -amount_minor END), 0)::bigint, "
            "count(*) FILTER (WHERE kind <> 'exchange') FROM ledger.transfer WHERE debit = %s OR credit = %s",
            (account, account, account),
        )
        if moved != balance or others:
            verdict.lost += 1
            verdict.words.append(
                f"position account {account} holds {balance}, exchanges moved {moved}, {others} other entries"
            )


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
