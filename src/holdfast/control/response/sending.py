"""How one page leaves: a mail, or JSON by POST to a webhook. Bounded in time; touches no database."""

import http.client
import json
import smtplib
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from holdfast.look import NOT_A_MAIL, as_mail, open_mail, refusal_of
from holdfast.look.mailing import MAIL_DOMAIN

LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A page as it leaves. because: how the incident was noticed; mark: the same each time it is sent again."""

    way: str
    address: str
    incident: int
    severity: int
    level: str
    because: str
    detected_at: datetime
    url: str
    mark: str
    again: bool
    at: datetime


@dataclass(slots=True)
class _Mail:
    email: str
    subject: str
    body: str
    message_id: str
    maybe_twice: bool
    language: str = "en"


def send(letter: Letter, mail_place: tuple[str, int], bank_name: str) -> str:
    """Send it; "" when it was taken, otherwise why not. Never raises for a sick receiver, never follows elsewhere."""
    return _by_mail(letter, mail_place, bank_name) if letter.way == "mail" else _by_webhook(letter)


def _by_mail(letter: Letter, mail_place: tuple[str, int], bank_name: str) -> str:
    body = (
        f"Incident {letter.incident}, severity {letter.severity}.\n"
        f"Noticed at {letter.detected_at:%Y-%m-%d %H:%M:%S} UTC because {letter.because}.\n\n"
        f"Acknowledge it: {letter.url}\nor at a terminal: ./holdfast incident acknowledge {letter.incident}\n\n"
        f"You get this as: {letter.level}. Without an acknowledgement others are woken.\n"
    )
    subject = f"Incident {letter.incident}, severity {letter.severity}: acknowledge it"
    written = _Mail(letter.address, subject, body, f"<{letter.mark}@{MAIL_DOMAIN}>", letter.again)
    try:
        mail = as_mail(written, bank_name, "control-room", letter.at)
    except NOT_A_MAIL as error:
        return f"not an address that mail can carry ({type(error).__name__})"
    link: smtplib.SMTP | None = None
    try:
        link = open_mail(mail_place, LIMIT_S)
        link.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        return refusal_of(error)[0]
    finally:
        if link is not None:
            link.close()
    return ""


def _by_webhook(letter: Letter) -> str:
    parts = urlsplit(letter.address)
    body = json.dumps(
        {
            "incident": letter.incident,
            "severity": letter.severity,
            "words": letter.because,
            "detected_at": letter.detected_at.isoformat(),
            "for": letter.level,
            "acknowledge": letter.url,
            "page": letter.mark,
            "again": letter.again,
        }
    )
    host = parts.hostname or ""
    link: http.client.HTTPConnection
    if parts.scheme == "https":
        link = http.client.HTTPSConnection(host, parts.port, timeout=LIMIT_S, context=ssl.create_default_context())
    else:
        link = http.client.HTTPConnection(host, parts.port, timeout=LIMIT_S)
    # The time limit of a socket begins anew with each byte that comes; this one is for the whole.
    whole = threading.Timer(LIMIT_S, _cut, (link,))
    whole.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        link.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "holdfast"})
        with link.getresponse() as answer:
            status = answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"the webhook did not answer within {LIMIT_S:g} s or broke off ({type(error).__name__})"
    finally:
        whole.cancel()
        link.close()
    return "" if 200 <= status < 300 else f"the webhook answered {status}"


def _cut(link: http.client.HTTPConnection) -> None:
    sock = link.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
