"""What the helper answers: words of one of the bank's help pages, or of the open incident; or that it does not know.

It makes nothing up: each answer stands in `texts/<language>.toml`, or was written for the banner that all customers
see. It never says anything about the customer's own accounts, and a person is always one button away.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from holdfast.contracts.languages import LANGUAGES
from holdfast.control.helper import MODEL, BadModel, Model, read_model
from holdfast.control.incidents.models import Incident
from holdfast.control.support.matching import NEARLY_SAME, Index, make_index, match
from holdfast.control.tell.models import Bundle
from holdfast.telemetry import get_log

FOLDER = Path(__file__).parent / "texts"
FAULT, UNKNOWN = "fault", "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """about: the name of the help page, `fault` for the incident's text, `unknown` where nothing is known; page: the
    address to go to, "" for none."""

    words: str
    page: str
    about: str


@dataclass(frozen=True, slots=True)
class Page:
    """One help page in one language. page: its address; asks: questions that it answers, as customers ask them."""

    name: str
    title: str
    words: str
    page: str
    asks: tuple[str, ...]


@lru_cache(maxsize=1)
def pages() -> dict[str, dict[str, Page]]:
    """Every help page, by language and name."""
    found = {}
    for language in LANGUAGES:
        raw: dict[str, Any] = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
        found[language] = {
            name: Page(name, one["title"], one["words"], one.get("page", ""), tuple(one.get("asks", ())))
            for name, one in raw.items()
        }
    return found


@lru_cache(maxsize=1)
def index() -> Index:
    """The questions of every language: who reads Norwegian may ask in English."""
    return make_index((name, one.asks) for known in pages().values() for name, one in known.items())


@lru_cache(maxsize=1)
def _model() -> Model | None:
    try:
        return read_model(MODEL)
    except (OSError, BadModel) as error:
        get_log().error("the helper does without its model", why=type(error).__name__)  # it is whole
        return None


@lru_cache(maxsize=1)
def _page_of_intent() -> dict[str, str]:
    raw: dict[str, str] = tomllib.loads((FOLDER / "intents.toml").read_text(encoding="utf-8"))
    return raw


def about(question: str) -> str:
    """The help page that answers a question; `unknown` where it is understood and no page answers it, "" where it is
    not. What is nearly a question of a page's comes first, then the model, which knows English and many intents, then
    what is somewhat like a page's question."""
    if name := match(index(), question, NEARLY_SAME):
        return name
    model = _model()
    understood = model.understand(question) if model else None
    if understood and understood.intent:
        return _page_of_intent().get(understood.intent, UNKNOWN)
    return match(index(), question)


def answer(question: str, language: str, incident: Incident | None, now: datetime) -> Answer:
    """The answer to a question, in the language of the page that was asked from."""
    known = pages()[language]
    name = about(question)
    told = incident_words(incident, language, now)
    if told and name in {"", FAULT, UNKNOWN}:
        return Answer(f"{told}\n\n{known['fault_more'].words}", "/status", FAULT)
    found = known.get(name) or known[UNKNOWN]
    return Answer(found.words, found.page, found.name)


def incident_words(incident: Incident | None, language: str, now: datetime) -> str:
    """What every customer is told of the open incident at this moment; "" while there is nothing to tell."""
    if incident is None or incident.closed_at is not None:
        return ""
    bundle = Bundle.objects.filter(has_banner=True).exclude(payload={}).order_by("-number").first()
    if bundle is None or now.isoformat() > str(bundle.payload.get("ends_at", "")):
        return ""
    banner = (bundle.payload.get("banner") or {}).get(language)
    if not banner:
        return ""
    return "\n".join([str(banner["headline"]), *(f"{term}: {words}" for term, words in banner["lines"])])
