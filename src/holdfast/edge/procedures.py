"""What a door decides, apart from how it is carried out.

A procedure is a generator: it looks at what the door knows, yields one thing to be done, gets the result back,
and returns what came of it. It opens no socket, reads no clock but the one it was given and starts no task, so
the door (`doing`) and the simulator of the tests run the same code.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from holdfast.contracts.epochs import Bank, Row

T = TypeVar("T")
Clock = Callable[[], float]
"""Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request to this bank under this row (None: nobody is logged in). Gives Answer or Failed."""

    bank: Bank
    row: Row | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim (id hex, cohort, epoch) each at the register. Gives the denied ids; who is `refused` or `taken`."""

    who: str
    claims: Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Swap:
    """Compare-and-set rows (old, new) with an event. Gives the new rows that held."""

    changes: Sequence[tuple[Row, Row]]
    kind: str
    words: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refresh:
    """Read all rows of the register into what the door knows. Gives None."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Move this cohort, or all when several failed, to the spare bank if the rule says so. Gives None."""

    cohort: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """Wait at most this long until some row changes. Gives None."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait. Gives None."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """An internal call of a bank. Gives its answer; StepFailed is thrown into the procedure when there is none."""

    bank: str
    path: str
    body: Mapping[str, Any] | None
    wait_s: float
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Lease:
    """Keep the hand-back's lease; StepFailed is thrown when another door has it. Gives None."""


@dataclass(frozen=True, slots=True)
class Note:
    """Record an event. Gives None."""

    kind: str
    words: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetReads:
    """Choose the bank that shows these cohorts' pages (None: as the rows say), with an event. Gives None."""

    cohorts: Sequence[int]
    bank: Bank | None
    words: str


Effect = Send | Claim | Swap | Refresh | Trip | Change | Pause | Call | Lease | Note | SetReads
Procedure = Generator[Effect, Any, T]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of a bank; row: the one it was asked under."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    bank: Bank
    row: Row | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The bank refused the connection, reset it, answered 5xx, or (stalled) did not answer in its time.

    struck: it had the request and broke (reset, 5xx but for 503), so that the request itself may be what broke it.
    died: it was the connection that broke. alone: no other request that had struck a bank was there at the time.
    """

    stalled: bool = False
    struck: bool = False
    died: bool = False
    alone: bool = False
