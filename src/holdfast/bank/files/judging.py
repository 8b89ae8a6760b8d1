"""Each line of a file is judged by the rules as a payment is: before the customer confirms, and when it is made.

Before, by what the customer's payments add up to together with the lines above it; a refusal then is said beside the
line, and it is not paid. When it is made it is judged anew (paying.py), since much may have happened.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db.models import Count
from django.utils import timezone

from holdfast.bank.books import rows
from holdfast.bank.currencies.valuing import valuer
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.files.payroll import judge_wages
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.payments.judging import HABIT_SPAN, activity, judge_with
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.answers import Reason

NOT_LATER = frozenset({Reason.DAY_LIMIT, Reason.OWN_DAY_LIMIT, Reason.TOO_MANY})
"""What the rules may say of a payment made today that says nothing about one of a later day."""


def as_request(file: PaymentFile, line: FileLine) -> Request:
    """The payment that a line asks for, under the row known of its cohort. Its id is derived: older than any epoch."""
    row = rows.row(file.cohort)
    return Request(
        id=line.payment,
        customer=file.customer,
        debit=line.debit,
        credit=line.credit,
        amount_minor=line.amount_minor,
        currency=line.currency,
        credit_currency=line.currency,
        payer=file.payer,
        payee=line.payee,
        text=line.text,
        birth=0,
        cohort=file.cohort,
        epoch=row.epoch,
        forced=row.forced,
    )


def judge_lines(file: PaymentFile, lines: Sequence[FileLine], today: date) -> None:
    """Mark the open lines that the rules refuse as things stand as `bad`, with the reason. A few queries."""
    judge_wages(file, lines)
    good = [line for line in lines if line.state == "open" and not line.payroll]
    if not good:
        return
    now, worth = timezone.now(), valuer()
    paid = replace(activity(as_request(file, good[0]), now), minute=0, hour=0)  # the file is paid at a pace of its own
    since = now - HABIT_SPAN
    found = Intent.objects.filter(customer=file.customer, created__gte=since).exclude(outcome="refused")
    known = dict(found.values_list("credit").annotate(count=Count("id")).order_by())
    for line in good:
        if frozen_now.account(line.debit):
            line.state, line.reason = "bad", Reason.CUSTOMER_FROZEN.value
            continue
        before = replace(paid, to_payee=known.get(line.credit, 0))
        reason = judge_with(as_request(file, line), before, worth).reason
        if reason is not Reason.OK and not (line.due > today and reason in NOT_LATER):
            line.state, line.reason = "bad", reason.value
            continue
        known[line.credit] = known.get(line.credit, 0) + 1
        if line.due <= today:
            paid = replace(paid, today_minor=paid.today_minor + worth(line.amount_minor, line.currency))
