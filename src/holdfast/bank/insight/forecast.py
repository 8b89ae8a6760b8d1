"""What is likely to come and go until the month's end: the middle and an interval that holds four times in five; pure.

Trees of decisions over the sixteen numbers of features.py, learnt by `make forecast-model` on accounts whose months are
known to their end (decision 0050); asking takes the standard library. A file that cannot be read makes no forecast.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from holdfast.bank.insight.features import NAMES, Seen

MODEL = Path(__file__).parent / "forecast.model.json"
FORM = "holdfast-forecast/1"
PARTS = ("low", "middle", "high")
Tree = list[list[float]]
"""Nodes: [feature, threshold, place if at most that, place otherwise], or [value] for a leaf."""


@dataclass(frozen=True, slots=True)
class Likely:
    """What comes less what goes from tomorrow to the month's end, in minor units: with a chance of 0.8 between low and
    high."""

    low_minor: int
    middle_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class Model:
    """base and trees of each of PARTS; wider: what the interval is wider by on each side, in scales."""

    base: dict[str, float]
    trees: dict[str, list[Tree]]
    wider: float


def likely(seen: Seen) -> Likely | None:
    """The forecast of an account as it was seen; None without a model."""
    model = read_model()
    if model is None:
        return None
    low, middle, high = (
        model.base[part] + sum(_leaf(tree, seen.values) for tree in model.trees[part]) for part in PARTS
    )
    low, high = min(low - model.wider, middle), max(high + model.wider, middle)
    return Likely(*(round(one * seen.scale_minor) for one in (low, middle, high)))


def _leaf(tree: Tree, values: Sequence[float]) -> float:
    node = tree[0]
    while len(node) > 1:
        feature, threshold, at_most, otherwise = node
        node = tree[int(at_most if values[int(feature)] <= threshold else otherwise)]
    return node[0]


@lru_cache(maxsize=1)
def read_model() -> Model | None:
    """The model beside this module; None when there is none, or not for these features."""
    try:
        raw = json.loads(MODEL.read_text())
    except (OSError, ValueError):
        return None
    if raw.get("form") != FORM or raw.get("features") != list(NAMES):
        return None
    return Model(raw["base"], raw["trees"], float(raw["wider"]))
