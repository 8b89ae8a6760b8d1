"""How an entry that the bank made was calculated, in the customer's language: a sentence and, of interest, a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from holdfast.bank.charges.engine.histories import A_DAY
from holdfast.bank.charges.engine.interest import Calculation
from holdfast.bank.charges.engine.loans import Grown, payoff
from holdfast.bank.charges.loans import KIND as INSTALMENT
from holdfast.bank.charges.loans import extras_of, terms_of
from holdfast.bank.charges.models import Booking, Loan, LoanPayment, Repayment
from holdfast.bank.charges.repaying import KIND as REPAYMENT
from holdfast.bank.charges.repaying import Quote
from holdfast.bank.currencies.converting import KIND as EXCHANGE
from holdfast.bank.currencies.converting import exchanged_of
from holdfast.bank.orders.models import Charge, Refund
from holdfast.bank.redress.models import Given
from holdfast.bank.web.figures import exact, exact_amount, percent, rate
from holdfast.bank.web.given import given_words
from holdfast.ledger.api import Line
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class Shown:
    """A calculation on a page. rows: of interest (days, number, amount, rate, interest); parts: (what, amount) of an
    instalment or a sum; loan: the loan to look at, 0 for none."""

    words: str
    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    loan: int = 0


def calculation_of(line: Line, currency: str, spoken: Writing) -> Shown | None:
    """The calculation behind an entry; None where it is none that the bank calculated. One query, and none at all for
    entries that customers made."""
    make = BY_KIND.get(line.kind)
    return make(line, currency, spoken) if make else None


def _booking(line: Line, _currency: str, spoken: Writing) -> Shown | None:
    found = Booking.objects.filter(id=line.id).first()
    return None if found is None else booking_shown(found, spoken)


def booking_shown(one: Booking, spoken: Writing) -> Shown:
    """What was decided, in the customer's language; of a correction also what was booked before."""
    out = shown(Calculation.from_json(one.calculation), one.currency, spoken)
    if not one.nth:
        return out
    was = int(one.calculation["was_minor"])
    amounts = {"was": was, "would": was + one.amount_minor, "difference": one.amount_minor}
    said = {name: spoken.amount(minor, one.currency, signed=True) for name, minor in amounts.items()}
    return replace(out, words=f"{spoken.say('prices.how_correction', **said)} {out.words}")


def shown(one: Calculation, currency: str, spoken: Writing) -> Shown:
    """A calculation in the customer's language."""
    figures = dict(one.figures)
    said: dict[str, Any] = {
        "first": spoken.day(one.first),
        "last": spoken.day(one.end - A_DAY),
        "version": one.version,
    }
    if one.rule == "service":
        each, least = (spoken.amount(figures[name], currency) for name in ("each_minor", "least_minor"))
        words = spoken.say("prices.how_service", each=each, least=least, **said)
        if "free_from_minor" in figures:
            free = spoken.amount(figures["free_from_minor"], currency)
            words += " " + spoken.say("prices.how_service_free", free=free)
        return Shown(words)
    if one.rule == "uses":
        each, beyond = spoken.amount(figures["each_minor"], currency), max(0, figures["count"] - figures["free"])
        more = {"count": figures["count"], "free": figures["free"], "beyond": beyond, "each": each}
        return Shown(spoken.say("prices.how_uses", **more, **said))
    key = "prices.how_overdraft" if one.rule == "overdraft" else "prices.how_interest"
    rows = [
        (
            f"{spoken.day(part.first)} – {spoken.day(part.end - A_DAY)}",
            str(part.days),
            spoken.figures(part.balance_minor, currency),
            percent(part.rate_ppm, spoken),
            exact(part.grains, currency, spoken),
        )
        for part in one.parts
    ]
    sums = [
        (spoken.say("prices.sum"), exact(one.grains, currency, spoken)),
        (spoken.say("prices.rounded"), spoken.amount(one.amount_minor, currency, signed=True)),
    ]
    return Shown(spoken.say(key, count=one.count, **said), rows, sums)


def _late_order(line: Line, currency: str, spoken: Writing) -> Shown | None:
    found = Charge.objects.filter(id=line.id).select_related("execution__order", "price").first()
    if found is None:
        return None
    words = spoken.say(
        "prices.how_late",
        payee=found.execution.order.payee,
        day=spoken.day(found.execution.due),
        version=found.price.version,
        since=spoken.day(found.price.valid_from),
        amount=spoken.amount(found.amount_minor, currency),
    )
    return Shown(words)


