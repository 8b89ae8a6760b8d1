"""Interest and fees of one account for one period, each with its calculation.

Exact until the end: an amount of interest is a whole number of grains (1/1,603,080,000,000 of a minor unit: millionths
of a rate times parts of a year), summed as integers. It is rounded once, when it is booked: to the nearest minor unit,
a half away from zero.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from holdfast.bank.charges.engine.days import YEAR_PARTS, days_counted, year_parts
from holdfast.bank.charges.engine.histories import History, stretches, uses_of
from holdfast.bank.charges.engine.prices import INTEREST, OVERDRAFT, SERVICE, USES, PriceBook, Rate

PPM = 1_000_000
GRAINS = YEAR_PARTS * PPM
"""Grains in one minor unit."""


def round_minor(grains: int) -> int:
    """The nearest whole minor unit, a half away from zero."""
    whole = (2 * abs(grains) + GRAINS) // (2 * GRAINS)
    return -whole if grains < 0 else whole


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a calculation of interest: this amount at this rate on days [first, end), by a version."""

    first: date
    end: date
    days: int
    balance_minor: int
    rate_ppm: int
    grains: int
    version: str

    def to_json(self) -> list[Any]:
        """As it is stored."""
        whole = (self.first.isoformat(), self.end.isoformat(), self.days, self.balance_minor, self.rate_ppm)
        return [*whole, str(self.grains), self.version]

    @classmethod
    def from_json(cls, raw: list[Any]) -> "Part":
        """What was stored."""
        first, end, days, balance, rate, grains, version = raw
        return cls(date.fromisoformat(first), date.fromisoformat(end), days, balance, rate, int(grains), version)


@dataclass(frozen=True, slots=True)
class Calculation:
    """What one rule comes to for an account and the period [first, end).

    amount_minor: positive for the customer, negative against; grains: the same exactly, before it is rounded. figures:
    of a fee, what it was counted from (`each_minor`; `count` and `free`, or `least_minor` and `free_from_minor`).
    """

    rule: str
    product: str
    first: date
    end: date
    version: str
    count: str
    grains: int
    parts: tuple[Part, ...] = ()
    figures: tuple[tuple[str, int], ...] = ()

    @property
    def amount_minor(self) -> int:
        """As it is booked."""
        return round_minor(self.grains)

    @property
    def period(self) -> str:
        """The period as ids and causes name it: its first day."""
        return self.first.isoformat()

    def to_json(self) -> dict[str, Any]:
        """As it is stored; pages say it in each language."""
        return {
            "rule": self.rule,
            "product": self.product,
            "first": self.first.isoformat(),
            "end": self.end.isoformat(),
            "version": self.version,
            "count": self.count,
            "grains": str(self.grains),
            "parts": [one.to_json() for one in self.parts],
            "figures": dict(self.figures),
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Calculation":
        """What was stored."""
        days = (date.fromisoformat(raw["first"]), date.fromisoformat(raw["end"]))
        parts = tuple(Part.from_json(one) for one in raw["parts"])
        figures = tuple(raw["figures"].items())
        return cls(raw["rule"], raw["product"], *days, raw["version"], raw["count"], int(raw["grains"]), parts, figures)


def tiered(amount_minor: int, rate: Rate) -> list[tuple[int, int]]:
    """How an amount falls into the tiers: (minor units, rate in millionths) each, none for 0."""
    if amount_minor <= 0:
        return []
    if rate.whole:
        reached = max((one for one in rate.tiers if one.from_minor <= amount_minor), key=lambda one: one.from_minor)
        return [(amount_minor, reached.rate_ppm)]
    out = []
    for place, tier in enumerate(rate.tiers):
        upper = rate.tiers[place + 1].from_minor if place + 1 < len(rate.tiers) else amount_minor
        inside = min(amount_minor, upper) - tier.from_minor
        if inside > 0:
            out.append((inside, tier.rate_ppm))
    return out


def accrue(rule: str, product: str, history: History, prices: PriceBook, span: tuple[date, date]) -> Calculation | None:
    """Interest (rule `interest`, on what stands in the account) or overdraft interest (on what it lacks) of the days
    [first, end) of a span; None where the product has none."""
    parts: list[Part] = []
    sign, versions, counts = (-1 if rule == OVERDRAFT else 1), [], []
    for first, end, held in prices.spans(*span):
        priced = held.products.get(product)
        rate = priced.rate(rule) if priced is not None else None
        if rate is None:
            continue
        versions.append(held.version)
        counts.append(rate.count)
        for one in stretches(history, first, end):
            for amount, ppm in tiered(sign * one.balance_minor, rate):
                days = year_parts(one.first, one.end, rate.count)
                counted = days_counted(one.first, one.end, rate.count)
                grains = sign * amount * ppm * days
                parts.append(Part(one.first, one.end, counted, sign * amount, ppm, grains, held.version))
    if not versions:
        return None
    total = sum(one.grains for one in parts)
    return Calculation(rule, product, *span, versions[-1], counts[-1].value, total, tuple(parts))


def fee(rule: str, product: str, history: History, prices: PriceBook, span: tuple[date, date]) -> Calculation | None:
    """The fee for having an account in a period, or for the payments out of it beyond the free ones, by the list in
    force on the period's first day: a rise reaches no period that has begun. None where there is none."""
    held = prices.on(span[0])
    priced = held.products.get(product) if held else None
    if held is None or priced is None:
        return None
    if rule == SERVICE and priced.service is not None:
        least = min(one.balance_minor for one in stretches(history, *span))
        free_from = priced.service.free_from_minor
        free = free_from is not None and least >= free_from
        figures = [("each_minor", priced.service.amount_minor), ("least_minor", least)]
        if free_from is not None:
            figures.append(("free_from_minor", free_from))
        charged = 0 if free else priced.service.amount_minor
    elif rule == USES and priced.uses is not None:
        count = uses_of(history, *span)
        charged = priced.uses.amount_minor * max(0, count - priced.uses.free)
        figures = [("each_minor", priced.uses.amount_minor), ("count", count), ("free", priced.uses.free)]
    else:
        return None
    grains = -charged * GRAINS
    return Calculation(rule, product, *span, held.version, "", grains, (), tuple(figures))


def compute(
    rule: str, product: str, history: History, prices: PriceBook, span: tuple[date, date]
) -> Calculation | None:
    """One rule for one account and the days [first, end); None where the product has no such price."""
    make = accrue if rule in (INTEREST, OVERDRAFT) else fee
    return make(rule, product, history, prices, span)


def rounding_minor(grains: int, booked_minor: int) -> int:
    """What rounding each of many by itself made of their exact sum: booked amounts less the sum rounded once, in minor
    units; to be booked against the rounding account."""
    return booked_minor - round_minor(grains)
