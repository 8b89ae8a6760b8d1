"""Every exchange in the books is what its cause says, recomputed: amounts, currencies, ids, rounding; and nothing else
moves a position."""

from typing import Any

from holdfast.bank.books import reader
from holdfast.bank.currencies.converting import KIND, exchanged_of
from holdfast.bank.currencies.positions import is_position
from holdfast.contracts.ids import exchange_other_id
from holdfast.ledger.api import Line

STEP_LINES = 1000
INVARIANT = "exchanges are what their causes compute"


def prove_exchanges() -> list[dict[str, Any]]:
    """Findings in the form of the books' proof, none when all is well. Reads all entries of the position accounts, in
    steps."""
    findings = []
    for _, account, _, currency in reader().own_accounts():
        after = 0
        while is_position(account) and (lines := reader().lines_after(account, after, STEP_LINES)):
            findings += [_finding(one, account) for one in lines if not _holds(one, currency)]
            after = lines[-1].seq
    return findings


def _holds(line: Line, currency: str) -> bool:
    """Whether an entry of a currency's position is one side of an exchange as its cause has it."""
    one = exchanged_of(line.cause)
    if line.kind != KIND or one is None or not one.holds:
        return False
    sold = (one.id, one.terms.sold, one.sold_minor)
    bought = (exchange_other_id(one.id), one.terms.bought, -one.bought_minor)
    return (line.id, currency, line.amount_minor) in (sold, bought)


def _finding(line: Line, account: int) -> dict[str, Any]:
    words = f"transfer {line.id} moved {line.amount_minor} minor units, its cause says {line.cause!r}"
    return {"invariant": INVARIANT, "block": line.block, "account": account, "words": words}
