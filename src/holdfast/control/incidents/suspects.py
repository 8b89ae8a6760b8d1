"""Suspects as the pages show them: what is suspected, how sure, and the evidence with its small pictures."""

from dataclasses import dataclass
from typing import Any

from holdfast.control.metrics.drawing import Drawing, draw

SHOWN_MAX = 6
PICTURES_MAX = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One suspect. sure: the probability in per cent, or the word where there is no number."""

    what: str
    cause: str
    sure: str
    evidence: tuple[tuple[str, Drawing | None], ...]


def shown(suspects: Any) -> list[Shown]:
    """The stored suspects, likeliest first; what an earlier release stored (evidence as one sentence) is shown too."""
    found = []
    for raw in suspects[:SHOWN_MAX] if isinstance(suspects, list) else []:
        confidence = raw.get("confidence")
        sure = f"{confidence * 100:.0f} %" if isinstance(confidence, int | float) else str(raw.get("sure", ""))
        cause = str(raw.get("cause") or "")
        found.append(
            Shown(str(raw.get("what", "")), "" if cause == "not known" else cause, sure, _evidence(raw.get("evidence")))
        )
    return found


def _evidence(raw: Any) -> tuple[tuple[str, Drawing | None], ...]:
    if isinstance(raw, str):
        return ((raw, None),)
    told: list[tuple[str, Drawing | None]] = []
    pictures = 0
    for one in raw or []:
        points = [float(value) for value in one.get("picture") or []]
        drawing = draw(range(len(points)), points) if len(points) > 1 and pictures < PICTURES_MAX else None
        pictures += drawing is not None
        told.append((str(one.get("words", "")), drawing))
    return tuple(told)
