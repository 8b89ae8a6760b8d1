"""Log in, log out, and the staff log."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from holdfast.contracts.networks import network_of
from holdfast.contracts.sessions import CLEAR_HEADER, CLEARED
from holdfast.control.borders import ANYBODY, EVERYONE, allowed, person_of
from holdfast.control.errors import ChainBroken
from holdfast.control.place import installation
from holdfast.control.staff import log, passkeys, people
from holdfast.control.staff.models import StaffAction

SHOWN_MAX = 200
NOT_RIGHT = (
    "The name, the password or the code is not right, or the code was used before: wait for the next. After five wrong "
    "ones from where you are, the name waits there for 15 minutes."
)
NO_PASSKEY = "This passkey does not log in here, or its answer came too late. Try again, or use password and code."


@allowed(ANYBODY)
def login(request: HttpRequest) -> HttpResponse:
    """The log-in form and its answer."""
    if request.method != "POST":
        return render(request, "staff/login.html", {"username": ""})
    asking, answer = asking_of(request), request.POST.get("passkey", "")
    made = people.log_in_by_passkey(answer, asking) if answer else people.log_in(asking)
    if made is None:
        words = NO_PASSKEY if answer else NOT_RIGHT
        return render(request, "staff/login.html", {"username": asking.username, "error": words}, status=422)
    landed = HttpResponseRedirect("/")
    _set_session(landed, made[0], int(people.ABSOLUTE.total_seconds()))
    return landed


def _set_session(answer: HttpResponse, key: str, age_s: int) -> None:
    """Put the session in its cookie, or take it out (0)."""
    secure = bool(installation().tls_cert)
    answer.set_cookie(people.cookie_name(), key, max_age=age_s, httponly=True, samesite="Lax", secure=secure, path="/")


@allowed(ANYBODY)
def passkey_challenge(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """What a passkey is to sign: `{"challenge": text}`."""
    return JsonResponse({"challenge": passkeys.challenge()})


@allowed(EVERYONE)
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; only a POST does."""
    if request.method == "POST":
        people.log_out(request.COOKIES.get(people.cookie_name()), person_of(request))
    answer = HttpResponseRedirect("/login")
    _set_session(answer, "", 0)
    answer.headers[CLEAR_HEADER] = CLEARED
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
