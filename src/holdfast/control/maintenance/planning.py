"""From a plan to its end: checked, confirmed by a second person, announced, changed, begun, over or called off.

Every step that customers hear of sends its notice in the same transaction, so that nothing is said that does not stand
here, and nothing stands here unsaid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from holdfast.control.maintenance.days import Days
from holdfast.control.maintenance.models import Maintenance
from holdfast.control.place import installation
from holdfast.control.subscribers import news
from holdfast.control.tell import composing
from holdfast.control.tell.composing import Composed, Draft
from holdfast.control.tell.kinds import KINDS
from holdfast.control.tell.phrases import LANGUAGES, phrases

LENGTH_MIN, LENGTH_MAX = timedelta(minutes=15), timedelta(hours=24)
NOTICE_MIN = timedelta(hours=48)
"""Announced later than this before it begins, it needs a reason."""
AHEAD_MAX = timedelta(days=366)
REMIND_BEFORE = timedelta(hours=24)
WHY_CHARS_MIN, WHY_CHARS_MAX = 10, 300
OPEN_MAX = 50
LIVE = ("planned", "announced", "begun")
ALL = {"all": True}
BY_THE_CLOCK = ("maintenance-announced", "maintenance-reminder", "maintenance-begun", "maintenance-over")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person filled in; words: by language, {"service", "instead"}; why: a reason, where one is needed."""

    words: Mapping[str, Mapping[str, str]]
    begins_at: datetime
    ends_at: datetime
    on_spare: bool
    why: str


def objections(plan: Plan, days: Days, now: datetime, own: int = 0) -> list[str]:
    """What is wrong with a plan, in words; own: the number of the maintenance whose times it changes."""
    begins, ends, zone = plan.begins_at, plan.ends_at, ZoneInfo(installation().time_zone)
    found = []
    if not LENGTH_MIN <= ends - begins <= LENGTH_MAX:
        found.append("It lasts from a quarter of an hour to a day.")
    if begins <= now or begins > now + AHEAD_MAX:
        found.append("It begins in the future, within a year.")
    beside = Maintenance.objects.filter(state__in=LIVE, begins_at__lt=ends, ends_at__gt=begins).exclude(number=own)
    if (other := beside.first()) is not None:
        found.append(f"Maintenance {other.number} is at that time already.")
    if Maintenance.objects.filter(state__in=LIVE).count() >= OPEN_MAX and not own:
        found.append(f"{OPEN_MAX} are planned already; call one off first.")
    needs = reasons_needed(plan, days, now, zone)
    if needs and len(plan.why) < WHY_CHARS_MIN:
        found.append(f"It needs a reason of at least {WHY_CHARS_MIN} letters: {'; '.join(needs)}.")
    return found


def reasons_needed(plan: Plan, days: Days, now: datetime, zone: ZoneInfo) -> list[str]:
    """Why a plan is not usual: a pay or tax day within it, or short notice."""
    found = []
    day, last = plan.begins_at.astimezone(zone).date(), plan.ends_at.astimezone(zone).date()
    while day <= last:
        if why := days.why_not(day):
            found.append(f"{day.isoformat()} is {why}")
        day += timedelta(days=1)
    if plan.begins_at - now < NOTICE_MIN:
        found.append(f"customers hear of it less than {NOTICE_MIN.total_seconds() / 3600:.0f} hours before")
    return found


def written(kind: str, one: Maintenance | Plan, now: datetime, changed: Mapping[str, str] | None = None) -> Composed:
    """The notice of a kind, filled from the plan; changed: by language, what changed and why."""
    asked = {}
    for language in LANGUAGES:
        book = phrases(language, installation().time_zone)
        zone = book.zone_words()
        asked[language] = {
            "service": one.words[language]["service"],
            "instead": one.words[language]["instead"],
            "begins": f"{book.at(one.begins_at, now)} ({zone})",
            "ends": f"{book.at(one.ends_at, one.begins_at)} ({zone})",
            "changed": (changed or {}).get(language, ""),
        }
    return composing.compose(Draft(KINDS[kind], None, asked, ALL, False), now)


def refused(made: Composed) -> list[str]:
    """Why a notice cannot be sent: what is missing or leaks, and words that hurt."""
    return [*made.problems, *(f"“{one.passage}” hurts: {one.advice.why}" for _, one in made.hurts)]


def unsendable(plan: Plan, now: datetime) -> list[str]:
    """Why one of the notices that the clock sends by itself could not be sent, each reason once: a plan of which the
    second notice cannot go out must not be announced by the first."""
    made = (written(kind, plan, now) for kind in BY_THE_CLOCK)
    return list(dict.fromkeys(why for one in made for why in refused(one)))


