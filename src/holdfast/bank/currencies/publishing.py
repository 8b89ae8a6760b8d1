"""The list of rates that holds: the samples with which a new bank begins, then those that two people decided.

The newest list holds at once, for AGE_DAYS_MAX banking days after the day that its rates are of; then nothing is
exchanged until there is a newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.currencies.ageing import AGE_DAYS_MAX, age_days, good_until
from holdfast.bank.currencies.converting import OWN_RATE, plain
from holdfast.bank.currencies.errors import BadRates
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.positions import open_positions
from holdfast.bank.currencies.reading import check_jumps, read_margin, read_rates
from holdfast.bank.exchange.facts import tell
from holdfast.bank.payments.pay import bank_today
from holdfast.guard import Rate

SAMPLES = Path(__file__).parent / "samples" / "2026.csv"
SAMPLES_OWN = "NOK"
SAMPLES_MARGIN_PPM = 7_500
SAMPLES_DIGITS = 8


@dataclass(frozen=True, slots=True)
class NewRates:
    """A list as it is asked for."""

    day: date
    rates: dict[str, str]
    margin_ppm: int


def newest() -> RateList | None:
    """The list decided last; None when there is none yet."""
    return RateList.objects.filter(own=installation().currency).order_by("-id").first()


def is_too_old(held: RateList) -> bool:
    """Whether nothing is exchanged by this list any more."""
    return age_days(held.day, bank_today()) > AGE_DAYS_MAX


def ensure_rates(day: date) -> None:
    """Store the made-up rates with which a bank begins, and open its position accounts. Safe to repeat."""
    own = installation().currency
    samples = read_rates(SAMPLES.read_text(encoding="utf-8"), SAMPLES_OWN)
    if newest() is None and own in {*samples, SAMPLES_OWN}:
        rates = _seen_from(own, {**samples, SAMPLES_OWN: OWN_RATE})
        _store(NewRates(day, rates, SAMPLES_MARGIN_PPM), "the bank's beginning", "the bank's beginning", "made up")
    held = newest()
    if held is not None:
        open_positions([held.own, *held.rates])


def _seen_from(own: str, rates: Mapping[str, str]) -> dict[str, str]:
    """The same rates for one unit of another currency among them."""
    unit = Decimal(rates[own])
    return {
        currency: plain((Decimal(rate) / unit).quantize(Decimal(1).scaleb(-SAMPLES_DIGITS)))
        for currency, rate in sorted(rates.items())
        if currency != own
    }


def read_new(text: str, margin: str, day: str) -> NewRates:
    """A list as staff typed it, checked against the newest one; raises BadRates in words."""
    made, today, before = _read(text, margin, day), bank_today(), newest()
    if made.day > today:
        raise BadRates(f"The rates are of {made.day}, which is still to come; today is {today}")
    if age_days(made.day, today) > AGE_DAYS_MAX:
        raise BadRates(
            f"The rates are of {made.day}, more than {AGE_DAYS_MAX} banking days ago: nothing is exchanged by them"
        )
    if before is not None and made.day < before.day:
        raise BadRates(f"The newest list is of {before.day}, later than {made.day}")
    check_jumps(before.rates if before else {}, made.rates)
    return made


def stored_as(text: str, margin: str, day: str) -> NewRates | None:
    """The list as staff typed it where it is the newest one, published already; raises BadRates."""
    made, held = _read(text, margin, day), newest()
    return made if held is not None and _is_stored(made, held) else None


def _read(text: str, margin: str, day: str) -> NewRates:
    rates, margin_ppm = read_rates(text, installation().currency), read_margin(margin)
    try:
        return NewRates(date.fromisoformat(day.strip()), rates, margin_ppm)
    except ValueError as error:
        raise BadRates("Write the day of the rates as 2027-01-01") from error


def _is_stored(said: NewRates, held: RateList) -> bool:
    return (held.day, held.rates, held.margin_ppm) == (said.day, said.rates, said.margin_ppm)


def publish(said: NewRates, before: str, asked_by: str, approved_by: str, why: str) -> str:
    """Store a list that two people decided, if the newest is still the version they saw ("": there was none); why not,
    "" when it was done. The newest list again is taken as done.

    Every publication locks the first list's row; who had to wait for it reads the newest after that."""
    own = installation().currency
    with transaction.atomic():
        RateList.objects.select_for_update().filter(own=own).order_by("id").first()
        held = newest()
        if held is None or not _is_stored(said, held):
            if (held.version if held else "") != before:
                return "The rates have changed since they were looked at; nothing was changed."
            _store(said, asked_by, approved_by, why)
    open_positions([own, *said.rates])
    return ""


def _store(said: NewRates, asked_by: str, approved_by: str, why: str) -> None:
    """Store a list, and tell the spare bank its rates, which values by them what counts against limits."""
    number = RateList.objects.filter(day=said.day).count() + 1
    with transaction.atomic():
        RateList.objects.create(
            version=f"{said.day.isoformat()}.{number}",
            own=installation().currency,
            day=said.day,
            rates=said.rates,
            margin_ppm=said.margin_ppm,
            asked_by=asked_by[:64],
            approved_by=approved_by[:64],
            why=why[:300],
            made=timezone.now(),
        )
        until = good_until(said.day)
        tell("rate", [(currency, Rate(rate, until).to_body()) for currency, rate in sorted(said.rates.items())])
