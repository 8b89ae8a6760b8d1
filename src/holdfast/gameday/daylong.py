"""An outage of days: the programs' time of day is set ahead between instants that matter, at which customers work.

While time jumps nobody has a request under way. After a jump longer than a session may idle everybody must log in
anew; after a shorter one nobody may be asked to. What the bank makes of it afterwards is checked by SQL over its own
tables and the books, as in checker.py.
"""

import asyncio
import time
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp
import psycopg

from holdfast.contracts.sessions import IDLE_S
from holdfast.gameday import programs, spending
from holdfast.gameday.errors import StoryBroken
from holdfast.settings import ask_supervisor

if TYPE_CHECKING:
    from holdfast.gameday.scenario import Step
    from holdfast.gameday.story import Story

KNOWN_S_MAX = 180.0
LOOK_S = 0.2
LATE_S_MAX = 600
OPEN = """
SELECT count(*) FROM bank.standing_order o WHERE due = ANY(%(days)s)
AND NOT EXISTS (SELECT 1 FROM bank.execution e WHERE e."order_id" = o.id AND e.due = o.due)
"""
PAID = """
SELECT count(*), count(*) FILTER (WHERE r.accepted_at NOT BETWEEN run.at
    AND run.at + make_interval(secs => %(late_s)s::float8))
FROM bank.execution e JOIN bank.replayed r ON r.payment = e.payment AND r.kind = 'accept'
JOIN bank.order_run run ON run.date = e.due WHERE e.due = ANY(%(days)s)
"""
TWICE = """
SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM ledger.transfer t JOIN bank.standing_order o
ON t.cause = 'order:' || o.id || ':' || o.due WHERE o.due = ANY(%(days)s) AND t.kind = 'order' GROUP BY t.cause) x
"""
VALUE_DATES = """
SELECT count(*) FROM ledger.transfer t JOIN bank.replayed r ON r.payment = t.id
WHERE t.kind = 'payment' AND t.source = 'journal' AND t.seq > %(since)s
AND t.value_date <> (r.accepted_at AT TIME ZONE %(zone)s::text)::date + %(offset)s::int
"""
CHARGES = """
SELECT count(*), count(*) FILTER (WHERE f.id IS NOT NULL) FROM bank.charge c JOIN bank.execution e
ON e.id = c.execution_id LEFT JOIN bank.refund f ON f.charge_id = c.id WHERE e.due = ANY(%(days)s)
"""


BANKS_DAY = """
SELECT (body ->> 'business_date')::date, coalesce((body ->> 'day_offset')::int, 0)
FROM bank.bank_fact WHERE key = 'bank'
"""


class Days:
    """The days of one play. first: the day on which it began, None where time is not set; offset: how many days the
    bank's days lie after the calendar's (a bank of real records lives in their years)."""

    def __init__(self) -> None:
        self.first: date | None = None
        self.offset = 0
        self.number = 0
        self.spent_otherwise = 0
        self.measured: dict[str, float] = {}

    def instant(self, to: str, now: datetime) -> datetime:
        """`day 1 06:00:00` in the zone of `now`; the first that is asked for says which day is day 0."""
        _, number, at = to.split()
        day = timedelta(days=int(number))
        if self.first is None:
            reached = datetime.combine(now.date() + day, clock_time.fromisoformat(at), now.tzinfo) <= now
            self.first = now.date() + timedelta(days=reached)
        self.number = int(number)
        return datetime.combine(self.first + day, clock_time.fromisoformat(at), now.tzinfo)


async def set_clock(story: "Story", step: "Step") -> None:
    """Set the programs' time of day ahead while nobody has a request under way; raises StoryBroken."""
    await story.crowd.hold()
    now = datetime.fromtimestamp(story.clock.now(), ZoneInfo(story.installation.time_zone))
    jump_s = story.days.instant(step.to, now).timestamp() - story.clock.now()
    if jump_s <= 0:
        raise StoryBroken(f"it is {now:%H:%M:%S} of day {story.days.number} already; time does not go back")
    step_by = {"names": ["time"], "how": "step", "value": jump_s}
    await asyncio.to_thread(ask_supervisor, story.installation.data, do="break", **step_by)
    story.clock.stepped()
    story.note("time", f"{step.words}: {step.to}, {jump_s / 3600:.1f} hours later")
    story.crowd.go_on(sessions_over=jump_s > IDLE_S)
    if step.when == "before":
        await _wait_until_known(story)


