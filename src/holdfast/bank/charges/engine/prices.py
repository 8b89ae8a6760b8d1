"""Price lists: what each product earns and costs from a day on. Dated, versioned, never changed once they hold.

A list is written as TOML (lists/*.toml show the form) and stored as JSON of the same shape; amounts are texts in
units of the currency ("70.00"), rates texts in per cent a year ("3.25"), both read exactly. Inside, a rate is an
integer of millionths a year (`rate_ppm`, 3.25 % = 32,500), an amount an integer of minor units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from holdfast.bank.charges.engine.days import DayCount, Every
from holdfast.bank.charges.engine.errors import BadPrices
from holdfast.contracts.money import MINOR_DIGITS

RATE_PPM_MAX = 1_000_000
AMOUNT_UNITS_MAX = 100_000
FROM_UNITS_MAX = 10**12
FREE_MAX = 100_000
TIERS_MAX = 10
NAME_MAX = 20
INTEREST, OVERDRAFT, SERVICE, USES = "interest", "overdraft", "service", "uses"
RULES = (INTEREST, OVERDRAFT, SERVICE, USES)
"""What is charged or earned for a period, by account; each is booked by itself."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From this amount on (minor units, 0 for the first), this rate a year in millionths."""

    from_minor: int
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Interest of one kind. whole: the whole amount has the rate of the tier that it reaches; otherwise each part of
    it has that of its own tier."""

    count: DayCount
    booked: Every
    tiers: tuple[Tier, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ServiceFee:
    """For having the account in a period; free when the least balance of the period was free_from_minor or more (None:
    never)."""

    amount_minor: int
    booked: Every
    free_from_minor: int | None = None


@dataclass(frozen=True, slots=True)
class UseFee:
    """For each payment out beyond `free` ones in a period."""

    amount_minor: int
    booked: Every
    free: int


@dataclass(frozen=True, slots=True)
class LoanPrices:
    """What a loan costs beside its own rate: with each instalment, when one is late (once, and interest a year on what
    is overdue), and when it is paid back early."""

    instalment_fee_minor: int
    late_fee_minor: int
    late_rate_ppm: int
    early_fee_minor: int


@dataclass(frozen=True, slots=True)
class Product:
    """The prices of one kind of account; None: there is no such price."""

    name: str
    interest: Rate | None = None
    overdraft: Rate | None = None
    service: ServiceFee | None = None
    uses: UseFee | None = None

    def rate(self, rule: str) -> Rate | None:
        """The rate of a rule that is one of interest; None when the product has it not."""
        return self.interest if rule == INTEREST else self.overdraft if rule == OVERDRAFT else None

    def booked(self, rule: str) -> Every | None:
        """How often a rule is booked; None when the product has it not."""
        price = self.rate(rule) or {SERVICE: self.service, USES: self.uses}.get(rule)
        return None if price is None else price.booked


@dataclass(frozen=True, slots=True)
class PriceList:
    """One version; body is what it was read from."""

    version: str
    valid_from: date
    currency: str
    late_order_minor: int
    products: Mapping[str, Product]
    loan: LoanPrices
    body: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All versions of one currency, the oldest first."""

    lists: Sequence[PriceList]

    def on(self, day: date) -> PriceList | None:
        """The list in force on a day."""
        found = [one for one in self.lists if one.valid_from <= day]
        return found[-1] if found else None

    def spans(self, first: date, end: date) -> list[tuple[date, date, PriceList]]:
        """[first, end) cut where another version comes into force; days before the first version are left out."""
        out = []
        for place, one in enumerate(self.lists):
            until = self.lists[place + 1].valid_from if place + 1 < len(self.lists) else end
            span = (max(first, one.valid_from), min(end, until))
            if span[0] < span[1]:
                out.append((*span, one))
        return out

    def product(self, name: str, day: date) -> Product | None:
        """A product as it is priced on a day."""
        held = self.on(day)
        return held.products.get(name) if held else None


def read_price_list(raw: Mapping[str, Any], version: str, valid_from: date, currency: str) -> PriceList:
    """The list in a TOML file or JSON text, once read; raises BadPrices naming the first price that cannot be meant."""
    reading = _Reading(currency)
    products = reading.table(raw, "products", "the list")
    if not products:
        raise BadPrices("products: the list has no product")
    return PriceList(
        version,
        valid_from,
        currency,
        reading.amount(raw, "late_order", "late_order"),
        {name: reading.product(name, reading.table(products, name, "products")) for name in products},
        reading.loan(reading.table(raw, "loan", "the list")),
        dict(raw),
    )


