"""Log in, log out, and the staff log."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.networks import network_of
from holdfast.control.borders import ANYBODY, EVERYONE, allowed, person_of
from holdfast.control.errors import ChainBroken
from holdfast.control.staff import log, people
from holdfast.control.staff.models import StaffAction

SHOWN_MAX = 200


@allowed(ANYBODY)
def login(request: HttpRequest) -> HttpResponse:
    """The log-in form and its answer."""
    if request.method != "POST":
        return render(request, "staff/login.html", {"username": ""})
    asking = asking_of(request)
    made = people.log_in(asking)
    if made is None:
        words = (
            "The name, the password or the code is not right, or the code was used before: wait for the next. After "
            "five wrong ones from where you are, the name waits there for 15 minutes."
        )
        return render(request, "staff/login.html", {"username": asking.username, "error": words}, status=422)
    answer = HttpResponseRedirect("/")
    answer.set_cookie(
        people.COOKIE, made[0], max_age=int(people.ABSOLUTE.total_seconds()), httponly=True, samesite="Lax", path="/"
    )
    return answer


@allowed(EVERYONE)
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; only a POST does."""
    if request.method == "POST":
        people.log_out(request.COOKIES.get(people.COOKIE), person_of(request))
    answer = HttpResponseRedirect("/login")
    answer.delete_cookie(people.COOKIE, path="/")
    return answer


@allowed(EVERYONE)
def actions(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with the chain verified now."""
    try:
        length, head = log.verify()
        verdict, tone = f"whole: {length} lines, head {head[:16]}…", "calm"
    except ChainBroken as broken:
        verdict, tone = str(broken), "alarm"
    lines = StaffAction.objects.order_by("-number")[:SHOWN_MAX]
    return render(request, "staff/actions.html", {"lines": lines, "verdict": verdict, "tone": tone})


def asking_of(request: HttpRequest) -> people.Asking:
    """What a form of the log-in says, and where it came from."""
    typed = {name: request.POST.get(name, "").replace("\0", "") for name in ("username", "password", "code")}
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    agent = request.headers.get("User-Agent", "")
    return people.Asking(typed["username"].strip()[:64], typed["password"], typed["code"], network, agent)
