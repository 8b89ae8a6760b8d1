"""What the control room holds about a customer, asked there for their page and their download.

It has a store of its own: chats, ideas and votes, answers to polls, seats at webinars, messages, looks of support.
While it does not answer, that is said in the page and in the file, and nothing else waits for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed

COUNTS_LIMIT_S, ALL_LIMIT_S = 1.5, 20.0
LOOKS_MAX = 50


@dataclass(frozen=True, slots=True)
class PageLook:
    """Somebody of support saw the customer's pages. by: what they are called; at_standin: the spare bank showed
    them."""

    at: datetime
    by: str
    at_standin: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How much of each kind there is, by name, and the last looks, the newest first."""

    counts: dict[str, int]
    looks: tuple[PageLook, ...]


def counts_elsewhere(customer: int) -> Elsewhere | None:
    """None while the control room does not say."""
    try:
        said = call("control", "POST", "/-/held/counts", {"customer": customer}, timeout_s=COUNTS_LIMIT_S)
        looks = tuple(
            PageLook(datetime.fromtimestamp(float(one["at"]), UTC), str(one["by"]), one["bank"] == "standin")
            for one in said["looks"][:LOOKS_MAX]
        )
        return Elsewhere({str(name): int(count) for name, count in said["counts"].items()}, looks)
    except (CallFailed, AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None


def held_elsewhere(customer: int) -> dict[str, Any] | None:
    """Everything, as the control room gives it; None while it does not."""
    try:
        said = call("control", "POST", "/-/held/all", {"customer": customer}, timeout_s=ALL_LIMIT_S)
        return said if isinstance(said["kinds"], dict) else None
    except (CallFailed, KeyError, TypeError):
        return None
