"""Ids that nobody sends are derived, alike at both banks (design.md, One idea)."""

import hashlib
import uuid
from datetime import date

NAMESPACE = uuid.UUID("6f1d2a52-2c1b-5d0e-9a53-5b1f3c0e7a10")


def _derive(kind: str, *parts: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, "\x1f".join((kind, *parts)))


def order_payment_id(order: int, due: date) -> uuid.UUID:
    """The id of one execution of a standing order."""
    return _derive("order", str(order), due.isoformat())


def order_retry_id(order: int, due: date) -> uuid.UUID:
    """The id of the second attempt of a standing order that was refused."""
    return _derive("order-retry", str(order), due.isoformat())


def file_line_id(sender: str, message_id: str, line: int, end_to_end_id: str) -> uuid.UUID:
    """The id of one line of a payment file; line counts from 1."""
    return _derive("file", sender, message_id, str(line), end_to_end_id)


def card_use_id(network: str, transaction: str) -> uuid.UUID:
    """The id of one use of a card, from the network's name and its own number of the transaction."""
    return _derive("card", network, transaction)


def card_reversal_id(use: uuid.UUID) -> uuid.UUID:
    """The id under which a card use is given back that was told declined and found booked."""
    return _derive("rule", "card-reversal", use.hex)


def card_exchange_id(use: uuid.UUID) -> uuid.UUID:
    """The id under which a hold is voided for a use that came out larger, and of the group of the two."""
    return _derive("rule", "card-exchange", use.hex)


def exchange_other_id(exchange: uuid.UUID) -> uuid.UUID:
    """The id of an exchange's second transfer, which gives what was bought; the first has the exchange's own."""
    return _derive("exchange", exchange.hex)


def api_payment_id(customer: int, key: str) -> uuid.UUID:
    """The id of the payment that a customer's program asked for under this Idempotency-Key; by whichever token, so that
    a request sent again after its token was renewed is the same payment."""
    return _derive("api", str(customer), key)


def charge_id(rule: str, account: int, period: str) -> uuid.UUID:
    """The id of a charge, interest or refund of one rule on one account for one period."""
    return _derive("rule", rule, str(account), period)


def advance_id(customer: int, month: str, number: int) -> uuid.UUID:
    """The id of a customer's advance of emergency money: the month as `2026-11`, its numbers counting from 1."""
    return _derive("advance", str(customer), month, str(number))


def advance_back_id(advance: uuid.UUID, attempt: int) -> uuid.UUID:
    """The id under which an advance is paid back; attempt: how often the books have refused it before."""
    return _derive("advance-back", advance.hex, str(attempt))


def journal_conflict_id(number: int) -> uuid.UUID:
    """The id under which a journal entry is booked whose own id the books hold with other content."""
    return _derive("journal", str(number))


def case_id(number: int, decision: str) -> uuid.UUID:
    """The id under which a decision on a case is booked; number is that of the journal entry that opened it."""
    return _derive("case", str(number), decision)


def closing_id(order: uuid.UUID) -> uuid.UUID:
    """The id under which what was left on an account is paid out, by the order of the staff who close it."""
    return _derive("closing", order.hex)


def core_movement_id(account: int, block: int, item: int) -> uuid.UUID:
    """The id of a change of an account's balance that a foreign core reported, by its place in the blocks."""
    return _derive("core", str(account), str(block), str(item))


def content_hash(debit: int, credit: int, amount_minor: int, currency: str) -> bytes:
    """SHA-256 of what makes two requests with one id the same request; 32 bytes."""
    text = f"{debit}|{credit}|{amount_minor}|{currency}"
    return hashlib.sha256(text.encode()).digest()


def note_hash(salt: bytes, payer: str, payee: str, text: str) -> bytes:
    """Salted SHA-256 of a transfer's personal words, so that the words can be erased; 32 bytes."""
    digest = hashlib.sha256(salt)
    for part in (payer, payee, text):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.digest()
