"""Alerts on the console: what fires, what ended, silences, service levels; and the address where others tell theirs."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseFault
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.alerts import downtime, outside
from holdfast.control.alerts.burning import left
from holdfast.control.alerts.counting import count, known_series
from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.files import read_files
from holdfast.control.alerts.models import Alert, Silence, Source
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import BY_TOKEN, EVERYONE, allowed, person_of
from holdfast.control.place import installation
from holdfast.control.staff import log

MANAGERS = frozenset({"manager"})
SHOWN_MAX = 200
HOURS = (1, 4, 12, 24, 72)
SOURCES_MAX = 20
SILENCES_MAX = 200
FORTNIGHT = timedelta(days=14)
WORDS_MAX = 300


@allowed(EVERYONE)
def listing(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """What fires now, what ended lately, and what is silenced."""
    now = timezone.now()
    firing = list(Alert.objects.filter(ended_at__isnull=True).order_by("silenced", "severity", "-fired_at")[:SHOWN_MAX])
    context = {
        "firing": firing,
        "ended": Alert.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:60],
        "silences": Silence.objects.filter(ends_at__gt=now).order_by("ends_at"),
        "sources": Source.objects.order_by("name"),
        "hours": HOURS,
        "can_silence": person_of(request).role in RESPONDERS,
        "is_manager": person_of(request).role in MANAGERS,
        "hook": installation().console_origin + "/hooks/alertmanager",
        "words": words,
        "refresh_s": 0 if words else 10,
    }
    return render(request, "alerts/listing.html", context, status=status)


@allowed(EVERYONE)
def levels(request: HttpRequest) -> HttpResponse:
    """The service levels, and how much of each budget is left."""
    files, now = read_files(installation().folder("control")), timezone.now()
    known, spans = known_series(), (timedelta(hours=1), timedelta(days=1), FORTNIGHT)
    rows: list[dict[str, Any]] = []
    for level in files.levels:
        found = count(level, known, now, spans)
        over = found[FORTNIGHT]
        rows.append(
            {
                "level": level,
                "target": f"{level.target * 100:g} %",
                "events": over.total,
                "good": [f"{(1 - found[span].share) * 100:.3f} %" if found[span].total else "–" for span in spans],
                "left": left(level, over) * 100 if over.total else None,
            }
        )
    wrong = list(files.wrong)
    try:
        tolerances = downtime.read_tolerances(installation().folder("control"))
    except BadRule as fault:
        wrong.append(str(fault))
        tolerances = downtime.read_tolerances(downtime.OWN.parent)
    spent = downtime.unscheduled(now, tolerances)
    context = {
        "rows": rows,
        "wrong": wrong,
        "rules": files.rules,
        "tolerances": [
            (one, downtime.hours_said(one.longest), downtime.hours_said(one.total), one.share * 100)
            for one in downtime.used(now, tolerances)
        ],
        "spent": downtime.hours_said(spent),
        "a_year": tolerances.a_year,
        "over": spent > tolerances.a_year,
    }
    return render(request, "alerts/levels.html", context)


@allowed(RESPONDERS)
def silence(request: HttpRequest) -> HttpResponse:
    """Wake nobody for alerts of a part, or of a rule, for some hours."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, now = person_of(request), timezone.now()
    component = request.POST.get("component", "").strip()[:48] or "*"
    rule = request.POST.get("rule", "").strip()[:96] or "*"
    why, asked = request.POST.get("why", "").strip()[:WORDS_MAX], request.POST.get("hours", "")
    if component == "*" and rule == "*":
        return listing(request, "Name a part or a rule: silencing everything would hide the next outage.", 422)
    if len(why) < 5 or asked not in map(str, HOURS):
        return listing(request, "Say why, in a few words, and choose for how long.", 422)
    if Silence.objects.filter(ends_at__gt=now).count() >= SILENCES_MAX:
        return listing(request, f"There are {SILENCES_MAX} silences already; end some first.", 422)
    with transaction.atomic():
        Silence.objects.create(
            component=component,
            rule=rule,
            why=why,
            by=person.username,
            begins_at=now,
            ends_at=now + timedelta(hours=int(asked)),
        )
        log.write(person.username, person.role, "silenced", {"part": component, "rule": rule, "hours": int(asked)})
    return HttpResponseRedirect("/alerts")


@allowed(RESPONDERS)
def end_silence(request: HttpRequest, number: int) -> HttpResponse:
    """End a silence before its time."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, now = person_of(request), timezone.now()
    with transaction.atomic():
        if Silence.objects.filter(pk=number, ends_at__gt=now).update(ends_at=now):
            log.write(person.username, person.role, "ended a silence", {"silence": number})
    return HttpResponseRedirect("/alerts")


@allowed(MANAGERS)
def add_source(request: HttpRequest) -> HttpResponse:
    """Let somebody outside tell us alerts: a token, shown this once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, name = person_of(request), request.POST.get("name", "").strip().lower()
    if not 2 <= len(name) <= 40 or not name.replace("-", "").isalnum() or name == "rules":
        return listing(request, "A source's name is 2 to 40 letters, digits and hyphens.", 422)
    if Source.objects.count() >= SOURCES_MAX:
        return listing(request, f"There are {SOURCES_MAX} sources already; remove one first.", 422)
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            Source.objects.create(
                name=name, digest=outside.digest_of(token), made_by=person.username, made_at=timezone.now()
            )
            log.write(person.username, person.role, "added a source of alerts", {"source": name})
    except IntegrityError:
        return listing(request, f"There is a source called {name} already.", 422)
    context = {"name": name, "token": token, "hook": installation().console_origin + "/hooks/alertmanager"}
    return render(request, "alerts/token.html", context)


@allowed(MANAGERS)
def remove_source(request: HttpRequest) -> HttpResponse:
    """Take a source's token away; its alerts that fire end."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, name, now = person_of(request), request.POST.get("name", "")[:48], timezone.now()
    with transaction.atomic():
        if Source.objects.filter(name=name).delete()[0]:
            Alert.objects.filter(source=name, ended_at__isnull=True).update(ended_at=now)
            log.write(person.username, person.role, "removed a source of alerts", {"source": name})
    return HttpResponseRedirect("/alerts")


@allowed(BY_TOKEN)
def hook(request: HttpRequest) -> HttpResponse:
    """Alertmanager's webhook: whoever has a source's token tells alerts here."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    source = Source.objects.filter(digest=outside.digest_of(token)).first() if kind == "Bearer" and token else None
    if source is None:
        return _said("The token is not known here; a manager makes one on the console's page Alerts.", 401)
    raw, now = request.read(outside.BODY_BYTES_MAX + 1), timezone.now()
    if len(raw) > outside.BODY_BYTES_MAX:
        return _refused(source, f"the body is larger than {outside.BODY_BYTES_MAX} bytes", now, 413)
    try:
        told = outside.read(raw, now)
    except outside.BadHook as fault:
        return _refused(source, str(fault), now, 422)
    try:
        counts = outside.take(source.name, told, now)
    except DatabaseFault:
        return _said("The alerts could not be written down; send them again.", 503)
    return JsonResponse({"taken": len(told), **counts})


def _refused(source: Source, why: str, now: datetime, status: int) -> HttpResponse:
    """Refuse a message in words, and show on the console that this source sends what cannot be read."""
    Source.objects.filter(name=source.name).update(trouble=f"{why} ({timezone.localtime(now):%H:%M:%S})"[:WORDS_MAX])
    return _said(f"Nothing of it was taken: {why}.", status)


def _said(words: str, status: int) -> HttpResponse:
    return JsonResponse({"error": words}, status=status)
