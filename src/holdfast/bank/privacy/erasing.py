"""Erase what names who left, once the law no longer wants it kept: the second step of docs/decisions/0026.

One table says which sealed words go with a customer; a test looks that every sealed field of the bank is in it, or has
a reason to stay. Amounts, days, accounts and blocks stay, so the books are proved as before. Words of a transfer go
when nobody is left whom they explain it to: with the bank's own accounts at once, with another customer when they are
erased too. The spare bank forgot the customer when they left; it is told what else became nameless.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Model, Q
from django.utils import timezone

from holdfast.bank.accounts.models import AccountRequest
from holdfast.bank.api.models import ApiPayment, ApiToken
from holdfast.bank.books import reader
from holdfast.bank.cards.models import CardUse
from holdfast.bank.cases.models import CLAIMS_FROM, DISPUTES_FROM, Decision, Dispute
from holdfast.bank.charges.models import Loan
from holdfast.bank.charges.own import loan_account
from holdfast.bank.customers.known import accounts_by_number, known_accounts, known_customers
from holdfast.bank.customers.models import Account, Customer, NameChange, Owner
from holdfast.bank.customers.opening import account_fact
from holdfast.bank.exchange.facts import tell
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import KnownDevice, KnownSession, SecurityEvent, Trust, WrongCodes
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.leaving.models import StaffClosing
from holdfast.bank.mail.models import Mail
from holdfast.bank.orders.models import Order, Plan, Refund
from holdfast.bank.payments.models import HeldPayment, Intent, OwnLimit, SavedPayee, UndoWindow
from holdfast.bank.redress.models import Claim, ProofPiece

KEPT = timedelta(days=6 * 365 + 2)
"""Five years after the end of the year in which they left, at the latest (bokføringsloven § 13); what the law against
laundering wants kept for five years after the end of a relationship (hvitvaskingsloven § 30) lies within it."""
BATCH = 20
NOBODY = "*{}"
"""In place of a name of login: no name of login begins like this, and each is there once."""


@dataclass(frozen=True, slots=True)
class Words:
    """Fields that become empty in the rows whose field `whose` names the customer, or one of their accounts."""

    model: type[Model]
    whose: str
    fields: tuple[str, ...]
    by_account: bool = False


PARTIES = ("payer", "payee", "text")
WORDS = (
    Words(Account, "id", ("title",), by_account=True),
    Words(AccountRequest, "asker", ("title",)),
    Words(ApiToken, "customer", ("name",)),
    Words(ApiPayment, "token__customer", ("content",)),
    Words(CardUse, "customer", ("merchant",)),
    Words(Dispute, "customer", ("title", "words", "answer")),
    Words(Claim, "customer", ("by_whom", "what", "confirmation", "file_name", "answer")),
    Words(ProofPiece, "claim__customer", ("content",)),
    Words(FileLine, "file__customer", ("block", "end_to_end_id", "payee", "text", "near_name")),
    Words(PaymentFile, "customer", ("name", "payer")),
    Words(HeldPayment, "customer", PARTIES),
    Words(Intent, "customer", PARTIES),
    Words(Loan, "customer", ("title",)),
    Words(NameChange, "customer", ("name", "was", "reason", "answer")),
    Words(Order, "debit", PARTIES, by_account=True),
    Words(Plan, "debit", PARTIES, by_account=True),
    Words(Refund, "customer", ("happened", "would_have_been")),
    Words(StaffClosing, "account", ("why",), by_account=True),
)
ROWS: tuple[type[Model], ...] = (
    KnownDevice,
    KnownSession,
    Mail,
    OwnLimit,
    SavedPayee,
    SecurityEvent,
    Trust,
    UndoWindow,
    WrongCodes,
)
"""Tables whose rows of a customer go whole."""


def forget_left() -> int:
    """A job: erase customers who left longer ago than KEPT, a bounded step; how many were erased."""
    due = Customer.objects.filter(left__lt=timezone.now() - KEPT, erased=None).order_by("left", "id")
    found = list(due.values_list("id", flat=True)[:BATCH])
    for customer in found:
        erase(customer)
    return len(found)


def erase(customer: int) -> None:
    """Erase one who left. Safe to repeat, and wherever it fell: the mark that it was done comes last."""
    others = Owner.objects.filter(customer__erased=None).exclude(customer=customer).values("account")
    own = list(Account.objects.filter(owners=customer).exclude(id__in=others).order_by("id"))
    _erase_booked_words(customer, [one.id for one in own])
    with transaction.atomic():
        for words in WORDS:
            _empty(words, customer, [one.id for one in own])
        for model in ROWS:
            model._default_manager.filter(customer=customer).delete()
        for model in (Intent, HeldPayment):
            model._default_manager.filter(customer=customer).update(metadata=None)
        disputes = Dispute.objects.filter(customer=customer).values_list("number", flat=True)
        claims = Claim.objects.filter(customer=customer).values_list("number", flat=True)
        numbers = [*(DISPUTES_FROM + one for one in disputes), *(CLAIMS_FROM + one for one in claims)]
        Decision.objects.filter(number__in=numbers).update(why="")
        for one in own:
            one.title = ""
        tell("account", [(str(one.id), account_fact(one, _owners(one))) for one in own])
        _forget_told(customer, [one.id for one in own])
        Customer.objects.filter(id=customer).update(
            name="",
            former_name="",
            phone="",
            told=None,
            former_until=None,
            email="",
            username=NOBODY.format(customer),
            needs=[],
            erased=timezone.now(),
        )
    for known in (known_customers, known_accounts, accounts_by_number):
        known.forget()


def _owners(account: Account) -> list[int]:
    return sorted(account.owners.values_list("id", flat=True))


def _erase_booked_words(customer: int, accounts: Sequence[int]) -> None:
    """The words of transfers with the bank itself, with their own loans, and with those who are erased already."""
    loans = [loan_account(one) for one in Loan.objects.filter(customer=customer).values_list("id", flat=True)]
    for account in accounts:
        others = reader().others_with_words(account)
        kept = Account.objects.filter(id__in=others, owners__erased=None).exclude(id__in=accounts)
        named = others & set(Account.objects.filter(id__in=others).values_list("id", flat=True))
        gone = named - set(kept.values_list("id", flat=True))
        reader().erase_words(account, {*gone, *loans})


def _empty(words: Words, customer: int, accounts: Sequence[int]) -> None:
    named: dict[str, Any] = {f"{words.whose}__in": accounts} if words.by_account else {words.whose: customer}
    words.model._default_manager.filter(**named).update(**dict.fromkeys(words.fields, ""))


def _forget_told(customer: int, accounts: Sequence[int]) -> None:
    """What was told of them before the last word of each: who reads the stream anew needs the last word only."""
    orders = Order.objects.filter(debit__in=accounts).values_list("id", flat=True)
    told = Fact.objects.filter(
        Q(kind="customer", key=str(customer))
        | Q(kind="account", key__in=[str(one) for one in accounts])
        | Q(kind="payee", key__startswith=f"{customer}:")
        | Q(kind="order", key__in=[str(one) for one in orders])
    )
    last = told.values("kind", "key").annotate(last=Max("id")).values_list("last", flat=True)
    told.exclude(id__in=list(last)).delete()
