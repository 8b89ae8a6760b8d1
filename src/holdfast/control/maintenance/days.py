"""On which days is no maintenance, unless two people have a reason? Read from a file that the bank keeps."""

import tomllib
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

OWN = Path(__file__).parent / "days.toml"
NAME = Path("maintenance") / "days.toml"
ENTRIES_MAX = 400
SATURDAY = 5


class BadDays(ValueError):
    """The file cannot be used; the text says what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Days:
    """pay_days: days of the month; tax_days: (month, day); other: dates with their words."""

    pay_days: frozenset[int] = frozenset()
    tax_days: frozenset[tuple[int, int]] = frozenset()
    other: dict[date, str] = field(default_factory=dict)

    def why_not(self, day: date) -> str:
        """What speaks against maintenance on a day, "" for nothing."""
        if day in self.other:
            return self.other[day]
        if (day.month, day.day) in self.tax_days:
            return "a tax day"
        return "a pay day" if day in _paid_in(day, self.pay_days) else ""


def _paid_in(month_of: date, pay_days: frozenset[int]) -> set[date]:
    """The pay days of the month of a day and of the next one's beginning, with the Friday before a weekend."""
    first = month_of.replace(day=1)
    found = set()
    for month in (first, (first + timedelta(days=32)).replace(day=1)):
        for number in pay_days:
            day = month.replace(day=min(number, monthrange(month.year, month.month)[1]))
            found |= {day, day - timedelta(days=max(day.weekday() - SATURDAY + 1, 0))}
    return found


def read_days(folder: Path) -> Days:
    """The bank's own file where there is one, else ours. folder: control's. Raises BadDays in words."""
    path = folder / NAME
    if not path.is_file():
        path = OWN
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadDays(f"{path.name} cannot be read: {fault}") from fault
    if strange := set(raw) - {"pay_days", "tax_days", "other"}:
        raise BadDays(f"{path.name}: nothing is known of {', '.join(sorted(strange))}")
    if any(not isinstance(raw.get(name, []), list) or len(raw.get(name, [])) > ENTRIES_MAX for name in raw):
        raise BadDays(f"{path.name}: pay_days, tax_days and other are lists of at most {ENTRIES_MAX}")
    pay = raw.get("pay_days", [])
    if any(type(one) is not int or not 1 <= one <= 31 for one in pay):
        raise BadDays(f"{path.name}: pay_days are days of the month, 1 to 31")
    try:
        tax = {(one.month, one.day) for one in (date.fromisoformat(f"2024-{text}") for text in raw.get("tax_days", []))}
        other = {date.fromisoformat(str(one["date"])): str(one["words"])[:120] for one in raw.get("other", [])}
    except (KeyError, TypeError, ValueError) as fault:
        raise BadDays(f"{path.name}: tax_days are written 04-30, other has a date and words ({fault})") from fault
    return Days(frozenset(pay), frozenset(tax), other)
