"""The worker's part for cards: uses without an outcome are settled, refusals are told once the register granted it."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import claim_refused
from holdfast.bank.cards.authorising import note_use
from holdfast.bank.cards.models import CardUse
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.models import Told
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts.answers import Reason
from holdfast.contracts.cards import KIND
from holdfast.guard import RULES_VERSION
from holdfast.ledger.api import Post, Result

OPEN_AGE = timedelta(seconds=10)
BATCH = 100
TELL_DAYS = timedelta(days=40)


def settle_card_uses() -> int:
    """Settle uses without an outcome after 10 s by a refusal under the head's lock, unless they are booked (rule 13),
    and claim the refusals that were not told yet; how many were settled or claimed."""
    return _sweep() + _tell()


def _sweep() -> int:
    old = CardUse.objects.filter(outcome="", created__lt=timezone.now() - OPEN_AGE, cohort__in=cohorts_ours())
    posts = [
        Post(
            id=one.id,
            debit=one.debit,
            credit=one.credit,
            amount_minor=one.amount_minor,
            currency=one.currency,
            kind=KIND,
            value_date=bank_today(),
            cohort=one.cohort,
            epoch=rows.row(one.cohort).epoch,
            cause=one.cause,
            refuse=Reason.NOT_COMPLETED,
            rules_version=RULES_VERSION,
        )
        for one in old.order_by("created")[:BATCH]
    ]
    settled = 0
    for posted in books().post_many(posts):
        known = reader().outcome(posted.id) if posted.result is Result.CONFLICT else posted
        if known is not None and known.result is not Result.STALE:  # of a hold another amount may be booked
            note_use(known)
            settled += 1
    return settled


def _tell() -> int:
    waiting = (
        CardUse.objects.filter(
            ~Exists(Told.objects.filter(payment=OuterRef("id"))),
            outcome="refused",
            source="own",
            created__gte=timezone.now() - TELL_DAYS,
            cohort__in=cohorts_ours(),
        )
        .order_by("-created")
        .values_list("id", "cohort")[:BATCH]
    )
    cohorts = dict(waiting)
    claims = []
    for ident, posted in reader().outcomes(list(cohorts)).items() if cohorts else ():
        if posted.result is Result.ALREADY_REFUSED and posted.source == "own":
            claims.append((ident.hex, cohorts[ident], rows.row(cohorts[ident]).epoch))
        else:
            note_use(posted)
    granted, _ = claim_refused(claims)
    Told.objects.bulk_create([Told(payment=UUID(hex=ident)) for ident in granted], ignore_conflicts=True)
    return len(granted)
