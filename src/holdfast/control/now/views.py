"""The console's first screens: Now, Both sides, Break it yourself; its files and its health."""

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.approvals import flow
from holdfast.control.borders import ANYBODY, EVERYONE, allowed
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.incidents.record import PHASE_WORDS
from holdfast.control.incidents.suspects import shown
from holdfast.control.now import keys, situation
from holdfast.control.response import paging, panel
from holdfast.control.tell import mailing
from holdfast.control.tell.announcing import shown_banner
from holdfast.control.tell.models import Bundle, Promise
from holdfast.control.watch.models import DoorEvent
from holdfast.look import ASSETS

OWN_ASSETS = Path(__file__).parent / "assets"
FILES = {
    "holdfast.css": ASSETS / "holdfast.css",
    "console.css": OWN_ASSETS / "console.css",
    "console.js": OWN_ASSETS / "console.js",
    "desk.js": OWN_ASSETS / "desk.js",
    "waking.js": OWN_ASSETS / "waking.js",
    "waking-worker.js": OWN_ASSETS / "waking-worker.js",
    "session.js": ASSETS / "session.js",
    "passkeys.js": ASSETS / "passkeys.js",
}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
TAIL = 14
FAULTS = (
    ("bank", "the whole bank: web, worker and PostgreSQL at once"),
    ("bank-web", "the bank's web"),
    ("bank-db", "the bank's PostgreSQL"),
    ("standin", "the spare bank"),
    ("door-1", "one front door of two"),
    ("control", "this control room"),
)


@allowed(EVERYONE)
def now(request: HttpRequest) -> HttpResponse:
    """The first screen: four buildings, who is served where, what to do next, suspects, timeline."""
    incident = Incident.objects.filter(closed_at__isnull=True).order_by("severity", "number").first()
    last = incident or Incident.objects.order_by("-number").first()
    tail = TimelineEntry.objects.filter(incident=last).order_by("-at", "-id")[:TAIL] if last else []
    events = DoorEvent.objects.order_by("-number")[:TAIL] if last is None else []
    cards = situation.cards()
    promise = Promise.objects.filter(incident=incident, state="open").order_by("due_at").first() if incident else None
    return render(
        request,
        "now/now.html",
        {
            "incident": incident,
            "suspects": shown(incident.suspects) if incident else [],
            "last": last,
            "cards": cards,
            "calm": all(card.tone == "calm" for card in cards),
            "cohorts": situation.cohorts(),
            "steps": situation.steps_of(incident) if incident else [],
            "tail": tail,
            "events": events,
            "to_review": flow.to_review(),
            "waiting": panel.waiting(),
            "on_call_trouble": paging.on_call_words(timezone.now()),
            "promise": promise,
            "phase": PHASE_WORDS.get(incident.phase) if incident else "",
            "state": panel.state(incident) if incident else "",
            "severity": panel.severity_of(incident) if incident else 0,
            "mails": _mails(incident),
            "bundle": Bundle.objects.order_by("-number").first(),
            "refresh_s": 3,
            "at": situation.local(timezone.now()),
        },
    )


def _mails(incident: Incident | None) -> dict[str, int]:
    counts = mailing.counts(incident) if incident else {}
    waiting = sum(counts.get(state, 0) for state in ("created", "sending", "temporary"))
    return {"accepted": counts.get("delivered", 0), "waiting": waiting, "failed": counts.get("permanent", 0)}


@allowed(EVERYONE)
def both(request: HttpRequest) -> HttpResponse:
    """What the customer sees beside what the operator sees, at the same moment."""
    incident = Incident.objects.filter(closed_at__isnull=True).order_by("severity", "number").first()
    language = "nb" if request.GET.get("language") == "nb" else "en"
    return render(
        request,
        "now/both.html",
        {
            "banner": shown_banner(language),
            "language": language,
            "cards": situation.cards(),
            "cohorts": situation.cohorts(),
            "incident": incident,
            "phase": PHASE_WORDS.get(incident.phase) if incident else "",
            "steps": situation.steps_of(incident) if incident else [],
            "at": situation.local(timezone.now()),
            "refresh_s": 5,
        },
    )


@allowed(EVERYONE)
def break_it(request: HttpRequest) -> HttpResponse:
    """The commands that break the bank by hand, and mend it."""
    return render(request, "now/break.html", {"faults": FAULTS})


@allowed(ANYBODY)
def asset(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """A style sheet or the script; nothing but the files named here."""
    path = FILES.get(name)
    if path is None:
        return HttpResponseNotFound("there is no such file")
    answer = FileResponse(path.open("rb"), content_type=TYPES[path.suffix])
    answer.headers["Cache-Control"] = "max-age=60"
    return answer  # type: ignore[return-value]  # a streaming answer is an answer


@allowed(ANYBODY)
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """Whether the console and its database answer, and whether the watch is awake."""
    card = situation.cards()[3]
    late = keys.overdue()
    told = {"ok": True, "watching": card.tone == "calm", "keys_overdue": None if late is None else len(late)}
    return JsonResponse(told)
