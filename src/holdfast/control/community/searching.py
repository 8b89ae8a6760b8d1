"""The help that the chat's helper answers from, to be read and searched by everybody; in the reader's language."""

from holdfast.contracts.community import FIND_MAX, Topic, Topics, Who
from holdfast.control.support import answering
from holdfast.control.support.answering import Page

WORD_MIN = 3
HIDDEN = (answering.UNKNOWN, "fault_more")
"""What the helper says in a talk, which is no help to read."""


def topics(who: Who, typed: str) -> Topics:
    """Everything there is, or what fits the words that were typed: what answers them as a question first, then what
    holds one of them, in the order of how many."""
    known = {name: one for name, one in answering.pages()[who.language].items() if name not in HIDDEN}
    words = [one for one in typed[:FIND_MAX].casefold().split() if len(one) >= WORD_MIN]
    if not words:
        return Topics(tuple(_told(one) for one in known.values()))
    best = known.get(answering.about(typed[:FIND_MAX]))
    counted = {name: _holds(one, words) for name, one in known.items()}
    found = sorted((one for one in known.values() if counted[one.name]), key=lambda one: -counted[one.name])
    first = [best] if best else []
    return Topics(tuple(_told(one) for one in (*first, *(one for one in found if one is not best))))


def _holds(one: Page, words: list[str]) -> int:
    text = " ".join((one.title, one.words, *one.asks)).casefold()
    return sum(word in text for word in words)


def _told(one: Page) -> Topic:
    return Topic(one.title, one.words, one.page)
