"""A member of staff's own sign-in: sessions, recovery codes, another authenticator. Each change is in the staff log."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.staff import factors, passkeys, people
from holdfast.control.staff.models import StaffAction, StaffAuthenticator, StaffSession
from holdfast.control.staff.views import asking_of

HERE = "/sign-in"
FIRST = "Nothing was changed. First show below that it is you."
SHOWN = 20
TOLD = (
    "logged in",
    "log-in refused",
    "confirmation refused",
    "passkey added",
    "passkey removed",
    "authenticator changed",
    "recovery codes made",
    "recovery code used",
    "sessions ended",
)
"""What of the staff log a person is shown of themselves: how they log in, and where."""


def _session(request: HttpRequest) -> StaffSession:
    """The session of a request that the border let in."""
    found = people.session_of(request.COOKIES.get(people.cookie_name()))
    if found is None:
        raise TypeError("the border let nobody in")
    return found


def _page(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    person, session = person_of(request), _session(request)
    shown = {
        "problem": problem,
        "recent": people.is_recent(session),
        "sessions": [{"session": one, "own": one.pk == session.pk} for one in people.open_sessions(person)],
        "codes_left": factors.codes_left(person),
        "passkeys": passkeys.held_by(person),
        "handle": passkeys.handle_of(person),
        "known_ids": " ".join(one.id for one in passkeys.held_by(person)),
        "changes": StaffAction.objects.filter(who=person.username, what__in=TOLD).order_by("-number")[:SHOWN],
        "authenticator": StaffAuthenticator.objects.filter(person=person).first(),
    }
    return render(request, "staff/me.html", shown, status=status)


def _changes(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """A change: by POST, a short time after its person showed who they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *_: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(HERE)
        if not people.is_recent(_session(request)):
            return _page(request, 403, FIRST)
        return view(request)

    return guarded


@allowed(EVERYONE)
def me(request: HttpRequest) -> HttpResponse:
    """Everything, with the forms to change it."""
    return _page(request)


@allowed(EVERYONE)
def confirm(request: HttpRequest) -> HttpResponse:
    """Show anew who it is, by a passkey or by password and code."""
    if request.method == "POST" and not people.confirm(
        _session(request), asking_of(request), request.POST.get("passkey", "")
    ):
        return _page(request, 422, "That was not right, or was used before. Try again.")
    return HttpResponseRedirect(HERE)


@allowed(EVERYONE)
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions, or all others. It asks for nothing more: whoever fears for them may end them."""
    named = request.POST.get("session", "").replace("\0", "")
    if request.method == "POST" and not people.end_sessions(person_of(request), named, _session(request)):
        return _page(request, 404, "You have no such session any more.")
    return HttpResponseRedirect(HERE)


@allowed(EVERYONE)
@_changes
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes; they are in this answer and nowhere else."""
    return render(request, "staff/codes.html", {"codes": factors.make_codes(person_of(request))})


@allowed(EVERYONE)
@_changes
def authenticator(request: HttpRequest) -> HttpResponse:
    """Set another authenticator up: without a code it begins, with its first code it is in use."""
    person, code, wrong = person_of(request), request.POST.get("code", ""), ""
    if code and factors.finish(person, code):
        return HttpResponseRedirect(HERE)
    if code:
        wrong = "The code does not fit. Type the code that the app shows now."
    secret = (factors.waiting_secret(person) if code else "") or factors.begin(person)
    shown = {
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "address": factors.address_of(person, secret),
        "error": wrong,
    }
    return render(request, "staff/setup.html", shown, status=422 if wrong else 200)


@allowed(EVERYONE)
@_changes
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Add a passkey that the browser made."""
    name = passkeys.clean_name(request.POST.get("name", ""))
    problem = passkeys.add(person_of(request), request.POST.get("passkey", ""), name)
    return _page(request, 422, problem) if problem else HttpResponseRedirect(HERE)


@allowed(EVERYONE)
@_changes
def remove_passkey(request: HttpRequest) -> HttpResponse:
    """Remove one of one's own passkeys."""
    if not passkeys.remove(person_of(request), request.POST.get("id", "").replace("\0", "")):
        return _page(request, 404, "You have no such passkey any more.")
    return HttpResponseRedirect(HERE)
