"""Files of customers: stored when they were read and checked, confirmed as a whole, found again, forgotten.

A file waits a day for its confirmation. The same file again leads to the same place: its lines have ids made of the
account, the message id, the place and the end-to-end id (contracts.ids), so that even a second customer who owns the
account cannot have them paid twice.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.files.checking import check_lines
from holdfast.bank.files.judging import judge_lines
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts.errors import BadFile
from holdfast.contracts.pain001 import read_order_file

WAITING_MAX = 10
"""Files that one customer may have waiting for a confirmation; the oldest goes when there is one more."""
RUNNING_MAX = 5
"""Files of one customer that are being carried out at the same time."""
HOLDS = timedelta(days=1)
SHOWN_MAX = 100
DROP_BATCH = 100


@dataclass(frozen=True, slots=True)
class Totals:
    """What a file pays, without the lines that are never paid: how many lines, and (currency, sum in minor units)."""

    count: int
    sums: tuple[tuple[str, int], ...]


def take_file(raw: bytes, name: str, customer: Customer, accounts: Sequence[OwnAccount]) -> PaymentFile:
    """Read, check and store a file; the one stored before when it is the same. Raises BadFile with nothing stored."""
    order = read_order_file(raw)
    digest = hashlib.sha256(raw).hexdigest()
    today = bank_today()
    known = sent_before(order.message_id, digest, accounts)
    if known is not None:
        return known
    lines = check_lines(order, accounts, today, customer.id)
    made = PaymentFile(
        id=uuid.uuid4(),
        customer=customer.id,
        cohort=customer.cohort,
        message_id=order.message_id,
        version=order.version,
        name=name[:140],
        digest=digest,
        payer=customer.name,
        state="checked",
        made=timezone.now(),
    )
    judge_lines(made, lines, today)
    with transaction.atomic():
        Customer.objects.select_for_update().get(id=customer.id)
        waiting = PaymentFile.objects.filter(customer=customer.id, state="checked")
        _drop(waiting.filter(message_id=order.message_id))
        kept = waiting.order_by("-made").values_list("id", flat=True)[: WAITING_MAX - 1]
        _drop(waiting.exclude(id__in=list(kept)))
        made.save(force_insert=True)
        for line in lines:
            line.file = made
        FileLine.objects.bulk_create(lines, batch_size=500)
    return made


def sent_before(message_id: str, digest: str, accounts: Sequence[OwnAccount]) -> PaymentFile | None:
    """The file with this message id that was confirmed before for one of the accounts; raises BadFile (kind `used`)
    when that was another one."""
    own = [one.id for one in accounts]
    found = PaymentFile.objects.filter(message_id=message_id, state__in=("confirmed", "done"), fileline__debit__in=own)
    before = found.distinct().order_by("confirmed").first()
    if before is None or before.digest == digest:
        return before
    words = f"another file with the message id {message_id} was sent before; give this one an id of its own"
    raise BadFile(words, "used", message=message_id)


def files_of(accounts: Sequence[OwnAccount], customer: int) -> list[PaymentFile]:
    """The customer's files, and confirmed ones out of accounts that the customer owns too; the newest first."""
    own = [one.id for one in accounts]
    mine = PaymentFile.objects.filter(customer=customer)
    shared = PaymentFile.objects.filter(fileline__debit__in=own, state__in=("confirmed", "done"))
    found = PaymentFile.objects.filter(id__in=mine.values("id").union(shared.values("id")))
    return list(found.order_by("-made")[:SHOWN_MAX])


def find_file(
    ident: uuid.UUID, accounts: Sequence[OwnAccount], customer: int
) -> tuple[PaymentFile, list[FileLine]] | None:
    """A file of this customer, or a confirmed one out of own accounts only, with its lines; None for any other."""
    file = PaymentFile.objects.filter(id=ident).first()
    if file is None:
        return None
    lines = list(FileLine.objects.filter(file=file).order_by("number"))
    shared = file.state != "checked" and {line.debit for line in lines} <= {one.id for one in accounts}
    return (file, lines) if file.customer == customer or shared else None


def totals_of(lines: Sequence[FileLine]) -> Totals:
    """What is paid of these lines."""
    sums: dict[str, int] = {}
    paid = [line for line in lines if line.state != "bad"]
    for line in paid:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
    return Totals(len(paid), tuple(sorted(sums.items())))


def content_of_file(file: PaymentFile, lines: Sequence[FileLine]) -> dict[str, Any]:
    """Everything that makes it this file, as it is signed: the file's digest, how many lines and what they come to,
    and a digest over every line as it is stored, so that any changed line makes a proof worthless."""
    totals = totals_of(lines)
    return {
        "customer": file.customer,
        "file": file.id.hex,
        "sha256": file.digest,
        "count": totals.count,
        "sums": [f"{currency} {minor}" for currency, minor in totals.sums],
        "lines": lines_digest(lines),
    }


def lines_digest(lines: Sequence[FileLine]) -> str:
    """SHA-256 over what the lines pay, in hex."""
    told = [
        [
            line.number,
            line.payment.hex,
            line.due.isoformat(),
            line.debit,
            line.credit,
            line.amount_minor,
            line.currency,
            line.payee,
            line.text,
            line.state == "bad",
        ]
        for line in lines
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def confirm_file(ident: uuid.UUID, customer: int, digest: str) -> str:
    """From now on it is carried out; why not otherwise, as the end of a key files.not_…: `gone`, `changed`, `running`,
    `nothing`. digest: of the lines that the customer confirmed. Safe to repeat."""
    with transaction.atomic():
        file = PaymentFile.objects.select_for_update().filter(id=ident, customer=customer).first()
        if file is None or (file.state == "checked" and file.made < timezone.now() - HOLDS):
            return "gone"
        if file.state != "checked":
            return ""
        lines = list(FileLine.objects.filter(file=file).order_by("number"))
        if lines_digest(lines) != digest:
            return "changed"
        if not totals_of(lines).count:
            return "nothing"
        if PaymentFile.objects.filter(customer=customer, state="confirmed").count() >= RUNNING_MAX:
            return "running"
        file.state, file.confirmed = "confirmed", timezone.now()
        file.save(update_fields=["state", "confirmed"])
    return ""


def drop_file(ident: uuid.UUID, customer: int) -> None:
    """Forget a file that was not confirmed; one that was stays."""
    with transaction.atomic():
        _drop(PaymentFile.objects.filter(id=ident, customer=customer))


def _drop(files: QuerySet[PaymentFile]) -> int:
    """Delete those of these that are not confirmed, in the caller's transaction, which keeps them from being confirmed
    meanwhile; how many lines and files went."""
    held = list(files.filter(state="checked").select_for_update().values_list("id", flat=True))
    return PaymentFile.objects.filter(id__in=held).delete()[0]


def forget_old() -> int:
    """Files that nobody confirmed within their day go; how many lines and files went."""
    old = PaymentFile.objects.filter(state="checked", made__lt=timezone.now() - HOLDS).values_list("id", flat=True)
    with transaction.atomic():
        return _drop(PaymentFile.objects.filter(id__in=list(old[:DROP_BATCH])))
