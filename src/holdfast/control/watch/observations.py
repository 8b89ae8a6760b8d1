"""What the control room can see, as values; what a decision is made from and of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from holdfast.control.alerts.opening import Alarms
from holdfast.control.calls import Kind

BUILDINGS = ("bank", "standin", "doors")
NAMES = {"bank": "the bank", "standin": "the spare bank", "doors": "the front doors"}


class Phase(StrEnum):
    """Where an incident stands. Only a bank incident passes through the two in the middle."""

    OPEN = "open"
    REPAIRED = "repaired"
    HANDING_BACK = "handing_back"
    RETURNED = "returned"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sight:
    """One probe of one building at one instant."""

    building: str
    at: datetime
    answer: Kind
    words: str = ""
    took_ms: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One event that a door told."""

    number: int
    at: datetime
    door: str
    kind: str
    words: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """Who serves whom now: the cohorts that are not at the bank."""

    at: datetime
    standin: frozenset[int]
    handing_back: frozenset[int]
    generation: int = 0

    @property
    def away(self) -> frozenset[int]:
        """All cohorts that the bank does not serve now."""
        return self.standin | self.handing_back


@dataclass(frozen=True, slots=True)
class Proved:
    """The books (`bank`) or the spare bank's copy (`standin`) were proved; findings in words."""

    at: datetime
    who: str
    findings: tuple[str, ...]
    block: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """The bank recomputed charges and booked what it owes; refunds as they came over the wire."""

    at: datetime
    refunds: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ErrandFailed:
    """Something asked of another building did not succeed within its limit."""

    at: datetime
    errand: str
    words: str


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """What a diagnosis of an open incident came to: suspects as stored, the likeliest in words ("" for not known), its
    fingerprint, earlier incidents like it in words, and how each part took probes when it was made."""

    at: datetime
    incident: int
    suspects: list[dict[str, Any]]
    likeliest: str
    fingerprint: dict[str, Any]
    before: tuple[str, ...]
    answers: Mapping[str, str]


Observation = Sight | Told | Rows | Proved | Refunded | ErrandFailed | Alarms | Diagnosed


@dataclass(frozen=True, slots=True)
class Health:
    """A building as seen so far: how often in a row it failed or was well, and since when."""

    answer: Kind | None = None
    failing: int = 0
    failing_since: datetime | None = None
    well: int = 0
    well_since: datetime | None = None
    last_well_at: datetime | None = None
    first_seen_at: datetime | None = None

    def after(self, sight: Sight) -> "Health":
        """The health after one more sight."""
        first = self.first_seen_at or sight.at
        if sight.answer is Kind.ANSWERS:
            since = self.well_since if self.well else sight.at
            return Health(sight.answer, 0, None, self.well + 1, since, sight.at, first)
        since = self.failing_since if self.failing else sight.at
        return Health(sight.answer, self.failing + 1, since, 0, None, self.last_well_at, first)

    def from_here(self) -> "Health":
        """The same building with its good answers forgotten: only what comes now counts."""
        return replace(self, well=0, well_since=None)


@dataclass(frozen=True, slots=True)
class Case:
    """An open incident as far as decisions need it. spare_proved: the spare bank's proof came back, however it
    came out; books_proved: the bank's came back without findings since the phase in which it counts."""

    cause: str
    phase: Phase
    spare_proved: bool = False
    books_proved: bool = False
    refunded: bool = False
    severity: int = 1


@dataclass(frozen=True, slots=True)
class State:
    """Everything a decision hangs on. away is None while the rows are not known; held_at: when groups were last seen in
    the midst of a hand-back."""

    health: dict[str, Health] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    away: frozenset[int] | None = None
    handing_back: bool = False
    held_at: datetime | None = None

    def of(self, building: str) -> Health:
        """A building's health, empty when it was never seen."""
        return self.health.get(building, Health())


@dataclass(frozen=True, slots=True)
class Open:
    """Open an incident."""

    cause: str
    severity: int
    began_at: datetime
    detected_at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Advance:
    """An incident enters a phase, for a reason, at the instant that made it so."""

    cause: str
    phase: Phase
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Affected:
    """Customers of these cohorts are or were at the spare bank."""

    cause: str
    cohorts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask another building for something that takes a while: `prove standin`, `prove bank`, `refunds`."""

    cause: str
    errand: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Say it: a new bundle for the doors, because of this."""

    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class Raise:
    """An incident is graver than it was opened as."""

    cause: str
    severity: int
    at: datetime
    because: str


Action = Open | Advance | Raise | Affected | Ask | Publish


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one observation: the next state, what to do, and one sentence for the log."""

    state: State
    actions: tuple[Action, ...] = ()
    sentence: str = ""
