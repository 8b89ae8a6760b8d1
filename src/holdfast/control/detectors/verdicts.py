"""What a detector says of one value."""

from dataclasses import dataclass
from typing import Literal

from holdfast.control.detectors.series import Series

Change = Literal["", "spike", "level shift", "drop to zero", "drift"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one value of a series means. Values are in the series' unit."""

    value: float | None
    """As watched: of a counter its growth a second; None when there was no value to judge."""
    score: float
    """0 to 1, alike for all series: how surprising the value is (records.py says what 0.5 means). The same trouble
    scores once, when it begins: this is news, while `kind` says what still holds."""
    kind: Change
    expected: float
    low: float
    """Nine of ten values lie between `low` and `high`."""
    high: float
    lately: float
    """The middle one of the last five values: what a lasting change is judged by."""
    usual: float | None
    """What the hour usually is, whatever the level of late; None while that is not known."""
    lasting_s: float
    """How long the change has lasted, seconds; 0 without a lasting one."""
    worse: bool
    """Whether the change goes to the side where the kind of series has its trouble, and is large enough to matter."""


def sentence(series: Series, told: Verdict) -> str:
    """The verdict in plain words, without a name of a statistic."""
    if told.value is None:
        return f"{series.words}: no value"
    usual = f"usually {series.shown(max(0.0, told.low))} to {series.shown(told.high)} at this time"
    match told.kind:
        case "drop to zero":
            return f"{series.words} have been zero for {told.lasting_s:.0f} seconds; {usual}"
        case "level shift":
            return f"{series.words} are {series.shown(told.lately)}; {usual}"
        case "drift":
            way = "risen" if told.lately > told.expected else "fallen"
            return f"{series.words} have slowly {way} to {series.shown(told.lately)}; on other days {usual}"
        case "spike":
            return f"{series.words} were {series.shown(told.value)} for a moment; {usual}"
    return f"{series.words} are {series.shown(told.value)}, as usual"
