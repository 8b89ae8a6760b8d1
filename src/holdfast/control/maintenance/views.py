"""The pages of planned maintenance: what is planned, windows from measured use, and every step of one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.control.approvals import flow
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.maintenance import planning
from holdfast.control.maintenance.days import BadDays, Days, read_days
from holdfast.control.maintenance.measuring import measured
from holdfast.control.maintenance.models import Maintenance
from holdfast.control.maintenance.planning import NOTICE_MIN, WHY_CHARS_MAX, Plan
from holdfast.control.maintenance.windows import propose
from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.tell import composing
from holdfast.control.tell.phrases import LANGUAGES

PLANNERS = frozenset({"responder", "communicator", "manager"})
WHAT = "maintenance"
SHOWN_MAX = 50
HOURS = (1, 2, 3, 4, 6, 8)
WORDS_MAX = 300
FORM = "%Y-%m-%dT%H:%M"
FIELDS = {
    "service": "What is maintained, as customers call it",
    "instead": "How to reach the bank meanwhile, and help in an emergency",
}


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """GET: what is planned, and windows of a length. POST: the preview of a plan, and with `act` = `propose` it goes to
    a second person."""
    if request.method != "POST":
        return _listing(request, {})
    if (person := person_of(request)).role not in PLANNERS:
        return _listing(request, {"problems": [f"This is not for the role {person.role}; nothing was planned."]}, 403)
    given, now = request.POST, timezone.now()
    days, wrong = _days()
    plan, unread = _plan(given)
    problems = [*wrong, *unread] or planning.objections(plan, days, now)
    made = planning.written("maintenance-announced", plan, now)
    problems += [] if unread else planning.unsendable(plan, now)
    shown: dict[str, Any] = {"given": given, "previews": composing.previews(made.words)}
    if problems:
        return _listing(request, {**shown, "problems": problems}, 422)
    if given.get("act") != "propose":
        return _listing(request, {**shown, "reached": composing.reached(planning.ALL)})
    kept = planning.keep(plan, person.username, now)
    reasons = planning.reasons_needed(plan, days, now, _zone())
    log.write(person.username, person.role, "maintenance planned", {"maintenance": kept.number, "reasons": reasons})
    words = f"announce maintenance {kept.number} to all customers: {_times(kept)}"
    words += f" ({'; '.join(reasons)})" if reasons else ""
    _propose(request, kept, words, plan.why or "planned maintenance", {"do": "announce"})
    return HttpResponseRedirect(f"/maintenance/{kept.number}")


@allowed(EVERYONE)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One piece of maintenance: its steps, what customers were told, and what can be done now."""
    found = get_object_or_404(Maintenance, number=number)
    return _one(request, found)


@allowed(PLANNERS)
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Move it or call it off (both go to a second person), withdraw a plan, or say that it is over."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found, act = get_object_or_404(Maintenance, number=number), request.POST.get("act", "")
    person, now = person_of(request), timezone.now()
    if act == "withdraw":
        done = planning.withdraw(number, now)
        refused = "" if done else "It was announced already: call it off instead."
    elif act == "over":
        refused = planning.end(number, now)
    elif act in ("move", "cancel"):
        return _change(request, found, act)
    else:
        refused = "Nothing is known of that; nothing was done."
    if refused:
        return _one(request, found, [refused], 422)
    log.write(person.username, person.role, f"maintenance {act}", {"maintenance": number})
    return HttpResponseRedirect(f"/maintenance/{number}")


def _change(request: HttpRequest, found: Maintenance, act: str) -> HttpResponse:
    """Propose new times, or that it is called off, with the words that customers will read."""
    given, now = request.POST, timezone.now()
    changed = {language: given.get(f"changed-{language}", "").strip()[:WORDS_MAX] for language in LANGUAGES}
    data: dict[str, Any] = {"do": act, "changed": changed}
    plan = Plan(found.words, found.begins_at, found.ends_at, found.on_spare, given.get("why", "").strip())
    problems = [] if found.state == "announced" else ["Only what is announced and has not begun can be changed."]
    kind, words = "maintenance-cancelled", f"call off maintenance {found.number}"
    if act == "move":
        moved, wrong = _plan({**given.dict(), **_own_words(found)})
        days, unread = _days()
        problems += [*wrong, *unread] or planning.objections(moved, days, now, found.number)
        problems += planning.unsendable(moved, now)
        plan, kind = moved, "maintenance-changed"
        data |= {"begins": moved.begins_at.isoformat(), "ends": moved.ends_at.isoformat()}
        words = f"move maintenance {found.number} to {_times(moved)}"
    problems = problems or planning.refused(planning.written(kind, plan, now, changed))
    if problems:
        return _one(request, found, problems, 422)
    _propose(request, found, f"{words} and tell all customers", plan.why or changed["en"], data)
    return HttpResponseRedirect(f"/maintenance/{found.number}")


