"""How dismissive a whole draft reads, by a linear model learnt from labelled drafts. Pure, but for one file read once.

What is weighed: the words and pairs of words of each sentence, runs of two to five letters within words, and the marks
of `tone_marks`, each as there or not. Each of the three groups is divided by the root of its count, so that a long
draft does not weigh more than a short one; the score is the sum of the weights (logistic
regression, rounded to whole numbers).

`make tone-model` writes the file from the sets in tests/guard/drafts, and into it the hash of those sets.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from holdfast.guard.tone_marks import MARKS

MODEL = Path(__file__).with_name("tone.model.json")
FORMAT = 1
GROUPS = ("words", "letters", "marks")
LETTERS_MIN, LETTERS_MAX = 2, 5
SENTENCES_MAX = 60
"""Beyond that no draft of an agent goes; what follows is left to the lists."""
SENTENCE_CHARACTERS_MAX = 600
WORDS_STEP, WORDS_STEPS_MAX, SENTENCES_STEPS_MAX = 6, 7, 5
NUMBER = re.compile(r"\d+")
WORD = re.compile(r"#|[^\W\d_]+(?:'[^\W\d_]+)?|[?!…]")

Pieces = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""By GROUPS."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one language. by_group: for each of GROUPS what a piece weighs, to be multiplied by `scale`; a draft whose
    score reaches `limit` reads as dismissive."""

    by_group: tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]
    scale: float
    bias: float
    limit: float


@dataclass(frozen=True, slots=True)
class Read:
    """dismissive: the model's word; heaviest: the number of the sentence whose own pieces speak most
    for it."""

    dismissive: bool
    score: float
    heaviest: int


def read(sentences: Sequence[str], language: str) -> Read:
    """Reads a whole draft, at least one sentence, in a language of `tone`."""
    held = [one[:SENTENCE_CHARACTERS_MAX] for one in sentences[:SENTENCES_MAX]]
    weights = weights_of(language)
    single = [pieces_of(one, language) for one in held]
    whole = whole_of(held, single)
    parts = [_sum(weights, one) for one in single]
    score = _sum(weights, whole) * weights.scale + weights.bias
    return Read(score >= weights.limit, score, max(range(len(parts)), key=parts.__getitem__))


def pieces_of(sentence: str, language: str) -> Pieces:
    """What is weighed of one sentence."""
    plain = NUMBER.sub("#", sentence.casefold())
    words = WORD.findall(plain)
    letters: set[str] = set()
    for word in plain.split():
        around = f" {word} "
        for length in range(LETTERS_MIN, LETTERS_MAX + 1):
            letters.update(around[at : at + length] for at in range(len(around) - length + 1))
    lower = sentence.casefold()
    return (
        frozenset([*words, *(f"{one} {other}" for one, other in pairwise(words))]),
        frozenset(letters),
        frozenset(name for name, pattern in MARKS[language].items() if pattern.search(lower)),
    )


def whole_of(sentences: Sequence[str], single: Sequence[Pieces]) -> Pieces:
    """What is weighed of a draft: the pieces of its sentences, and where in it marks stand, or that they lack."""
    marks: set[str] = set(_shape(sentences))
    seen: dict[str, int] = {}
    for _, _, found in single:
        for name in found:
            seen[name] = seen.get(name, 0) + 1
    names = {name for language in MARKS.values() for name in language}
    marks.update(f"no {name}" for name in names if name not in seen)
    marks.update(seen)
    marks.update(f"twice {name}" for name, times in seen.items() if times > 1)
    if single:
        marks.update(f"first {name}" for name in single[0][2])
        marks.update(f"last {name}" for name in single[-1][2])
    words = frozenset[str]().union(*(one[0] for one in single))
    letters = frozenset[str]().union(*(one[1] for one in single))
    return words, letters, frozenset(marks)


def _shape(sentences: Sequence[str]) -> Iterable[str]:
    text = " ".join(sentences)
    yield f"sentences {min(len(sentences), SENTENCES_STEPS_MAX)}"
    yield f"words {min(len(text.split()) // WORDS_STEP, WORDS_STEPS_MAX)}"
    yield "asks" if "?" in text else "asks nothing"
    yield "calls out" if "!" in text else "calls out nothing"
    yield "figures" if NUMBER.search(text) else "no figures"
    if sentences and sentences[-1].endswith("?"):
        yield "asks last"


def _sum(weights: Weights, pieces: Pieces) -> float:
    return math.fsum(
        sum(weighed.get(one, 0) for one in found) / math.sqrt(len(found) or 1)
        for weighed, found in zip(weights.by_group, pieces, strict=True)
    )


@cache
def weights_of(language: str) -> Weights:
    """The weights of a language. ValueError: the file is of another format, and `make tone-model` writes it anew."""
    said = json.loads(MODEL.read_text(encoding="utf-8"))
    if said["format"] != FORMAT:
        raise ValueError(f"{MODEL.name} has format {said['format']}, not {FORMAT}: run `make tone-model`.")
    one = said["languages"][language]
    words, letters, marks = (one[group] for group in GROUPS)
    return Weights((words, letters, marks), one["scale"], one["bias"], one["limit"])
