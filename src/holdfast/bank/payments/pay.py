"""One payment of a customer: written down, judged, booked, and offered to the spare bank before the answer.

No transaction is open while the books or the spare bank are waited for. Repeating a request repeats its first
outcome, because the books remember it by the id.
"""

import os
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from holdfast.bank.books import books, installation
from holdfast.bank.database.prepared import ask, read_query
from holdfast.bank.exchange.facts import bank_facts, set_bank_fact
from holdfast.bank.exchange.feed import standin_cursor
from holdfast.bank.payments.judging import Judged, judge_request
from holdfast.bank.payments.models import HeldPayment, Intent
from holdfast.bank.payments.outcomes import Request, answer_of, before
from holdfast.bank.sealed.fields import sealed
from holdfast.contracts.answers import Outcome, PaymentAnswer, Reason
from holdfast.contracts.blocks import Note
from holdfast.contracts.metadata import metadata_of
from holdfast.guard import RULES_VERSION, Risk
from holdfast.ledger.api import Post, Posted, Result
from holdfast.telemetry import traces

POST_S_MAX = 0.8
SALT_BYTES = 16
_WRITE_INTENT, _NOTE_OUTCOME = (read_query(__file__, name) for name in ("write_intent", "note_outcome"))

NOT_HELD_ANY_MORE = {"undone": Reason.CANCELLED, "late": Reason.NOT_COMPLETED}
"""Whoever sends it again, by whatever way, is told that it is not made (see undo.py)."""
Hold = Callable[[Request, int], PaymentAnswer | Reason]
"""Hold a payment back for some seconds, and say so; or Reason.OK to go on with it now, or why it is refused."""


def calendar_today() -> date:
    """Today, in the bank's time zone."""
    return datetime.now(ZoneInfo(installation().time_zone)).date()


def bank_today() -> date:
    """The bank's day: today, moved by the days that an imported bank's records lie in the past."""
    return calendar_today() + timedelta(days=int(bank_facts.bank().get("day_offset", 0)))


def turn_day() -> bool:
    """At the end of a day, tell everybody the bank's new business date; whether it was told."""
    known, today = bank_facts.bank(), bank_today().isoformat()
    if not known or known.get("business_date") == today:
        return False
    set_bank_fact("bank", {**known, "business_date": today})
    return True


def new_note(payer: str, payee: str, text: str) -> Note:
    """A transfer's words with a fresh salt."""
    return Note(os.urandom(SALT_BYTES), payer, payee, text)


def pay(request: Request, *, proved: bool, hold: Hold | None = None) -> PaymentAnswer | Judged:
    """Pay, or say why not. Raises StaleEpoch, OutcomeUnknown, BooksBusy; the same request may then be sent again.

    A judgement is returned, with nothing done, when the customer must first prove who they are (proved).
    hold: called for a payment that nothing is against, when the customer wants it held back (undo.py).
    """
    answered = before(request)
    if answered is not None:
        return answered
    with traces.span("bank: judges a payment"):
        judged = judge_request(request)
    risky = judged.reason is Reason.OK and judged.risk is not Risk.NONE
    if risky and not proved and not begun_before(request):
        return judged
    reason = NOT_HELD_ANY_MORE.get(judged.held, judged.reason)
    if judged.held == "held" or (hold is not None and judged.undo_s and reason is Reason.OK):
        held = hold(request, judged.undo_s) if hold is not None else PaymentAnswer(Outcome.CHECKING)
        if isinstance(held, PaymentAnswer):
            return held
        reason = held
    write_down(request)
    with traces.span("bank: waits for the block") as span:
        posted = books().post(as_post(request, reason), deadline_s=POST_S_MAX)
        span.about["result"] = posted.result.name
    answer = answer_of(request, posted)
    if posted.result is not Result.CONFLICT:
        note_outcome(request.id, posted)
    if posted.result in (Result.POSTED, Result.REFUSED):
        with traces.span("bank: waits for the spare bank to have it"):
            standin_cursor.wait_for(posted.block)
    return answer


def begun_before(request: Request) -> bool:
    """Whether this very payment was written down or held back already, so that whoever sends it again need prove
    nothing again."""
    same = {
        "id": request.id,
        "customer": request.customer,
        "debit": request.debit,
        "credit": request.credit,
        "amount_minor": request.amount_minor,
        "currency": request.currency,
    }
    found = Intent.objects.filter(**same).first() or HeldPayment.objects.filter(**same).first()
    words = (request.payee, request.text, request.metadata)
    return found is not None and (found.payee, found.text, metadata_of(found.metadata)) == words


def write_down(request: Request) -> None:
    """Write the intent, once for each id, before the books are asked."""
    ask(
        _WRITE_INTENT,
        {
            "id": request.id,
            "customer": request.customer,
            "debit": request.debit,
            "credit": request.credit,
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "payer": sealed(Intent, "payer", request.payer),
            "payee": sealed(Intent, "payee", request.payee),
            "text": sealed(Intent, "text", request.text),
            "birth": request.birth,
            "cohort": request.cohort,
            "epoch": request.epoch,
            "created": timezone.now(),
            "metadata": Jsonb(dict(request.metadata)) if request.metadata else None,
        },
    )


def as_post(request: Request, reason: Reason, cause: str = "form") -> Post:
    """The payment as the books take it; with a reason, as a refusal."""
    return Post(
        id=request.id,
        debit=request.debit,
        credit=request.credit,
        amount_minor=request.amount_minor,
        currency=request.currency,
        kind="payment",
        value_date=bank_today(),
        cohort=request.cohort,
        epoch=request.epoch,
        cause=cause,
        note=new_note(request.payer, request.payee, request.text),
        birth=request.birth,
        refuse=None if reason is Reason.OK else reason,
        rules_version=RULES_VERSION,
        metadata=dict(request.metadata) or None,
    )


def note_outcome(payment: uuid.UUID, posted: Posted) -> None:
    """Remember beside the intent how it ended, so that the sweeper leaves it alone."""
    ended = "posted" if posted.result in (Result.POSTED, Result.ALREADY_POSTED) else "refused"
    reason = posted.reason.value if ended == "refused" else ""
    alone = not connection.in_atomic_block
    ask(_NOTE_OUTCOME, {"id": payment, "outcome": ended, "reason": reason, "source": posted.source, "alone": alone})
