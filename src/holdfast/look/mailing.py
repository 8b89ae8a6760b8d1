"""How a mail of either building is made, and what a mail server's refusal means."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

MAIL_DOMAIN = "holdfast.example"
NOT_A_MAIL = (ValueError, TypeError, IndexError, MessageError)
"""What as_mail raises for an address or text that mail cannot carry."""
FINAL_FROM = 500
SMTPS_PORT = 465
"""Where TLS is spoken from the first byte on (RFC 8314); elsewhere it is begun by STARTTLS, or nothing is sent."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Written(Protocol):
    """A mail as it stands in a building's database. maybe_twice: it may have gone out before."""

    email: str
    language: str
    subject: str
    body: str
    message_id: str
    maybe_twice: bool


@dataclass(slots=True)
class StaffMail:
    """A mail to a member of staff, which stands in no building's database."""

    email: str
    subject: str
    body: str
    message_id: str
    maybe_twice: bool
    language: str = "en"


def as_mail(written: Written, bank_name: str, box: str, at: datetime) -> EmailMessage:
    """The mail as it goes over the wire, from box@MAIL_DOMAIN; raises one of NOT_A_MAIL."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(bank_name, box, MAIL_DOMAIN)
    mail["To"] = Address(addr_spec=written.email)
    mail["Subject"] = written.subject
    mail["Message-ID"] = written.message_id
    mail["Date"] = at
    mail["Auto-Submitted"] = "auto-generated"
    if written.maybe_twice:
        mail["Holdfast-Repeat"] = "this mail may have reached you before"
    mail.set_content(written.body)
    mail["Content-Language"] = written.language  # after the content, which clears such headers
    return mail


def open_mail(place: tuple[str, int], timeout_s: float) -> smtplib.SMTP:
    """A connection to the server that takes mails: by TLS, with a certificate that holds for its name, unless it is on
    this machine. Raises OSError or SMTPException."""
    host, port = place
    if host in HERE:
        return smtplib.SMTP(host, port, timeout=timeout_s)
    trusting = ssl.create_default_context()
    if port == SMTPS_PORT:
        return smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=trusting)
    link = smtplib.SMTP(host, port, timeout=timeout_s)
    try:
        link.starttls(context=trusting)
    except BaseException:
        link.close()
        raise
    return link


def refusal_of(error: OSError | smtplib.SMTPException) -> tuple[str, bool]:
    """Why a mail did not go, in words, and whether it never will."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(answer[0] for answer in error.recipients.values())
        return f"the mail server refused the address ({code})", code >= FINAL_FROM
    if isinstance(error, smtplib.SMTPResponseException):
        about_it = isinstance(error, smtplib.SMTPDataError)  # any other answer is about the server or the sender
        return f"the mail server answered {error.smtp_code}", about_it and error.smtp_code >= FINAL_FROM
    return f"the mail server did not answer ({type(error).__name__})", False


def send_mail(written: Written, place: tuple[str, int], bank_name: str, box: str, timeout_s: float) -> str:
    """Send one mail over a connection of its own; "" when it was taken, otherwise why not. Raises nothing for a sick
    server or an address that mail cannot carry."""
    try:
        mail = as_mail(written, bank_name, box, datetime.now(UTC))
    except NOT_A_MAIL as error:
        return f"not an address that mail can carry ({type(error).__name__})"
    link: smtplib.SMTP | None = None
    try:
        link = open_mail(place, timeout_s)
        link.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        return refusal_of(error)[0]
    finally:
        if link is not None:
            link.close()
    return ""
