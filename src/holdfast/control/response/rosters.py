"""The page On call: who is woken now, the roster with its gaps, and where one is reached."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.views import MANAGERS, WRITERS
from holdfast.control.place import installation
from holdfast.control.response import contacts, oncall, paging, pushing
from holdfast.control.response.acting import staff_member
from holdfast.control.response.models import Contact, PushDevice, Shift
from holdfast.control.response.pushing import Device
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
        "gateway_is_set": contacts.gateway_is_set(),
        "devices": PushDevice.objects.filter(person=person).order_by("pk"),
        "push_key": pushing.newest_key(installation().keys),
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
    email, webhook, phone = (request.POST.get(name, "") for name in ("email", "webhook", "phone"))
    return _after(request, contacts.keep(person, staff_member(person), email, webhook, phone))


@allowed(MANAGERS)
def shared_webhook(request: HttpRequest) -> HttpResponse:
    """The address that is told of every page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _after(request, contacts.keep_shared(staff_member(person_of(request)), request.POST.get("url", "")))


@allowed(MANAGERS)
def sms_gateway(request: HttpRequest) -> HttpResponse:
    """The gateway by which SMS go out."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _after(request, contacts.keep_gateway(staff_member(person_of(request)), request.POST.get("url", "")))


@allowed(WRITERS)
def add_device(request: HttpRequest) -> HttpResponse:
    """This browser is woken from now on; its script sends what the browser gave it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    said = {name: request.POST.get(name, "")[:1000] for name in ("endpoint", "p256dh", "auth", "name", "key")}
    key = int(said["key"]) if said["key"].isascii() and said["key"].isdecimal() and len(said["key"]) < 10 else 0
    device = Device(said["endpoint"], said["p256dh"], said["auth"], key)
    return _after(request, contacts.add_device(person, staff_member(person), device, said["name"], timezone.now()))


@allowed(WRITERS)
def remove_device(request: HttpRequest, number: int) -> HttpResponse:
    """One's own device is woken no more."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    return _after(request, contacts.remove_device(person, staff_member(person), number))
