"""The pieces of a question that the model weighs: words, pairs of words and runs of letters. Used alike to train it."""

import re
from collections import Counter
from itertools import pairwise

QUESTION_CHARACTERS_MAX = 1_000
WORD = re.compile(r"\w+(?:'\w+)?|[?!]")
LETTERS_MIN, LETTERS_MAX = 2, 5


def words_of(question: str) -> Counter[str]:
    """Words and pairs of neighbours, in lower case."""
    words = WORD.findall(question[:QUESTION_CHARACTERS_MAX].casefold().replace("’", "'"))
    return Counter([*words, *(f"{one} {other}" for one, other in pairwise(words))])


def letters_of(question: str) -> Counter[str]:
    """Runs of letters within each word and the space around it."""
    found: Counter[str] = Counter()
    for word in question[:QUESTION_CHARACTERS_MAX].casefold().split():
        around = f" {word} "
        for length in range(LETTERS_MIN, LETTERS_MAX + 1):
            found.update(around[at : at + length] for at in range(max(1, len(around) - length + 1)))
    return found
