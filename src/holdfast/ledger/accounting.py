"""The books as an accountant reads them: the chart, a trial balance for each day, and days that are closed.

A day is the bank's: from midnight to midnight by its clock and zone, moved by the days by which an imported bank's
records lie in the past. A transfer belongs to the day on which it was booked. Closing a day closes its value date: what
is booked later has a later one (docs/decisions/0018). Sums are read in steps that never hold a long snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from holdfast.ledger.errors import LedgerError, NotClosed
from holdfast.ledger.history import History, Mark, instant_of
from holdfast.ledger.queries import load

STEP_TRANSFERS = 100_000
"""Transfers that one statement sums: some tenths of a second."""
DAYS_MAX = 400
_SQL = load("trial_balance")


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of the chart; class_: asset, liability, equity, income or expense."""

    line: str
    class_: str
    name_en: str
    name_nb: str


@dataclass(frozen=True, slots=True)
class BankDay:
    """How the bank counts its days: its zone, and by how many days its date is moved from the calendar's."""

    zone: ZoneInfo
    offset_days: int = 0

    def end(self, day: date) -> datetime:
        """The instant at which this day of the bank's ends."""
        return datetime.combine(day - timedelta(days=self.offset_days - 1), time(), self.zone)

    def of(self, instant: datetime) -> date:
        """The bank's day of an instant."""
        return instant.astimezone(self.zone).date() + timedelta(days=self.offset_days)


@dataclass(slots=True)
class Total:
    """What was debited and credited on the day, and all debits minus all credits to its end, in minor units."""

    debits_minor: int = 0
    credits_minor: int = 0
    net_minor: int = 0


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Of one day: totals by (line, currency). closed: who closed it and who approved; none while it is open."""

    day: date
    mark: Mark
    totals: dict[tuple[str, str], Total] = field(default_factory=dict)
    closed: tuple[str, str] | None = None

    def currencies(self) -> list[str]:
        """The currencies that stand in it."""
        return sorted({currency for _, currency in self.totals})

    def difference_minor(self, currency: str) -> int:
        """Debits minus credits of all lines at the day's end: 0 in books that balance."""
        return sum(total.net_minor for (_, one), total in self.totals.items() if one == currency)


@dataclass(frozen=True, slots=True)
class Closing:
    """A closed day, the last block booked on it, when it was closed and by whom."""

    day: date
    mark: Mark
    at: datetime
    closed_by: str
    approved_by: str


class Accounting(History):
    """Chart, trial balances, closings."""

    def chart(self) -> list[ChartLine]:
        """All lines in order."""
        return [ChartLine(*row) for row in self._all(_SQL["chart"], ())]

    def own_accounts(self) -> list[tuple[str, int, str, str]]:
        """(line, account, code, currency) of the bank's own accounts."""
        return [(row[0], row[1], row[2], row[3]) for row in self._all(_SQL["own_accounts"], ())]

    def sub_ledgers(self) -> dict[tuple[str, str], int]:
        """How many accounts of customers are kept under `deposit` and under `loan`, by (key, currency)."""
        return {(key, currency): int(count) for key, currency, count in self._all(_SQL["sub_ledgers"], ())}

    def closings(self, upto: date, limit: int = 31) -> list[Closing]:
        """Closed days up to one, the newest first."""
        return [
            Closing(day, Mark(block, seq), instant_of(at_us), by, approved)
            for day, block, seq, _, at_us, by, approved in self._all(_SQL["closings"], (upto, limit))
        ]

    def trial_balance(self, day: date, days: BankDay) -> TrialBalance:
        """The day's, as it was stored when the day was closed, or as the books make it."""
        known = next(iter(self.closings(day, 1)), None)
        if known and known.day == day:
            return TrialBalance(day, known.mark, self._stored(day), (known.closed_by, known.approved_by))
        return self._next(self._before(day, days), day, days)

    def close_days(self, day: date, days: BankDay, by: str, approved_by: str) -> list[date]:
        """Close all days up to this one that are not closed, each with its trial balance; which were. Raises NotClosed
        in words, with nothing changed. The caller sees to it that the day is over."""
        last = next(iter(self.closings(date.max, 1)), None)
        if last and last.day >= day:
            raise NotClosed(f"{day} is closed already, as all days up to {last.day}")
        if not by.strip() or by.strip().casefold() == approved_by.strip().casefold() or not approved_by.strip():
            raise NotClosed("a day is closed by two people; nothing was changed")
        made = list(self._open_days(last.day if last else None, day, days))
        rows = [(one.day, line, currency, total) for one in made for (line, currency), total in one.totals.items()]
        try:
            with psycopg.connect(self._url, connect_timeout=2, options="-c statement_timeout=5000") as connection:
                connection.execute(
                    _SQL["close_days"],
                    (
                        last.day if last else None,
                        [one.day for one in made],
                        [one.mark.block for one in made],
                        [one.mark.seq for one in made],
                        by.strip(),
                        approved_by.strip(),
                        [row[0] for row in rows],
                        [row[1] for row in rows],
                        [row[2] for row in rows],
                        [row[3].debits_minor for row in rows],
                        [row[3].credits_minor for row in rows],
                        [row[3].net_minor for row in rows],
                    ),
                )
        except psycopg.errors.RaiseException as error:
            raise NotClosed(f"{error.diag.message_primary}; nothing was changed") from error
        except psycopg.OperationalError as error:
            raise LedgerError(f"the books cannot be written now: {error}") from error
        return [one.day for one in made]

    def _open_days(self, last: date | None, day: date, days: BankDay) -> Iterator[TrialBalance]:
        first = last + timedelta(days=1) if last else self._first_day(days)
        if first is None or first > day:
            raise NotClosed(f"nothing was booked up to {day}; nothing was changed")
        if (day - first).days >= DAYS_MAX:
            raise NotClosed(f"at most {DAYS_MAX} days are closed at once, the first open one is {first}")
        before = self._before(first, days)
        for number in range((day - first).days + 1):
            before = self._next(before, first + timedelta(days=number), days)
            yield before

    def _first_day(self, days: BankDay) -> date | None:
        found = self._all(_SQL["first_block"], ())
        return days.of(instant_of(found[0][0])) if found else None

    def _before(self, day: date, days: BankDay) -> TrialBalance:
        """The trial balance of the day before."""
        eve = day - timedelta(days=1)
        known = next(iter(self.closings(eve, 1)), None)
        if known is None:
            return self._next(TrialBalance(date.min, Mark(0, 0)), eve, days)
        stored = TrialBalance(known.day, known.mark, self._stored(known.day))
        return stored if known.day == eve else self._next(stored, eve, days)

    def _stored(self, day: date) -> dict[tuple[str, str], Total]:
        return {(line, currency): Total(*sums) for line, currency, *sums in self._all(_SQL["day_totals"], (day,))}

    def _next(self, before: TrialBalance, day: date, days: BankDay) -> TrialBalance:
        """What was booked behind another trial balance up to a day's end, on top of it."""
        mark = self.mark(days.end(day))
        totals = {key: Total(net_minor=total.net_minor) for key, total in before.totals.items()}
        for line, currency, debits, credits in self._moved(before.mark.seq, mark.seq):
            total = totals.setdefault((line, currency), Total())
            total.debits_minor += debits
            total.credits_minor += credits
            total.net_minor += debits - credits
        return TrialBalance(day, mark, totals)

    def _moved(self, after: int, upto: int) -> Iterator[tuple[Any, ...]]:
        for start in range(after, upto, STEP_TRANSFERS):
            yield from self._all(_SQL["moved"], {"after": start, "upto": min(start + STEP_TRANSFERS, upto)})
