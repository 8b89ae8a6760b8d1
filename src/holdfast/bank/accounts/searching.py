"""Searching an account's entries: filters that combine, read newest first in bounded steps along the account's index.

One request looks at LOOKED_MAX entries at most; what lies further back is the next request's, from a cursor. So a
search in an account of any size costs a page's time, and nothing is found twice or missed between two pages: the
cursor is the place in the books, which nothing is ever written before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from holdfast.contracts.cards import KIND as CARD
from holdfast.contracts.cards import REVERSAL_KIND
from holdfast.ledger.api import Line

STEP_LINES = 500
LOOKED_MAX = 2000
WAYS = ("in", "out")
GROUPS: dict[str, frozenset[str]] = {
    "payment": frozenset({"payment"}),
    "order": frozenset({"order", "rent"}),
    "salary": frozenset({"salary", "credit", "deposit"}),
    "card": frozenset({CARD, REVERSAL_KIND}),
    "charge": frozenset({"charge", "fee", "interest", "refund"}),
}
"""Kinds as customers choose them; `other` is what is in none."""
OTHER = "other"
_GROUPED = frozenset(kind for group in GROUPS.values() for kind in group)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; each that is set must fit. Amounts in minor units, without their sign; days inclusive."""

    text: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    first: date | None = None
    last: date | None = None
    way: str = ""
    kind: str = ""

    def fit(self, line: Line) -> bool:
        """Whether an entry fits, but for the text."""
        amount_minor = abs(line.amount_minor)
        return (
            (self.least_minor is None or amount_minor >= self.least_minor)
            and (self.most_minor is None or amount_minor <= self.most_minor)
            and (self.first is None or line.value_date >= self.first)
            and (self.last is None or line.value_date <= self.last)
            and (not self.way or (line.amount_minor > 0) == (self.way == "in"))
            and (not self.kind or _of_kind(self.kind, line.kind))
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The entries found, the newest first; before: where to look on, None at the account's beginning; looked: how
    many were looked at."""

    lines: list[Line]
    before: int | None
    looked: int


def _of_kind(group: str, kind: str) -> bool:
    return kind not in _GROUPED if group == OTHER else kind in GROUPS.get(group, ())


def search(
    read: Callable[[int, int | None], list[Line]],
    filters: Filters,
    words: Callable[[Line], str],
    before: int | None,
    limit: int,
) -> Found:
    """At most `limit` entries that fit, below the place `before`. read: (count, before) to the newest entries below a
    place; words: an entry's words as the customer reads them, in which the text is sought whatever its case."""
    wanted = filters.text.casefold()
    found: list[Line] = []
    looked = 0
    while looked < LOOKED_MAX:
        part = read(STEP_LINES, before)
        for line in part:
            looked += 1
            if filters.fit(line) and wanted in words(line).casefold():
                found.append(line)
                if len(found) == limit:
                    return Found(found, line.seq, looked)
        if len(part) < STEP_LINES:
            return Found(found, None, looked)
        before = part[-1].seq
    return Found(found, before, looked)
