"""The ways to a customer: a channel opens lines to its providers, and a line takes one message at a time.

Mail stands here, SMS and push in short_lines. Another channel is a function that opens a Line, by its name in
providers.CHANNELS, and its providers in `providers_of`; what a customer chose stands at the customer
(`addressing.addresses`).
"""

import contextlib
import smtplib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from holdfast.control.subscribers.letters import Letter, letter_of
from holdfast.control.tell.models import Message
from holdfast.look import MAIL_DOMAIN, NOT_A_MAIL, mail_bytes, open_mail

TIMEOUT_S = 5.0
CONNECTIONS = 16
"""Lines to one provider, each with one message in flight at most: as many can go out twice after a kill."""
BOX = "service"
FINAL_FROM = 500
TAKEN = (250, 251)
POLICY = b"5.7."
"""An answer that begins so is about who sends, not about the address (RFC 3463, 3.8)."""
CLOSING = 421
"""The server ends the connection: that is about it and not about the address (RFC 5321, 3.8)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. state: delivered, temporary, permanent (both: the provider refused this message) or
    technical (the provider itself failed). unsure: it may have been taken all the same. no_such: the address itself was
    refused for good."""

    state: str
    words: str = ""
    unsure: bool = False
    no_such: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """A provider as the installation names it; order: the lowest is used as long as it works. gateway: how an SMS
    gateway is addressed, which holds a secret; keys: where the bank's keys are, for what is signed with one."""

    name: str
    channel: str
    place: tuple[str, int]
    order: int
    gateway: str = field(default="", repr=False)
    keys: Path = Path()

    @property
    def shown(self) -> str:
        """Its place as staff read it."""
        return f"{self.place[0]}:{self.place[1]}" if self.place[1] else self.place[0]


class Line(Protocol):
    """A way to one provider, kept open between messages; used by one thread."""

    def send(self, message: Message) -> Outcome:
        """Hand one message over; a sick provider or address is an outcome, never an exception."""

    def close(self) -> None:
        """Close it, whatever state it is in."""


class MailLine:
    """One SMTP connection, opened when needed and again after it broke."""

    def __init__(self, seat: Seat, bank_name: str) -> None:
        self._seat = seat
        self._bank_name = bank_name
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: Message) -> Outcome:
        """As Line says."""
        try:
            letter = message if message.customer >= 0 else letter_of(message)
            ends = letter.unsubscribe if isinstance(letter, Letter) else ""
            raw = mail_bytes(letter, self._bank_name, BOX, timezone.now(), ends)
        except NOT_A_MAIL as error:
            return Outcome("permanent", f"not an address or text that mail can carry: {error}")
        handed_over = False
        try:
            if self._smtp is None:
                self._smtp = open_mail(self._seat.place, TIMEOUT_S)
                self._smtp.ehlo_or_helo_if_needed()
            code, _ = self._smtp.mail(f"{BOX}@{MAIL_DOMAIN}")
            if code not in TAKEN:
                return self._broken(f"the mail server answered {code} to our own address")
            code, said = self._smtp.rcpt(letter.email)
            if code not in TAKEN:
                refused = self._refused(code, f"the mail server refused the address ({code})")
                return replace(refused, no_such=refused.state == "permanent" and not said.startswith(POLICY))
            handed_over = True
            code, _ = self._smtp.data(raw)
        except smtplib.SMTPDataError as error:  # to the word DATA: nothing was handed over
            return self._refused(error.smtp_code, f"the mail server answered {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome("technical", f"the mail server did not answer ({type(error).__name__})", handed_over)
        return Outcome("delivered") if code in TAKEN else self._refused(code, f"the mail server answered {code}")

    def _refused(self, code: int, words: str) -> Outcome:
        if code == CLOSING or self._smtp is None:
            return self._broken(words)
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()
        return Outcome("permanent" if code >= FINAL_FROM else "temporary", words)

    def _broken(self, words: str) -> Outcome:
        self.close()
        return Outcome("technical", words)

    def close(self) -> None:
        """As Line says."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.close()
        self._smtp = None


MAIL = "mail"
INBOX = "inbox"
"""Of who has no address: what is written down stands there at once, and no line carries it."""
