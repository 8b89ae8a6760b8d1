"""How one page leaves: a mail, or JSON by POST to a webhook. Bounded in time; touches no database."""

from dataclasses import dataclass
from datetime import datetime

from holdfast.look.mailing import MAIL_DOMAIN, StaffMail, send_mail
from holdfast.look.webhooks import post_json

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
    written = StaffMail(letter.address, subject, body, f"<{letter.mark}@{MAIL_DOMAIN}>", letter.again)
    return send_mail(written, mail_place, bank_name, "control-room", LIMIT_S)


def _by_webhook(letter: Letter) -> str:
    return post_json(
        letter.address,
        {
            "incident": letter.incident,
            "severity": letter.severity,
            "words": letter.because,
            "detected_at": letter.detected_at.isoformat(),
            "for": letter.level,
            "acknowledge": letter.url,
            "page": letter.mark,
            "again": letter.again,
        },
        LIMIT_S,
    )