@transaction.atomic
def keep(plan: Plan, by: str, now: datetime) -> Maintenance:
    """Write a plan down that has no objections; nobody is told by that."""
    return Maintenance.objects.create(
        words={language: dict(plan.words[language]) for language in LANGUAGES},
        begins_at=plan.begins_at,
        ends_at=plan.ends_at,
        on_spare=plan.on_spare,
        why=plan.why[:WHY_CHARS_MAX],
        made_by=by,
        made_at=now,
    )


@transaction.atomic
def announce(number: int, approved_by: str, now: datetime) -> str:
    """A second person confirmed the plan: tell everybody. "" when it was done, otherwise why not."""
    one = _held(number)
    if one is None or one.state != "planned":
        return "There is no such plan, or it was announced or called off already; nothing was sent."
    if one.begins_at <= now:
        return "It was to begin before it was confirmed; plan it anew. Nothing was sent."
    one.state, one.approved_by, one.announced_at = "announced", approved_by, now
    if one.begins_at - now <= REMIND_BEFORE:
        one.reminded_at = now  # what is announced so late needs no reminder
    one.save()
    return _say("maintenance-announced", one, now)


@transaction.atomic
def move(
    number: int, times: tuple[datetime, datetime], changed: Mapping[str, str], people: tuple[str, str], now: datetime
) -> str:
    """Change when announced maintenance begins and ends, and tell everybody; people: who changes it and who confirmed
    that."""
    begins_at, ends_at = times
    one = _held(number)
    if one is None or one.state != "announced":
        return "Only what is announced and has not begun can be changed; nothing was sent."
    if begins_at <= now:
        return "It was to begin before it was confirmed; propose it anew. Nothing was sent."
    one.begins_at, one.ends_at, one.changes = begins_at, ends_at, one.changes + 1
    one.made_by, one.approved_by = people
    one.reminded_at = now if begins_at - now <= REMIND_BEFORE else None
    one.save()
    return _say("maintenance-changed", one, now, changed)


@transaction.atomic
def cancel(number: int, changed: Mapping[str, str], people: tuple[str, str], now: datetime) -> str:
    """Call announced maintenance off and tell everybody."""
    one = _held(number)
    if one is None or one.state != "announced":
        return "Only what is announced and has not begun can be called off; nothing was sent."
    one.state, one.ended_at, (one.made_by, one.approved_by) = "cancelled", now, people
    one.save()
    return _say("maintenance-cancelled", one, now, changed)


@transaction.atomic
def withdraw(number: int, now: datetime) -> bool:
    """Forget a plan of which nobody was told."""
    return bool(Maintenance.objects.filter(number=number, state="planned").update(state="cancelled", ended_at=now))


@transaction.atomic
def remind(number: int, now: datetime) -> str:
    """Remind everybody, once for each time that it was set to."""
    one = _held(number)
    if one is None or one.state != "announced" or one.reminded_at is not None:
        return ""
    one.reminded_at = now
    one.save(update_fields=["reminded_at"])
    return _say("maintenance-reminder", one, now)


@transaction.atomic
def begin(number: int, now: datetime) -> str:
    """Its time has come."""
    one = _held(number)
    if one is None or one.state != "announced":
        return ""
    one.state, one.begun_at = "begun", now
    one.save(update_fields=["state", "begun_at"])
    return _say("maintenance-begun", one, now)


@transaction.atomic
def end(number: int, now: datetime) -> str:
    """A person says that it is over."""
    one = _held(number)
    if one is None or one.state != "begun":
        return "Only what has begun can be over; nothing was sent."
    one.state, one.ended_at = "over", now
    one.save(update_fields=["state", "ended_at"])
    return _say("maintenance-over", one, now)


def _held(number: int) -> Maintenance | None:
    return Maintenance.objects.select_for_update().filter(number=number).first()


def _say(kind: str, one: Maintenance, now: datetime, changed: Mapping[str, str] | None = None) -> str:
    """Send a notice to all by the two people of the plan; raises ValueError where it cannot be sent, so that the step
    is not taken either (the texts were checked when they were written)."""
    draft = Draft(KINDS[kind], None, {}, ALL, False, news.IN_MAINTENANCE)
    made = written(kind, one, now, changed)
    if why := refused(made):
        raise ValueError(f"the notice {kind} cannot be sent: {'; '.join(why)}")
    notice = composing.keep(draft, made, one.made_by, now)
    return composing.release(notice.pk, one.approved_by, now)
