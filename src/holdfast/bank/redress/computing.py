"""A review computed by the worker, step by step: each batch and the place that it reached are stored in one
transaction, so that a review goes on where a killed process left it, and nothing of it is there twice.

It waits while any group of customers is with the spare bank: what that accepted is not in the books yet.
"""

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Count, Sum

from holdfast.bank.books import installation, reader
from holdfast.bank.charges.publishing import ensure_price_list, price_book
from holdfast.bank.database.alone import alone
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.redress import finding
from holdfast.bank.redress.compensating import compensation_of
from holdfast.bank.redress.giving import give
from holdfast.bank.redress.late import late_instalments, late_orders
from holdfast.bank.redress.models import Given, Review, Tried
from holdfast.bank.redress.periods import sums_of
from holdfast.bank.redress.ruling import rules_on
from holdfast.contracts.epochs import COHORTS_COUNT

LOCK = 7403
"""Of who goes on with a review."""
WORK_S = 0.4
Computed = Callable[[Review], tuple[list[Given], int] | None]


def go_on(work_s: float = WORK_S) -> int:
    """A step of the worker: batches of the open review, computed or given; how many."""
    if not Review.objects.filter(state__in=("computing", "giving")).exists():
        return 0
    began, steps = time.monotonic(), 0
    with alone(LOCK) as ours:
        while ours and time.monotonic() - began < work_s:
            review = Review.objects.filter(state__in=("computing", "giving")).first()
            if review is None or not _step(review):
                break
            steps += 1
    return steps


def _step(review: Review) -> bool:
    """One batch; False when nothing can be done now."""
    if review.state == "giving":
        return give(review)
    if len(cohorts_ours()) < COHORTS_COUNT:
        return False
    if not PHASES[review.phase](review):
        _next_phase(review)
    return True


def _next_phase(review: Review) -> None:
    review.phase, review.after, review.inside = review.phase + 1, 0, 0
    if review.phase == len(PHASES):
        review.state, review.figures = "ready", figures_of(review)
        rules = rules_on(review.first_day, installation().currency)
        review.rules = rules.version if rules else ""
    review.save()


def _find(review: Review) -> bool:
    return finding.find(review, reader().head().block)


def _computed(compute: Computed) -> Callable[[Review], bool]:
    """One batch of a kind of givings, stored with the place that it reached."""

    def step(review: Review) -> bool:
        found = compute(review)
        if found is None:
            return False
        with transaction.atomic():
            Given.objects.bulk_create(found[0], ignore_conflicts=True, batch_size=500)
            review.after = found[1]
            review.save(update_fields=["after"])
        return True

    return step


PHASES: tuple[Callable[[Review], bool], ...] = (
    _find,
    finding.see_made,
    finding.see_covered,
    _computed(late_orders),
    _computed(late_instalments),
    _computed(sums_of),
    _computed(compensation_of),
)
"""What is computed, one behind the other; each says whether there was a batch."""
PHASE_WORDS = (
    "looking for payments that were refused",
    "seeing which of them were made later",
    "seeing whether the accounts had the money",
    "computing late charges of standing orders",
    "computing lateness with loans",
    "computing interest and fees",
    "computing compensation",
)
"""For the control room."""


def figures_of(review: Review) -> dict[str, dict[str, list[int]]]:
    """What two people decide on: by kind how many givings and their sum in minor units, and by state how many tries."""
    given = Given.objects.filter(review=review).values("kind").annotate(count=Count("id"), minor=Sum("amount_minor"))
    tried = Tried.objects.filter(review=review).values("state").annotate(count=Count("id"))
    return {
        "given": {one["kind"]: [one["count"], int(one["minor"])] for one in given.order_by("kind")},
        "tried": {one["state"]: [one["count"]] for one in tried.order_by("state")},
    }


def begin_prices() -> None:
    """A bank of an earlier release has its first price list before anything is computed by it."""
    if not price_book(installation().currency).lists:
        ensure_price_list(installation().currency)