async def _wait_until_known(story: "Story") -> None:
    """The bank has turned its day and told the spare bank what falls due on the next two."""
    deadline = time.monotonic() + KNOWN_S_MAX
    while True:
        head = await asyncio.to_thread(_told, story)
        try:
            port = story.installation.standin_port
            health = await story.watcher.call("standin", port, "GET", "/-/health")
            if head is not None and int(health["profile"]) >= head:
                return
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            pass
        if time.monotonic() > deadline:
            raise StoryBroken(f"not within {KNOWN_S_MAX:.0f} s: the spare bank knows the coming days")
        await asyncio.sleep(LOOK_S)


def _told(story: "Story") -> int | None:
    """The number of the last fact once all is told, None before."""
    with psycopg.connect(story.installation.database_url("bank"), connect_timeout=5) as connection:
        today, story.days.offset = connection.execute(BANKS_DAY).fetchone() or (None, 0)
        days = _outage_days(story)
        row = connection.execute(
            "SELECT (SELECT count(*) FROM bank.order_run WHERE date = ANY(%s)),"
            " (SELECT count(*) FROM bank.fact WHERE number IS NULL), (SELECT max(number) FROM bank.fact)",
            (days,),
        ).fetchone()
    if row is None or story.days.first is None or row[0] < len(days) or row[1]:
        return None
    return int(row[2]) if today == _banks_day(story, story.days.first) else None


def _banks_day(story: "Story", day: date) -> date:
    return day + timedelta(days=story.days.offset)


def _outage_days(story: "Story") -> list[date]:
    first = story.days.first
    return [_banks_day(story, first + timedelta(days=number)) for number in (1, 2)] if first else []


async def spend(story: "Story", step: "Step") -> None:
    """Somebody outside the crowd logs in and pays `value` again and again; `pattern` says what each must be told."""
    expected = step.pattern.split()
    told = await spending.spend(story.crowd, story.outsider, int(step.value * 100), len(expected))
    wrong = sum(not got.startswith(want) for got, want in zip(told, expected, strict=True))
    story.days.spent_otherwise += wrong
    story.note("customers", f"{step.words}: {', '.join(told)}" + (f" (expected {step.pattern})" if wrong else ""))


async def rotate_key(story: "Story", step: "Step") -> None:
    """The key that seals the spare bank's stores is changed while it works; raises StoryBroken."""
    said = await programs.run(story.installation, "holdfast.standin", "rotate-key")
    story.note("people", f"{step.words}: {said.strip()[-120:]}")


def check(story: "Story") -> None:
    """What the bank and its books say afterwards; fills story.days.measured."""
    days, place = story.days, story.installation
    zone = ZoneInfo(place.time_zone)
    asked = {"days": _outage_days(story), "late_s": LATE_S_MAX, "since": story.since_seq, "zone": place.time_zone,
             "offset": days.offset}  # fmt: skip
    with psycopg.connect(place.database_url("bank"), connect_timeout=5) as connection:

        def ask(statement: str) -> tuple[int, ...]:
            return connection.execute(statement.encode(), asked).fetchone() or ()

        (story_open,), (paid, late), (twice,) = ask(OPEN), ask(PAID), ask(TWICE)
        (wrong_dates,), (charged, refunded) = ask(VALUE_DATES), ask(CHARGES)
        row = connection.execute(BANKS_DAY).fetchone()
    today = datetime.fromtimestamp(story.clock.now(), zone).date()
    size = sum(path.stat().st_size for path in place.folder("standin").glob("journal.sqlite*"))
    entries = int(story.watcher.standin.get("position", 0))
    days.measured = {
        "orders_open": story_open,
        "orders_by_spare_min": paid,
        "orders_late": late,
        "orders_twice": int(twice),
        "wrong_value_dates": wrong_dates,
        "charged_min": charged,
        "charges_kept": charged - refunded,
        "days_behind": abs((_banks_day(story, today) - row[0]).days) if row else 99,
        "spent_otherwise": days.spent_otherwise,
        "limit_steps_min": len(story.watcher.exposure_limits),
        "journal_entries_min": entries,
        "journal_bytes_an_entry": round(size / max(entries, 1)),
    }


STEPS = {"set_clock": set_clock, "spend": spend, "rotate_key": rotate_key}
"""What a scenario of days may ask for."""
