"""Payment orders that the clearing brings from employers: wages, out of accounts with a payroll limit, nothing else.

Nobody confirms such a file: what may be paid was agreed beforehand, and two people set it. So nothing is taken of a
file that asks for more than the limit, for anything but wages, or out of an account without one.
"""

import hashlib
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.files.checking import check_lines
from holdfast.bank.files.keeping import sent_before
from holdfast.bank.files.models import FileLine, PaymentFile, PayrollLimit
from holdfast.bank.files.payroll import NOBODY, WAGES, judge_wages
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_OUT
from holdfast.contracts.errors import BadFile
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.pain001 import OrderFile, read_order_file

LINES_MAX = 5_000
BYTES_MAX = 8_000_000


def take_payroll(raw: bytes) -> tuple[PaymentFile, list[FileLine]]:
    """The file and its lines, stored to be carried out at once; those stored before when it is the same. Raises BadFile
    with nothing stored (besides those of reading and checking: `not_wages`, `no_payroll`, `several_payers`,
    `over_payroll`)."""
    order = read_order_file(raw, LINES_MAX, BYTES_MAX)
    for line in order.lines:
        if line.purpose != WAGES:
            raise BadFile(f"line {line.line} is not marked as wages ({WAGES})", "not_wages")
    accounts = _employers(order)
    digest = hashlib.sha256(raw).hexdigest()
    known = sent_before(order.message_id, digest, accounts)
    if known is not None:
        return known, list(FileLine.objects.filter(file=known).order_by("number"))
    lines = check_lines(order, accounts, bank_today(), NOBODY)
    now = timezone.now()
    file = PaymentFile(
        id=uuid.uuid4(),
        customer=NOBODY,
        cohort=accounts[0].cohort,
        message_id=order.message_id,
        version=order.version,
        name="",
        digest=digest,
        payer=_owners(accounts),
        state="confirmed",
        made=now,
        confirmed=now,
    )
    judge_wages(file, lines)
    if any(line.reason == Reason.PAYROLL_LIMIT.value for line in lines):
        raise BadFile("the wages are above the payroll limit that was agreed for the account", "over_payroll")
    with transaction.atomic():
        file.save(force_insert=True)
        for one in lines:
            one.file = file
        FileLine.objects.bulk_create(lines, batch_size=500)
    return file, lines


def _employers(order: OrderFile) -> list[OwnAccount]:
    """The accounts that pay, each with a payroll limit, all of one cohort; raises BadFile."""
    numbers = {plain_number(line.debtor_account) for line in order.lines}
    limited = PayrollLimit.objects.values("account")
    found = list(Account.objects.filter(number__in=numbers, id__in=limited).order_by("id"))
    missing = numbers - {plain_number(one.number) for one in found}
    if missing:
        raise BadFile(f"no payroll limit was agreed for the account {min(missing)}", "no_payroll")
    if len({one.cohort for one in found}) != 1:
        raise BadFile("the file pays from accounts of several employers; send one file for each", "several_payers")
    states = reader().accounts([one.id for one in found])
    return [
        OwnAccount(
            one.id,
            one.number,
            one.title,
            one.currency,
            states[one.id].balance_minor,
            max(0, states[one.id].available_minor),
            one.cohort,
            not states[one.id].flags & (FLAG_CLOSED | FLAG_FROZEN_OUT),
        )
        for one in found
        if one.id in states
    ]


def _owners(accounts: Sequence[OwnAccount]) -> str:
    """Who pays, as the employees read it."""
    names = Customer.objects.filter(accounts=accounts[0].id).order_by("id").values_list("name", flat=True)
    return " and ".join(names)[:140]
