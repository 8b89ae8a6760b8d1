"""Rows of a core's files as values, each with its file and line, and what makes no sense in them. Pure."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS

_AMOUNT = re.compile(r"([-+]?)([0-9]{1,13})(?:[.,]([0-9]{1,3}))?")
_SECRET = re.compile(r"[A-Z2-7]{26,64}")
_NUMBER = re.compile(r"[A-Z0-9]{1,34}")


class BadRow(ValueError):
    """A row that makes no sense; the text says why, for whoever wrote the file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row or file that was left out; line 0 is about the whole file."""

    file: str
    line: int
    words: str


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """verifier: argon2id's encoded form, or "" for somebody who cannot log in yet; secret: of the customer's
    authenticator app (base32), or "" for none; opened_us: when the core opened last what the customer had frozen at the
    spare bank, in microseconds since 1970 UTC, 0 for never."""

    number: str
    name: str
    username: str
    email: str
    language: str
    verifier: str
    secret: str = ""
    opened_us: int = 0
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account and the numbers of the customers who own it."""

    number: str
    currency: str
    owners: tuple[str, ...]
    title: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A booked balance in minor units, the least that it may become, and when it was so."""

    number: str
    currency: str
    booked_minor: int
    floor_minor: int
    as_of: datetime
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """What became in the core of a payment that was handed back: `booked` or `rejected`."""

    payment: uuid.UUID
    outcome: str
    file: str = ""
    line: int = 0


def plain_number(typed: str) -> str:
    """An account number without the spaces, dots and dashes people write into it; raises BadRow."""
    number = re.sub(r"[\s.\-]", "", typed).upper()
    if not _NUMBER.fullmatch(number):
        raise BadRow(f"{typed!r} is no account number")
    return number


def minor_of(typed: str, currency: str) -> int:
    """Minor units of a decimal amount, with a sign; raises BadRow."""
    found = _AMOUNT.fullmatch(typed.strip().replace(" ", ""))
    digits = MINOR_DIGITS.get(currency, 2)
    part = (found.group(3) or "") if found else ""
    if found is None or len(part.rstrip("0")) > digits:
        raise BadRow(f"{typed!r} is no amount in {currency} (write 1234.50)")
    amount = int(found.group(2) + part[:digits].ljust(digits, "0"))
    if amount > AMOUNT_MINOR_MAX:
        raise BadRow(f"{typed!r} is larger than can be booked")
    return -amount if found.group(1) == "-" else amount


def instant_of(typed: str) -> datetime:
    """An ISO instant in UTC; a day alone is its end, an instant without zone is UTC. Raises BadRow."""
    try:
        found = datetime.fromisoformat(typed.strip())
    except ValueError as error:
        raise BadRow(f"{typed!r} is no day or instant (write 2026-11-22T14:00:00Z)") from error
    if len(typed.strip()) <= 10:
        found = datetime.combine(found.date(), time(23, 59, 59))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def customer_row(raw: dict[str, str], file: str, line: int) -> CustomerRow:
    """A row of customers.csv; raises BadRow."""
    number, name, username = (raw[field].strip() for field in ("number", "name", "username"))
    language, verifier = raw["language"].strip() or "en", raw["password verifier"].strip()
    if not number or not name or not username:
        raise BadRow("number, name and username are needed")
    if language not in LANGUAGES:
        raise BadRow(f"language {language!r} is not one of {', '.join(LANGUAGES)}")
    if verifier in ("none", "-"):
        verifier = ""
    if verifier and not verifier.startswith("$argon2id$"):
        raise BadRow("the password verifier is not argon2id's encoded form ($argon2id$v=19$…), nor empty")
    secret = raw["authenticator secret"].replace(" ", "").upper()
    if secret and not _SECRET.fullmatch(secret):
        raise BadRow("the authenticator secret is not base32 (A to Z, 2 to 7; 26 to 64 characters), nor empty")
    typed = raw["opened again"].strip()
    opened_us = int(instant_of(typed).timestamp() * 1e6) if typed else 0
    return CustomerRow(number, name, username, raw["e-mail"].strip(), language, verifier, secret, opened_us, file, line)


def account_row(raw: dict[str, str], file: str, line: int) -> AccountRow:
    """A row of accounts.csv; raises BadRow."""
    owners = tuple(dict.fromkeys(raw["owner numbers"].replace(",", " ").split()))
    currency = raw["currency"].strip().upper()
    if currency not in MINOR_DIGITS:
        raise BadRow(f"currency {currency!r} is not known")
    if not owners:
        raise BadRow("an account needs an owner")
    return AccountRow(
        plain_number(raw["account number"]), currency, owners, raw["title"].strip() or "Account", file, line
    )


def balance_row(raw: dict[str, str], file: str, line: int) -> BalanceRow:
    """A row of balances.csv; raises BadRow."""
    currency = raw["currency"].strip().upper()
    return BalanceRow(
        plain_number(raw["account number"]),
        currency,
        minor_of(raw["booked balance"], currency),
        minor_of(raw["available floor"] or "0", currency),
        instant_of(raw["as of"]),
        file,
        line,
    )


def carried_row(raw: dict[str, str], file: str, line: int) -> CarriedRow:
    """A row of carried-out.csv; raises BadRow."""
    try:
        payment = uuid.UUID(hex=raw["payment id"].strip())
    except ValueError as error:
        raise BadRow(f"{raw['payment id']!r} is no payment id") from error
    if raw["outcome"].strip() not in ("booked", "rejected"):
        raise BadRow(f"outcome {raw['outcome']!r} is not booked or rejected")
    return CarriedRow(payment, raw["outcome"].strip(), file, line)
