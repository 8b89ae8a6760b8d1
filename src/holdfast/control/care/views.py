"""Customers' needs and calls on the console: who is to be called, what came of it, and needs told to staff."""

import time
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.contracts.needs import CODES, FOR_STAFF, known_needs
from holdfast.control.borders import allowed, person_of
from holdfast.control.care import calling
from holdfast.control.care.models import Customer
from holdfast.control.care.nearby import near
from holdfast.control.incidents.models import Incident
from holdfast.control.place import switchboard
from holdfast.control.staff import log

CARERS = frozenset({"support", "responder", "manager"})
"""Who deals with customers; others see no names here."""
FOUND_MAX = 20
ASKED_MIN = 3
BANK_S_MAX = 5.0
WORDS_MAX = 80


@allowed(CARERS)
def calls(request: HttpRequest) -> HttpResponse:
    """The calls of the newest incident that touched customers."""
    incident = Incident.objects.exclude(affected_cohorts=[]).order_by("-number").first()
    if incident is None:
        return render(request, "care/calls.html", {"incident": None})
    return HttpResponseRedirect(f"/calls/{incident.number}")


@allowed(CARERS)
def calls_of(request: HttpRequest, number: int, words: str = "", status: int = 200) -> HttpResponse:
    """Who is to be called because of an incident, and what came of it."""
    incident, now = get_object_or_404(Incident, number=number), timezone.now()
    rows = calling.to_call(incident, now)
    context = {
        "incident": incident,
        "rows": rows,
        "due": sum(one.due is not None and one.due <= now for one in rows),
        "open": sum(one.due is not None for one in rows),
        "outcomes": calling.OUTCOMES,
        "now": now,
        "words": words,
        "near": near(request.GET),
    }
    return render(request, "care/calls.html", context, status=status)


@allowed(CARERS)
def call(request: HttpRequest, number: int, customer: int) -> HttpResponse:
    """Write down how a call ended."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    incident, person = get_object_or_404(Incident, number=number), person_of(request)
    typed = {name: request.POST.get(name, "").strip() for name in ("outcome", "agreed", "again_at")}
    ended = calling.Ended(typed["outcome"], typed["agreed"], _instant(typed["again_at"]))
    refused = calling.note_call(incident, customer, person, ended, timezone.now())
    return calls_of(request, number, refused, 422) if refused else HttpResponseRedirect(f"/calls/{number}")


def _instant(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())


@allowed(CARERS)
def local_help(request: HttpRequest) -> HttpResponse:
    """Where help is, by place."""
    return render(request, "care/local_help.html", {"near": near(request.GET)})


@allowed(CARERS)
def needs(request: HttpRequest) -> HttpResponse:
    """Find a customer by number or name."""
    asked = request.GET.get("q", "").strip()[:WORDS_MAX]
    found: list[Customer] = []
    if len(asked) >= ASKED_MIN or asked.isdecimal():
        by_number = Q(id=int(asked)) if asked.isdecimal() and len(asked) < 19 else Q(name__icontains=asked)
        found = list(Customer.objects.filter(by_number).order_by("name", "id")[:FOUND_MAX])
        person = person_of(request)
        log.write(person.username, person.role, "looked for customers", {"found": [one.id for one in found]})
    short = bool(asked) and not found
    return render(request, "care/needs.html", {"asked": asked, "found": found, "short": short, "most": FOUND_MAX})


@allowed(CARERS)
def needs_of(request: HttpRequest, customer: int) -> HttpResponse:
    """What a customer needs; a POST keeps what they told, at the bank."""
    found, person = get_object_or_404(Customer, id=customer), person_of(request)
    if request.method != "POST":
        return _needs_page(request, found, known_needs(found.needs), found.phone)
    told, phone = request.POST.getlist("need")[: len(CODES) + 1], request.POST.get("phone", "").strip()[:WORDS_MAX]
    said: dict[str, Any] = {"customer": customer, "needs": told, "phone": phone, "by": person.username}
    log.write(person.username, person.role, "told a customer's needs", {"customer": customer})
    board = switchboard()
    token = board.keyring.sign("needs", {**said, "at": time.time()})
    reply = board.order("bank", "/-/needs", {"token": token}, BANK_S_MAX)
    words = str(reply.body.get("words") or reply.body.get("error") or f"The bank did not take it: {reply.words}")
    return _needs_page(request, found, told, phone, words, 200 if reply.well else 409)


def _needs_page(  # noqa: PLR0917  # as the page reads
    request: HttpRequest, customer: Customer, told: list[str], phone: str, words: str = "", status: int = 200
) -> HttpResponse:
    rows = [{"code": code, "words": FOR_STAFF[code], "told": code in told} for code in CODES]
    context = {"customer": customer, "rows": rows, "phone": phone, "words": words, "well": status == 200}
    context["near"] = near(request.GET)
    return render(request, "care/customer.html", context, status=status)
