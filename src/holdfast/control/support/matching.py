"""Which of the bank's help pages a question asks for, in any of its languages; none where that is not clear. Pure.

Each page carries questions as customers ask them. A new question is compared with each by the cosine of TF-IDF weights
(Salton and Buckley 1988) of its words and of runs of letters within them, so that a slip of the finger or an ending in
Norwegian does not hide a word. It understands what resembles these questions and no more; `docs/explanation/support.md`
has what it reaches.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

QUESTION_CHARACTERS_MAX = 500
WORD = re.compile(r"\w+", re.UNICODE)
LETTERS_MIN, LETTERS_MAX = 3, 5
LETTERS_WEIGH = 0.5
LIKE_MIN, NEARLY_SAME = 0.40, 0.60
"""A question less like any of a page's than the first is not known; one above the second is nearly one of them."""
APART_MIN = 0.03
"""Nor is one that is nearly as like one page as another."""
EMPTY_WORDS = """a an the i you we it is are am was be to of in on at for and or my me do does did can could will would
have has had this that there please hi hello hey now just with
hei god dag en et den det de jeg du vi er var å i på av til for og eller min mitt mine meg kan kunne vil ville har hadde
som så vennligst nå med"""
EMPTY = frozenset(EMPTY_WORDS.split())
"""Words that say nothing of what is asked."""
Pieces = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Index:
    """Questions by page as weighed pieces; rarity: of each piece, unseen: of one that no question has."""

    asked: tuple[tuple[str, Pieces], ...]
    rarity: Mapping[str, float]
    unseen: float


def pieces_of(text: str) -> Counter[str]:
    """The words of a question that say something, and runs of letters within them."""
    found: Counter[str] = Counter()
    for word in WORD.findall(text[:QUESTION_CHARACTERS_MAX].casefold()):
        if word in EMPTY:
            continue
        found[word] += 1
        around = f"<{word}>"
        for length in range(LETTERS_MIN, LETTERS_MAX + 1):
            found.update(f"~{around[at : at + length]}" for at in range(len(around) - length + 1))
    return found


def make_index(pages: Iterable[tuple[str, Iterable[str]]]) -> Index:
    """An index of pages by name with their questions."""
    counted = [(name, pieces_of(question)) for name, questions in pages for question in questions]
    held = Counter(piece for _, pieces in counted for piece in pieces)
    count = len(counted)
    rarity = {piece: math.log((1 + count) / (1 + times)) + 1 for piece, times in held.items()}
    unseen = math.log(1 + count) + 1
    return Index(tuple((name, _weighed(one, rarity, unseen)) for name, one in counted), rarity, unseen)


def _weighed(counted: Counter[str], rarity: Mapping[str, float], unseen: float) -> dict[str, float]:
    """Weights of length 1."""
    values = {
        piece: (1 + math.log(times)) * rarity.get(piece, unseen) * (LETTERS_WEIGH if piece[0] == "~" else 1.0)
        for piece, times in counted.items()
    }
    length = math.sqrt(math.fsum(value * value for value in values.values())) or 1.0
    return {piece: value / length for piece, value in values.items()}


def likenesses(index: Index, question: str) -> list[tuple[float, str]]:
    """How like each page's likest question it is, 0 to 1, the likest page first."""
    weighed = _weighed(pieces_of(question), index.rarity, index.unseen)
    best: dict[str, float] = {}
    for name, known in index.asked:
        small, large = (weighed, known) if len(weighed) < len(known) else (known, weighed)
        like = math.fsum(value * large[piece] for piece, value in small.items() if piece in large)
        best[name] = max(best.get(name, 0.0), like)
    return sorted(((like, name) for name, like in best.items()), reverse=True)


def match(index: Index, question: str, like_min: float = LIKE_MIN) -> str:
    """The page that the question asks for; "" where it is not known."""
    found = likenesses(index, question)
    if not found or found[0][0] < like_min:
        return ""
    if len(found) > 1 and found[0][0] - found[1][0] < APART_MIN:
        return ""
    return found[0][1]
