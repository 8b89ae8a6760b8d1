"""The support desk on the console: who waits, one's own chats, one chat with everything that helps to answer it."""

import threading
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from holdfast.contracts.needs import FOR_STAFF, known_needs
from holdfast.contracts.support import WORDS_MAX, State, Who
from holdfast.control.borders import allowed, person_of
from holdfast.control.care.calling import OUTCOMES
from holdfast.control.care.models import Customer
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.support import hours, looking, queue, sealed, suggesting, taking, talking
from holdfast.control.support.models import Agent, CallBack, Conversation, Line
from holdfast.control.tell.announcing import shown_banner
from holdfast.control.tell.models import Message
from holdfast.control.watch.models import Service

HERE = "/support"
ROLES = taking.ROLES
SHOWN_MAX = 200
LINES_MAX = 400
NEWS_S, LOOK_S = 1.5, 0.04
"""A page that shows a chat asks for news and waits so long for them."""
WAITERS = threading.BoundedSemaphore(6)
"""So many may wait at once, so that the console's other pages are not kept waiting; others are answered at once."""
BANKS = {"p": "the main bank", "s": "the spare bank", "h": "on the way back to the main bank"}
NOTICES = {
    "asked_person": "The customer asked for a person.",
    "taken": "Took the chat.",
    "returned": "The agent dropped out; back to the front of the queue.",
    "given_back": "Given back to the front of the queue.",
    "handed": "Took the chat over.",
    "ended_by_person": "Ended.",
    "ended_by_customer": "The customer ended it.",
    "left": "The customer’s page had not been open for hours.",
    "known": "The customer logged in.",
    "call_back": "The customer asked to be called.",
    "let": "The customer lets you see their pages for 30 minutes.",
    "stopped": "The customer lets you see their pages no more.",
    "looked": "Saw the customer’s pages.",
}


@allowed(ROLES)
def desk(request: HttpRequest, words: str = "", status: int = 200, draft: str = "") -> HttpResponse:
    """Who waits, one's own chats, who is at the desk, and calls to make. draft: what was not sent."""
    person, now = person_of(request), timezone.now()
    taking.sign_of_life(person, now)
    queue.sweep(now)
    waiting = list(queue.waiting().select_related("incident")[:SHOWN_MAX])
    names = _customers(waiting)
    mine = Conversation.objects.filter(agent=person, state=State.OPEN).order_by("turn_since", "taken_at")
    there = Agent.objects.filter(here=True, seen_at__gt=now - queue.SILENT).select_related("person")
    calls = list(CallBack.objects.filter(done_at=None).order_by("asked_at")[:SHOWN_MAX])
    called = {one.id: one for one in Customer.objects.filter(id__in=[one.customer for one in calls])}
    seats = queue.desk(now)
    shown = {
        "waiting": [(one, names.get(one.customer or 0), _minutes(one.waiting_since, now)) for one in waiting],
        "mine": [(one, _minutes(one.turn_since, now)) for one in mine],
        "agents": list(there),
        "here": any(one.person_id == person.pk for one in there),
        "calls": [(one, called.get(one.customer)) for one in calls],
        "outcomes": OUTCOMES,
        "opening": hours.opening(now),
        "longest": max((_minutes(one.waiting_since, now) for one in waiting), default=0),
        "next_wait": seats.wait_s(len(waiting)),
        "words": words,
        "draft": draft,
        "refresh_s": 0 if draft else 5,
    }
    return render(request, "support/desk.html", shown, status=status)


def _customers(rows: list[Conversation]) -> dict[int, Customer]:
    return {one.id: one for one in Customer.objects.filter(id__in=[row.customer for row in rows if row.customer])}


def _minutes(since: datetime | None, now: datetime) -> int:
    return int((now - since) / timedelta(minutes=1)) if since else 0


@allowed(ROLES)
def here(request: HttpRequest) -> HttpResponse:
    """Take chats from now on, or no more."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    taking.be_here(person_of(request), request.POST.get("here") == "yes", timezone.now())
    return HttpResponseRedirect(HERE)


@allowed(ROLES)
def take_next(request: HttpRequest) -> HttpResponse:
    """The chat that comes first."""
    return _take(request, None)


@allowed(ROLES)
def take(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """This chat."""
    return _take(request, ident)


def _take(request: HttpRequest, ident: uuid.UUID | None) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    one, refused = taking.take(person_of(request), ident, timezone.now())
    return HttpResponseRedirect(f"{HERE}/{one.pk}") if one else desk(request, refused, 409)


@allowed(ROLES)
def one(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """One chat: one's own, or any for a manager, whose look is on record."""
    return _chat(request, ident)


def _may_read(person: Person, found: Conversation) -> bool:
    return found.agent_id == person.pk or person.role == "manager"


