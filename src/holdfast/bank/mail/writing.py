"""Write a mail down, in the transaction of what it tells; it goes out from the worker (sending.py)."""

import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.customers.models import Customer
from holdfast.bank.mail.models import Mail
from holdfast.contracts.languages import LANGUAGES
from holdfast.look import MAIL_DOMAIN

FOLDER = Path(__file__).parent / "messages"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail is to; customer: None for somebody who is none yet."""

    email: str
    language: str
    name: str
    customer: int | None = None


def recipient_of(customer: Customer) -> Recipient:
    """A customer at the address that the bank knows."""
    return Recipient(customer.email, customer.language, customer.name, customer.id)


@cache
def template(notice: str, language: str, part: str) -> str:
    """The text of a notice's part (`subject`, `body`), as it stands in its file."""
    return (FOLDER / notice / language / f"{part}.txt").read_text(encoding="utf-8")


def language_of(recipient: Recipient) -> str:
    """The language that we write to them in."""
    return recipient.language if recipient.language in LANGUAGES else LANGUAGES[0]


def write(recipient: Recipient, notice: str, **places: str) -> bool:
    """Write one mail down; False, with nothing written, when there is no address."""
    if not recipient.email:
        return False
    language = language_of(recipient)
    filled = {**places, "name": " ".join(recipient.name.split()), "bank": installation().bank_name}
    Mail.objects.create(
        customer=recipient.customer,
        email=recipient.email,
        language=language,
        notice=notice,
        subject=template(notice, language, "subject").strip().format_map(filled)[:200],
        body=template(notice, language, "body").format_map(filled),
        message_id=f"<{uuid.uuid4().hex}@{MAIL_DOMAIN}>",
        due=timezone.now(),
    )
    return True
