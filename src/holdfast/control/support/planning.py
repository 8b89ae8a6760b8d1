"""The page Hours, roster, forecast: when support is open, who answers, and how many people it will take."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.borders import allowed, person_of
from holdfast.control.incidents import record
from holdfast.control.response.views import local_instant
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.support import forecasting, hours, queue, taking
from holdfast.control.support.models import Conversation, DeskShift

HERE = "/support/hours"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MANAGERS = frozenset({"manager"})
FORECAST_HOURS = 24
SHIFTS_MAX = 500
SHIFT_MAX = timedelta(hours=24)
AHEAD_MAX = timedelta(days=90)


@allowed(taking.ROLES)
def page(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """Everything, and the forms of who may change it."""
    now, person = timezone.now(), person_of(request)
    week = hours.week()
    coming = DeskShift.objects.filter(until_at__gt=now).select_related("person").order_by("from_at")[:SHIFTS_MAX]
    shown = {
        "week": [(day, DAYS[day], _clock(week[day][0]), _clock(week[day][1])) for day in range(7)],
        "longer": hours.longer(now),
        "opening": hours.opening(now),
        "incident": next(iter(record.told_incidents()), None),
        "shifts": coming,
        "able": Person.objects.filter(role__in=taking.ROLES).order_by("username")[:SHIFTS_MAX],
        "forecast": _forecast(now, list(coming)),
        "chat_s": int(queue.desk(now).chat_s),
        "satisfied": _satisfaction(now),
        "may_plan": person.role in MANAGERS,
        "typed": request.POST if words else {},
        "words": words,
    }
    return render(request, "support/hours.html", shown, status=status)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _forecast(now: datetime, shifts: list[DeskShift]) -> list[tuple[forecasting.Hour, int]]:
    """The coming hours with how many people are on the roster in each."""
    since = now - timedelta(weeks=forecasting.WEEKS)
    first = Conversation.objects.order_by("made_at").values_list("made_at", flat=True).first() or now
    made = list(Conversation.objects.filter(made_at__gt=since).values_list("made_at", flat=True))
    counts = Counter(one.replace(minute=0, second=0, microsecond=0) for one in made)
    counts[now] = len([one for one in made if one > now - forecasting.HOUR])
    seats = queue.desk(now)
    begun = max(since, first).replace(minute=0, second=0, microsecond=0)
    found = forecasting.forecast(counts, begun, now, seats.chat_s, queue.CHATS_EACH_MAX, FORECAST_HOURS)
    return [(one, len([shift for shift in shifts if shift.from_at <= one.begins < shift.until_at])) for one in found]


def _satisfaction(now: datetime) -> dict[str, Any]:
    """What customers said of the chats of the last 30 days."""
    ended = Conversation.objects.filter(ended_at__gt=now - timedelta(days=30))
    return dict(ended.aggregate(asked=Count("id"), answered=Count("score"), mean=Avg("score")))


def _after(request: HttpRequest, refused: str) -> HttpResponse:
    return page(request, refused, 422) if refused else HttpResponseRedirect(HERE)


@allowed(MANAGERS)
def keep_week(request: HttpRequest) -> HttpResponse:
    """Keep the hours of the week."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    typed = {day: (request.POST.get(f"from-{day}", ""), request.POST.get(f"until-{day}", "")) for day in range(7)}
    return _after(request, hours.keep_week(person_of(request), typed))


@allowed(taking.ROLES)
def extend(request: HttpRequest) -> HttpResponse:
    """Stay open for longer."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    until, why = local_instant(request.POST.get("until", "")), request.POST.get("why", "").strip()
    return _after(request, hours.extend(person_of(request), until, why, timezone.now()))


@allowed(taking.ROLES)
def shorten(request: HttpRequest, number: int) -> HttpResponse:
    """End an extension now."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _after(request, hours.shorten(person_of(request), number, timezone.now()))


@allowed(MANAGERS)
def add_shift(request: HttpRequest) -> HttpResponse:
    """Put somebody on the roster of the desk."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    since, until = (local_instant(request.POST.get(name, "")) for name in ("from", "until"))
    return _after(request, _add(person_of(request), request.POST.get("who", ""), since, until))


def _add(by: Person, who: str, since: datetime | None, until: datetime | None) -> str:
    now = timezone.now()
    if since is None or until is None or not now < until <= now + AHEAD_MAX or not since < until <= since + SHIFT_MAX:
        return "A shift needs from when until when, in the future, of 24 hours at most; nothing was written."
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).filter(username=who[:64], role__in=taking.ROLES).first()
        if person is None:
            return "Choose somebody of support; nothing was written."
        theirs = DeskShift.objects.filter(person=person, from_at__lt=until, until_at__gt=since)
        if theirs.exists():
            return f"{person.name} is on the roster then already; nothing was written."
        if DeskShift.objects.filter(until_at__gt=now).count() >= SHIFTS_MAX:
            return f"There are {SHIFTS_MAX} shifts already; nothing was written."
        DeskShift.objects.create(person=person, from_at=since, until_at=until, made_by=by.username)
        about = {"who": person.username, "from": since.isoformat(), "until": until.isoformat()}
        log.write(by.username, by.role, "put at the support desk", about)
    return ""


@allowed(MANAGERS)
def end_shift(request: HttpRequest, number: int) -> HttpResponse:
    """Take a shift off the roster; one that has begun ends now."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    by, now = person_of(request), timezone.now()
    with transaction.atomic():
        found = DeskShift.objects.select_for_update().filter(pk=number, until_at__gt=now).first()
        if found is None:
            return page(request, "That shift is over, or there is none; nothing was changed.", 422)
        log.write(by.username, by.role, "taken off the support desk", {"who": found.person_id})
        if found.from_at >= now:
            found.delete()
        else:
            DeskShift.objects.filter(pk=number).update(until_at=now)
    return HttpResponseRedirect(HERE)
