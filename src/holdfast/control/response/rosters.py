"""The page On call: who is woken now, the roster with its gaps, and where one is reached."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.views import MANAGERS, WRITERS
from holdfast.control.response import contacts, oncall, paging
from holdfast.control.response.acting import staff_member
from holdfast.control.response.models import Contact, Shift
from holdfast.control.response.views import local_instant
from holdfast.control.staff.models import Person

HERE = "/on-call"
SHOWN_MAX = 100


@allowed(EVERYONE)
def page(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """Who is on call now and next, when nobody is, and the forms."""
    now, person = timezone.now(), person_of(request)
    places = oncall.on_call(now)
    shifts = Shift.objects.filter(until_at__gt=now).select_related("person").order_by("from_at", "place")
    shown = {
        "now_on_call": [
            (words, places.get(place), paging.has_contact(places[place]) if place in places else False)
            for place, words in oncall.PLACES.items()
        ],
        "trouble": paging.on_call_words(now),
        "gaps": [(words, oncall.gaps_of(place, now)[:20]) for place, words in oncall.PLACES.items()],
        "ahead_days": oncall.LOOK_AHEAD.days,
        "shifts": [(one, oncall.PLACES[one.place]) for one in shifts[:SHOWN_MAX]],
        "able": Person.objects.filter(role__in=oncall.ON_CALL).order_by("username")[:SHOWN_MAX],
        "reached": [one.name for one in paging.reachable()],
        "contact": Contact.objects.filter(person=person).first(),
        "shared_is_set": bool(contacts.shared()),
        "places": oncall.PLACES.items(),
        "may_plan": person.role in RESPONDERS,
        "may_share": person.role in MANAGERS,
        "typed": request.POST if words else {},
        "words": words,
    }
    return render(request, "response/oncall.html", shown, status=status)


def _after(request: HttpRequest, refused: str) -> HttpResponse:
    return page(request, refused, 422) if refused else HttpResponseRedirect(HERE)


@allowed(RESPONDERS)
def add_shift(request: HttpRequest) -> HttpResponse:
    """Put somebody on call."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    typed = {name: request.POST.get(name, "") for name in ("who", "place", "from", "until")}
    place = int(typed["place"]) if typed["place"] in {"1", "2"} else 0
    since, until = local_instant(typed["from"]), local_instant(typed["until"])
    wish = oncall.Wish(typed["who"], place, since, until)
    return _after(request, oncall.add(staff_member(person_of(request)), wish, timezone.now()))


@allowed(RESPONDERS)
def end_shift(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody off call."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _after(request, oncall.take_away(staff_member(person_of(request)), number, timezone.now()))


@allowed(WRITERS)
def contact(request: HttpRequest) -> HttpResponse:
    """Where oneself is reached."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    email, webhook = request.POST.get("email", ""), request.POST.get("webhook", "")
    return _after(request, contacts.keep(person, staff_member(person), email, webhook))


@allowed(MANAGERS)
def shared_webhook(request: HttpRequest) -> HttpResponse:
    """The address that is told of every page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _after(request, contacts.keep_shared(staff_member(person_of(request)), request.POST.get("url", "")))