class _Reading:
    """Reads figures of one currency, naming the place of what is wrong."""

    def __init__(self, currency: str) -> None:
        self._digits = MINOR_DIGITS.get(currency, 2)

    def table(self, raw: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
        found = raw.get(name)
        if not isinstance(found, Mapping):
            raise BadPrices(f"{name}: is missing in {where}, or is no table")
        return found

    def product(self, name: str, raw: Mapping[str, Any]) -> Product:
        if not (name.isascii() and name.isalpha() and name.islower() and len(name) <= NAME_MAX):
            raise BadPrices(f"products.{name}: a product is named by up to {NAME_MAX} small letters")
        self._only(raw, RULES, f"products.{name}")
        return Product(
            name,
            self._rate(raw, INTEREST, name),
            self._rate(raw, OVERDRAFT, name),
            self._service(raw, name),
            self._uses(raw, name),
        )

    def loan(self, raw: Mapping[str, Any]) -> LoanPrices:
        self._only(raw, ("instalment_fee", "late_fee", "late_rate", "early_fee"), "loan")
        return LoanPrices(
            self.amount(raw, "instalment_fee", "loan.instalment_fee"),
            self.amount(raw, "late_fee", "loan.late_fee"),
            self._ppm(raw, "late_rate", "loan.late_rate"),
            self.amount(raw, "early_fee", "loan.early_fee"),
        )

    def _rate(self, raw: Mapping[str, Any], rule: str, product: str) -> Rate | None:
        if rule not in raw:
            return None
        where = f"products.{product}.{rule}"
        one = self.table(raw, rule, where)
        self._only(one, ("count", "booked", "how", "tiers"), where)
        listed = one.get("tiers")
        if not isinstance(listed, list) or not 0 < len(listed) <= TIERS_MAX:
            raise BadPrices(f"{where}.tiers: from 1 to {TIERS_MAX} tiers are needed")
        tiers = []
        for place, tier in enumerate(listed):
            at = f"{where}.tiers.{place}"
            if not isinstance(tier, Mapping):
                raise BadPrices(f"{at}: is no table of `from` and `rate`")
            self._only(tier, ("from", "rate"), at)
            tiers.append(Tier(self.amount(tier, "from", f"{at}.from", FROM_UNITS_MAX), self._ppm(tier, "rate", at)))
        begins = [one.from_minor for one in tiers]
        if begins[0] != 0 or begins != sorted(set(begins)):
            raise BadPrices(f"{where}.tiers: the first begins at 0, each next one higher")
        if one.get("how", "parts") not in ("parts", "whole"):
            raise BadPrices(f"{where}.how: is neither parts nor whole")
        return Rate(self._count(one, where), self._booked(one, where), tuple(tiers), one.get("how") == "whole")

    def _service(self, raw: Mapping[str, Any], product: str) -> ServiceFee | None:
        if SERVICE not in raw:
            return None
        where = f"products.{product}.{SERVICE}"
        one = self.table(raw, SERVICE, where)
        self._only(one, ("amount", "booked", "free_from"), where)
        free = self.amount(one, "free_from", f"{where}.free_from", FROM_UNITS_MAX) if "free_from" in one else None
        return ServiceFee(self.amount(one, "amount", f"{where}.amount"), self._booked(one, where), free)

    def _uses(self, raw: Mapping[str, Any], product: str) -> UseFee | None:
        if USES not in raw:
            return None
        where = f"products.{product}.{USES}"
        one = self.table(raw, USES, where)
        self._only(one, ("amount", "booked", "free"), where)
        free = one.get("free", 0)
        if type(free) is not int or not 0 <= free <= FREE_MAX:
            raise BadPrices(f"{where}.free: is no whole number from 0 to {FREE_MAX}")
        return UseFee(self.amount(one, "amount", f"{where}.amount"), self._booked(one, where), free)

    def amount(self, raw: Mapping[str, Any], name: str, where: str, units_max: int = AMOUNT_UNITS_MAX) -> int:
        """An amount in minor units."""
        return self._scaled(raw.get(name), where, self._digits, units_max)

    def _ppm(self, raw: Mapping[str, Any], name: str, where: str) -> int:
        return self._scaled(raw.get(name), f"{where}.{name}" if name == "rate" else where, 4, RATE_PPM_MAX // 10**4)

    @staticmethod
    def _scaled(text: object, where: str, digits: int, most: int) -> int:
        try:
            value = Decimal(text if isinstance(text, str) else "") * 10**digits
        except InvalidOperation:
            raise BadPrices(f"{where}: {text!r} is no figure such as 1234.50") from None
        if not value.is_finite() or value != int(value):
            raise BadPrices(f"{where}: {text!r} has more than {digits} decimals")
        if not 0 <= value <= most * 10**digits:
            raise BadPrices(f"{where}: {text!r} is not between 0 and {most}")
        return int(value)

    @staticmethod
    def _count(raw: Mapping[str, Any], where: str) -> DayCount:
        try:
            return DayCount(str(raw.get("count")))
        except ValueError:
            raise BadPrices(f"{where}.count: is none of {', '.join(DayCount)}") from None

    @staticmethod
    def _booked(raw: Mapping[str, Any], where: str) -> Every:
        try:
            return Every(str(raw.get("booked")))
        except ValueError:
            raise BadPrices(f"{where}.booked: is none of {', '.join(Every)}") from None

    @staticmethod
    def _only(raw: Mapping[str, Any], names: Sequence[str], where: str) -> None:
        unknown = sorted(set(raw) - set(names))
        if unknown:
            raise BadPrices(f"{where}.{unknown[0]}: there is no such price")


def follows(new: PriceList, old: PriceList) -> None:
    """Raises BadPrices when a list may not come after another: when a rule is booked stays, and no product vanishes, so
    that every period is booked once and whole."""
    for name, product in old.products.items():
        if name not in new.products:
            raise BadPrices(f"products.{name}: a product that accounts may have does not vanish; set its prices to 0")
        for rule in RULES:
            before, after = product.booked(rule), new.products[name].booked(rule)
            if before is not None and before != after:
                raise BadPrices(f"products.{name}.{rule}.booked: stays {before.value}")
