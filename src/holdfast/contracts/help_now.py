"""Help now: emergency money, an advance without interest or fee, and where help is near; what both banks say alike.

The main bank reads its file of help (contracts.help_file) and tells what it says as the fact `help`, so that both banks
give by the same terms. An advance is booked from the bank's own account `hardship` to the customer's under an id that
both banks derive from the customer, the month and the advance's number in it: whoever asks twice, at one bank or at
both, gets it once, and nobody gets more in a month than the terms have numbers. All amounts are in minor units of the
bank's own currency.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from holdfast.contracts.errors import BadMessage

KIND, BACK_KIND = "advance", "advance_back"
"""Of the transfers: given, and paid back."""
FACT, OWED_FACT = "help", "advances"
"""Of the profile's facts: the terms and the places; what one customer owes."""
TIMES_MAX = 9
EVERYWHERE = "everywhere"
KINDS = ("food", "debt", "shelter", "talk", "other")
"""Of help, in the order in which it is shown."""


class Opened(StrEnum):
    """When emergency money is given."""

    ALWAYS = "always"
    IN_AN_OUTAGE = "in an outage"
    NEVER = "never"


class Why(StrEnum):
    """Why no money is given now; said in words, never a final refusal: the same press may be tried again."""

    CLOSED = "closed"
    MONTH = "month"
    OWES = "owes"
    DAY = "day"
    FROZEN = "frozen"
    NO_ACCOUNT = "no_account"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Terms:
    """By what emergency money is given. account: the bank's own, 0 while it has none; times_a_month: how many advances
    one customer gets in a calendar month; after_days: how long after an outage it may still be asked for; back_days:
    after so many days the bank takes it back from the account, once left_minor stays there; main_day_minor and
    spare_day_minor: what each bank gives at most in a day, together the whole bank's limit."""

    opened: Opened = Opened.NEVER
    currency: str = ""
    amount_minor: int = 0
    times_a_month: int = 0
    after_days: int = 0
    back_days: int = 0
    left_minor: int = 0
    main_day_minor: int = 0
    spare_day_minor: int = 0
    account: int = 0

    @property
    def gives(self) -> bool:
        """Whether any money is ever given."""
        return self.opened is not Opened.NEVER and self.amount_minor > 0 and self.account > 0


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the country. postcodes: what its postcodes begin with."""

    code: str
    name: str
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where help is. kind: one of KINDS; areas: codes, or EVERYWHERE; about and hours: by language; phone: in
    international form or ""."""

    name: str
    kind: str
    areas: tuple[str, ...]
    phone: str = ""
    address: str = ""
    web: str = ""
    hours: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Help:
    """All of it. trouble: why the bank's file as it lies there now is not what holds, in words for staff."""

    terms: Terms = NO_TERMS
    areas: tuple[Area, ...] = ()
    places: tuple[Place, ...] = ()
    trouble: str = ""

    def to_body(self) -> dict[str, Any]:
        """The body of the fact."""
        return {
            "terms": asdict(self.terms) | {"opened": self.terms.opened.value},
            "areas": [asdict(one) for one in self.areas],
            "places": [asdict(one) | {"hours": dict(one.hours), "about": dict(one.about)} for one in self.places],
            "trouble": self.trouble,
        }

    def near(self, area: str) -> list[Place]:
        """The places of an area and those of everywhere; food first, then debt, …"""
        found = [one for one in self.places if EVERYWHERE in one.areas or (area and area in one.areas)]
        return sorted(found, key=lambda one: (KINDS.index(one.kind), EVERYWHERE in one.areas))

    def find_area(self, chosen: str, postcode: str = "") -> str:
        """The code of the area that a customer chose, or whose postcodes fit best; "" for none."""
        digits = "".join(one for one in postcode if one.isascii() and one.isdigit())
        starts = [(start, one.code) for one in self.areas for start in one.postcodes]
        fitting = [(len(start), code) for start, code in starts if digits.startswith(start)]
        if fitting:
            return max(fitting)[1]
        return chosen if not digits and any(one.code == chosen for one in self.areas) else ""


def help_from_body(body: Mapping[str, Any] | None) -> Help:
    """Read the fact; raises BadMessage. None, as of a bank that never told: nothing is given, and no place known."""
    if body is None:
        return Help()
    try:
        raw = {one.name: body["terms"][one.name] for one in fields(Terms)}
        numbers = {name: int(value) for name, value in raw.items() if name not in ("opened", "currency")}
        terms = Terms(opened=Opened(raw["opened"]), currency=str(raw["currency"]), **numbers)
        areas = tuple(
            Area(str(one["code"]), str(one["name"]), tuple(map(str, one["postcodes"]))) for one in body["areas"]
        )
        places = tuple(_place(one) for one in body["places"])
        return Help(terms, areas, places, str(body.get("trouble", "")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadMessage(f"what is told of help has not the agreed form: {error!r}") from error


def _place(raw: Mapping[str, Any]) -> Place:
    if raw["kind"] not in KINDS:
        raise ValueError(raw["kind"])
    return Place(
        str(raw["name"]),
        str(raw["kind"]),
        tuple(map(str, raw["areas"])),
        str(raw["phone"]),
        str(raw["address"]),
        str(raw["web"]),
        {str(language): str(words) for language, words in raw["hours"].items()},
        {str(language): str(words) for language, words in raw["about"].items()},
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """One advance that is not paid back. due: from this day on the bank takes it from the account."""

    month: str
    number: int
    amount_minor: int
    day: date
    due: date

    def to_wire(self) -> dict[str, Any]:
        """As it stands in the fact."""
        return {
            "month": self.month,
            "number": self.number,
            "amount_minor": self.amount_minor,
            "day": self.day.isoformat(),
            "due": self.due.isoformat(),
        }


def owed_from_body(body: Mapping[str, Any] | None) -> list[Owed]:
    """Read the fact `advances` of one customer; raises BadMessage."""
    try:
        return [
            Owed(
                str(one["month"]),
                int(one["number"]),
                int(one["amount_minor"]),
                date.fromisoformat(one["day"]),
                date.fromisoformat(one["due"]),
            )
            for one in (body or {}).get("open", [])
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadMessage(f"what a customer owes has not the agreed form: {error!r}") from error


def month_of(day: date) -> str:
    """`2026-11`: the calendar month whose advances are counted together."""
    return day.isoformat()[:7]


def next_number(taken: Collection[int], terms: Terms) -> int:
    """The lowest number that was not used yet, 0 when the month has no more. Both banks take numbers in this order, so
    what one gave and the other has not heard of is given by neither again."""
    return next((number for number in range(1, terms.times_a_month + 1) if number not in taken), 0)


def account_for(accounts: Iterable[tuple[int, str, str]], currency: str) -> int:
    """The account that the money goes to: of the customer's open ones, (id, product, currency) each, in the bank's own
    currency, a current one first, the oldest first; 0 for none. No choice, so that both banks mean the same transfer
    by the same id."""
    fitting = sorted((product != "current", account) for account, product, own in accounts if own == currency)
    return fitting[0][1] if fitting else 0
