"""The proof: named invariants of the books, each broken one with its block and account. See sql/proof.sql.

Whole, or what came after a block that was proved before. The worker goes on with the second in bounded steps, so
that what is tampered with today is found within a minute or two; how far it came stands in ledger.proved.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from holdfast.ledger.accounting import Accounting
from holdfast.ledger.errors import LedgerError
from holdfast.ledger.history import instant_of
from holdfast.ledger.queries import load
from holdfast.ledger.schema import read_sql

STEP_ITEMS = 20_000
"""Items that one step proves: some tenths of a second of one core."""
_SQL = load("proved")


@dataclass(frozen=True, slots=True)
class Proved:
    """How far the worker proved the books: everything up to `block`, at `at`; findings: of the last step."""

    block: int
    at: datetime
    findings: int


class Proving(Accounting):
    """Proves."""

    def prove(self, since: int = 0) -> list[dict[str, Any]]:
        """Run sql/proof.sql and open the words; findings {invariant, block, account, words}, none when all is well.

        since: only what was booked after that block (sql/proof_since.sql), which an earlier whole proof covers.
        """
        return self._prove(since, 0) if since > 0 else self._prove_whole()

    def proved(self) -> Proved | None:
        """How far the worker came, None before its first step."""
        rows = self._all(_SQL["proved"], ())
        return Proved(rows[0][0], instant_of(rows[0][1]), rows[0][2]) if rows else None

    def prove_next(self) -> tuple[list[dict[str, Any]], bool]:
        """One step on from where the worker came, STEP_ITEMS items at most, words included: its findings, and whether
        more waits. A step with findings is done again the next time, so that they stay until they are mended."""
        known = self.proved()
        since = known.block if known else 0
        upto, head = self._all(_SQL["step"], {"since": since, "items": STEP_ITEMS})[0]
        findings = self._prove(since, upto, words=True)
        self._all(_SQL["note_proved"], {"block": since if findings else upto, "findings": len(findings)})
        return findings, upto < head

    def _prove_whole(self) -> list[dict[str, Any]]:
        try:
            with self._long() as connection:
                rows = connection.execute(read_sql("proof").encode()).fetchall()
                return [_finding(*row) for row in rows] + list(self._notes.changed(connection))
        except psycopg.OperationalError as error:
            raise LedgerError(f"the books cannot be proved now: {error}") from error

    def _prove(self, since: int, upto: int, words: bool = False) -> list[dict[str, Any]]:
        try:
            with self._long() as connection:
                connection.execute(_SQL["span"], {"since": str(since), "upto": str(upto or "")})
                rows = connection.execute(read_sql("proof_since").encode()).fetchall()
                changed = list(self._notes.changed(connection, since, upto)) if words else []
                return [_finding(*row) for row in rows] + changed
        except psycopg.OperationalError as error:
            raise LedgerError(f"the books cannot be proved now: {error}") from error

    def _long(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self._url, connect_timeout=2, options="-c statement_timeout=300000")


def _finding(invariant: str, block: int | None, account: int | None, words: str) -> dict[str, Any]:
    return {"invariant": invariant, "block": block, "account": account, "words": words}
