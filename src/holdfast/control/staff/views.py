"""Log in, log out, and the staff log."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

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
    username = request.POST.get("username", "").strip()[:64]
    made = people.log_in(username, request.POST.get("password", ""))
    if made is None:
        words = "The name or the password is not right. After five wrong ones the name waits for a minute."
        return render(request, "staff/login.html", {"username": username, "error": words}, status=422)
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
