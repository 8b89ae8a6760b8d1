"""Sending over SMTP: up to CONNECTIONS_MAX connections, each with at most one message in flight.

A message is marked `sending` and committed before its bytes leave, and its fate is committed before the
next begins; so a kill leaves at most one message a connection of which nobody knows whether it went. After
a start these are sent again under the same Message-ID, marked. SMTP knows no exactly-once.
"""

import contextlib
import smtplib
import threading
import time
from collections import deque
from datetime import datetime, timedelta
from email.message import EmailMessage

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.tell.mailing import OPENED
from holdfast.control.tell.models import Bundle, Message
from holdfast.look import NOT_A_MAIL, as_mail, open_mail, refusal_of
from holdfast.telemetry import get_log

CONNECTIONS_MAX = 3
TIMEOUT_S = 5.0
ATTEMPTS_MAX = 30
GAP_S_MAX = 120.0
IDLE_S = 0.8
LOOK_AGAIN_S = 0.7
"""After a look that found nothing, all senders together look no sooner."""
LOOK_MAX = 50
CODE_WAIT = timedelta(seconds=3)
DUE = ("created", "temporary")


def return_unfinished() -> int:
    """At the start: messages that were in flight when the last process died go out again, marked."""
    return Message.objects.filter(state="sending").update(
        state="temporary", maybe_twice=True, next_attempt_at=timezone.now(), last_error="in flight when the sender died"
    )


class Waiting:
    """The messages that are due, looked up some at a time for all senders: people with needs first. Thread-safe."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._look_at = 0.0
        self._lock = threading.Lock()

    def claim(self) -> Message | None:
        """Take the next due message and mark it `sending`. None when nothing is due.

        A message stands in the list of one look only as a candidate: it is whoever changes its state that has it.
        """
        while (message := self._next()) is not None:
            due = Message.objects.filter(pk=message.pk, state__in=DUE, attempts=message.attempts)
            if due.update(state="sending", attempts=message.attempts + 1):
                message.state = "sending"
                message.attempts += 1
                return message
        return None

    def _next(self) -> Message | None:
        with self._lock:
            if not self._messages and time.monotonic() >= self._look_at:
                self._messages.extend(_due())
                self._look_at = 0.0 if self._messages else time.monotonic() + LOOK_AGAIN_S
            return self._messages.popleft() if self._messages else None


def _due() -> QuerySet[Message]:
    now = timezone.now()
    taken = Bundle.objects.filter(state="taken").aggregate(last=Max("made_at"))["last"]
    # A code should be answered at the doors before its mail arrives; if the doors are away, mail goes anyway.
    known = Q(created_at__lt=now - CODE_WAIT) | (Q(created_at__lte=taken) if taken else Q(pk__in=()))
    due = Message.objects.filter(known, state__in=DUE, next_attempt_at__lte=now)
    return due.select_related("notice__incident").order_by("-needs_first", "id")[:LOOK_MAX]


class Connection:
    """One SMTP connection, opened when needed and again after it broke."""

    def __init__(self, place: tuple[str, int]) -> None:
        self._place = place
        self._smtp: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        """Send one mail; raises OSError or SMTPException."""
        if self._smtp is None:
            self._smtp = open_mail(self._place, TIMEOUT_S)
        self._smtp.send_message(mail)

    def drop(self) -> None:
        """Close; whatever state it was in."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.close()
        self._smtp = None


def send_one(connection: Connection, message: Message) -> None:
    """Send a claimed message and write down its fate."""
    try:
        mail = as_mail(message, installation().bank_name, "service", timezone.now())
    except NOT_A_MAIL as error:
        _fate(message, "permanent", f"not an address or text that mail can carry: {error}")
        return
    try:
        connection.send(mail)
    except (OSError, smtplib.SMTPException) as error:
        _failed(message, *refusal_of(error))
        connection.drop()
    else:
        _fate(message, "delivered", "")


def _failed(message: Message, words: str, final: bool) -> None:
    if final:
        _fate(message, "permanent", words)
    elif message.attempts >= ATTEMPTS_MAX:
        _fate(message, "permanent", f"given up after {message.attempts} attempts: {words}")
    else:
        _fate(message, "temporary", words)


def _fate(message: Message, state: str, words: str) -> None:
    now = timezone.now()
    gap_s = min(2.0 ** min(message.attempts - 1, 10), GAP_S_MAX)
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(
            state=state,
            last_error=words[:500],
            delivered_at=now if state == "delivered" else None,
            next_attempt_at=now + timedelta(seconds=gap_s),
        )
        if state == "delivered" and message.notice.name == OPENED:
            _note_first(message.notice.incident, now)
    if state == "permanent":
        get_log().warning("a mail cannot be sent", message=message.pk, words=words)


def _note_first(incident: Incident | None, now: datetime) -> None:
    if incident is None or incident.first_message_at is not None:
        return
    first = Incident.objects.filter(pk=incident.pk, first_message_at__isnull=True)
    if first.update(first_message_at=now):
        record.add(incident, now, "mail", "first_message", "The first mail was accepted by the mail server")


def send_for_ever(waiting: Waiting, stop: threading.Event) -> None:
    """One sender: claims, sends, writes down, for as long as there is work; then looks again."""
    connection = Connection(installation().mail_place)
    try:
        while not stop.is_set():
            message = waiting.claim()
            if message is None:
                connection.drop()
                stop.wait(IDLE_S)
                continue
            send_one(connection, message)
    finally:
        connection.drop()
