"""Everything that this bank holds about one customer, table by table, as it is taken along. Nothing is changed here.

Each kind names its table and fields; tests/bank/integration/test_my_data.py looks that no table that names a customer
is missing here or in LEFT_OUT. What opens accounts (class A: verifiers, secrets, digests) is said to be there, never
what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from holdfast.bank.accounts.models import AccountRequest
from holdfast.bank.api.models import ApiToken
from holdfast.bank.books import installation, reader
from holdfast.bank.cards.models import Card, CardUse
from holdfast.bank.cases.models import Dispute
from holdfast.bank.charges.models import Booking, Loan, Repayment
from holdfast.bank.customers.models import Account, Customer, NameChange, Owner
from holdfast.bank.factors.models import (
    Authenticator,
    KnownDevice,
    KnownSession,
    Passkey,
    RecoveryCode,
    SecurityEvent,
    Trust,
    WrongCodes,
)
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.freezing.models import Frozen
from holdfast.bank.hardship.models import Advance
from holdfast.bank.leaving.models import StaffClosing
from holdfast.bank.mail.models import Mail
from holdfast.bank.orders.models import Charge, Order, Plan, Refund
from holdfast.bank.payments.models import HeldPayment, Intent, OwnLimit, SavedPayee, UndoWindow
from holdfast.bank.privacy.elsewhere import held_elsewhere
from holdfast.bank.redress.models import Claim, Given

ROWS_MAX = 20_000
LINES_MAX = 20_000
"""Of one kind in one download; `more` says where there are more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind: those whose field `whose` names the customer, or one of the customer's accounts."""

    name: str
    model: type[Model]
    whose: str
    fields: tuple[str, ...]
    by_account: bool = False


MONEY = ("debit", "credit", "amount_minor", "currency", "payer", "payee", "text")
KINDS = (
    Kind(
        "customer",
        Customer,
        "id",
        ("id", "name", "former_name", "username", "email", "phone", "language", "needs", "told", "cohort", "left"),
    ),
    Kind("accounts", Account, "owner__customer", ("id", "number", "title", "product", "currency", "closed")),
    Kind("owners", Owner, "account", ("account_id", "customer__name"), by_account=True),
    Kind("accounts_asked_for", AccountRequest, "asker", ("product", "currency", "title", "state", "asked_at")),
    Kind("accounts_offered", AccountRequest, "partner", ("product", "currency", "title", "state", "asked_at")),
    Kind("payees", SavedPayee, "customer", ("account", "number", "name", "checked", "created")),
    Kind("payments_asked_for", Intent, "customer", ("id", *MONEY, "created", "outcome", "reason", "metadata")),
    Kind("payments_held_back", HeldPayment, "customer", ("id", *MONEY, "created", "goes_at", "state", "metadata")),
    Kind(
        "payments_planned", Plan, "debit", ("id", *MONEY, "rhythm", "first", "until", "state", "made"), by_account=True
    ),
    Kind("orders", Order, "debit", ("id", *MONEY, "due", "cancelled"), by_account=True),
    Kind("files", PaymentFile, "customer", ("id", "message_id", "name", "payer", "state", "made", "confirmed")),
    Kind(
        "lines_of_files",
        FileLine,
        "file__customer",
        ("file_id", "number", "to_number", "payee", "text", "amount_minor"),
    ),
    Kind("own_limits", OwnLimit, "customer", ("body", "changed")),
    Kind("undo_window", UndoWindow, "customer", ("seconds",)),
    Kind(
        "cards", Card, "customer", ("account", "last4", "network", "frozen", "per_use_minor", "per_day_minor", "ends")
    ),
    Kind(
        "card_uses",
        CardUse,
        "customer",
        ("amount_minor", "currency", "merchant", "merchant_code", "asked_at", "outcome"),
    ),
    Kind("loans", Loan, "customer", ("id", "title", "currency", "principal_minor", "rate_ppm", "paid_out", "repaid")),
    Kind("repayments", Repayment, "customer", ("loan", "day", "principal_minor", "interest_minor", "state", "asked")),
    Kind(
        "charges",
        Booking,
        "account",
        ("rule", "first", "until", "amount_minor", "currency", "decided"),
        by_account=True,
    ),
    Kind("late_charges", Charge, "account", ("account", "amount_minor", "currency", "at"), by_account=True),
    Kind(
        "emergency_money",
        Advance,
        "customer",
        ("month", "number", "account", "amount_minor", "currency", "day", "due", "state", "paid_back"),
    ),
    Kind("refunds", Refund, "customer", ("incident", "charged_minor", "refunded_minor", "currency", "at")),
    Kind(
        "questions",
        Dispute,
        "customer",
        ("title", "amount_minor", "reason", "words", "opened_at", "closed_at", "answer"),
    ),
    Kind(
        "claims",
        Claim,
        "customer",
        (
            "by_whom",
            "what",
            "amount_minor",
            "currency",
            "day",
            "file_name",
            "opened_at",
            "closed_at",
            "answer",
            "paid_minor",
        ),
    ),
    Kind("given_after_outages", Given, "customer", ("kind", "amount_minor", "currency", "calculation", "ended")),
    Kind(
        "closed_by_staff",
        StaffClosing,
        "account",
        ("account", "amount_minor", "why", "began", "closed"),
        by_account=True,
    ),
    Kind(
        "names_asked_for",
        NameChange,
        "customer",
        ("name", "was", "reason", "state", "asked_at", "decided_at", "answer"),
    ),
    Kind("frozen", Frozen, "customer", ("since",)),
    Kind("tokens_of_programs", ApiToken, "customer", ("name", "scopes", "made", "ends", "used", "revoked")),
    Kind("authenticator", Authenticator, "customer", ("created", "proved", "used")),
    Kind("recovery_codes", RecoveryCode, "customer", ("used",)),
    Kind("passkeys", Passkey, "customer", ("name", "created", "used", "transports")),
    Kind("sessions", KnownSession, "customer", ("began", "seen", "device", "factors", "at_standin")),
    Kind("devices", KnownDevice, "customer", ("words", "began", "seen")),
    Kind("device_trust", Trust, "customer", ("since", "told")),
    Kind("wrong_codes", WrongCodes, "customer", ("began", "count")),
    Kind("security_history", SecurityEvent, "customer", ("at", "event", "places", "words")),
    Kind("mails", Mail, "customer", ("email", "notice", "subject", "state", "created", "ended")),
)
LEFT_OUT = {
    "recovery_salt": "of the recovery codes, which are counted; it opens them",
    "freeze_change": "of when everything was frozen, which is taken along; it orders what the two banks say of it",
    "sessions_ended": "of when all sessions were ended at once, which is in the security history",
    "password_reset": "kept for a day, with a code; nothing that the customer did not type",
    "registration": "kept for a day, before there is a customer",
    "fact": "the same again on its way to the spare bank",
}
"""Tables that name a customer and are not taken along, with the reason that the page gives."""
NOT_REACHED = "the control room: chats, what you wrote in the community, messages; take the file along again later"


