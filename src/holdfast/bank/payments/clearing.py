"""Credits that come in by a clearing file (pacs.008): each line booked once, whatever is repeated."""

import uuid
from dataclasses import dataclass

from holdfast.bank.books import books, reader, rows
from holdfast.bank.customers.models import Account
from holdfast.bank.errors import StaleEpoch
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN
from holdfast.contracts.epochs import Mode
from holdfast.contracts.errors import BadFile
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.pacs008 import CreditFile, CreditLine, read_credit_file
from holdfast.contracts.status_report import LineStatus, Original, credit_status
from holdfast.contracts.test_customers import NOBODY, may_pay
from holdfast.ledger.api import Post, Posted, Result

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's lines: booked now, booked before, booked to the suspense account now; and the status of
    each line in order."""

    original: Original
    lines: int
    accepted: int
    already: int
    suspended: int
    statuses: tuple[LineStatus, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a line is booked: the account and its cohort; reason: why that is the suspense account."""

    account: int
    cohort: int
    reason: Reason = Reason.OK
    owner: int = 0


def take_file(raw: bytes) -> Taken:
    """Book a file. Raises BadFile (nothing taken), StaleEpoch when the spare bank serves a line's cohort."""
    file = read_credit_file(raw)
    currency = str(bank_facts.bank().get("currency", ""))
    for line in file.lines:
        if line.currency != currency:
            words = f"line {line.line}: this bank takes {currency}, not {line.currency}"
            raise BadFile(words, "currency", line=line.line, text=line.currency)
    targets = _targets(file)
    for target in targets.values():
        if target.reason is Reason.OK and rows.row(target.cohort).mode is not Mode.PRIMARY:
            raise StaleEpoch(rows.row(target.cohort).epoch)
    suspense = bank_facts.own("suspense")
    accepted = already = suspended = 0
    statuses: list[LineStatus] = []
    for start in range(0, len(file.lines), CHUNK):
        part = file.lines[start : start + CHUNK]
        to = [targets[plain_number(line.creditor_account)] for line in part]
        posts = [_as_post(file, line, target) for line, target in zip(part, to, strict=True)]
        for line, target, posted in zip(part, to, _book(posts, suspense), strict=True):
            new = posted.result is Result.POSTED
            accepted += new and target.account != suspense
            suspended += new and target.account == suspense
            already += not new
            statuses.append(_status(line, target, posted))
    original = Original(file.message_id, file.version)
    return Taken(original, len(file.lines), accepted, already, suspended, tuple(statuses))


def _targets(file: CreditFile) -> dict[str, _Target]:
    """Where to book, by number, for the accounts of this file."""
    numbers = {plain_number(line.creditor_account) for line in file.lines}
    found = dict(Account.objects.filter(number__in=numbers).values_list("number", "id"))
    found = {number: account for number, account in found.items() if may_pay(NOBODY, account)}
    states, suspense = reader().accounts(list(found.values())), bank_facts.own("suspense")
    out = {}
    for number in numbers:
        state = states.get(found.get(number, 0))
        if state is None:
            out[number] = _Target(suspense, 0, Reason.ACCOUNT_UNKNOWN)
        elif state.flags & (FLAG_CLOSED | FLAG_FROZEN_IN):
            closed = state.flags & FLAG_CLOSED
            reason = Reason.ACCOUNT_CLOSED if closed else Reason.ACCOUNT_FROZEN
            out[number] = _Target(suspense, 0, reason, state.account)
        else:
            out[number] = _Target(state.account, state.cohort, owner=state.account)
    return out


def _status(line: CreditLine, target: _Target, posted: Posted) -> LineStatus:
    """Settled, or waiting at the suspense account with the reason; refused when its id was another payment's."""
    reason = target.reason
    if posted.result in (Result.REFUSED, Result.ALREADY_REFUSED):
        reason = posted.reason  # closed since it was looked up
    if posted.result is Result.CONFLICT:
        reason = _of_an_earlier_time(line, posted.id, target)
    return credit_status(line.end_to_end_id, line.transaction_id, reason)


def _of_an_earlier_time(line: CreditLine, ident: uuid.UUID, target: _Target) -> Reason:
    """Of a line whose id is booked with other content: OTHER_CONTENT, unless it is this line, booked when its account
    was still open (settled), or not yet (it waits at the suspense account)."""
    booked = reader().booked([ident]).get(ident)
    same = booked is not None and (booked.debit, booked.amount_minor, booked.currency) == (
        bank_facts.own("settlement"),
        line.amount_minor,
        line.currency,
    )
    if not same or booked is None or booked.credit not in (target.owner, bank_facts.own("suspense")):
        return Reason.OTHER_CONTENT
    if booked.credit == target.owner:
        return Reason.OK
    return target.reason if target.reason is not Reason.OK else Reason.NOT_COMPLETED


def _as_post(file: CreditFile, line: CreditLine, target: _Target) -> Post:
    return Post(
        id=ids.file_line_id(file.sender, file.message_id, line.line, line.end_to_end_id),
        debit=bank_facts.own("settlement"),
        credit=target.account,
        amount_minor=line.amount_minor,
        currency=line.currency,
        kind="salary" if line.purpose == "SALA" else "credit",
        value_date=file.settlement_date,
        cohort=target.cohort,
        epoch=rows.row(target.cohort).epoch,
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
        if posted.result in (Result.REFUSED, Result.ALREADY_REFUSED)
    ]
    for posted in books().post_many(again):
        if posted.result is Result.STALE:
            raise StaleEpoch(posted.known_epoch)
    return results
