"""Credits that come in by a clearing file (pacs.008): each line booked once, whatever is repeated."""

import uuid
from dataclasses import dataclass

from holdfast.bank.books import books, reader, rows
from holdfast.bank.customers.models import Account
from holdfast.bank.errors import StaleEpoch
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN
from holdfast.contracts.epochs import Mode
from holdfast.contracts.errors import BadFile
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.pacs008 import CreditFile, CreditLine, read_credit_file
from holdfast.ledger.api import Post, Posted, Result

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's lines: booked now, booked before, booked to the suspense account now."""

    message_id: str
    lines: int
    accepted: int
    already: int
    suspended: int


def take_file(raw: bytes) -> Taken:
    """Book a file. Raises BadFile (nothing taken), StaleEpoch when the spare bank serves a line's cohort."""
    file = read_credit_file(raw)
    currency = str(bank_facts.bank().get("currency", ""))
    for line in file.lines:
        if line.currency != currency:
            raise BadFile(f"line {line.line}: this bank takes {currency}, not {line.currency}")
    targets = _targets(file)
    for _, cohort in targets.values():
        if rows.row(cohort).mode is not Mode.PRIMARY:
            raise StaleEpoch(rows.row(cohort).epoch)
    accepted = already = suspended = 0
    suspense = bank_facts.own("suspense")
    for start in range(0, len(file.lines), CHUNK):
        posts = [
            _as_post(file, line, *targets.get(plain_number(line.creditor_account), (suspense, 0)))
            for line in file.lines[start : start + CHUNK]
        ]
        for post, posted in zip(posts, _book(posts, suspense), strict=True):
            new = posted.result is Result.POSTED
            accepted += new and post.credit != suspense
            suspended += new and post.credit == suspense
            already += not new
    return Taken(file.message_id, len(file.lines), accepted, already, suspended)


def _targets(file: CreditFile) -> dict[str, tuple[int, int]]:
    """(account, cohort) by number, for the accounts of this file that can be credited."""
    numbers = {plain_number(line.creditor_account) for line in file.lines}
    found = dict(Account.objects.filter(number__in=numbers).values_list("number", "id"))
    states = reader().accounts(list(found.values()))
    return {
        number: (account, states[account].cohort)
        for number, account in found.items()
        if account in states and not states[account].flags & (FLAG_CLOSED | FLAG_FROZEN_IN)
    }


def _as_post(file: CreditFile, line: CreditLine, account: int, cohort: int) -> Post:
    return Post(
        id=ids.file_line_id(file.sender, file.message_id, line.line, line.end_to_end_id),
        debit=bank_facts.own("settlement"),
        credit=account,
        amount_minor=line.amount_minor,
        currency=line.currency,
        kind="salary" if line.purpose == "SALA" else "credit",
        value_date=file.settlement_date,
        cohort=cohort,
        epoch=rows.row(cohort).epoch,
        cause=f"file:{file.message_id}:{line.line}",
        note=new_note(line.debtor, line.creditor, line.text),
    )


def _book(posts: list[Post], suspense: int) -> list[Posted]:
    """Book a chunk; what the books refuse after all (closed since) goes to the suspense account."""
    results = books().post_many(posts)
    for posted in results:
        if posted.result is Result.STALE:
            raise StaleEpoch(posted.known_epoch)
    again = [
        Post(
            id=uuid.uuid5(post.id, "suspense"),
            debit=post.debit,
            credit=suspense,
            amount_minor=post.amount_minor,
            currency=post.currency,
            kind=post.kind,
            value_date=post.value_date,
            cohort=0,
            epoch=rows.row(0).epoch,
            cause=post.cause,
            note=post.note,
        )
        for post, posted in zip(posts, results, strict=True)
        if posted.result is Result.REFUSED
    ]
    books().post_many(again)
    return results
