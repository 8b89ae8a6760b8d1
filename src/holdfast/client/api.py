"""What the bank's API takes and answers; generated from openapi.json by scripts/client.py (`make client`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from holdfast.client.calls import Call, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of the customer's accounts."""

    id: str
    number: str
    iban: str
    name: str
    currency: str
    can_pay: bool
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts of the customer."""

    items: list[Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is in an account. booked_minor: by the books; held_minor: kept of it for card uses; available_minor: what
    may leave it; block: the last block of the books that the figures contain."""

    booked_minor: int
    held_minor: int
    available_minor: int
    currency: str
    block: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A payment card; its number is not known here, only its last four digits."""

    id: str
    account: str
    last4: str
    network: str
    ends: str
    frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """The customer's cards."""

    items: list[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An exchange and how it ended, by /payments/<id> too. state: as of a payment."""

    from_account: str
    to_account: str
    sold_minor: int
    sold_currency: str
    bought_minor: int
    bought_currency: str
    rate: str
    margin_ppm: int
    rates: str
    id: UUID
    state: Literal["done", "checking", "refused"]
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeQuote:
    """An offer. quote: sent back to exchange by it; ends_at: from then on it is over; margin_minor: the bank's price,
    in minor units of the currency bought."""

    from_account: str
    to_account: str
    sold_minor: int
    sold_currency: str
    bought_minor: int
    bought_currency: str
    rate: str
    margin_ppm: int
    rates: str
    quote: str
    ends_at: datetime
    margin_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one member of what was sent."""

    field: str
    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExchange:
    """An exchange to be made now. quote: as it was given; text: the customer's own words."""

    quote: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExchangeQuote:
    """What the customer would exchange: an amount out of one of their accounts, into another in another currency."""

    from_account: str
    to_account: str
    sold_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A payment to be made now. to_number: Norwegian account number or IBAN; payee: the name of its owner, compared
    with the real one, or empty; accept_name: pay although the name is not, or only nearly, the owner's; kid:
    the payee's number for the payment, in place of text; metadata: named texts that stay with the payment for
    ever and that only its payer sees, up to 16 names of 1 to 64 characters out of a to z, 0 to 9, _, . and -,
    with up to 500 characters each and 4,096 bytes in all: nothing personal."""

    from_account: str
    to_number: str
    amount_minor: int
    currency: str
    payee: str = ""
    text: str = ""
    kid: str = ""
    accept_name: bool = False
    metadata: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A payment to come, or a standing order. due: the day of the next payment; state: `active`, `waiting` (for the
    one that it replaces) or `ending` (being cancelled)."""

    id: str
    from_account: str
    payee: str
    text: str
    amount_minor: int
    currency: str
    rhythm: str
    due: date | None
    until: date | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the customer ordered to be paid later, or again and again."""

    items: list[Order]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """An account on the customer's list of payees. name_check: how the name compared with the owner's when it was
    saved."""

    account: str
    number: str
    name: str
    name_check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payees:
    """The customer's list of payees."""

    items: list[Payee]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment and how it ended. state: `done`: it is in the books, or will be for certain; `checking`: it is not
    known yet and will be told by this address; `refused`: it is never made, and reason says why. metadata: as
    it was attached."""

    id: UUID
    state: Literal["done", "checking", "refused"]
    reason: str | None
    from_account: str
    amount_minor: int
    currency: str
    payee: str
    text: str
    metadata: dict[str, str] | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem (RFC 9457). code: stable, for programs; title and detail: for people, in the customer's language or
    the one of Accept-Language. Other members by code: errors; payment, state and reason; confirm_at; scopes;
    limit_bytes; least_minor."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None
    payment: UUID | None = None
    state: Literal["done", "checking", "refused"] | None = None
    reason: str | None = None
    confirm_at: str | None = None
    least_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One entry of an account. id: its place in the books; payment: the id of the payment that it is; amount_minor:
    negative for what left the account; kind: as the books have it (`payment`, `salary`, `card`, …)."""

    id: str
    payment: UUID
    amount_minor: int
    currency: str
    balance_after_minor: int
    kind: str
    value_date: date
    booked_at: datetime
    payer: str
    payee: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilters:
    """Which entries: each that is given must fit. Amounts in minor units, without their sign; days inclusive."""

    cursor: str | None = None
    limit: int = 50
    text: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    from_day: date | None = None
    to_day: date | None = None
    way: Literal["in", "out"] | None = None
    kind: Literal["payment", "order", "salary", "card", "charge", "other"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """A page of an account's entries, the newest first. next_cursor: of the page that follows; null at the end. With
    filters a page may hold fewer entries than asked for, or none, and still have one that follows."""

    items: list[Transaction]
    next_cursor: str | None


def list_accounts() -> Call[Accounts]:
    """The customer's accounts with their balances."""
    return Call("GET", "/accounts", Accounts)


def get_account(account: str) -> Call[Account]:
    """One account with its balance."""
    return Call("GET", f"/accounts/{place(account)}", Account)


def get_balance(account: str) -> Call[Balance]:
    """The balance of one account."""
    return Call("GET", f"/accounts/{place(account)}/balance", Balance)


def list_transactions(
    account: str,
    *,
    cursor: str | None = None,
    limit: int | None = None,
    text: str | None = None,
    least_minor: int | None = None,
    most_minor: int | None = None,
    from_day: date | None = None,
    to_day: date | None = None,
    way: Literal["in", "out"] | None = None,
    kind: Literal["payment", "order", "salary", "card", "charge", "other"] | None = None,
) -> Call[Transactions]:
    """The entries of an account, the newest first, by pages and filters."""
    return Call(
        "GET",
        f"/accounts/{place(account)}/transactions",
        Transactions,
        query={
            "cursor": cursor,
            "limit": limit,
            "text": text,
            "least_minor": least_minor,
            "most_minor": most_minor,
            "from_day": from_day,
            "to_day": to_day,
            "way": way,
            "kind": kind,
        },
    )


def get_transaction(account: str, transaction: str) -> Call[Transaction]:
    """One entry of an account."""
    return Call("GET", f"/accounts/{place(account)}/transactions/{place(transaction)}", Transaction)


def list_cards() -> Call[Cards]:
    """The customer's cards, the one that ends last first."""
    return Call("GET", "/cards", Cards)


def freeze_card(card: str) -> Call[Card]:
    """Freeze a card: it pays nothing until its holder opens it on the bank's own page. Again: changes nothing."""
    return Call("POST", f"/cards/{place(card)}/freeze", Card)


def quote_exchange(body: NewExchangeQuote) -> Call[ExchangeQuote]:
    """What the bank gives for an amount now. It holds until ends_at, also when new rates come meanwhile; nothing is
    moved or kept. 422 `no-rate`, `old-rates`, `too-small` (with `least_minor`), `too-large`: nothing is
    offered."""
    return Call("POST", "/exchange-quotes", ExchangeQuote, body=body)


def make_exchange(body: NewExchange, idempotency_key: str) -> Call[Exchange]:
    """Exchange by a quote. The same key and content again are answered as the first time, and exchanged once, also
    when the quote is over. 201: it is done; 202: that is being checked, ask for the payment of this id; 422
    `payment-refused`: it is never made; 422 `quote-over`: nothing was moved, ask for another quote."""
    return Call("POST", "/exchanges", Exchange, headers={"Idempotency-Key": idempotency_key}, body=body)


def list_orders() -> Call[Orders]:
    """Payments to come and standing orders, the next first."""
    return Call("GET", "/orders", Orders)


def list_payees() -> Call[Payees]:
    """The customer's list of payees, by name."""
    return Call("GET", "/payees", Payees)


def make_payment(body: NewPayment, idempotency_key: str) -> Call[Payment]:
    """Pay now. The same key and content again are answered as the first time, and paid once. 201: it is paid; 202:
    that is being checked, ask for the payment by its id; 422 `payment-refused`: it is never made; 403
    `confirm-needed`: the customer must confirm it at the address `confirm_at`, and nothing was done."""
    return Call("POST", "/payments", Payment, headers={"Idempotency-Key": idempotency_key}, body=body)


def get_payment(payment: UUID) -> Call[Payment]:
    """How a payment of the customer's ended, whichever way it was asked for."""
    return Call("GET", f"/payments/{place(payment)}", Payment)