def _refund(line: Line, currency: str, spoken: Writing) -> Shown | None:
    given = Given.objects.filter(payment=line.id, ended__in=("booked", "aside")).first()
    if given is not None:
        words, parts = given_words(given, spoken)
        return Shown(words, [], parts)
    found = Refund.objects.filter(id=line.id).first()
    if found is None:
        return None
    said = {
        "charged": spoken.amount(found.charged_minor, currency),
        "would": spoken.amount(found.would_have_been_minor, currency),
    }
    if found.instalment is not None:
        return _late_refund(found, said, spoken)
    cover = found.cover()
    if cover is None:
        return Shown(spoken.say("prices.how_refund_short", **said))
    late, available, needed = (spoken.amount(minor, currency) for minor in cover)
    return Shown(spoken.say("prices.how_refund", late=late, available=available, needed=needed, **said))


def _late_refund(found: Refund, said: dict[str, str], spoken: Writing) -> Shown:
    """Of what being late with a loan's instalment cost."""
    figures = found.figures()
    if "paid_on" not in figures:  # it was booked by a run that died before it noted why
        return Shown(spoken.say("prices.how_refund_short", **said))
    due, paid_on = (spoken.day(date.fromisoformat(figures[name])) for name in ("due", "paid_on"))
    if not figures["came_late_minor"]:
        return Shown(spoken.say("prices.how_refund_days", due=due, **said))
    names = {"late": "came_late_minor", "available": "available_minor", "needed": "needed_minor"}
    more = {place: spoken.amount(figures[name], found.currency) for place, name in names.items()}
    return Shown(spoken.say("prices.how_refund_money", due=due, day=paid_on, **more, **said))


def _instalment(line: Line, currency: str, spoken: Writing) -> Shown | None:
    found = LoanPayment.objects.filter(id=line.id).first()
    if found is None:
        return None
    words = spoken.say("prices.how_instalment", number=found.number, version=found.version)
    return Shown(words, [], repayment_parts(found, currency, spoken), found.loan_id)


def repayment_parts(of: LoanPayment | Repayment | Quote, currency: str, spoken: Writing) -> list[tuple[str, str]]:
    """What is paid back of a loan, divided: (what, amount), without what is 0."""
    return [
        (spoken.say(f"prices.part_{name}"), spoken.amount(amount, currency))
        for name in ("principal", "interest", "fee", "late_interest", "late_fee")
        if (amount := getattr(of, f"{name}_minor"))
    ]


def interest_rows(grown: Iterable[Grown], loan: Loan, spoken: Writing) -> list[tuple[str, str, str, str, str]]:
    """A loan's own interest, by spans of days."""
    return [
        (
            f"{spoken.day(one.first)} – {spoken.day(one.end - A_DAY)}",
            str(one.days),
            spoken.figures(one.owed_minor, loan.currency),
            percent(loan.rate_ppm, spoken),
            exact(one.grains, loan.currency, spoken),
        )
        for one in grown
    ]


def _repayment(line: Line, currency: str, spoken: Writing) -> Shown | None:
    found = Repayment.objects.filter(id=line.id).select_related("loan").first()
    if found is None:
        return None
    said = {"day": spoken.day(found.day), "version": found.version}
    parts = repayment_parts(found, currency, spoken)
    if not found.whole:
        return Shown(spoken.say("prices.how_repaid_part", **said), [], parts, found.loan_id)
    was = extras_of(found.loan, found.extras)
    grown = payoff(terms_of(found.loan), found.paid, found.day, 0, 0, extras=was).grown
    return Shown(
        spoken.say("prices.how_repaid", **said), interest_rows(grown, found.loan, spoken), parts, found.loan_id
    )


def _exchange(line: Line, _currency: str, spoken: Writing) -> Shown | None:
    one = exchanged_of(line.cause)
    if one is None:
        return None
    terms, middle = one.terms, one.terms.middle_minor(one.sold_minor)
    parts = [
        (spoken.say("exchange.you_gave"), spoken.amount(one.sold_minor, terms.sold)),
        (spoken.say("exchange.at_middle"), exact_amount(middle, terms.bought, spoken)),
        (
            spoken.say("exchange.less_margin", margin=percent(terms.margin_ppm, spoken)),
            exact_amount(-middle * terms.margin, terms.bought, spoken),
        ),
        (spoken.say("exchange.got_rounded"), spoken.amount(one.bought_minor, terms.bought)),
    ]
    words = spoken.say("exchange.how", rate=rate(terms, terms.middle, spoken), version=terms.version)
    return Shown(words, [], parts)


BY_KIND: dict[str, Callable[[Line, str, Writing], Shown | None]] = {
    "interest": _booking,
    "fee": _booking,
    "charge": _late_order,
    "refund": _refund,
    INSTALMENT: _instalment,
    REPAYMENT: _repayment,
    EXCHANGE: _exchange,
}
"""Who knows the calculation of an entry, by its kind."""
