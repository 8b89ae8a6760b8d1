"""What being late with a loan would have cost had an incident not happened.

Two things make somebody late who would not have been: money that came in late because of the incident, and days on
which nobody could put it in. The first is asked day by day: on which day would the account have covered the instalment
had money that came in late come on its value date (`first_covered`). The second moves the day from which one is late
(`late_since_without`). Late interest and fee are then those of the loan's rules for these two days (`arrears`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from holdfast.bank.charges.engine.asif import NOT_COUNTED, Cover, Entry, cover_as_if
from holdfast.bank.charges.engine.attempts import Attempt
from holdfast.bank.charges.engine.loans import Instalment, late_interest_minor

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry of an account: signed minor units, its value date, its kind, and the bank's day on which it was
    booked."""

    amount_minor: int
    value_date: date
    kind: str
    day: date

    def came_late(self, begun: date) -> bool:
        """Whether it is money that came in after its value date, in an incident that began on a day."""
        counted = self.amount_minor > 0 and self.kind not in NOT_COUNTED
        return counted and self.value_date < self.day and self.day >= begun


@dataclass(frozen=True, slots=True)
class Arrears:
    """What being late costs, in minor units."""

    interest_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        """Both."""
        return self.interest_minor + self.fee_minor


def arrears(due: Iterable[Instalment], day: date, late_since: date, late_rate_ppm: int, late_fee_minor: int) -> Arrears:
    """What instalments that are late since a day cost when they are paid on another: interest on each, and the fee
    once, but not on the first day of being late."""
    interest = sum(late_interest_minor(one, day, late_rate_ppm, late_since) for one in due)
    return Arrears(interest, late_fee_minor if day > late_since else 0)


def late_since_without(late_since: date, first: date, last: date) -> date:
    """From when one would be late if the days of an outage [first, last] count for nobody: when the last day in time
    was one of them, there is the whole day after them to put the money in."""
    return last + 2 * A_DAY if first <= late_since - A_DAY <= last else late_since


def first_covered(  # noqa: PLR0917  # an account, what it needed, and the days in question
    available_minor: int, entries: Sequence[Booked], needed_minor: int, in_time: date, paid: date, begun: date
) -> tuple[date, Cover] | None:
    """The first day, from the last day in time on and before the one on which it was paid, on which the account would
    have covered what it needed had all money that came late come on its value date; None when there is none.

    available_minor: what the account has now above its floor; entries: all since the end of the last day in time;
    begun: what was booked before this day came late for other reasons. An account that would have been covered without
    late money is none of these: it was held back by something else.
    """
    for day in sorted({max(in_time, one.value_date if one.came_late(begun) else one.day) for one in entries}):
        if day >= paid:
            return None
        after = [one for one in entries if one.day > day]
        since = [
            Entry(one.amount_minor, one.value_date if one.came_late(begun) else date.max, one.kind) for one in after
        ]
        found = cover_as_if(available_minor, since, needed_minor, day)
        if found.covered and found.available_minor - found.came_late_minor < needed_minor:
            return day, found
    return None


def brought_by(tried: Iterable[Attempt], account: int, in_time: date, paid: date) -> tuple[int, list[Booked]]:
    """What payments that were tried would have brought to an account by a day before the one on which it paid: how
    much of it the account never got, in minor units, and entries for first_covered. One that was made later counts as
    money that came late: it is put on the day of its try, and its own entry is taken off."""
    never_minor, entries = 0, []
    for one in tried:
        if one.credit != account or not one.stands_out_on(max(in_time, one.day)) or one.day >= paid:
            continue
        if one.made_on is None:
            never_minor += one.amount_minor
            entries.append(Booked(one.amount_minor, one.day, "payment", max(paid, one.ends)))
        else:
            entries.append(Booked(one.amount_minor, one.day, "payment", one.made_on))
            entries.append(Booked(-one.amount_minor, one.made_on, "payment", one.made_on))
    return never_minor, entries
