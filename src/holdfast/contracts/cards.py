"""Payment cards: what both banks know of one, and what a card network asks when one is used.

A card is known by a token, 32 hex digits; the number printed on it never comes here, only its last four digits.

`changed_us` orders freezes and unfreezes made at the two banks: microseconds since 1970 UTC, but never at or below
the last change that the writer knows of (`next_change_us`). So a change made in sight of another is always the later
one, even if the clock of the bank that makes it lags; clocks decide only between changes of which neither knew.
"""

import json
import re
import time
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from holdfast.contracts import ids
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS

NETWORK_HEADER = "Holdfast-Network"
"""Token of USE_PURPOSE, signed by the card network: {sha256 of the body, at}."""
USE_PURPOSE = "card-use"
USE_BYTES_MAX = 10_000
KIND = "card"
"""The kind of a card use in books and journal."""
REVERSAL_KIND = "card_reversal"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class CardOutcome(StrEnum):
    """What a card network is told. `unknown`: nothing was decided or recorded that binds; it may ask again."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Card:
    """A card of `customer` on `account`; limits in minor units of the account's currency; ends: the last month."""

    id: str
    account: int
    customer: int
    last4: str
    network: str
    frozen: bool
    per_use_minor: int
    per_day_minor: int
    ends: str
    changed_us: int = 0

    @property
    def until(self) -> str:
        """The last month as it is printed on cards: `07/29`."""
        return f"{self.ends[5:]}/{self.ends[2:4]}"

    def to_body(self) -> dict[str, Any]:
        """The body of the profile fact `card`; its key is the id."""
        return {
            "account": self.account,
            "customer": self.customer,
            "last4": self.last4,
            "network": self.network,
            "frozen": self.frozen,
            "per_use_minor": self.per_use_minor,
            "per_day_minor": self.per_day_minor,
            "ends": self.ends,
            "changed_us": self.changed_us,
        }


def card_from_body(key: str, body: dict[str, Any]) -> Card:
    """Read a fact `card`; raises KeyError, ValueError or TypeError when it is not one."""
    if not _TOKEN.fullmatch(key) or not re.fullmatch(r"[0-9]{4}", body["last4"]) or not _MONTH.fullmatch(body["ends"]):
        raise ValueError("a card's token, last digits or end has not the agreed form")
    if not isinstance(body["frozen"], bool):
        raise TypeError("a card is frozen or not")
    return Card(
        key,
        int(body["account"]),
        int(body["customer"]),
        str(body["last4"]),
        str(body["network"]),
        body["frozen"],
        int(body["per_use_minor"]),
        int(body["per_day_minor"]),
        str(body["ends"]),
        int(body["changed_us"]),
    )


def next_change_us(known_us: int) -> int:
    """The instant of a change made now by somebody who knows of a change at known_us: always later than that."""
    return max(time.time_ns() // 1000, known_us + 1)


def last_day_passed(ends: str, today: date) -> bool:
    """Whether a card that ends with the month "YYYY-MM" has ended."""
    return f"{today:%Y-%m}" > ends


@dataclass(frozen=True, slots=True)
class CardUse:
    """One use of a card as the network asks for it. final false: the amount may still change, so it is only held.

    hold: the transaction of an earlier use that was not final; this one is what became of it, or, with release, says
    that nothing will (then the amount is the one that was held)."""

    network: str
    transaction: str
    card: str
    amount_minor: int
    currency: str
    merchant: str
    merchant_code: str
    at: datetime
    final: bool
    hold: str = ""
    release: bool = False

    @property
    def id(self) -> uuid.UUID:
        """The payment id, derived alike at both banks."""
        return ids.card_use_id(self.network, self.transaction)

    @property
    def settles(self) -> uuid.UUID | None:
        """The id of what was held."""
        return ids.card_use_id(self.network, self.hold) if self.hold else None

    @property
    def cause(self) -> str:
        """Where the booking came from."""
        return f"card:{self.network}:{self.transaction}"


def card_words(last4: str) -> str:
    """The text of a card's bookings, by which the customer knows the card."""
    return f"Card ending {last4}"


def read_card_use(raw: bytes) -> CardUse:
    """Read a network's question; raises BadMessage naming the field, then nothing was done."""
    try:
        body = json.loads(raw)
        use = CardUse(
            _matched(body, "network", _NAME),
            _matched(body, "transaction", _NAME),
            _matched(body, "card", _TOKEN),
            _amount(body["amount_minor"]),
            _one_of(body, "currency", MINOR_DIGITS),
            str(body["merchant"]).strip(),
            _matched(body, "merchant_code", re.compile(r"[0-9]{4}")),
            datetime.fromisoformat(str(body["at"]).replace("Z", "+00:00")),
            body["final"],
            _matched(body, "hold", _NAME) if "hold" in body else "",
            body.get("release", False),
        )
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise BadMessage(f"the card use has not the agreed form: {error}") from error
    if not 0 < len(use.merchant) <= 140 or not use.merchant.isprintable():
        raise BadMessage("the card use has not the agreed form: merchant is 1 to 140 printable characters")
    if use.at.tzinfo is None or not isinstance(use.final, bool):
        raise BadMessage("the card use has not the agreed form: at needs a zone, final is true or false")
    if not isinstance(use.release, bool) or (use.release and not use.hold):
        raise BadMessage("the card use has not the agreed form: release is true only with the hold that it is of")
    if use.hold and (not use.final or use.hold == use.transaction):
        raise BadMessage("the card use has not the agreed form: with hold it is final, and another transaction")
    return use


def _matched(body: dict[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = body[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(f"{name} is not as agreed")
    return value


def _one_of(body: dict[str, Any], name: str, known: dict[str, int]) -> str:
    if body[name] not in known:
        raise ValueError(f"{name} is not known")
    return str(body[name])


def _amount(value: object) -> int:
    if type(value) is not int or not 0 < value <= AMOUNT_MINOR_MAX:
        raise ValueError("amount_minor is not a whole number above zero that can be booked")
    return value
