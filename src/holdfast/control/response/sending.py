"""How one page leaves: a mail, JSON by POST to a webhook, an SMS, or a push to a person's devices. Bounded in time;
touches no database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from holdfast.control.response.pushing import Device, push
from holdfast.look.mailing import MAIL_DOMAIN, StaffMail, send_mail
from holdfast.look.texting import send_sms
from holdfast.look.webhooks import post_json
from holdfast.settings import Installation

LIMIT_S = 5.0
NO_DEVICE = "no device is registered any more"


@dataclass(frozen=True, slots=True)
class Letter:
    """A page as it leaves. because: how the incident was noticed; mark: the same each time it is sent again; gateway:
    by which SMS go out; devices: the person's browsers, with their numbers."""

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
    gateway: str = ""
    devices: tuple[tuple[int, Device], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it. trouble: "" when it was taken, otherwise why not; gone: devices that are there no more."""

    trouble: str
    gone: tuple[int, ...] = ()


def send(letter: Letter, home: Installation) -> Sent:
    """Send it. Never raises for a sick receiver, never follows elsewhere."""
    if letter.way == "push":
        return _by_push(letter, home)
    if letter.way == "mail":
        return Sent(_by_mail(letter, home))
    if letter.way == "sms":
        return Sent(send_sms(letter.gateway, letter.address, sms_words(letter)))
    return Sent(_by_webhook(letter))


def sms_words(letter: Letter) -> str:
    """What an SMS says. It goes through others' hands: what happened is read at the console."""
    return f"Incident {letter.incident}, severity {letter.severity}. Acknowledge it: {letter.url}"


def push_message(letter: Letter) -> dict[str, object]:
    """What a device shows; a press on it opens the incident, where one more acknowledges it."""
    return {
        "title": f"Incident {letter.incident}, severity {letter.severity}",
        "body": f"Noticed because {letter.because}"[:300] + ". Acknowledge it, or others are woken.",
        "url": f"/incidents/{letter.incident}",
        "tag": f"incident-{letter.incident}",
    }


def _by_push(letter: Letter, home: Installation) -> Sent:
    """To all devices at once; it was sent when one of them was reached."""
    if not letter.devices:
        return Sent(NO_DEVICE)
    message = push_message(letter)
    with ThreadPoolExecutor(len(letter.devices)) as pool:
        said = list(pool.map(lambda one: push(one[1], message, home.keys, LIMIT_S), letter.devices))
    gone = tuple(number for (number, _), (_, is_gone) in zip(letter.devices, said, strict=True) if is_gone)
    troubles = sorted({trouble for trouble, _ in said if trouble})
    return Sent("" if any(not trouble for trouble, _ in said) else "; ".join(troubles), gone)


def _by_mail(letter: Letter, home: Installation) -> str:
    body = (
        f"Incident {letter.incident}, severity {letter.severity}.\n"
        f"Noticed at {letter.detected_at:%Y-%m-%d %H:%M:%S} UTC because {letter.because}.\n\n"
        f"Acknowledge it: {letter.url}\nor at a terminal: ./holdfast incident acknowledge {letter.incident}\n\n"
        f"You get this as: {letter.level}. Without an acknowledgement others are woken.\n"
    )
    subject = f"Incident {letter.incident}, severity {letter.severity}: acknowledge it"
    written = StaffMail(letter.address, subject, body, f"<{letter.mark}@{MAIL_DOMAIN}>", letter.again)
    return send_mail(written, home.mail_place, home.bank_name, "control-room", LIMIT_S)


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