def _chat(  # noqa: PLR0917  # what came of an act, one beside the other
    request: HttpRequest,
    ident: uuid.UUID,
    checked: taking.Checked | None = None,
    words: str = "",
    status: int = 200,
    looked: looking.Looked | None = None,
) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    taking.sign_of_life(person, now)
    found = Conversation.objects.select_related("agent", "incident").filter(pk=ident).first()
    if found is None:
        return desk(request, "There is no such chat.", 404)
    if not _may_read(person, found):
        return desk(request, "That chat is somebody else’s, or waits: take it first.", 403)
    if found.agent_id != person.pk:
        log.write(person.username, person.role, "read a chat", {"chat": str(ident), "customer": found.customer})
    typed = request.POST if request.method == "POST" else request.GET
    ready = suggesting.ready(found, person.name, now)
    used = next((one.words for one in ready if one.name == typed.get("use")), "")
    others = Agent.objects.filter(here=True, seen_at__gt=now - queue.SILENT).exclude(person=person.pk)
    shown: dict[str, Any] = {
        "chat": found,
        "lines": _lines(found, 0),
        "mine": found.agent_id == person.pk and found.state == State.OPEN,
        "draft": typed.get("words", "") or used,
        "said": typed.get("said", "") or str(uuid.uuid4()),
        "checked": checked,
        "stands": typed.get("stands", ""),
        "fitting": [one for one in ready if one.suggested],
        "ready": [one for one in ready if not one.suggested],
        "guide": suggesting.guide(found),
        "others": others.select_related("person"),
        "waited": _minutes(found.turn_since, now),
        "words_max": WORDS_MAX,
        "words": words,
        "last": found.last_number,
        "looked": looked,
        "may_look": found.agent_id == person.pk and talking.consented(found, now),
        **_customer_side(found),
    }
    return render(request, "support/chat.html", shown, status=status)


def _customer_side(found: Conversation) -> dict[str, Any]:
    """What the customer sees at this moment, and what we know of them that helps."""
    known = Customer.objects.filter(id=found.customer).first() if found.customer else None
    service = Service.objects.filter(id=1).first()
    bank = ""
    if known is not None and service is not None and known.cohort < len(service.modes):
        bank = BANKS.get(service.modes[known.cohort], "")
    told = Message.objects.filter(customer=known.id).order_by("-id")[:5] if known else []
    return {
        "customer": known,
        "needs": [FOR_STAFF[code] for code in known_needs(known.needs)] if known else [],
        "bank": bank,
        "banner": shown_banner(found.language),
        "told": list(told),
    }


def _lines(found: Conversation, after: int) -> list[dict[str, Any]]:
    """What was said behind a number, as the page shows it."""
    rows = list(Line.objects.filter(conversation=found, number__gt=after).order_by("-number")[:LINES_MAX])
    shown = []
    for line in reversed(rows):
        words = sealed.unseal(line)
        notice = line.who == Who.NOTICE
        shown.append({"line": line, "words": NOTICES.get(words, "") if notice else words, "notice": notice})
    return shown


@allowed(ROLES)
def news(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """What was said since, for the page that is open; waits a moment for it. It is the agent's sign of life."""
    person, after = person_of(request), _number(request.GET.get("after", ""))
    taking.sign_of_life(person, timezone.now())
    known, ends = _number(request.GET.get("version", "")), time.monotonic()
    waits = WAITERS.acquire(blocking=False)
    try:
        ends += NEWS_S if waits else 0.0
        while True:
            found = Conversation.objects.select_related("agent").filter(pk=ident).first()
            if found is None or not _may_read(person, found):
                return JsonResponse({"gone": True})
            if found.version > known or time.monotonic() >= ends:
                break
            time.sleep(LOOK_S)
    finally:
        if waits:
            WAITERS.release()
    lines = _lines(found, after)
    return JsonResponse(
        {
            "version": found.version,
            "last": max([after, *(one["line"].number for one in lines)]),
            "lines": render_to_string("support/lines.html", {"lines": lines, "chat": found}),
            "mine": found.agent_id == person.pk and found.state == State.OPEN,
        }
    )


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


@allowed(ROLES)
def answer(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """Say something to the customer of one's own chat."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        said = uuid.UUID(request.POST.get("said", ""))
    except ValueError:
        said = uuid.uuid4()
    typed = {name: request.POST.get(name, "") for name in ("words", "mark", "stands")}
    draft = taking.Draft(said, typed["words"], typed["mark"], typed["stands"])
    checked = taking.answer(person_of(request), ident, draft, timezone.now())
    if checked.problem == taking.NOT_YOURS:
        return desk(request, checked.problem, 409, draft.typed)
    if checked.problem:
        return _chat(request, ident, checked, status=422)
    return HttpResponseRedirect(f"{HERE}/{ident}#words")


@allowed(ROLES)
def look(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """See what the customer's own pages show now, by their consent. It is shown once and kept nowhere."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    looked = looking.look(person_of(request), ident, timezone.now())
    answer = _chat(request, ident, looked=looked, status=409 if looked.problem else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@allowed(ROLES)
def hand_over(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """Give one's chat to somebody else, or back to the queue."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refused = taking.hand_over(person_of(request), ident, request.POST.get("to", "")[:64], timezone.now())
    return _chat(request, ident, words=refused, status=409) if refused else HttpResponseRedirect(HERE)


@allowed(ROLES)
def end(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """End one's chat."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refused = taking.end(person_of(request), ident, timezone.now())
    return _chat(request, ident, words=refused, status=409) if refused else HttpResponseRedirect(HERE)


@allowed(ROLES)
def called(request: HttpRequest, number: int) -> HttpResponse:
    """Write down how a call ended that was asked for in a chat."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refused = taking.call_ended(person_of(request), number, request.POST.get("outcome", ""), timezone.now())
    return desk(request, refused, 422) if refused else HttpResponseRedirect(HERE)