def _propose(request: HttpRequest, found: Maintenance, words: str, why: str, data: dict[str, Any]) -> None:
    number = found.number
    flow.propose(
        person_of(request), WHAT, f"{WHAT} {number}", words, why, f"/maintenance/{number}", {**data, "number": number}
    )


def _plan(given: Mapping[str, str]) -> tuple[Plan, list[str]]:
    """The plan that was filled in, and what of it cannot be read; its times are in the bank's zone."""
    words = {
        language: {name: given.get(f"{name}-{language}", "").strip()[:WORDS_MAX] for name in FIELDS}
        for language in LANGUAGES
    }
    times, wrong = [], []
    for name in ("begins", "ends"):
        try:
            times.append(datetime.strptime(given.get(name, ""), FORM).replace(tzinfo=_zone()))
        except ValueError:
            wrong.append(f"Write when it {name} as 2026-12-05T02:00.")
            times.append(timezone.now())
    why = given.get("why", "").strip()[:WHY_CHARS_MAX]
    return Plan(words, times[0], times[1], given.get("on_spare") == "yes", why), wrong


def _own_words(found: Maintenance) -> dict[str, str]:
    words = {f"{name}-{language}": found.words[language][name] for language in LANGUAGES for name in FIELDS}
    return words | {"on_spare": "yes" if found.on_spare else ""}


def _days() -> tuple[Days, list[str]]:
    try:
        return read_days(installation().folder("control")), []
    except BadDays as fault:
        return Days(), [f"{fault}. Mend the file first."]


def _zone() -> ZoneInfo:
    return ZoneInfo(installation().time_zone)


def _times(one_of: Maintenance | Plan) -> str:
    begins, ends = (at.astimezone(_zone()) for at in (one_of.begins_at, one_of.ends_at))
    return f"{begins:%a %d %b %Y %H:%M} to {ends:%a %d %b %H:%M}"


def _listing(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in {str(one) for one in HOURS} else 2
    now = timezone.now()
    days, wrong = _days()
    use = measured(now, _zone())
    windows = propose(use, now + NOTICE_MIN, timedelta(hours=hours), days, _zone())
    given = shown.get("given") or request.GET
    context = {
        "problems": wrong,
        "hours": hours,
        "lengths": HOURS,
        "use": use,
        "windows": [(one, _times_of(one.begins_at, one.ends_at), one.begins_at.astimezone(_zone()).strftime(FORM),
                     one.ends_at.astimezone(_zone()).strftime(FORM), one.share * 100) for one in windows],
        "fields": [(name, words, [(one, given.get(f"{name}-{one}", "")) for one in LANGUAGES])
                   for name, words in FIELDS.items()],
        "given": given,
        "begins": given.get("begins", ""),
        "ends": given.get("ends", ""),
        "on_spare": given.get("on_spare", "yes") == "yes" if request.method != "POST" else given.get("on_spare"),
        "rows": [(one, _times(one)) for one in Maintenance.objects.order_by("-number")[:SHOWN_MAX]],
        "may": person_of(request).role in PLANNERS,
        "zone": installation().time_zone,
        "notice": int(NOTICE_MIN.total_seconds() // 3600),
        **shown,
    }  # fmt: skip
    return render(request, "maintenance/listing.html", context, status=status)


def _times_of(begins_at: datetime, ends_at: datetime) -> str:
    begins, ends = begins_at.astimezone(_zone()), ends_at.astimezone(_zone())
    return f"{begins:%a %d %b %H:%M} to {ends:%H:%M}"


def _one(
    request: HttpRequest, found: Maintenance, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    found.refresh_from_db()
    context = {
        "one": found,
        "times": _times(found),
        "steps": [(words, at) for words, at in (
            ("Planned", found.made_at), ("Announced", found.announced_at), ("Reminded", found.reminded_at),
            ("Begun", found.begun_at), ("Customers at the spare bank", found.spare_at), ("Ended", found.ended_at),
        ) if at],
        "late": found.state == "begun" and timezone.now() > found.ends_at,
        "proposals": flow.open_about(f"{WHAT} {found.number}"),
        "languages": LANGUAGES,
        "begins": found.begins_at.astimezone(_zone()).strftime(FORM),
        "ends": found.ends_at.astimezone(_zone()).strftime(FORM),
        "texts": [(language, found.words[language]) for language in LANGUAGES],
        "problems": problems,
        "may": person_of(request).role in PLANNERS,
    }  # fmt: skip
    return render(request, "maintenance/one.html", context, status=status)
