"""A review is begun by one person and decided by two: given as it was seen, or dropped. All of it is safe to repeat."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import histories, rows
from holdfast.bank.cases.asked import same_person
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress.computing import begin_prices
from holdfast.bank.redress.models import OPEN_STATES, Review
from holdfast.contracts.epochs import Mode

DAYS_MAX = 730
NOTHING = "Nothing was done."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A review as one person asks for it; see models.Review."""

    incident: str
    since: datetime
    first_day: date | None
    until: date
    without: tuple[datetime, datetime] | None
    cohorts: list[int] | None
    why: str
    by: str


def begin(wanted: Wanted) -> Review | str:
    """Begin a review, which the worker computes; or why not, in words."""
    first_day = wanted.first_day or bank_days().of(wanted.since)
    words = _wrong(wanted, first_day)
    if words:
        return f"{words} {NOTHING}"
    begin_prices()
    try:
        with transaction.atomic():
            return Review.objects.create(
                incident=wanted.incident[:80],
                since=wanted.since,
                first_day=first_day,
                until=wanted.until,
                without_from=wanted.without[0] if wanted.without else None,
                without_to=wanted.without[1] if wanted.without else None,
                cohorts=wanted.cohorts,
                after=histories().block_before(wanted.since),
                why=wanted.why.strip()[:300],
                asked_by=wanted.by[:64],
                asked_at=timezone.now(),
            )
    except IntegrityError:
        known = Review.objects.filter(state__in=OPEN_STATES).first()
        if known and (known.incident, known.until, known.asked_by) == (
            wanted.incident[:80],
            wanted.until,
            wanted.by[:64],
        ):
            return known  # the same asked for again
        return f"Review {known.number if known else ''} is open; it is given or dropped first. {NOTHING}"


def _wrong(wanted: Wanted, first_day: date) -> str:
    """What speaks against a review, in words; "" for nothing."""
    today = bank_today()
    rows.refresh(at_once=True)
    if not wanted.incident or not wanted.by.strip() or not wanted.why.strip():
        return "A review needs an incident, who asks for it, and why."
    if not first_day <= wanted.until <= today:
        return f"The last day lies between {first_day}, when the incident began, and today, {today}."
    if (today - first_day).days > DAYS_MAX:
        return f"The incident began more than {DAYS_MAX} days ago."
    if wanted.without and wanted.without[0] > wanted.without[1]:
        return "The time without any bank ends before it begins."
    if any(one.mode is not Mode.PRIMARY for one in rows.all().values()):
        return "The spare bank serves customers still; a review is made when they are back."
    return ""


def decide(number: int, figures: dict[str, Any], asked_by: str, approved_by: str) -> str:
    """Give what a review computed, as two people saw it; why not, in words, "" when it is decided."""
    if same_person(asked_by, approved_by):
        return f"A second person has to approve it. {NOTHING}"
    with transaction.atomic():
        review = Review.objects.select_for_update().filter(number=number).first()
        words = _undecided(number, review, figures, approved_by)
        if words or review is None or review.state != "ready":
            return words and f"{words} {NOTHING}"
        review.state, review.approved_by, review.decided_at = "giving", approved_by[:64], timezone.now()
        review.save(update_fields=["state", "approved_by", "decided_at"])
    return ""


def _undecided(number: int, review: Review | None, figures: dict[str, Any], approved_by: str) -> str:
    """Why it is not decided; "" when it is, or can be."""
    if review is None:
        return f"There is no review {number}."
    if same_person(review.asked_by, approved_by):
        return "Who made the review does not approve it."
    if review.state not in ("ready", "giving", "given"):
        return f"Review {number} is {review.state}."
    return "" if review.figures == figures else f"Review {number} is not what was looked at."


def drop(number: int, by: str) -> str:
    """End a review of which nothing was given; why not, in words, "" when it is dropped."""
    ended = Review.objects.filter(number=number, state__in=("computing", "ready")).update(
        state="dropped", approved_by=by[:64], ended_at=timezone.now()
    )
    known = Review.objects.filter(number=number, state="dropped").exists()
    return "" if ended or known else f"Review {number} is not open, or is being given. {NOTHING}"
