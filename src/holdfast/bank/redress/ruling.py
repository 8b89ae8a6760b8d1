"""The rules of compensation: dated, versioned files beside this module (rules/*.toml), and what they come to. Pure.

`without_service`: a fixed amount for whom no bank served for longer than so many hours, on any day, or only for whom
wages came in on a day of that time. `refused_payments`: so much for each payment that was refused for a reason of the
bank's, up to a sum.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from holdfast.bank.redress.errors import BadRules
from holdfast.contracts.money import BadAmount, parse_amount

FOLDER = Path(__file__).parent / "rules"
HOURS_MAX = 24 * 31
NAME_MAX = 34


class Kind(StrEnum):
    """What a rule gives for."""

    WITHOUT_SERVICE = "without_service"
    REFUSED_PAYMENTS = "refused_payments"


class On(StrEnum):
    """On which days a rule holds."""

    ANY_DAY = "any_day"
    PAY_DAY = "pay_day"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; amounts in minor units. each_minor: the fixed amount, or that for each payment up to most_minor."""

    name: str
    kind: Kind
    each_minor: int
    most_minor: int
    hours_more_than: int = 0
    on: On = On.ANY_DAY


@dataclass(frozen=True, slots=True)
class Rules:
    """One version."""

    version: str
    valid_from: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Suffered:
    """What is known of one customer: hours without any bank, whether wages came in on a day of them, and how many
    payments were refused for a reason of the bank's."""

    hours: float
    pay_day: bool
    refused: int


def amount_minor(rule: Rule, suffered: Suffered) -> int:
    """What a rule gives to who suffered this; 0 for nothing."""
    if rule.kind is Kind.REFUSED_PAYMENTS:
        return min(rule.each_minor * suffered.refused, rule.most_minor)
    if suffered.hours <= rule.hours_more_than or (rule.on is On.PAY_DAY and not suffered.pay_day):
        return 0
    return rule.each_minor


def rules_on(day: date, currency: str) -> Rules | None:
    """The version that holds for what begins on a day; None before the first."""
    found = [one for one in read_folder(currency) if one.valid_from <= day]
    return found[-1] if found else None


@cache
def read_folder(currency: str) -> Sequence[Rules]:
    """All versions, the oldest first; raises BadRules."""
    made = [read_rules(tomllib.loads(path.read_text()), path.stem, currency) for path in FOLDER.glob("*.toml")]
    made.sort(key=lambda one: one.valid_from)
    if len({one.valid_from for one in made}) < len(made):
        raise BadRules("two versions hold from the same day")
    return made


def read_rules(raw: Mapping[str, Any], version: str, currency: str) -> Rules:
    """The rules of a file, once read; raises BadRules naming the first place that cannot be meant."""
    try:
        valid_from = date.fromisoformat(str(raw["valid_from"]))
    except (KeyError, ValueError) as error:
        raise BadRules(f"{version}: valid_from is no day such as 2026-01-01") from error
    named = {name: one for name, one in raw.items() if name != "valid_from"}
    return Rules(version, valid_from, tuple(_rule(name, one, version, currency) for name, one in named.items()))


def _rule(name: str, raw: Any, version: str, currency: str) -> Rule:
    where = f"{version}: {name}"
    if not isinstance(raw, Mapping) or len(name) > NAME_MAX:
        raise BadRules(f"{where} is no rule")
    try:
        kind = Kind(str(raw.get("kind")))
        wanted = (
            {"kind", "each", "most"} if kind is Kind.REFUSED_PAYMENTS else {"kind", "hours_more_than", "on", "amount"}
        )
        if set(raw) != wanted:
            raise BadRules(f"{where} needs {', '.join(sorted(wanted))}, and nothing else")
        if kind is Kind.REFUSED_PAYMENTS:
            each, most = (parse_amount(str(raw[one]), currency) for one in ("each", "most"))
            return Rule(name, kind, each, most)
        hours, amount = raw["hours_more_than"], parse_amount(str(raw["amount"]), currency)
        if type(hours) is not int or not 0 <= hours <= HOURS_MAX:
            raise BadRules(f"{where}.hours_more_than is no whole number up to {HOURS_MAX}")
        return Rule(name, kind, amount, amount, hours, On(str(raw["on"])))
    except (ValueError, BadAmount) as error:
        raise BadRules(f"{where}: {error}") from error
