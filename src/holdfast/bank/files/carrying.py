"""Confirmed files are carried out line by line, by the worker: each line once, however often a step is taken.

A step takes at most BATCH open lines of one file: those of a later day become payments to come (bank/orders), the
others are judged and booked as one block. Their ids are derived, so a step that died anywhere is taken again and the
books enter each line once; what was judged and written down is left open by the sweeper while the file goes on. Nothing
is done for a cohort that the spare bank serves, or whose journal is missing (protocol.md, rule 18): it waits.

A file is paid at a pace of half of what the rules let one customer pay a minute and an hour, so that its customer can
go on paying beside it, and no line is refused because there are many.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, rows
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.files.judging import as_request
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.files.payroll import NOBODY, judge_now
from holdfast.bank.orders.calendar import Rhythm
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.orders.models import Plan
from holdfast.bank.orders.plans import NewPlan, make_plan
from holdfast.bank.payments.judging import activity, judge_request
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.payments.pay import as_post, bank_today, note_outcome, write_down
from holdfast.contracts.answers import Reason
from holdfast.guard import Limits
from holdfast.ledger.api import Result

BATCH = 25
FILES_MAX = 20
STEP_S_MAX = 0.5
SHARE = 2
"""A file may use one in so many of the payments that the rules allow its customer."""
PLANS_MAX = 1000
"""That many payments to come a file may leave for one account; by hand it is plans.PLANS_MAX."""


def carry_out() -> int:
    """One step of files that are confirmed, drawn so that none that is slow keeps others waiting; how many lines came
    to their end. Raises what the books raise; safe to repeat."""
    ours = [cohort for cohort in cohorts_ours() if not rows.row(cohort).forced]
    ended, began = 0, time.monotonic()
    for file in PaymentFile.objects.filter(state="confirmed", cohort__in=ours).order_by("?")[:FILES_MAX]:
        if time.monotonic() - began > STEP_S_MAX:
            break  # the worker's other jobs wait, and the files left are drawn another time
        ended += _step(file)
    return ended


def _step(file: PaymentFile) -> int:
    lines = list(FileLine.objects.filter(file=file, state="open").order_by("-payroll", "number")[:BATCH])
    if not lines:
        PaymentFile.objects.filter(id=file.id).update(state="done")
        return 0
    today = bank_today()
    later = [line for line in lines if line.due > today]
    return _plan(file, later) if later else _pay(file, lines)


def _plan(file: PaymentFile, lines: Sequence[FileLine]) -> int:
    """Payments to come, of wages only within the limit that was agreed. A line becomes one and is marked so in one
    transaction, so that it is never paid as well."""
    wages = [line for line in lines if line.payroll]
    for line, reason in zip(wages, judge_now(file, wages), strict=True):
        if reason is not Reason.OK:
            FileLine.objects.filter(id=line.id, state="open").update(state="bad", reason=reason.value)
    return sum(_plan_line(file, line.id) for line in lines)


@transaction.atomic
def _plan_line(file: PaymentFile, ident: int) -> int:
    line = FileLine.objects.select_for_update().filter(id=ident, state="open").first()
    if line is None:
        return 0
    new = NewPlan(
        form=line.payment,
        cohort=file.cohort,
        debit=line.debit,
        credit=line.credit,
        amount_minor=line.amount_minor,
        currency=line.currency,
        payer=file.payer,
        payee=line.payee,
        text=line.text,
        kind="wages" if line.purpose == "SALA" else "order",
        rhythm=Rhythm.ONCE,
        first=line.due,
    )
    made = make_plan(new, most=PLANS_MAX)
    line.state, line.problem = ("planned", "") if made is not None else ("bad", "full")
    if made is not None and not _is_same(made, line):
        line.state, line.reason = "bad", Reason.OTHER_CONTENT.value
    line.save(update_fields=["state", "problem", "reason"])
    return 1


def _is_same(plan: Plan, line: FileLine) -> bool:
    names = ("debit", "credit", "amount_minor", "currency")
    return all(getattr(plan, name) == getattr(line, name) for name in names)


def _made_before(lines: Sequence[FileLine]) -> set[uuid.UUID]:
    """Lines that are payments to come already, by the same file of another owner that was confirmed on an earlier day:
    they are never paid here as well."""
    plans = {plan.form: plan for plan in Plan.objects.filter(form__in=[line.payment for line in lines])}
    for line in lines:
        plan = plans.get(line.payment)
        if plan is not None:
            same = _is_same(plan, line)
            state, reason = ("planned", "") if same else ("bad", Reason.OTHER_CONTENT.value)
            FileLine.objects.filter(id=line.id, state="open").update(state=state, reason=reason)
    return {line.payment for line in lines if line.payment in plans}


def room(minute: int, hour: int, limits: Limits) -> int:
    """How many lines may be paid now, by how many payments the customer made in the last minute and hour."""
    left = (limits.payments_per_minute_max // SHARE - minute, limits.payments_per_hour_max // SHARE - hour)
    return max(0, min(BATCH, *left))


def _pay(file: PaymentFile, lines: Sequence[FileLine]) -> int:
    """Judge, write down and book as many as may be paid now, as one block."""
    before = _made_before(lines)
    lines = [line for line in lines if line.payment not in before]
    now = [
        *_wages(file, [one for one in lines if one.payroll]),
        *_others(file, [one for one in lines if not one.payroll]),
    ]
    posts = []
    for line, request, reason in now:
        post = as_post(request, reason, f"file:{file.id.hex}:{line.number}")
        posts.append(replace(post, kind="salary") if line.payroll else post)
    ended = len(before)
    for (line, _, _), posted in zip(now, books().post_many(posts) if posts else [], strict=True):
        if posted.result is Result.STALE:
            continue
        other = Reason.OTHER_CONTENT.value if posted.result is Result.CONFLICT else ""
        if not other:
            note_outcome(line.payment, posted)
        FileLine.objects.filter(id=line.id).update(state="bad" if other else "sent", reason=other)
        ended += 1
    return ended


Judged = tuple[FileLine, Request, Reason]


def _wages(file: PaymentFile, lines: Sequence[FileLine]) -> list[Judged]:
    """Wages within an agreed limit, at once; they count as nobody's payments."""
    out = []
    for line, reason in zip(lines, judge_now(file, lines), strict=True):
        request = replace(as_request(file, line), customer=NOBODY)
        write_down(request)
        out.append((line, request, reason))
    return out


def _others(file: PaymentFile, lines: Sequence[FileLine]) -> list[Judged]:
    """As many as the pace allows, each judged together with those before it."""
    if not lines:
        return []
    paid = activity(as_request(file, lines[0]), timezone.now())
    out: list[Judged] = []
    for line in lines[: room(paid.minute, paid.hour, bank_facts.limits().normal)]:
        request = as_request(file, line)
        judged = judge_request(request)
        if judged.reason is Reason.TOO_MANY:  # the customer paid much by hand meanwhile
            break
        if judged.reason is Reason.OK:
            write_down(request)  # so that it counts when the next one is judged
        out.append((line, request, judged.reason))
    for _, request, reason in out:
        if reason is not Reason.OK:
            write_down(request)
    return out
