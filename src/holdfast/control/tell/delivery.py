"""What becomes of messages: by state, channel and provider, how fast, what waits, what failed, what staff do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.views import MANAGERS
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.tell import gateways
from holdfast.control.tell.models import WAITING, Message, Notice, Provider, SmsProvider

ROLES = frozenset({"communicator", "responder", "manager"})
HERE = "/delivery"
GATEWAYS = ((1, "First"), (2, "Second"))
SHOWN_MAX = 50
FAST = timedelta(minutes=1)
NOT_SEEN = timedelta(seconds=30)
FAILED = ("temporary", "technical", "permanent")
NUMBER_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages there are of one state, channel and provider ("": not tried yet)."""

    state: str
    channel: str
    provider: str
    count: int


Act = Callable[[QuerySet[Message], dict[str, int | str], Person, datetime], int]
STATES = {
    "created": "waits to be sent",
    "sending": "is on its way",
    "delivered": "a provider accepted it",
    "temporary": "a provider refused it for now",
    "technical": "no provider answered",
    "permanent": "will never arrive",
    "cancelled": "is not sent any more",
}


@allowed(EVERYONE)
def delivery(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """The page."""
    now = timezone.now()
    grouped = Message.objects.values_list("state", "channel", "provider").annotate(n=Count("id"))
    counted = [Counted(*one) for one in grouped]
    rows = [
        (state, said, sum(one.count for one in counted if one.state == state), _by_channel(counted, state))
        for state, said in STATES.items()
    ]
    due = Message.objects.filter(state__in=WAITING, next_attempt_at__lte=now)
    oldest = due.aggregate(first=Min("created_at"))["first"]
    set_now = set(SmsProvider.objects.values_list("order", flat=True))
    failed = Message.objects.filter(state__in=FAILED).select_related("notice").defer("notice__words", "body")
    why = failed.values("state", "last_error").annotate(n=Count("id")).order_by("-n")[:SHOWN_MAX]
    shown = {
        "rows": rows,
        "providers": [(one, _by_provider(counted, one.name), now - one.seen_at > NOT_SEEN) for one in
                      Provider.objects.order_by("channel", "order")],
        "a_minute": Message.objects.filter(delivered_at__gt=now - FAST).count(),
        "oldest_s": int((now - oldest).total_seconds()) if oldest else None,
        "quiet": Message.objects.filter(state="created", next_attempt_at__gt=now).count(),
        "why": [(one["state"], one["last_error"], one["n"]) for one in why],
        "failed": failed.order_by("-needs_first", "-id")[:SHOWN_MAX],
        "gateways": [(order, name, order in set_now) for order, name in GATEWAYS],
        "may_set": person_of(request).role in MANAGERS,
        "writing": Notice.objects.filter(state="writing"),
        "may": person_of(request).role in ROLES,
        "words": words,
        "refresh_s": 0 if words else 4,
    }  # fmt: skip
    return render(request, "tell/delivery.html", shown, status=status)


@allowed(ROLES)
def again(request: HttpRequest) -> HttpResponse:
    """Try failed messages again: one by its number, or all of a state."""
    return _deed(request, FAILED, _again)


@allowed(ROLES)
def cancel(request: HttpRequest) -> HttpResponse:
    """Do not send what was not sent: one message by its number, all of a state, or all of a notice."""
    return _deed(request, WAITING, _cancel)


@allowed(MANAGERS)
def gateway(request: HttpRequest) -> HttpResponse:
    """Set or take away the first or second gateway by which customers get SMS."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = {"1": 1, "2": 2}.get(request.POST.get("order", ""), 0)
    refused = gateways.keep(person_of(request), order, request.POST.get("url", ""))
    return delivery(request, refused, 422) if refused else HttpResponseRedirect(HERE)


def _deed(request: HttpRequest, states: tuple[str, ...], act: Act) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found, about = _meant(request, states)
    if found is None:
        return delivery(request, "Say which: a message's number, a state, or a notice; nothing was done.", 422)
    with transaction.atomic():
        count = act(found, about, person_of(request), timezone.now())
    if not count:
        return delivery(request, "There is none of which that could be said any more; nothing was done.", 409)
    return HttpResponseRedirect(HERE)


def _meant(request: HttpRequest, states: tuple[str, ...]) -> tuple[QuerySet[Message] | None, dict[str, int | str]]:
    """The messages that the form means, of those in one of these states."""
    found = Message.objects.filter(state__in=states)
    for name in ("message", "notice"):
        number = request.POST.get(name, "")
        if number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX:
            return found.filter(**{"pk" if name == "message" else "notice_id": int(number)}), {name: int(number)}
    state = request.POST.get("state", "")
    return (found.filter(state=state), {"state": state}) if state in states else (None, {})


def _again(found: QuerySet[Message], about: dict[str, int | str], person: Person, now: datetime) -> int:
    words = f"tried again by {person.username}"
    found = found.exclude(email="", subscriber=None)
    count = found.update(state="temporary", attempts=0, next_attempt_at=now, last_error=words)
    if count:
        log.write(person.username, person.role, "messages tried again", {**about, "count": count})
    return count


def _cancel(found: QuerySet[Message], about: dict[str, int | str], person: Person, _now: datetime) -> int:
    count = found.update(state="cancelled", next_attempt_at=None, last_error=f"cancelled by {person.username}")
    if "notice" in about:
        count += Notice.objects.filter(pk=about["notice"], state="writing").update(state="cancelled")
    if count:
        log.write(person.username, person.role, "messages cancelled", {**about, "count": count})
    return count


def _by_channel(counted: list[Counted], state: str) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for one in counted:
        if one.state == state:
            found[one.channel] += one.count
    return sorted(found.items())


def _by_provider(counted: list[Counted], name: str) -> list[tuple[str, int]]:
    sums = {state: sum(one.count for one in counted if (one.state, one.provider) == (state, name)) for state in STATES}
    return [(state, count) for state, count in sums.items() if count]
