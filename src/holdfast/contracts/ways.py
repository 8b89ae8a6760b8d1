"""How a customer wants to be told beside mail and the inbox: `told` of the profile fact `customer`.

{channels: [SMS, PUSH: those that are wanted], sms: the number that was confirmed, push: [browsers], quiet_from,
quiet_until: "HH:MM" in the bank's zone, both or neither; equal: never quiet}. What is absent was not chosen.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from holdfast.contracts.phones import plain_phone

SMS, PUSH = "sms", "push"
CODE_DIGITS = 6
"""Of the code by which a number is confirmed."""
BROWSERS_MAX, NAME_MAX, ENDPOINT_MAX = 5, 60, 500
POINT_BYTES, AUTH_BYTES = 65, 16
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
)
"""Whose push services the bank posts to, their parts included: an address that a browser names is told by whoever sits
at it, and could lead into the bank."""
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that may be told: where its push service takes messages, its public key and secret in base64url, the
    number of the bank's key that it knows, and what the customer calls it."""

    endpoint: str
    p256dh: str
    auth: str
    key: int
    name: str = ""

    @property
    def mark(self) -> str:
        """By what it is known without its address: 32 hexadecimal digits."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer chose. sms: "" for no SMS; quiet_from, quiet_until: "" for as the bank does."""

    sms: str = ""
    browsers: tuple[Browser, ...] = field(default=())
    quiet_from: str = ""
    quiet_until: str = ""

    def to_wire(self) -> dict[str, Any]:
        """As it is kept and crosses borders; {} when nothing was chosen."""
        channels = [name for name, chosen in ((SMS, self.sms), (PUSH, self.browsers)) if chosen]
        said = {
            "channels": channels,
            "sms": self.sms,
            "push": [asdict(one) for one in self.browsers],
            "quiet_from": self.quiet_from,
            "quiet_until": self.quiet_until,
        }
        return {name: value for name, value in said.items() if value}


def told_from_wire(raw: object) -> Told:
    """What stands in `told`; what cannot be read counts as not chosen: another release may say it otherwise."""
    if not isinstance(raw, Mapping):
        return Told()
    named = raw.get("channels")
    channels = named if isinstance(named, list) else []
    listed = raw.get("push")
    push = listed if isinstance(listed, list) and PUSH in channels else []
    return Told(
        plain_phone(str(raw.get("sms", ""))) if SMS in channels else "",
        tuple(one for one in map(_browser, push[:BROWSERS_MAX]) if one is not None),
        *_quiet(raw),
    )


def _quiet(raw: Mapping[str, Any]) -> tuple[str, str]:
    begins, ends = str(raw.get("quiet_from", "")), str(raw.get("quiet_until", ""))
    return (begins, ends) if None not in {minutes(begins), minutes(ends)} else ("", "")


def _browser(raw: object) -> Browser | None:
    try:
        found = Browser(
            str(raw["endpoint"]),  # type: ignore[index]  # what is no object is caught below
            str(raw["p256dh"]),  # type: ignore[index]
            str(raw["auth"]),  # type: ignore[index]
            int(raw["key"]),  # type: ignore[index]
            str(raw.get("name", ""))[:NAME_MAX],  # type: ignore[attr-defined]
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return found if len(found.endpoint) <= ENDPOINT_MAX else None


def is_browser(one: Browser, *, here: bool = False) -> bool:
    """Whether this is a browser's subscription with a push service that is known, as far as its form says; here: one on
    this machine is taken too, for rehearsals."""
    sizes = (len(_plain(one.p256dh)), len(_plain(one.auth)))
    return sizes == (POINT_BYTES, AUTH_BYTES) and one.key > 0 and is_push_address(one.endpoint, here=here)


def is_push_address(endpoint: str, *, here: bool = False) -> bool:
    """Whether the bank may post there: by TLS to a push service that is known."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(endpoint) > ENDPOINT_MAX or not all("!" <= one <= "~" for one in endpoint) or parts.username is not None:
        return False
    if here and parts.scheme == "http":
        return _is_loopback(host)
    known = any(host == one or host.endswith(f".{one}") for one in PUSH_SERVICES)
    return parts.scheme == "https" and port in {None, 443} and known


def minutes(text: object) -> int | None:
    """The minute of the day of a text like `21:30`; None for anything else."""
    hours, colon, rest = str(text).partition(":")
    if not (colon and hours.isascii() and rest.isascii() and hours.isdecimal() and rest.isdecimal()):
        return None
    if len(hours) > 2 or len(rest) != 2:
        return None
    minute = int(hours) * 60 + int(rest)
    return minute if int(rest) < 60 and minute < DAY else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plain(text: str) -> bytes:
    """What base64url without padding says; nothing for what it does not."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""
