"""Which of the known intents a question has, how sure that is, and when it is not known. Pure but for the file.

A linear model over TF-IDF of words and of letters (Salton and Buckley 1988; one against all, hinge loss), its weights
kept as whole numbers of one byte. What it is sure of is its scores by softmax with a temperature fitted on folds of the
training part (Guo et al. 2017). It knows English alone: anything else is seen by how few of its words are known.
"""

import heapq
import json
import math
import zlib
from array import array
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from holdfast.control.helper.pieces import letters_of, words_of

ALTERNATIVES = 3
KNOWN_WORDS_MIN = 0.5
MODEL_BYTES_MAX = 20 * 1024 * 1024
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Understood:
    """intent: None where it is not known, and a person should answer. sure: 0 to 1, for the best guess. alternatives:
    the best guesses, the likeliest first, to offer as a choice."""

    intent: str | None
    sure: float
    alternatives: tuple[str, ...]


class BadModel(ValueError):
    """This is not a model of this format, or it is too large or cut short. Make it again: `make helper-model`."""


@dataclass(frozen=True, slots=True)
class Model:
    """terms: by kind of piece, the number of each; weights: for each piece a byte an intent, to be multiplied by
    scales."""

    intents: tuple[str, ...]
    terms: tuple[dict[str, int], dict[str, int]]
    rarity: "array[float]"
    weights: "array[int]"
    scales: tuple[float, ...]
    bias: tuple[float, ...]
    temperature: float
    sure_min: float

    def understand(self, question: str) -> Understood:
        """The intent of a question of any length (the first 1,000 characters count)."""
        words = words_of(question)
        single = [one for one in words if " " not in one and one.isalpha()]
        known = sum(one in self.terms[0] for one in single)
        if not single or known < KNOWN_WORDS_MIN * len(single):
            return Understood(None, 0.0, ())
        scores = self._scores(words, letters_of(question))
        best = max(scores)
        likely = [math.exp((one - best) / self.temperature) for one in scores]
        first = heapq.nlargest(ALTERNATIVES, range(len(likely)), key=likely.__getitem__)
        sure = likely[first[0]] / math.fsum(likely)
        names = tuple(self.intents[one] for one in first)
        return Understood(names[0] if sure >= self.sure_min else None, sure, names)

    def _scores(self, words: Counter[str], letters: Counter[str]) -> list[float]:
        count = len(self.intents)
        total = [0.0] * count
        for terms, counted in zip(self.terms, (words, letters), strict=True):
            values = {
                terms[term]: (1 + math.log(times)) * self.rarity[terms[term]]
                for term, times in counted.items()
                if term in terms
            }
            norm = math.sqrt(math.fsum(value * value for value in values.values())) or 1.0
            for number, value in values.items():
                share = value / norm
                row = self.weights[number * count : (number + 1) * count]
                total = [old + share * one for old, one in zip(total, row, strict=True)]
        return [one * scale + bias for one, scale, bias in zip(total, self.scales, self.bias, strict=True)]


def read_model(path: Path) -> Model:
    """The model in a file that `write_model` wrote. Raises BadModel."""
    if path.stat().st_size > MODEL_BYTES_MAX:
        raise BadModel(f"{path.name} is too large")
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(path.read_bytes(), 4 * MODEL_BYTES_MAX)
        size = int.from_bytes(raw[:4], "big")
        head = json.loads(raw[4 : 4 + size])
    except (zlib.error, ValueError) as error:
        raise BadModel(f"{path.name} cannot be read") from error
    count = sum(map(len, head.get("terms", ())))
    rest = raw[4 + size :]
    if head.get("format") != FORMAT or len(rest) != count * (4 + len(head["intents"])):
        raise BadModel(f"{path.name} has another format, or is cut short")
    rarity, weights = array("f"), array("b")
    rarity.frombytes(rest[: 4 * count])
    weights.frombytes(rest[4 * count :])
    words, letters = head["terms"]
    terms = (
        {term: number for number, term in enumerate(words)},
        {term: number for number, term in enumerate(letters, len(words))},
    )
    named = {name: head[name] for name in ("temperature", "sure_min")}
    return Model(tuple(head["intents"]), terms, rarity, weights, tuple(head["scales"]), tuple(head["bias"]), **named)


def write_model(model: Model, path: Path) -> None:
    """Keep it in a file, packed; little-endian, as nearly every machine of today is."""
    head = {
        "format": FORMAT,
        "intents": model.intents,
        "terms": [list(one) for one in model.terms],
        "scales": model.scales,
        "bias": model.bias,
        "temperature": model.temperature,
        "sure_min": model.sure_min,
    }
    said = json.dumps(head, ensure_ascii=False).encode()
    path.write_bytes(
        zlib.compress(len(said).to_bytes(4, "big") + said + model.rarity.tobytes() + model.weights.tobytes(), 9)
    )
