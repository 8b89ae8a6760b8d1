"""What simulated customers write down: each request as they saw it, and what they were told about each payment."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NOT_MADE = "not made"
"""What a customer knows of an exchange that the bank never made."""


@dataclass(frozen=True)
class Request:
    """One request as a customer saw it, with its redirects (hops counts them all): at and ms by the client's clock.

    why is empty when all was well; honest: a door said in its own page that neither bank answers.
    """

    at: float
    ms: float
    what: str
    status: int
    served_by: str
    why: str
    hops: int = 1
    honest: bool = False


@dataclass(frozen=True)
class Repeat:
    """A request begun at `at` whose connection was reset, and that was sent again, whole and with the same id.

    after_s: from the reset to the answer; None when there was none in REPEAT_S_MAX.
    """

    at: float
    after_s: float | None


@dataclass
class Told:
    """What a customer was told about one payment: outcomes in order, with the instant."""

    payment: str
    debit: int
    credit_number: str
    amount_minor: int
    outcomes: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class Exchanged:
    """What a customer was told about one exchange: out of which account what was sold, into which what was bought, in
    minor units of each one's currency; outcomes in order, with the instant."""

    payment: str
    debit: int
    credit: int
    sold_minor: int
    bought_minor: int
    outcomes: list[tuple[float, str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the customer knows how it ended."""
        return bool(self.outcomes) and self.outcomes[-1][1] != "checking"


def instant(value: Any) -> float:
    """Seconds since 1970 of an instant from the wire: a number, or ISO text."""
    return float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value)).timestamp()
