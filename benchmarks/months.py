"""Berka's accounts as the forecast sees them: each account on some days of each month whose end is known.

Source: the PKDD'99 Discovery Challenge data (P. Berka); the folder is named, nothing of it is kept in the project. Accounts
go by their number into parts that never meet: to learn (0, 1, 2 of five), to widen the interval (3), held out (4).
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from holdfast.bank.insight.features import Seen, look_at
from holdfast.bank.insight.moves import Move, month_before, month_end
from holdfast.bank.insight.recurring import find_series

DAYS = (1, 10, 15, 20)
PARTS = 5
HELD_OUT, WIDENING = 4, 3
CREDIT = "PRIJEM"


@dataclass(frozen=True, slots=True)
class Case:
    """An account on a day. flow_minor: what came less what went until the month's end; again_minor: the same days of the
    month before; mean_minor: the mean day so far times the days left."""

    account: int
    day: int
    seen: Seen
    flow_minor: int
    again_minor: int
    mean_minor: float

    @property
    def part(self) -> int:
        """Which of PARTS its account is in."""
        return self.account % PARTS


def accounts(folder: Path) -> dict[int, list[Move]]:
    """The entries of each account in the order of days."""
    found: dict[int, list[Move]] = defaultdict(list)
    with (folder / "trans.asc").open(encoding="latin-1", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            told = row["date"]
            day = date(1900 + int(told[:2]), int(told[2:4]), int(told[4:6]))
            amount = round(float(row["amount"]) * 100) * (1 if row["type"] == CREDIT else -1)
            key = "/".join((row["operation"], row["k_symbol"].strip(), row["account"].strip()))
            found[int(row["account_id"])].append(Move(day, amount, key))
    return {account: sorted(moves, key=lambda one: one.day) for account, moves in found.items()}


def cases(folder: Path) -> Iterator[Case]:
    """All accounts on all days that can be judged."""
    known = accounts(folder)
    last = max(moves[-1].day for moves in known.values())
    for account, moves in sorted(known.items()):
        first = moves[0].day.replace(day=1)
        while month_end(first) <= last:
            for day in DAYS:
                one = _case(account, moves, first.replace(day=day))
                if one is not None:
                    yield one
            first = month_end(first) + timedelta(days=1)


def _case(account: int, moves: list[Move], today: date) -> Case | None:
    past = [one for one in moves if one.day <= today]
    seen = look_at(past, find_series(past, today), sum(one.amount_minor for one in past), today)
    if seen is None:
        return None
    end, before = month_end(today), month_before(today)
    flow = sum(one.amount_minor for one in moves if today < one.day <= end)
    again = sum(one.amount_minor for one in past if before <= one.day <= month_end(before) and one.day.day > today.day)
    days = (today - past[0].day).days + 1
    mean = sum(one.amount_minor for one in past) / days * (end - today).days
    return Case(account, today.day, seen, flow, again, mean)
