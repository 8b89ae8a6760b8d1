"""What two people decided to give is booked: each under its own id, in batches, by the worker.

Safe to repeat wherever it fell: what was booked and not noted is found under its id. Of a customer whose group the
spare bank serves it waits until they are back. For an account that takes no money any more it waits at the suspense
account.
"""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.orders.models import Refund
from holdfast.bank.orders.refunding import aside
from holdfast.bank.payments.pay import bank_today, new_note
from holdfast.bank.redress.late import INSTALMENT, ORDER
from holdfast.bank.redress.models import Given, Review
from holdfast.ledger.api import Post, Posted, Result
from holdfast.telemetry import get_log

BATCH = 500
DONE = (Result.POSTED, Result.ALREADY_POSTED)
KIND = "refund"
_SET_ENDED = (Path(__file__).parent / "sql" / "set_ended.sql").read_text()


def give(review: Review) -> bool:
    """Book one batch; the review is `given` when nothing is left. Whether something was done."""
    waiting = Given.objects.filter(review=review, ended="")
    batch = list(waiting.filter(cohort__in=cohorts_ours()).order_by("id")[:BATCH])
    if not batch:
        return not waiting.exists() and bool(
            Review.objects.filter(number=review.number, state="giving").update(state="given", ended_at=timezone.now())
        )
    names = dict(Customer.objects.filter(id__in=[one.customer for one in batch]).values_list("id", "name"))
    posts = [_post(one, review, names.get(one.customer, "")) for one in batch]
    ended = [_ended(post, posted) for post, posted in zip(posts, books().post_many(posts), strict=True)]
    for one, (how, minor) in zip(batch, ended, strict=True):
        one.ended = how
        one.amount_minor = minor or one.amount_minor
    columns: dict[str, Any] = {
        "ids": [one.id for one in batch],
        "ends": [one.ended for one in batch],
        "amounts": [one.amount_minor for one in batch],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_ENDED, columns)
        _note_refunds(review, [one for one in batch if one.ended in ("booked", "aside", "before")])
    return any(how for how, _ in ended)


def _post(one: Given, review: Review, payee: str) -> Post:
    name = str(bank_facts.bank().get("name", "The bank"))
    text = f"Late charge given back, due {one.calculation['due']}" if one.kind in (ORDER, INSTALMENT) else ""
    return Post(
        id=one.payment,
        debit=bank_facts.own("compensation"),
        credit=one.account,
        amount_minor=one.amount_minor,
        currency=one.currency,
        kind=KIND,
        value_date=bank_today(),
        cohort=one.cohort,
        epoch=rows.row(one.cohort).epoch,
        cause=f"redress:{review.incident}:{one.kind}:{one.period}",
        note=new_note(name, payee, text),
    )


def _ended(post: Post, posted: Posted) -> tuple[str, int]:
    """How it ended ("": not yet), and the amount that is booked, 0 for that of the post."""
    if posted.result in DONE:
        return "booked", 0
    if posted.result is Result.STALE:
        return "", 0
    if posted.result is Result.CONFLICT:  # another deed gave another amount under the same id meanwhile
        held = reader().booked([post.id]).get(post.id)
        return ("before", held.amount_minor) if held else ("", 0)
    other = aside(post)
    late = books().post_many([other])[0]
    if late.result in DONE:
        return "aside", 0
    if late.result is Result.STALE:
        return "", 0
    get_log().error("not_given_back", payment=str(post.id), result=late.result.value, reason=late.reason.value)
    return "refused", 0


def _note_refunds(review: Review, found: Sequence[Given]) -> None:
    """What late charges gave back is noted where the close of an incident notes it, so that neither gives it again."""
    Refund.objects.bulk_create(
        [_refund(review, one) for one in found if one.kind in (ORDER, INSTALMENT)], ignore_conflicts=True
    )


def _refund(review: Review, one: Given) -> Refund:
    of: uuid.UUID | None = one.of
    return Refund(
        id=one.payment,
        incident=review.incident,
        charge_id=of if one.kind == ORDER else None,
        instalment=of if one.kind == INSTALMENT else None,
        customer=one.customer,
        account=one.account,
        charged_minor=one.charged_minor,
        would_have_been_minor=one.charged_minor - one.amount_minor,
        refunded_minor=one.amount_minor,
        currency=one.currency,
        happened=f"Late charge, due {one.calculation['due']}",
        would_have_been=json.dumps(one.calculation),
        by=f"{review.asked_by}, {review.approved_by}"[:80],
        at=timezone.now(),
    )
