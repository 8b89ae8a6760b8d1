"""Followers of the status page on the console: how many, by component and channel; never who. Staff remove one whose
address they are given."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from holdfast.contracts.subscribing import CHANNELS, COMPONENTS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.subscribers import asking
from holdfast.control.subscribers.models import Asked, Subscriber
from holdfast.control.tell.phrases import phrases

ROLES = frozenset({"communicator", "support", "manager"})
TYPED_CHARACTERS_MAX = 300
DAY = timedelta(days=1)


@allowed(EVERYONE)
def page(request: HttpRequest, words: str = "", status: int = 200, *, done: bool = False) -> HttpResponse:
    """The counts, and the form to remove one."""
    found = Subscriber.objects.values_list("channel", "state", "components", "language")
    confirmed: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    languages: Counter[str] = Counter()
    for channel, state, components, language in found.iterator(2_000):
        totals[state, channel] += 1
        if state == "confirmed":
            languages[language] += 1
            confirmed.update((component, channel) for component in components or COMPONENTS)
    book = phrases("en", installation().time_zone)
    shown = {
        "channels": CHANNELS,
        "rows": [
            (one, book.say("service", one), [(channel, confirmed[one, channel]) for channel in CHANNELS])
            for one in COMPONENTS
        ],
        "totals": [(state, [(channel, totals[state, channel]) for channel in CHANNELS]) for state in STATES],
        "languages": sorted(languages.items()),
        "asked": Asked.objects.filter(at__gt=timezone.now() - DAY).count(),
        "may": person_of(request).role in ROLES,
        "words": words,
        "done": done,
    }
    return render(request, "subscribers/page.html", shown, status=status)


STATES = ("confirmed", "waiting")


@allowed(ROLES)
def remove(request: HttpRequest) -> HttpResponse:
    """End the subscription of an address that somebody gives us; the log names nobody."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    one = asking.find(request.POST.get("address", "")[:TYPED_CHARACTERS_MAX])
    if one is None:
        return page(request, "That address does not follow the status page; nothing was changed.", 404)
    with transaction.atomic():
        asking.forget([one.pk])
        about = {"channel": one.channel, "state": one.state}
        log.write(person.username, person.role, "follower of the status page removed", about)
    return page(request, "It is removed, and its address erased.", done=True)
