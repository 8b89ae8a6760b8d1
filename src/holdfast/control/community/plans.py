"""The console's pages of polls, webinars and tours."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.community import moderation, planning, polls, tours, webinars
from holdfast.control.community.models import Poll, Post, Tour, Webinar
from holdfast.control.community.planning import Refused
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.tell.phrases import LANGUAGES

SHOWN_MAX, INCIDENTS_MAX, QUESTIONS_MAX = 50, 20, 300


def _try(request: HttpRequest, work: Callable[[], object]) -> tuple[str, int]:
    """Do it for who may: why not, with the status; "" when it was done."""
    if (role := person_of(request).role) not in moderation.EDITORS:
        return f"This is not for the role {role}; nothing was changed.", 403
    try:
        work()
    except Refused as refused:
        return str(refused), 422
    return "", 302


def _pairs(request: HttpRequest, *names: str) -> dict[str, list[tuple[str, str]]]:
    """What was typed into fields that stand in each language."""
    return {
        name.replace("-", "_"): [(one, request.POST.get(f"{name}-{one}", "")) for one in LANGUAGES] for name in names
    }


@allowed(EVERYONE)
def poll_list(request: HttpRequest) -> HttpResponse:
    """GET: polls with their answers. POST: open one, or close one."""
    words, status = "", 200
    if request.method == "POST":
        given = request.POST.dict()
        ending = given.get("close", "")
        number = int(ending) if ending.isdecimal() and len(ending) < 12 else 0
        person = person_of(request)
        words, status = _try(
            request,
            lambda: planning.close_poll(person, number) if ending else planning.open_poll(person, given),
        )
        if not words:
            return HttpResponseRedirect("/community/polls")
    now = timezone.now()
    rows = Poll.objects.select_related("incident").order_by("-number")[:SHOWN_MAX]
    fields = [
        (
            place,
            _pairs(request, f"words-{place}")[f"words_{place}"],
            _pairs(request, f"choices-{place}")[f"choices_{place}"],
        )
        for place in range(planning.QUESTIONS.stop - 1)
    ]
    context: dict[str, Any] = {
        "polls": [polls.view(one, now, answered=False) for one in rows],
        "incidents": Incident.objects.order_by("-number")[:INCIDENTS_MAX],
        "fields": fields,
        "given": request.POST,
        "words": words,
        "may": person_of(request).role in moderation.EDITORS,
        **_pairs(request, "title"),
    }
    return render(request, "community/polls.html", context, status=status)


@allowed(EVERYONE)
def webinar_list(request: HttpRequest) -> HttpResponse:
    """GET: webinars. POST: plan one."""
    words, status = "", 200
    if request.method == "POST":
        person, given = person_of(request), request.POST.dict()
        words, status = _try(request, lambda: planning.plan_webinar(person, given))
        if not words:
            return HttpResponseRedirect("/community/webinars")
    rows = Webinar.objects.order_by("-begins_at")[:SHOWN_MAX]
    context: dict[str, Any] = {
        "rows": [(one, webinars.taken(one).count(), one.registrations.filter(waiting=True).count()) for one in rows],
        "given": request.POST,
        "words": words,
        "zone": installation().time_zone,
        "seats_max": planning.SEATS_MAX,
        "may": person_of(request).role in moderation.EDITORS,
        **_pairs(request, "title", "about"),
    }
    return render(request, "community/webinars.html", context, status=status)


@allowed(EVERYONE)
def webinar(request: HttpRequest, number: int) -> HttpResponse:
    """One webinar: where it is seen, its questions. POST with `act`: keep, move, or call off."""
    words, status = "", 200
    if request.method == "POST":
        person, given = person_of(request), request.POST.dict()
        deeds: dict[str, Callable[[], None]] = {
            "keep": lambda: planning.keep_links(person, number, given),
            "move": lambda: planning.move_webinar(person, number, given),
            "off": lambda: planning.call_off(person, number),
        }
        deed = deeds.get(given.get("act", ""))
        words, status = _try(request, deed) if deed else ("Nothing is known of that; nothing was done.", 422)
        if not words:
            return HttpResponseRedirect(f"/community/webinars/{number}")
    one = get_object_or_404(Webinar, number=number)
    zone = ZoneInfo(installation().time_zone)
    context: dict[str, Any] = {
        "one": one,
        "taken": webinars.taken(one).count(),
        "in_line": one.registrations.filter(waiting=True).count(),
        "begins": one.begins_at.astimezone(zone).strftime(planning.FORM),
        "minutes": int((one.ends_at - one.begins_at).total_seconds() // 60),
        "questions": Post.objects.filter(webinar=one).order_by("number")[:QUESTIONS_MAX],
        "texts": [(language, one.words[language]) for language in LANGUAGES],
        "coming": one.begins_at > timezone.now() and not one.called_off,
        "given": request.POST,
        "words": words,
        "zone": installation().time_zone,
        "may": person_of(request).role in moderation.EDITORS,
        **_pairs(request, "material"),
    }
    return render(request, "community/webinar.html", context, status=status)


@allowed(EVERYONE)
def tour_list(request: HttpRequest) -> HttpResponse:
    """GET: tours, and how many put each away. POST: publish one, or end one."""
    words, status = "", 200
    if request.method == "POST":
        person, given = person_of(request), request.POST.dict()
        ending = given.get("end", "")
        number = int(ending) if ending.isdecimal() and len(ending) < 12 else 0
        words, status = _try(
            request,
            lambda: planning.end_tour(person, number) if ending else planning.publish_tour(person, given),
        )
        if not words:
            return HttpResponseRedirect("/community/tours")
    context: dict[str, Any] = {
        "rows": [(one, one.seen.count()) for one in Tour.objects.order_by("-number")[:SHOWN_MAX]],
        "steps": [(place, _pairs(request, f"step-{place}")[f"step_{place}"]) for place in range(tours.STEPS_MAX)],
        "paths": tours.PATHS,
        "given": request.POST,
        "words": words,
        "may": person_of(request).role in moderation.EDITORS,
        **_pairs(request, "title"),
    }
    return render(request, "community/tours.html", context, status=status)
