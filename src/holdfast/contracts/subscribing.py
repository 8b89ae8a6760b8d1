"""Subscriptions to the status page: what doors and control room say to each other, addresses as they are kept, limits.

A door asks the control room by one of ACTS and is answered by a `Shown`. Nothing that comes back tells whether an
address is known: who asks for a subscription always reads the same.
"""

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from typing import Any

from holdfast.contracts.phones import plain_phone

PAGE = "/status/subscribe"
COMPONENTS = ("login", "payments", "salaries", "changes", "spare")
"""The services of the status page, by the ids that its JSON gives them."""
MAIL, SMS = "mail", "sms"
CHANNELS = (MAIL, SMS)
EMAIL_CHARACTERS_MAX = 254
KEY_CHARACTERS_MAX = 64
CODE_CHARACTERS_MAX = 40
CODE_SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""What codes are made of: nothing that is read as something else."""
CODE_LENGTH, CODE_PART = 16, 4


class Outcome(StrEnum):
    """What came of it. ASKED: a message was sent to the address, unless it has had enough of them; UNKNOWN: no such
    code or key, or not any more; OFTEN: too much was asked for from there; FULL: by everybody together."""

    READY = "ready"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    FOUND = "found"
    CHANGED = "changed"
    ENDED = "ended"
    UNKNOWN = "unknown"
    OFTEN = "often"
    FULL = "full"
    NOT_AN_ADDRESS = "not_an_address"
    NO_COMPONENT = "no_component"
    NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer. address: as its owner knows it again, not whole; key: by which it is changed and ended; components:
    empty for all; channels: by which one can subscribe here."""

    outcome: Outcome
    channels: tuple[str, ...] = (MAIL,)
    key: str = ""
    channel: str = ""
    address: str = ""
    components: tuple[str, ...] = ()
    language: str = ""

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {
            "outcome": self.outcome.value,
            "channels": list(self.channels),
            "key": self.key,
            "channel": self.channel,
            "address": self.address,
            "components": list(self.components),
            "language": self.language,
        }


def shown_from_wire(raw: dict[str, Any]) -> Shown:
    """Raises KeyError, ValueError or TypeError for what is none."""
    return Shown(
        Outcome(raw["outcome"]),
        tuple(map(str, raw["channels"])),
        str(raw["key"]),
        str(raw["channel"]),
        str(raw["address"]),
        tuple(map(str, raw["components"])),
        str(raw["language"]),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chose. components: of COMPONENTS, empty for all; network: from where they ask (networks.py)."""

    channel: str
    address: str
    components: tuple[str, ...] = field(default=())
    language: str = "en"
    network: str = ""


def plain_address(channel: str, typed: str) -> str:
    """The address as it is kept, of which there is one form; "" for what is none of this channel."""
    text = typed.strip()
    return plain_phone(text) if channel == SMS else _plain_email(text) if channel == MAIL else ""


def _plain_email(text: str) -> str:
    try:
        found = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        return ""
    whole = len(text) <= EMAIL_CHARACTERS_MAX and text.isascii() and text.isprintable() and " " not in text
    if not whole or not found.username or "." not in found.domain.strip("."):
        return ""
    return f"{found.username}@{found.domain}".lower()


def plain_components(chosen: list[str]) -> tuple[str, ...]:
    """Those of COMPONENTS that are among the chosen, in their order; () for all of them. ValueError: none at all."""
    found = tuple(one for one in COMPONENTS if one in chosen)
    if not found:
        raise ValueError("at least one component is chosen")
    return () if len(found) == len(COMPONENTS) else found


def plain_code(typed: str) -> str:
    """A code as it was made, from what somebody typed: without blanks and dashes, in capitals; "" for what is none."""
    text = re.sub(r"[\s-]", "", typed[:CODE_CHARACTERS_MAX]).upper()
    return text if len(text) == CODE_LENGTH and all(one in CODE_SIGNS for one in text) else ""


def written_code(code: str) -> str:
    """A code as people read it, in groups."""
    return "-".join(code[at : at + CODE_PART] for at in range(0, len(code), CODE_PART))
