"""What a review gave a customer, in their language: how much, for what, and every figure that it is made of."""

from datetime import date, timedelta
from typing import Any

from holdfast.bank.redress.late import INSTALMENT, ORDER
from holdfast.bank.redress.models import Given
from holdfast.bank.redress.periods import CHARGES
from holdfast.look import Writing

A_DAY = timedelta(days=1)
RULES = {
    "interest": "prices.rule_interest",
    "overdraft": "prices.rule_overdraft",
    "service": "prices.rule_service",
    "uses": "prices.rule_uses",
}
Parts = list[tuple[str, str]]


def given_words(one: Given, spoken: Writing) -> tuple[str, Parts]:
    """A sentence, and the figures (what, amount)."""
    figures = one.calculation
    if one.kind == CHARGES:
        return spoken.say("given.how_charges"), _charges(one, figures, spoken)
    if one.kind in (ORDER, INSTALMENT):
        return _late(one, figures, spoken), []
    said = {"version": figures["version"], "amount": spoken.amount(one.amount_minor, one.currency)}
    if figures["kind"] == "refused_payments":
        each, most = (spoken.amount(figures[name], one.currency) for name in ("each_minor", "most_minor"))
        words = spoken.say("given.how_refused", count=figures["refused"], each=each, most=most, **said)
    else:
        key = "given.how_pay_day" if figures["on"] == "pay_day" else "given.how_service"
        hours, minutes = divmod(figures["minutes"], 60)
        words = spoken.say(key, hours=hours, minutes=minutes, least=figures["hours_more_than"], **said)
    return words, _before(one, figures, spoken) if figures["before_minor"] else []


def given_title(one: Given, spoken: Writing) -> str:
    """What it is for, in a few words."""
    if one.kind == CHARGES:
        return spoken.say("given.charges")
    return spoken.say("given.late" if one.kind in (ORDER, INSTALMENT) else "given.compensation")


def _late(one: Given, figures: dict[str, Any], spoken: Writing) -> str:
    said = {"charged": spoken.amount(one.charged_minor, one.currency), "due": _day(figures["due"], spoken)}
    said["would"] = spoken.amount(one.charged_minor - one.amount_minor, one.currency)
    if not figures["came_late_minor"]:
        return spoken.say("given.how_late_days", **said)
    names = {"late": "came_late_minor", "available": "available_minor", "needed": "needed_minor"}
    more = {place: spoken.amount(figures[name], one.currency) for place, name in names.items()}
    return spoken.say("given.how_late", **more, **said)


def _charges(one: Given, figures: dict[str, Any], spoken: Writing) -> Parts:
    parts = []
    for day, made, minor, _, _ in figures["tried"]:
        amount = spoken.amount(minor, one.currency)
        key = "given.part_made" if made else "given.part_never"
        until = _day(made or figures["until"], spoken)
        parts.append((spoken.say(key, day=_day(day, spoken), until=until), amount))
    for line in figures["lines"]:
        was, would = (spoken.amount(line[name], one.currency, signed=True) for name in ("is_minor", "would_minor"))
        said = {
            "rule": spoken.say(RULES[line["rule"]]),
            "number": spoken.number(line["account"]),
            "first": _day(line["first"], spoken),
            "last": spoken.day(date.fromisoformat(line["end"]) - A_DAY),
            "was": was,
            "would": would,
        }
        difference = spoken.amount(line["would_minor"] - line["is_minor"], one.currency, signed=True)
        parts.append((spoken.say("given.part_line", **said), difference))
    return [*parts, *_before(one, figures, spoken)]


def _before(one: Given, figures: dict[str, Any], spoken: Writing) -> Parts:
    """What earlier reviews gave, and what is given now."""
    parts = []
    if figures["before_minor"]:
        parts.append((spoken.say("given.part_before"), spoken.amount(-figures["before_minor"], one.currency)))
    return [*parts, (spoken.say("given.part_given"), spoken.amount(one.amount_minor, one.currency, signed=True))]


def _day(text: str, spoken: Writing) -> str:
    return spoken.day(date.fromisoformat(text))
