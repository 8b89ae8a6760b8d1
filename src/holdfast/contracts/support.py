"""What doors and control room say to each other about chats with support: shapes, words for states, limits.

A door knows the customer and the browser; the control room keeps what was said. Every call carries the conversation's
id ("" for none yet) and the customer's number (0 for a stranger), and is answered by a `View`.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.contracts.languages import LANGUAGES

ADDRESS = "/chat"
COOKIE, PURPOSE = "hf_chat", "chat"
"""The browser's own conversation, signed by the doors: {conversation, customer, at}."""
IDLE_S = 30 * 60
"""A browser that did not ask for so long has no conversation any more; who is logged in finds it again."""
WORDS_MAX = 1_000
LINES_SHOWN_MAX = 300
PLACE_MAX = 60
NEWS_CONVERSATIONS_MAX = 1_000
NEWS_WAIT_MS_MAX = 5_000
SCORES = range(1, 6)
OWN_IDS = uuid.UUID("5d4b5a0e-8a2c-4f0f-9a39-6f1d2d7b7c11")
"""Conversations' ids are derived from their first message's, so that one sent again opens none beside it."""


class State(StrEnum):
    """Who has the conversation: the helper, nobody yet, a person; or it is over."""

    HELPER = "helper"
    WAITING = "waiting"
    OPEN = "open"
    ENDED = "ended"


class Who(StrEnum):
    """Who speaks. A notice is a fact of the conversation, told in the reader's language by its name."""

    CUSTOMER = "customer"
    PERSON = "person"
    HELPER = "helper"
    NOTICE = "notice"


class Refused(StrEnum):
    """Why something was not taken; nothing was changed then."""

    EMPTY = "empty"
    LONG = "long"
    UNREADABLE = "unreadable"
    OFTEN = "often"
    FULL = "full"
    OVER = "over"
    NOT_YOURS = "not_yours"
    DONE = "done"
    NO_PHONE = "no_phone"
    NOT_LOGGED_IN = "not_logged_in"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Said:
    """One line. number: from 1, without holes; by: what a person is called; page: an address of ours that the helper
    names, "" for none; at: seconds since 1970 UTC."""

    number: int
    who: Who
    at: float
    words: str
    by: str = ""
    page: str = ""

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {
            "number": self.number,
            "who": self.who.value,
            "at": self.at,
            "words": self.words,
            "by": self.by,
            "page": self.page,
        }


@dataclass(frozen=True, slots=True)
class View:
    """A conversation as its customer may see it. version: grows with each change; ahead: who waits before them, wait_s:
    for how long probably (None: not known); by: the person who has it; open_now: whether support is open; changes_at:
    when it closes, or opens again, seconds since 1970 UTC (0.0: not known); rated: they said how it was; called: they
    asked to be called; may_call: we have a number of theirs; lines: from the first one asked for; agent: the staff name
    of the person, for the door alone; known: we know the customer; shown_until: until when the person may see the
    customer's pages, seconds since 1970 UTC (0.0: they may not)."""

    conversation: str
    state: State
    version: int
    last: int
    lines: tuple[Said, ...] = ()
    ahead: int = 0
    wait_s: float | None = None
    waited_s: float = 0.0
    by: str = ""
    open_now: bool = True
    changes_at: float = 0.0
    rated: bool = False
    called: bool = False
    may_call: bool = False
    agent: str = ""
    known: bool = False
    shown_until: float = 0.0

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        named = ("conversation", "version", "last", "ahead", "wait_s", "waited_s", "by")
        more = ("open_now", "changes_at", "rated", "called", "may_call", "agent", "known", "shown_until")
        plain = {name: getattr(self, name) for name in (*named, *more)}
        return {**plain, "state": self.state.value, "lines": [one.to_wire() for one in self.lines]}


def view_from_wire(raw: dict[str, Any]) -> View:
    """Raises KeyError, ValueError or TypeError for what is none."""
    lines = tuple(
        Said(
            int(one["number"]),
            Who(one["who"]),
            float(one["at"]),
            str(one["words"]),
            str(one["by"]),
            str(one["page"]),
        )
        for one in raw["lines"]
    )
    wait_s = raw["wait_s"]
    return View(
        str(raw["conversation"]),
        State(raw["state"]),
        int(raw["version"]),
        int(raw["last"]),
        lines,
        int(raw["ahead"]),
        None if wait_s is None else float(wait_s),
        float(raw["waited_s"]),
        str(raw["by"]),
        bool(raw["open_now"]),
        float(raw["changes_at"]),
        bool(raw["rated"]),
        bool(raw["called"]),
        bool(raw["may_call"]),
        str(raw.get("agent", "")),
        bool(raw.get("known", False)),
        float(raw.get("shown_until", 0.0)),
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: conversation "" and customer 0 where there is none; place: the page from which the chat was opened."""

    conversation: str
    customer: int
    language: str
    place: str = ""

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {
            "conversation": self.conversation,
            "customer": self.customer,
            "language": self.language,
            "place": self.place,
        }


def asking_from_wire(raw: dict[str, Any]) -> Asking:
    """Raises KeyError, ValueError or TypeError for what is none."""
    conversation, language = str(raw["conversation"]), str(raw["language"])
    if conversation:
        conversation = str(uuid.UUID(conversation))
    if language not in LANGUAGES:
        raise ValueError(f"{language[:10]!r} is no language of ours")
    customer = int(raw["customer"])
    if customer < 0 or customer >= 1 << 63:
        raise ValueError("a customer is a number from 0")
    return Asking(conversation, customer, language, str(raw.get("place", ""))[:PLACE_MAX])


def conversation_of(message: str) -> str:
    """The id of the conversation that a first message opens; ValueError: the message's id is no UUID."""
    return str(uuid.uuid5(OWN_IDS, str(uuid.UUID(message))))


def plain_words(typed: str) -> tuple[str, Refused | None]:
    """What a person typed, without what no page shows (control characters, blanks around, more than one empty line);
    with why it is not taken."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    shown = ["".join(one for one in line if one.isprintable()).rstrip() for line in lines]
    kept: list[str] = []
    for line in shown:
        if line or (kept and kept[-1]):
            kept.append(line)
    words = "\n".join(kept).strip()
    if not words:
        return "", Refused.EMPTY
    return (words, None) if len(words) <= WORDS_MAX else ("", Refused.LONG)
