"""The second factor of who has none yet: a passkey, or an authenticator app, right after the password.

Until it is set up the session does nothing else. Whoever has the password and is faster than its owner is told to the
owner by mail at once, as every change of how one logs in. The main bank's alone.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bank.customers.known import ended_sessions
from holdfast.bank.customers.sessions import LoggedIn, begin_session, read_session, revoke, session_cookie
from holdfast.bank.factors import authenticator, devices, passkeys, recovery, trusting
from holdfast.bank.factors.seconds import has_second
from holdfast.bank.web import answers
from holdfast.bank.web.login import gone
from holdfast.bank.web.pages import SET_UP, View, agent_of, customer_of, for_everyone_in, see_other, set_session_cookie
from holdfast.bank.web.security import handle_of, is_recent, show_secret
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say, writing
from holdfast.bank.web.words.devices import say_device
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import AUTHENTICATOR, DEVICE_COOKIE, DEVICE_S, PASSKEY, PASSWORD, read_passkey_answer


def sets_up(view: Callable[[HttpRequest, LoggedIn], HttpResponse]) -> View:
    """For who showed the password lately and has nothing else yet; any other such session ends, and a whole one has the
    security page. A form sent twice finds the session ended that its first copy made whole: that is said, and the
    whole one, whose cookie the browser has by then, goes on."""

    @for_everyone_in
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        logged_in = customer_of(request)
        if not logged_in.session.by_password_alone:
            return see_other("/security")
        if has_second(logged_in.customer.id):
            revoke(logged_in.session.session)
            get_visit(request).logged_in = replace(logged_in, renew=False)
            return _already(request)
        if not is_recent(logged_in.session):
            revoke(logged_in.session.session)
            return gone()
        return view(request, logged_in)

    @wraps(view)
    def first(request: HttpRequest) -> HttpResponse:
        return _already(request) if _became_whole(request) else guarded(request)

    return first


def _became_whole(request: HttpRequest) -> bool:
    """Whether the request's session was by the password alone and ended, and its customer has a second factor."""
    found = read_session(request.COOKIES)
    if found is None or not found[0].by_password_alone:
        return False
    session = found[0]
    if not ended_sessions.has(session.session, session.customer, session.began):
        return False
    return get_visit(request).row.cohort == session.cohort and has_second(session.customer)


def _already(request: HttpRequest) -> HttpResponse:
    """409: there is a second factor, so nothing is set up here; no cookie is touched."""
    title, words = say(request, "begin.already"), say(request, "begin.already_words")
    return answers.page(request, "message.html", 409, page="set-up-already", title=title, words=words, plain=True)


@require_safe
@sets_up
def begin(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Why, and both ways."""
    return _page(request, logged_in)


def _page(request: HttpRequest, logged_in: LoggedIn, problem: str = "") -> HttpResponse:
    return answers.page(
        request,
        "begin.html",
        422 if problem else 200,
        page="second-factor",
        title=say(request, "begin.title"),
        plain=True,
        problem=problem,
        handle=handle_of(logged_in.customer.id),
        username=logged_in.customer.username,
        person=logged_in.customer.name,
    )


@require_POST
@sensitive_post_parameters("passkey")
@sets_up
def add_passkey(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Take the passkey that the browser made into use."""
    name = say_device(writing(request), devices.device_words(agent_of(request)))
    try:
        said = read_passkey_answer(request.POST.get("passkey", ""))
        passkeys.add(logged_in.customer.id, said, name, get_visit(request).row.request, first=True)
    except BadMessage:
        return _page(request, logged_in, say(request, "security.passkey_failed"))
    return _finished(request, logged_in, PASSKEY, say(request, "begin.passkey_works"))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sets_up
def add_authenticator(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """As on the security page: POST without a code begins, GET shows the secret, POST with the first code ends it."""
    customer, session, here = logged_in.customer.id, logged_in.session.session, f"{SET_UP}/authenticator"
    if request.method == "POST" and "code" not in request.POST:
        authenticator.begin(customer, session)
        return see_other(here)
    code, claim = request.POST.get("code", ""), get_visit(request).row.request
    if request.method == "POST" and authenticator.finish(customer, session, code, claim, first=True):
        return _finished(request, logged_in, AUTHENTICATOR, say(request, "security.authenticator_works"))
    return show_secret(request, logged_in, wrong=request.method == "POST", here=here, back=SET_UP, plain=True)


def _finished(request: HttpRequest, logged_in: LoggedIn, factor: str, lead: str) -> HttpResponse:
    """A whole session takes this one's place, this device is known; the recovery codes are in this answer and nowhere
    else."""
    visit, agent = get_visit(request), agent_of(request)
    session = begin_session(logged_in.customer, visit.row.epoch, (PASSWORD, factor))
    visit.logged_in = replace(logged_in, session=session)
    devices.note_session(session, agent)
    revoke(logged_in.session.session)
    answer = answers.page(
        request,
        "recovery.html",
        page="recovery",
        title=say(request, "security.codes_yours"),
        codes=recovery.make_codes(logged_in.customer.id),
        lead=lead,
        onward="/",
        plain=True,
    )
    set_session_cookie(answer, session_cookie(session, visit.row.epoch))
    token = trusting.vouch(logged_in.customer.id, devices.device_words(agent), None)
    answer.set_cookie(DEVICE_COOKIE, token, max_age=DEVICE_S, path="/login", httponly=True, samesite="Lax")
    return answer
