"""Wages within a limit that an employer agreed with the bank beforehand, an account and a calendar month.

Such lines are not the customer's everyday payments: the rules' amounts, habits and counts are made for those. They are
judged by the agreed limit alone, besides what always holds (a payee that is stopped, an account that is frozen), and do
not count among what the customer paid. The limit is set by two people of the staff (internal/payroll.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from holdfast.bank.customers.models import Account
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.files.models import FileLine, PaymentFile, PayrollLimit
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.payments.models import Intent
from holdfast.contracts.answers import Reason

WAGES = "SALA"
"""The purpose of a line that pays wages (ExternalPurpose1Code)."""
NOBODY = 0
"""The customer to whom wages count: nobody, so that they use up none of the customer's limits."""
SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class Agreed:
    """A limit as the staff see it: the account by its number, its title and currency, the limit in minor units."""

    number: str
    title: str
    currency: str
    limit_minor: int
    asked_by: str
    approved_by: str


def agreed_limits() -> list[Agreed]:
    """The limits that hold, by account number."""
    limits = {one.account: one for one in PayrollLimit.objects.all()[:SHOWN_MAX]}
    accounts = Account.objects.filter(id__in=limits).order_by("number")
    return [
        Agreed(one.number, one.title, one.currency, limits[one.id].limit_minor, limits[one.id].asked_by,
               limits[one.id].approved_by)
        for one in accounts
    ]  # fmt: skip


def agree_limit(number: str, before_minor: int, limit_minor: int, asked_by: str, approved_by: str) -> str:
    """Set the limit of the account with this number, 0 ends it, if it is still before_minor (0: none); why not, in
    words, "" when it was done."""
    account = Account.objects.filter(number=number).first()
    if account is None:
        return f"There is no account {number}; nothing was changed."
    with transaction.atomic():
        Account.objects.select_for_update().get(id=account.id)
        held = PayrollLimit.objects.filter(account=account.id).first()
        if (held.limit_minor if held else 0) != before_minor:
            return "The payroll limit has changed since it was looked at; nothing was changed."
        if limit_minor:
            said = {"limit_minor": limit_minor, "asked_by": asked_by, "approved_by": approved_by}
            PayrollLimit.objects.update_or_create(account=account.id, defaults=said | {"changed": timezone.now()})
        else:
            PayrollLimit.objects.filter(account=account.id).delete()
    return ""


def limits_of(accounts: Sequence[int]) -> dict[int, int]:
    """The limit of each of these accounts that has one, in minor units a month."""
    return dict(PayrollLimit.objects.filter(account__in=set(accounts)).values_list("account", "limit_minor"))


def used_minor(account: int, month: date, file: PaymentFile) -> int:
    """What confirmed files up to this one pay in wages out of an account in the month of a day, without what was
    refused. The same payment in two owners' files counts once."""
    refused = Exists(Intent.objects.filter(id=OuterRef("payment"), outcome="refused"))
    found = FileLine.objects.filter(
        ~refused,
        debit=account,
        payroll=True,
        due__year=month.year,
        due__month=month.month,
        file__state__in=("confirmed", "done"),
    ).exclude(state="bad")
    if file.confirmed is not None:
        found = found.filter(file__confirmed__lte=file.confirmed)
    return sum(dict(found.values_list("payment", "amount_minor")).values())


def judge_wages(file: PaymentFile, lines: Sequence[FileLine]) -> None:
    """Mark the lines that are wages within an agreed limit; those above it as `bad`, in the order of the file."""
    limits = limits_of([line.debit for line in lines if line.purpose == WAGES])
    used: dict[tuple[int, int, int], int] = {}
    for line in lines:
        if line.purpose != WAGES or line.state != "open" or line.debit not in limits:
            continue
        line.payroll = True
        month = (line.debit, line.due.year, line.due.month)
        if month not in used:
            used[month] = used_minor(line.debit, line.due, file)
        reason = always(line)
        if reason is Reason.OK and used[month] + line.amount_minor > limits[line.debit]:
            reason = Reason.PAYROLL_LIMIT
        if reason is Reason.OK:
            used[month] += line.amount_minor
        else:
            line.state, line.reason = "bad", reason.value


def always(line: FileLine) -> Reason:
    """What holds whatever was agreed."""
    if frozen_now.account(line.debit):
        return Reason.CUSTOMER_FROZEN
    return Reason.PAYEE_BLOCKED if line.credit in bank_facts.blocked() else Reason.OK


def judge_now(file: PaymentFile, lines: Sequence[FileLine]) -> list[Reason]:
    """As lines of wages are made: the limit may have been lowered, or used up by a file that was confirmed earlier."""
    limits = limits_of([line.debit for line in lines])
    within: dict[tuple[int, int, int], bool] = {}
    out = []
    for line in lines:
        month = (line.debit, line.due.year, line.due.month)
        if month not in within:
            within[month] = used_minor(line.debit, line.due, file) <= limits.get(line.debit, 0)
        reason = always(line)
        out.append(Reason.PAYROLL_LIMIT if reason is Reason.OK and not within[month] else reason)
    return out
