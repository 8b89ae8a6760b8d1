"""How a mail of either building is made, and what a mail server's refusal means."""

import re
import smtplib
import ssl
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol

MAIL_DOMAIN = "holdfast.example"
NOT_A_MAIL = (ValueError, TypeError, IndexError, MessageError)
"""What as_mail raises for an address or text that mail cannot carry."""
FINAL_FROM = 500
SMTPS_PORT = 465
"""Where TLS is spoken from the first byte on (RFC 8314); elsewhere it is begun by STARTTLS, or nothing is sent."""
PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]{1,190}"
)
ADDRESS_CHARACTERS_MAX = 254
REPEAT = "this mail may have reached you before"
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
        mail["Holdfast-Repeat"] = REPEAT
    mail.set_content(written.body)
    mail["Content-Language"] = written.language  # after the content, which clears such headers
    return mail


def mail_bytes(written: Written, bank_name: str, box: str, at: datetime, unsubscribe: str = "") -> bytes:
    """The same mail as as_mail makes, as the bytes that go over the wire; raises one of NOT_A_MAIL.

    unsubscribe: an https address where one POST ends what the mail came from (RFC 8058), "" for none.

    For many mails of one subject: what they share is made once, which is most of the work.
    """
    address = written.email
    if len(address) > ADDRESS_CHARACTERS_MAX or not PLAIN_ADDRESS.fullmatch(address):
        address = str(Address(addr_spec=address))
        if not address.isascii() or len(address) > ADDRESS_CHARACTERS_MAX:
            raise ValueError("the address has characters that this mail cannot carry, or too many")
    if not written.message_id.isascii() or not written.message_id.isprintable():
        raise ValueError("the message's id has characters that mail cannot carry")
    own = f"To: {address}\r\nMessage-ID: {written.message_id}\r\nDate: {format_datetime(at)}\r\n"
    if written.maybe_twice:
        own += f"Holdfast-Repeat: {REPEAT}\r\n"
    if unsubscribe:
        if not unsubscribe.isascii() or not unsubscribe.isprintable() or set(unsubscribe) & set("<> "):
            raise ValueError("the address for ending it has characters that mail cannot carry")
        own += f"List-Unsubscribe: <{unsubscribe}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    shared = _shared_headers(written.subject, written.language, bank_name, box)
    lines = written.body.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return own.encode("ascii") + shared + b2a_qp(lines, istext=True)


@lru_cache(maxsize=64)
def _shared_headers(subject: str, language: str, bank_name: str, box: str) -> bytes:
    """The headers that all mails of one subject have, and the empty line behind them."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(bank_name, box, MAIL_DOMAIN)
    mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = 'text/plain; charset="utf-8"'
    mail["Content-Transfer-Encoding"] = "quoted-printable"
    mail["Content-Language"] = language
    return mail.as_bytes()


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
