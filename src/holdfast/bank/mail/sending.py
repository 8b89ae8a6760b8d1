"""Send what was written down, over SMTP, one mail after the other.

A mail is marked `sending` and committed before its bytes leave; its fate is committed after. A sender that dies between
leaves one of which nobody knows whether it went: it goes again under the same Message-ID, marked. Mails that the
server refuses for good, or that fail ATTEMPTS_MAX times, are recorded as failed, with the reason.
"""

import contextlib
import smtplib
import threading
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.mail.models import FAILED, SENDING, SENT, WAITING, Mail
from holdfast.look import NOT_A_MAIL, as_mail, open_mail, refusal_of
from holdfast.telemetry import get_log

TIMEOUT_S = 5.0
ATTEMPTS_MAX = 30
GAP_S_MAX = 120.0
IDLE_S = 1.0
KEPT = timedelta(days=90)


def return_unfinished() -> int:
    """At the start: a mail that was on its way when the last sender died goes out again, marked; how many."""
    return Mail.objects.filter(state=SENDING).update(state=WAITING, maybe_twice=True, due=timezone.now())


def claim() -> Mail | None:
    """The next mail that is due, marked `sending`; None when there is none."""
    with transaction.atomic():
        due = Mail.objects.filter(state=WAITING, due__lte=timezone.now())
        mail = due.select_for_update(skip_locked=True).order_by("due", "id").first()
        if mail is None:
            return None
        mail.state, mail.attempts = SENDING, mail.attempts + 1
        mail.save(update_fields=["state", "attempts"])
    return mail


def send(mail: Mail) -> None:
    """Send a claimed mail and write its fate down."""
    try:
        message = as_mail(mail, installation().bank_name, "security", timezone.now())
    except NOT_A_MAIL as error:
        _end(mail, FAILED, f"not an address or text that mail can carry: {error}")
        return
    try:
        # Without a QUIT: how that is answered says nothing of a mail that was taken.
        with contextlib.closing(open_mail(installation().mail_place, TIMEOUT_S)) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        _failed(mail, *refusal_of(error))
    else:
        _end(mail, SENT, "")


def _failed(mail: Mail, words: str, final: bool) -> None:
    if final or mail.attempts >= ATTEMPTS_MAX:
        _end(mail, FAILED, words)
        return
    due = timezone.now() + timedelta(seconds=min(2.0 ** min(mail.attempts - 1, 10), GAP_S_MAX))
    Mail.objects.filter(pk=mail.pk).update(state=WAITING, due=due, error=words[:300])


def _end(mail: Mail, state: str, words: str) -> None:
    """Its text is not kept: what it told stands elsewhere, and a code in it is nobody's to read again."""
    Mail.objects.filter(pk=mail.pk).update(state=state, error=words[:300], ended=timezone.now(), body="")
    if state == FAILED:
        get_log().warning("a mail cannot be sent", mail=mail.pk, notice=mail.notice, words=words)


def send_waiting() -> int:
    """Send what is due now; how many went out or ended."""
    done = 0
    while (mail := claim()) is not None:
        send(mail)
        done += 1
    return done


def send_for_ever(stop: threading.Event) -> None:
    """Send what is due, look again a second later, until stopped; a database that is away is waited for."""
    returned = False
    while not stop.is_set():
        try:
            if not returned:
                return_unfinished()
                returned = True
            send_waiting()
        except DatabaseError as error:
            get_log().warning("mails wait for the database", words=str(error)[:200])
        except Exception:  # whatever it is, the next mail may be another matter
            get_log().exception("sending mails broke")
        finally:
            close_old_connections()
        stop.wait(IDLE_S)


def forget_old() -> int:
    """A job: mails that ended long ago are no longer kept; how many went."""
    return Mail.objects.filter(ended__lt=timezone.now() - KEPT).delete()[0]
