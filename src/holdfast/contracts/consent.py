"""A customer's consent that one agent of support sees what the customer's own pages show, and what is then shown.

The door signs it, since the door has seen the session; the control room keeps it and asks with it; a bank shows nothing
without it. It is for one chat, one agent and half an hour, and ends with the session in which it was given.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.languages import LANGUAGES

PURPOSE = "consent"
PATH = "/-/pages-shown"
LASTS_S = 30 * 60
TOKEN_CHARACTERS_MAX = 2_000
ACCOUNTS_SHOWN_MAX = 20
LINES_SHOWN_MAX = 6
"""Of each account, as the overview has them."""


class Over(StrEnum):
    """Why a consent shows nothing; each has words at the desk."""

    TIME = "time"
    OTHER_AGENT = "other_agent"
    LOGGED_OUT = "logged_out"
    NO_CUSTOMER = "no_customer"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Consent:
    """conversation: the chat's id; agent: the staff name of who may look; session and began (seconds since 1970 UTC):
    in which it was given; given: when, seconds since 1970 UTC."""

    conversation: str
    customer: int
    agent: str
    session: str
    began: float
    given: float

    @property
    def until(self) -> float:
        """When it ends by itself, seconds since 1970 UTC."""
        return self.given + LASTS_S

    def over(self, agent: str, now: float | None = None) -> Over | None:
        """Why this agent may not look now; None when they may."""
        now = time.time() if now is None else now
        if agent != self.agent:
            return Over.OTHER_AGENT
        return Over.TIME if now >= self.until or self.given > now + CLOCK_LEEWAY_S else None

    def to_payload(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "conversation": self.conversation,
            "customer": self.customer,
            "agent": self.agent,
            "session": self.session,
            "began": self.began,
            "given": self.given,
        }


def consent_from_payload(raw: Mapping[str, Any]) -> Consent:
    """Read a verified token's payload; raises KeyError, ValueError or TypeError when it is none."""
    made = Consent(
        str(raw["conversation"]),
        int(raw["customer"]),
        str(raw["agent"]),
        str(raw["session"]),
        float(raw["began"]),
        float(raw["given"]),
    )
    if not (made.conversation and made.agent and made.session and made.customer > 0):
        raise ValueError("a consent names a chat, a customer, an agent and a session")
    return made


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks, by which consent, in which language."""

    consent: Consent
    agent: str
    language: str


def asked_from_wire(raw: Mapping[str, Any], said: Mapping[str, Any]) -> Asked:
    """What the control room asks of a bank; said: the payload of its consent, verified. Raises KeyError, ValueError or
    TypeError for another form."""
    if raw["language"] not in LANGUAGES:
        raise ValueError("language is none of ours")
    return Asked(consent_from_payload(said), str(raw["agent"]), str(raw["language"]))


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A payment as the customer reads it. All are texts in the customer's language."""

    title: str
    words: str
    amount: str


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account as the customer's overview shows it. held: "" where nothing is; stopped: nothing can be paid from
    it."""

    number: str
    title: str
    balance: str
    available: str
    held: str
    stopped: bool
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class PagesShown:
    """What a bank shows this customer now. at: as of when the figures are true, in words; frozen: they froze
    everything; owed: of emergency money, "" for none; latest: of all accounts, where the bank shows them so; more: it
    has accounts that are not in here."""

    at: str
    frozen: bool
    owed: str
    accounts: tuple[ShownAccount, ...]
    latest: tuple[ShownLine, ...]
    more: bool
