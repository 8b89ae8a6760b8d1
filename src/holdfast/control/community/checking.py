"""What of a customer's text is taken: plain text of a bounded length that gives away nobody's numbers or addresses."""

import unicodedata

from holdfast.contracts.community import TITLE_MAX, WHY_MAX, WORDS_MAX, Refused
from holdfast.control.community.errors import NotTaken
from holdfast.guard import leaks_in

LEAKS = {"card": Refused.CARD, "account": Refused.ACCOUNT, "address": Refused.MAIL, "length": Refused.LONG}
"""Of what must not stand in a message of ours, what a customer must not write to others either: numbers that name
somebody, and addresses. Links may stand there; they are shown as text."""
TYPED_MAX = 20_000
MARKS_MAX = 2
"""On one letter; a pile of them would cover the lines above and below."""


def plain_text(typed: str) -> str:
    """What a person typed, without what no page shows: control characters, those that turn the order of letters (bidi)
    or take no room, piles of marks, blanks around, and more than one empty line."""
    lines = _without_piles(typed[:TYPED_MAX]).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    kept: list[str] = []
    for line in lines:
        shown = "".join(one for one in line if one.isprintable()).rstrip()
        if shown or (kept and kept[-1]):
            kept.append(shown)
    return "\n".join(kept).strip()


def _without_piles(typed: str) -> str:
    kept, marks = [], 0
    for one in unicodedata.normalize("NFC", typed):
        marks = marks + 1 if unicodedata.combining(one) else 0
        if marks <= MARKS_MAX:
            kept.append(one)
    return "".join(kept)


def title(typed: str) -> str:
    """A title: one line. Raises NotTaken."""
    return _checked(" ".join(plain_text(typed).split()), TITLE_MAX)


def words(typed: str) -> str:
    """A text. Raises NotTaken."""
    return _checked(plain_text(typed), WORDS_MAX)


def reason(typed: str) -> str:
    """A short reason, which may be missing. Raises NotTaken."""
    text = " ".join(plain_text(typed).split())
    return _checked(text, WHY_MAX) if text else ""


def _checked(text: str, most: int) -> str:
    if not text:
        raise NotTaken(Refused.EMPTY)
    if len(text) > most:
        raise NotTaken(Refused.LONG)
    for leak in leaks_in(text):
        if leak.kind in LEAKS:
            raise NotTaken(LEAKS[leak.kind])
    return text
