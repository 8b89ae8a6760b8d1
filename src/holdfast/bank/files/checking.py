"""A payment order as it was read becomes lines of this bank: which account pays whom, and what is wrong with a line.

What is wrong with the whole file (somebody else's account, a day that is past) refuses it; what is wrong with one line
is said beside it, and that line alone is never paid.
"""

from collections.abc import Sequence
from datetime import date

from holdfast.bank.customers.known import KnownAccount, find_by_numbers
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.files.models import FileLine
from holdfast.bank.orders.plans import FIRST_DAYS_MAX
from holdfast.bank.payments.judging import rules
from holdfast.contracts import ids
from holdfast.contracts.errors import BadFile
from holdfast.contracts.kid import PREFIX, kid_fits, plain_kid
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.pain001 import OrderFile, OrderLine
from holdfast.contracts.test_customers import may_pay
from holdfast.guard import NameCheck

WORDS_MAX = 140
CREDITOR_REFERENCE = "RF"
"""How a reference of ISO 11649 begins, which is no KID."""


def check_lines(file: OrderFile, accounts: Sequence[OwnAccount], today: date, customer: int) -> list[FileLine]:
    """The lines, not stored, each `open` or `bad`; raises BadFile (kinds `not_yours`, `cannot_pay`, `past`, `far`).
    customer: who sent the file, or NOBODY."""
    own = {plain_number(one.number): one for one in accounts}
    payers = {line.debtor_account: _payer(line, own) for line in file.lines}
    for line in file.lines:
        _check_day(line, today)
    found = find_by_numbers({plain_number(line.creditor_account) for line in file.lines})
    known = {number: account for number, account in found.items() if may_pay(customer, account.id)}
    return [
        _checked(file, line, payers[line.debtor_account], known.get(plain_number(line.creditor_account)))
        for line in file.lines
    ]


def _payer(line: OrderLine, own: dict[str, OwnAccount]) -> OwnAccount:
    found, number = own.get(plain_number(line.debtor_account)), line.debtor_account
    if found is None:
        raise BadFile(f"{line.block} pays from {number}, which is not yours", "not_yours", number=number)
    if not found.can_pay:
        raise BadFile(f"{line.block} pays from {number}, which cannot pay now", "cannot_pay", number=number)
    return found


def _check_day(line: OrderLine, today: date) -> None:
    if line.due < today:
        raise BadFile(f"{line.block} is to be paid on {line.due}, which is past", "past", day=line.due)
    if (line.due - today).days > FIRST_DAYS_MAX:
        raise BadFile(f"{line.block} is to be paid on {line.due}, too far ahead", "far", day=line.due)


def _checked(file: OrderFile, line: OrderLine, payer: OwnAccount, payee: KnownAccount | None) -> FileLine:
    text, problem = _words(line, payee)
    named = rules.compare(line.creditor, payee.known_by) if payee is not None and line.creditor else None
    owners = " and ".join(payee.names)[:WORDS_MAX] if payee is not None else ""
    if payee is None:
        problem = "unknown_to"
    elif payee.id == payer.id:
        problem = "same_account"
    elif {payer.currency, payee.currency} != {line.currency}:
        problem = "currency"
    return FileLine(
        number=line.line,
        payment=ids.file_line_id(f"account:{payer.id}", file.message_id, line.line, line.end_to_end_id),
        block=line.block,
        end_to_end_id=line.end_to_end_id,
        due=line.due,
        debit=payer.id,
        credit=payee.id if payee is not None else 0,
        to_number=payee.number if payee is not None else line.creditor_account,
        amount_minor=line.amount_minor,
        currency=line.currency,
        payee=line.creditor or owners,
        text=text,
        purpose=line.purpose,
        checked=named.answer.value if named is not None else "",
        near_name=named.name if named is not None and named.answer is NameCheck.CLOSE else "",
        state="bad" if problem else "open",
        problem=problem,
    )


def _words(line: OrderLine, payee: KnownAccount | None) -> tuple[str, str]:
    """(the words of the payment: its KID, or reference and message; what is wrong with them, "" for nothing)."""
    kid = plain_kid(line.kid)
    if kid and kid_fits(kid) and not line.kid.upper().startswith(CREDITOR_REFERENCE):
        return PREFIX + kid, "kid_and_text" if line.text else ""
    if payee is not None and payee.kid and line.kid:
        return line.kid, "kid_wrong"
    if payee is not None and payee.kid == "must":
        return line.text, "kid_missing"
    words = " ".join(one for one in (line.kid, line.text) if one)
    return words[:WORDS_MAX], "" if len(words) <= WORDS_MAX else "long_text"
