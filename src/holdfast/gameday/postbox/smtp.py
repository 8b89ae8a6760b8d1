"""What the mail server says: takes a mail once it is stored; refuses addresses that the environment names."""

import os
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from holdfast.gameday.postbox.store import Mail, Store

MAIL_BYTES_MAX = 1_000_000


class Taker:
    """aiosmtpd's handler."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refuse = os.environ.get("HOLDFAST_POSTBOX_REFUSE", "")
        self._busy = os.environ.get("HOLDFAST_POSTBOX_BUSY", "")

    async def handle_RCPT(
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,  # aiosmtpd's name
        _options: list[str],
    ) -> str:
        """Whether this address gets mail."""
        if self._refuse and self._refuse in address:
            return "550 no such mailbox"
        if self._busy and self._busy in address:
            return "451 busy, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # aiosmtpd's name
        """Store the mail for each address, then say yes."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        for address in envelope.rcpt_tos:
            self._store.add(read_mail(raw, str(envelope.mail_from or ""), str(address)))
        return "250 OK"


def read_mail(raw: bytes, sender: str, recipient: str) -> Mail:
    """A mail as stored: headers decoded, the plain text part as body."""
    parsed: Any = message_from_bytes(raw, policy=default)
    body = parsed.get_body(("plain",)) if isinstance(parsed, EmailMessage) else None
    text = body.get_content() if body is not None else raw.decode("utf-8", "replace")
    return Mail(
        0,
        datetime.now(UTC).isoformat(),
        sender,
        recipient,
        str(parsed.get("Message-ID", "")).strip(),
        str(parsed.get("Subject", "")),
        str(parsed.get("Content-Language", "en"))[:8],
        parsed.get("Holdfast-Repeat") is not None,
        str(text).replace("\r\n", "\n"),
    )