def held_about(customer: int) -> dict[str, Any]:
    """Everything, by kind, with the entries of the customer's accounts and what the control room holds; as JSON takes
    it. Where the control room does not answer, `not_reached` says so."""
    accounts = list(Account.objects.filter(owner__customer=customer).order_by("id").values_list("id", flat=True))
    kinds = {kind.name: rows_of(kind, customer, accounts) for kind in KINDS}
    elsewhere = held_elsewhere(customer)
    return {
        "bank": installation().bank_name,
        "made_at": datetime.now(UTC).isoformat(),
        **kinds,
        "entries": {str(account): entries_of(account) for account in accounts},
        "control_room": elsewhere,
        "not_reached": [] if elsewhere else [NOT_REACHED],
        "left_out": LEFT_OUT,
        "more": [name for name, rows in kinds.items() if len(rows) == ROWS_MAX],
    }


def rows_of(kind: Kind, customer: int, accounts: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of one kind, the oldest first."""
    named = {f"{kind.whose}__in": accounts} if kind.by_account else {kind.whose: customer}
    return list(kind.model._default_manager.filter(**named).order_by("pk").values(*kind.fields)[:ROWS_MAX])


def count_of(kind: Kind, customer: int, accounts: Sequence[int]) -> int:
    """How many there are."""
    named = {f"{kind.whose}__in": accounts} if kind.by_account else {kind.whose: customer}
    return kind.model._default_manager.filter(**named).count()


def entries_of(account: int) -> list[dict[str, Any]]:
    """An account's entries out of the books, the oldest first."""
    out: list[dict[str, Any]] = []
    after = 0
    while len(out) < LINES_MAX and (lines := reader().lines_after(account, after, 500)):
        after = lines[-1].seq
        out += [
            {
                "id": line.id.hex,
                "at": line.at,
                "value_date": line.value_date,
                "kind": line.kind,
                "amount_minor": line.amount_minor,
                "balance_after_minor": line.balance_after_minor,
                "payer": line.payer,
                "payee": line.payee,
                "text": line.text,
            }
            for line in lines
        ]
    return out
