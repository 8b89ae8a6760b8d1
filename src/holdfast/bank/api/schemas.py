"""What programs send and read. Amounts are integers in minor units with their ISO 4217 currency; ids are text; instants
carry their zone. A body with a member that is not named here is refused, so that a slip of the pen is not
overlooked."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from holdfast.contracts.api import WORDS_MAX, WORDS_PATTERN
from holdfast.contracts.kid import LENGTH_MAX as KID_MAX
from holdfast.contracts.metadata import NAMES_MAX
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.contracts.numbers import NUMBER_LENGTH_MAX

AccountId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", description="The account's id, as /accounts lists it.")]
CardId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="The card's id, as /cards lists it.")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]
State = Literal["done", "checking", "refused"]
QUOTE_MAX = 2_000
Line = Annotated[str, Field(max_length=WORDS_MAX, pattern=WORDS_PATTERN)]


class Balance(Schema):
    """What is in an account. booked_minor: by the books; held_minor: kept of it for card uses; available_minor: what
    may leave it; block: the last block of the books that the figures contain."""

    booked_minor: int
    held_minor: int
    available_minor: int
    currency: Currency
    block: int
    as_of: datetime


class Account(Schema):
    """One of the customer's accounts."""

    id: AccountId
    number: str
    iban: str
    name: str
    currency: Currency
    can_pay: bool
    balance: Balance


class Accounts(Schema):
    """All accounts of the customer."""

    items: list[Account]


class Transaction(Schema):
    """One entry of an account. id: its place in the books; payment: the id of the payment that it is; amount_minor:
    negative for what left the account; kind: as the books have it (`payment`, `salary`, `card`, …)."""

    id: str
    payment: UUID
    amount_minor: int
    currency: Currency
    balance_after_minor: int
    kind: str
    value_date: date
    booked_at: datetime
    payer: str
    payee: str
    text: str


class Transactions(Schema):
    """A page of an account's entries, the newest first. next_cursor: of the page that follows; null at the end. With
    filters a page may hold fewer entries than asked for, or none, and still have one that follows."""

    items: list[Transaction]
    next_cursor: str | None


class TransactionFilters(Schema):
    """Which entries: each that is given must fit. Amounts in minor units, without their sign; days inclusive."""

    cursor: str | None = Field(None, pattern=r"^[0-9]{1,18}$", description="next_cursor of the page before.")
    limit: int = Field(50, ge=1, le=200)
    text: str = Field("", max_length=WORDS_MAX, description="In the payer, payee or text, whatever its case.")
    least_minor: int | None = Field(None, ge=0, le=AMOUNT_MINOR_MAX)
    most_minor: int | None = Field(None, ge=0, le=AMOUNT_MINOR_MAX)
    from_day: date | None = None
    to_day: date | None = None
    way: Literal["in", "out"] | None = None
    kind: Literal["payment", "order", "salary", "card", "charge", "other"] | None = None


class Payee(Schema):
    """An account on the customer's list of payees. name_check: how the name compared with the owner's when it was
    saved."""

    account: str
    number: str
    name: str
    name_check: str


class Payees(Schema):
    """The customer's list of payees."""

    items: list[Payee]


class Order(Schema):
    """A payment to come, or a standing order. due: the day of the next payment; state: `active`, `waiting` (for the one
    that it replaces) or `ending` (being cancelled)."""

    id: str
    from_account: AccountId
    payee: str
    text: str
    amount_minor: int
    currency: Currency
    rhythm: str
    due: date | None
    until: date | None
    state: str


class Orders(Schema):
    """What the customer ordered to be paid later, or again and again."""

    items: list[Order]


class Card(Schema):
    """A payment card; its number is not known here, only its last four digits."""

    id: str
    account: AccountId
    last4: str
    network: str
    ends: str
    frozen: bool


class Cards(Schema):
    """The customer's cards."""

    items: list[Card]


class NewPayment(Schema):
    """A payment to be made now. to_number: Norwegian account number or IBAN; payee: the name of its owner, compared
    with the real one, or empty; accept_name: pay although the name is not, or only nearly, the owner's; kid: the
    payee's number for the payment, in place of text; metadata: named texts that stay with the payment for ever and that
    only its payer sees, up to 16 names of 1 to 64 characters out of a to z, 0 to 9, _, . and -, with up to 500
    characters each and 4,096 bytes in all: nothing personal."""

    model_config = ConfigDict(extra="forbid", strict=True)

    from_account: AccountId
    to_number: str = Field(min_length=1, max_length=4 * NUMBER_LENGTH_MAX, pattern=WORDS_PATTERN)
    amount_minor: int = Field(gt=0, le=AMOUNT_MINOR_MAX)
    currency: Currency
    payee: Line = ""
    text: Line = ""
    kid: str = Field("", max_length=4 * KID_MAX, pattern=WORDS_PATTERN)
    accept_name: bool = False
    metadata: dict[str, str] | None = Field(None, max_length=NAMES_MAX)


class Payment(Schema):
    """A payment and how it ended. state: `done`: it is in the books, or will be for certain; `checking`: it is not
    known yet and will be told by this address; `refused`: it is never made, and reason says why. metadata: as it was
    attached."""

    id: UUID
    state: State
    reason: str | None
    from_account: AccountId
    amount_minor: int
    currency: Currency
    payee: str
    text: str
    metadata: dict[str, str] | None = None
    created_at: datetime


class NewExchangeQuote(Schema):
    """What the customer would exchange: an amount out of one of their accounts, into another in another currency."""

    model_config = ConfigDict(extra="forbid", strict=True)

    from_account: AccountId
    to_account: AccountId
    sold_minor: int = Field(gt=0, le=AMOUNT_MINOR_MAX)


class ExchangeFigures(Schema):
    """What is given for what. rate: units bought for one unit sold, the bank's margin taken off, as decimal text;
    margin_ppm: that margin, in millionths of the middle value; rates: the list of rates that it goes by."""

    from_account: AccountId
    to_account: AccountId
    sold_minor: int
    sold_currency: Currency
    bought_minor: int
    bought_currency: Currency
    rate: str
    margin_ppm: int
    rates: str


class ExchangeQuote(ExchangeFigures):
    """An offer. quote: sent back to exchange by it; ends_at: from then on it is over; margin_minor: the bank's price,
    in minor units of the currency bought."""

    quote: str
    ends_at: datetime
    margin_minor: int


class NewExchange(Schema):
    """An exchange to be made now. quote: as it was given; text: the customer's own words."""

    model_config = ConfigDict(extra="forbid", strict=True)

    quote: str = Field(min_length=1, max_length=QUOTE_MAX, pattern=WORDS_PATTERN)
    text: Line = ""


class Exchange(ExchangeFigures):
    """An exchange and how it ended, by /payments/<id> too. state: as of a payment."""

    id: UUID
    state: State
    text: str
    created_at: datetime


class FieldProblem(Schema):
    """What is wrong with one member of what was sent."""

    field: str
    code: str
    words: str


class ProblemBody(Schema):
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
    state: State | None = None
    reason: str | None = None
    confirm_at: str | None = None
    least_minor: int | None = None
