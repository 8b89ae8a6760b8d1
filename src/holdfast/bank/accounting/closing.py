"""Days of the bank's: their trial balances, and closing them by two people."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.bank.books import installation, reader, rows
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.exchange.facts import bank_facts
from holdfast.contracts.epochs import Mode
from holdfast.ledger.api import BankDay, NotClosed, TrialBalance

CLOSES_AFTER = timedelta(minutes=10)
"""What was sent just before midnight has its outcome long before."""
CLOSED_SHOWN = 31


def bank_days() -> BankDay:
    """How this bank counts its days."""
    return BankDay(ZoneInfo(installation().time_zone), int(bank_facts.bank().get("day_offset", 0)))


def last_day_over(now: datetime | None = None) -> date:
    """The newest day that may be closed."""
    days, instant = bank_days(), now or datetime.now(UTC)
    return days.of(instant - CLOSES_AFTER) - timedelta(days=1)


def close(day: date, by: str, approved_by: str) -> str:
    """Close all days up to this one, in words what was done; raises NotClosed with nothing changed."""
    if day > last_day_over():
        raise NotClosed(f"{day} is not over; {last_day_over()} is the newest day that can be closed")
    _all_is_booked(day)
    made = reader().close_days(day, bank_days(), by, approved_by)
    span = f"{made[0]} is" if len(made) == 1 else f"{made[0]} to {made[-1]} are"
    return f"{span} closed, by {by} and {approved_by}; what is booked from now on has a later value date"


def _all_is_booked(day: date) -> None:
    """What is booked behind a closing gets a later value date, and so would count as money that came for a later day:
    what customers get back after an outage would be less."""
    rows.refresh(at_once=True)
    if any(one.mode is not Mode.PRIMARY or one.forced for one in rows.all().values()):
        raise NotClosed(
            "groups of customers are with the spare bank, or a journal of its is missing; close when they are back and "
            "their entries are booked; nothing was changed"
        )
    open_day = DayEnd.objects.filter(day__lte=day).exclude(state="done").order_by("day").first()
    if open_day is not None:
        raise NotClosed(f"what accounts cost and earn on {open_day.day} is not booked yet; nothing was changed")
    if Booking.objects.filter(ended="", until__lte=day).exists():
        raise NotClosed("some of what accounts cost and earn is decided and not booked yet; nothing was changed")


def trial_balance(day: date) -> TrialBalance:
    """The day's; of a day that is not over, as far as it has come."""
    return reader().trial_balance(day, bank_days())


def accounts_page(day: date) -> dict[str, Any]:
    """What the control room's page shows of the books on one day (docs/reference/wire.md)."""
    found, chart = trial_balance(day), {one.line: one for one in reader().chart()}
    proved = reader().proved()
    return {
        "day": day.isoformat(),
        "block": found.mark.block,
        "closed": list(found.closed) if found.closed else None,
        "last_day_over": last_day_over().isoformat(),
        "closings": [
            {"day": one.day.isoformat(), "by": one.closed_by, "approved_by": one.approved_by, "at": one.at.isoformat()}
            for one in reader().closings(date.max, CLOSED_SHOWN)
        ],
        "lines": [
            {
                "line": line,
                "class": chart[line].class_,
                "name_en": chart[line].name_en,
                "name_nb": chart[line].name_nb,
                "currency": currency,
                "debits_minor": total.debits_minor,
                "credits_minor": total.credits_minor,
                "net_minor": total.net_minor,
            }
            for (line, currency), total in sorted(found.totals.items())
        ],
        "differences": {one: found.difference_minor(one) for one in found.currencies()},
        "proved": {"block": proved.block, "at": proved.at.isoformat(), "findings": proved.findings} if proved else None,
    }
