"""What an agent may want to say next: phrases, the bank's help pages, the open incident's text; and steps by topic."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from holdfast.control.support import answering
from holdfast.control.support.matching import likenesses
from holdfast.control.support.models import Conversation
from holdfast.control.support.talking import words_of

SUGGESTED_MAX = 3
LIKE_MIN = 0.15
"""Less than the helper asks for: a person chooses."""
INCIDENT = "incident"
HIDDEN = frozenset({answering.UNKNOWN, "fault_more", "hello"})
"""What only the helper says."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Words to take into a draft. title: for staff, in English; suggested: it fits what the customer wrote last."""

    name: str
    title: str
    words: str
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """Steps to go through with a customer."""

    title: str
    steps: tuple[str, ...]


@lru_cache(maxsize=2)
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((answering.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def ready(one: Conversation, by: str, now: datetime) -> list[Ready]:
    """Everything that can be taken into a draft, in the customer's language: what fits best first."""
    known, fits = answering.pages()[one.language], _fitting(one)
    incident = answering.incident_words(one.incident, one.language, now)
    found = [Ready(INCIDENT, "What all customers are told of the incident", incident, True)] if incident else []
    found += [Ready(name, _title(name), known[name].words, True) for name in fits]
    phrases = _read("phrases")
    found += [Ready(name, raw["title"], raw[one.language].format(by=by)) for name, raw in phrases.items()]
    rest = [page for page in known.values() if page.name not in {*fits, *HIDDEN}]
    return [*found, *(Ready(page.name, _title(page.name), page.words) for page in rest)]


def _title(name: str) -> str:
    return answering.pages()["en"][name].title


def _fitting(one: Conversation) -> list[str]:
    """Help pages that are like what the customer wrote last, the likest first."""
    asked = words_of(one, last=3)
    found = [name for like, name in likenesses(answering.index(), asked) if like >= LIKE_MIN and name not in HIDDEN]
    return found[:SUGGESTED_MAX]


def guide(one: Conversation) -> Guide | None:
    """The steps for what the chat is about, by what the customer wrote last, the helper understood, or the incident."""
    guides = _read("guides")
    names = [*_fitting(one), one.asked, answering.FAULT if one.incident_id else ""]
    name = next((name for name in names if name in guides), "")
    return Guide(guides[name]["title"], tuple(guides[name]["steps"])) if name else None
