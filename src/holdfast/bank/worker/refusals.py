"""Settle intents that have no outcome, and tell refusals once the register has granted it."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import claim_refused
from holdfast.bank.files.models import FileLine
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.orders.models import Execution
from holdfast.bank.payments.models import Intent, Told
from holdfast.bank.payments.outcomes import may_tell_refusal
from holdfast.bank.payments.pay import bank_today, new_note, note_outcome
from holdfast.contracts.answers import Reason
from holdfast.guard import RULES_VERSION
from holdfast.ledger.api import Post, Result

OPEN_AGE = timedelta(seconds=10)
BATCH = 100
TELL_DAYS = timedelta(days=40)


def sweep_intents() -> int:
    """Settle intents older than 10 s by a refusal under the head's lock, unless they are booked; how many. Those of a
    file that is being carried out are taken up again there."""
    going_on = FileLine.objects.filter(payment=OuterRef("id"), state="open", file__state="confirmed")
    old = list(
        Intent.objects.filter(
            ~Exists(going_on), outcome="", created__lt=timezone.now() - OPEN_AGE, cohort__in=cohorts_ours()
        ).order_by("created")[:BATCH]
    )
    posts = [
        Post(
            id=one.id,
            debit=one.debit,
            credit=one.credit,
            amount_minor=one.amount_minor,
            currency=one.currency,
            kind="payment",
            value_date=bank_today(),
            cohort=one.cohort,
            epoch=rows.row(one.cohort).epoch,
            cause="sweep",
            note=new_note(one.payer, one.payee, one.text),
            birth=one.birth,
            refuse=Reason.NOT_COMPLETED,
            rules_version=RULES_VERSION,
        )
        for one in old
    ]
    settled = 0
    for posted in books().post_many(posts):
        if posted.result not in (Result.STALE, Result.CONFLICT):
            note_outcome(posted.id, posted)
            settled += 1
    return settled


def tell_refusals() -> int:
    """Claim refusals of our own that were not told yet; those granted may be shown from now on. How many."""
    waiting = [(ident, cohort) for ident, cohort, birth in _untold() if may_tell_refusal(birth, rows.row(cohort))]
    outcomes = reader().outcomes([ident for ident, _ in waiting]) if waiting else {}
    claims = []
    for ident, cohort in waiting:
        posted = outcomes.get(ident)
        if posted is not None and posted.result is Result.ALREADY_REFUSED and posted.source == "own":
            claims.append((ident.hex, cohort, rows.row(cohort).epoch))
        elif posted is not None:
            note_outcome(ident, posted)
    granted, _ = claim_refused(claims)
    Told.objects.bulk_create([Told(payment=UUID(hex=ident)) for ident in granted], ignore_conflicts=True)
    return len(granted)


def _untold() -> list[tuple[UUID, int, int]]:
    since = timezone.now() - TELL_DAYS
    ours = cohorts_ours()
    intents = (
        Intent.objects.filter(
            ~Exists(Told.objects.filter(payment=OuterRef("id"))),
            outcome="refused",
            source="own",
            created__gte=since,
            cohort__in=ours,
        )
        .order_by("-created")
        .values_list("id", "cohort", "birth")[:BATCH]
    )
    orders = (
        Execution.objects.filter(
            ~Exists(Told.objects.filter(payment=OuterRef("payment"))),
            state="refused",
            source="own",
            settled=False,
            order__cohort__in=ours,
        )
        .order_by("id")
        .values_list("payment", "order__cohort")[:BATCH]
    )
    return [*intents, *((ident, cohort, 0) for ident, cohort in orders)]
