"""What a diagnosis is: suspects with their evidence and a probability each, "not known" among them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.control.diagnosis.case import Cause

HIGH, MEDIUM = 0.7, 0.3


class SuspectKind(StrEnum):
    """What sort of thing is suspected; the most particular one that the evidence names."""

    COMPONENT = "component"
    METRIC = "metric"
    CHANGE = "change"
    DIFFERENCE = "configuration difference"
    LOG = "log pattern"
    CALLER = "caller"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing seen, in a sentence. source: metric, change, configuration, log, caller, graph, probe, time or limit.
    picture: points of a small line, empty for none; mark: which of them came at the complaint."""

    words: str
    source: str
    picture: tuple[float, ...] = ()
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Suspect:
    """One probable cause. component: where; subject: which change, metric, log pattern or caller ("" for the component
    itself); what: both in words. confidence: the probability 0..1 that this is it; those of a diagnosis sum to 1."""

    kind: SuspectKind
    component: str
    subject: str
    what: str
    cause: Cause
    confidence: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def sure(self) -> str:
        """The confidence in a word: high from 70 %, medium from 30 %, else low."""
        return "high" if self.confidence >= HIGH else "medium" if self.confidence >= MEDIUM else "low"

    def to_json(self) -> dict[str, Any]:
        """As stored and shown; pictures are lists of numbers."""
        return {
            "sure": self.sure,
            "kind": self.kind,
            "component": self.component,
            "subject": self.subject,
            "what": self.what,
            "cause": self.cause,
            "confidence": self.confidence,
            "evidence": [
                {"words": one.words, "source": one.source, "picture": list(one.picture), "mark": one.mark}
                for one in self.evidence
            ],
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Suspects, likeliest first; exactly one is "not known". cut: what was not looked at because there was too much."""

    suspects: tuple[Suspect, ...]
    cut: tuple[str, ...] = ()

    @property
    def top(self) -> Suspect:
        """The likeliest."""
        return self.suspects[0]

    def to_json(self) -> dict[str, Any]:
        """As stored and shown."""
        return {"suspects": [one.to_json() for one in self.suspects], "cut": list(self.cut)}
