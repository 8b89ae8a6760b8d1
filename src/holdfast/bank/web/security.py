"""Signing in and security: what the customer logs in with, sessions and devices, and what happened to them.

Who changes something showed who they are a short time ago: at the login, or by the form on the page.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bank.books import installation
from holdfast.bank.customers.passwords import new_verifier, password_fits
from holdfast.bank.customers.sessions import LoggedIn, session_cookie
from holdfast.bank.factors import authenticator, devices, history, passkeys, recovery, trusting
from holdfast.bank.factors.guesses import forget_tries, take_try
from holdfast.bank.factors.models import Authenticator, Passkey, RecoveryCode
from holdfast.bank.factors.passwording import set_password
from holdfast.bank.factors.proving import Said, check_code, needs_code
from holdfast.bank.factors.seconds import LastFactor
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.joining.strength import CHARACTERS_MIN
from holdfast.bank.web import answers
from holdfast.bank.web.login import CODE_WORDS, WRONG_PASSKEY
from holdfast.bank.web.pages import View, agent_of, customer_of, for_customers, see_other, set_session_cookie
from holdfast.bank.web.strength import new_password, weak_words
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say, writing
from holdfast.bank.web.words.devices import say_device
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import PASSKEYS_MAX, RECENT_S, read_passkey_answer, to_base64url
from holdfast.contracts.sessions import Session
from holdfast.signing.onetime import setup_address

HERE = "/security"
FACTORS = {
    "password": "security.by_password",
    "authenticator": "security.by_authenticator",
    "recovery": "security.by_recovery",
    "passkey": "security.by_passkey",
}
"""How a session was proved, and the text that says so."""
CONFIRMING, CONFIRMING_PASSWORD = "confirming", "confirming by password"
"""Wrong passwords and codes of the form on this page are counted apart from those of logins."""


def is_recent(session: Session) -> bool:
    """Whether the customer showed a short time ago who they are."""
    return -CLOCK_LEEWAY_S <= time.time() - session.proven_at() <= RECENT_S


def changes_security(view: Callable[..., HttpResponse]) -> View:
    """A change: by POST, for customers, a short time after they showed who they are."""

    @require_POST
    @for_customers
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not is_recent(customer_of(request).session):
            return confirm_first(request)
        return view(request, customer_of(request), *args, **named)

    return guarded


def confirm_first(request: HttpRequest) -> HttpResponse:
    """403: nothing was changed, and the form to confirm who it is."""
    return _page(request, 403, problem=say(request, "security.confirm_first"), ask=True)


@require_safe
@for_customers
def security_page(request: HttpRequest) -> HttpResponse:
    """Everything, with its dates; forms to change it while the customer's word is recent."""
    return _page(request)


def _page(  # the page and what is wrong on it
    request: HttpRequest,
    status: int = 200,
    problem: str = "",
    confirm_problem: str = "",
    *,
    ask: bool = False,
    password_errors: dict[str, str] | None = None,
) -> HttpResponse:
    logged_in = customer_of(request)
    customer = logged_in.customer
    keys = list(Passkey.objects.filter(customer=customer.id).order_by("created"))
    codes = RecoveryCode.objects.filter(customer=customer.id)
    sessions = devices.open_sessions(customer.id)
    return answers.page(
        request,
        "security.html",
        status,
        page="security",
        title=say(request, "security.title"),
        nav="security",
        problem=problem,
        confirm_problem=confirm_problem,
        password_errors=password_errors or {},
        least=CHARACTERS_MIN,
        recent=is_recent(logged_in.session) and not (ask or request.GET.get("confirm")),
        authenticator=Authenticator.objects.filter(customer=customer.id).exclude(proved=None).first(),
        codes_left=codes.filter(used=None).count(),
        codes_made=codes.exists(),
        passkeys=keys,
        known_ids=" ".join(one.id for one in keys),
        handle=handle_of(customer.id),
        username=customer.username,
        person=customer.name,
        sessions=[
            {
                "session": one,
                "own": one.session == logged_in.session.session,
                "how": say(request, "common.and").join(
                    say(request, FACTORS[factor]) if factor in FACTORS else factor for factor in one.factors
                ),
                "device": say_device(writing(request), one.device),
            }
            for one in sessions
        ],
        devices=[
            {"device": one, "words": say_device(writing(request), one.words)} for one in trusting.listed(customer.id)
        ],
        events=[
            {"words": history.event_words(one, writing(request)), "at": one.at} for one in history.latest(customer.id)
        ],
    )


def _typed(request: HttpRequest, name: str) -> str:
    """A field that names something of the customer's, as the database takes it."""
    return request.POST.get(name, "")[:1400].replace("\0", "")


def handle_of(customer: int) -> str:
    """WebAuthn's user handle, base64url: the same for all passkeys of a customer at this address, and no name."""
    return to_base64url(hashlib.sha256(f"{installation().door_origin}|{customer}".encode()).digest())


@require_POST
@sensitive_post_parameters("password", "code", "passkey")
@for_customers
def confirm(request: HttpRequest) -> HttpResponse:
    """Show anew who it is: by passkey, or by password and a code."""
    logged_in = customer_of(request)
    problem = _not_confirmed(request, logged_in)
    if problem:
        return _page(request, 422, confirm_problem=problem)
    epoch = get_visit(request).row.epoch
    answer = see_other(f"{HERE}/freeze" if frozen_now.customer(logged_in.customer.id) else HERE)
    set_session_cookie(answer, session_cookie(replace(logged_in.session, confirmed=time.time()), epoch))
    return answer


def _not_confirmed(request: HttpRequest, logged_in: LoggedIn) -> str:
    """Why the customer is not taken at their word, "" when they are."""
    customer, claim = logged_in.customer, get_visit(request).row.request
    if request.POST.get("passkey"):
        try:
            said = read_passkey_answer(request.POST["passkey"])
        except BadMessage:
            return say(request, WRONG_PASSKEY)
        known = Passkey.objects.filter(id=said.id, customer=customer.id).first()
        fits = known is not None and passkeys.check(known, said, claim)
        return "" if fits else say(request, WRONG_PASSKEY)
    if not take_try(customer.id, CONFIRMING_PASSWORD):
        return say(request, CODE_WORDS[Said.TOO_MANY])
    if not password_fits(customer.verifier, request.POST.get("password", "")):
        return say(request, "security.password_wrong")
    forget_tries(customer.id, CONFIRMING_PASSWORD)
    if needs_code(customer.id):
        said_of_code, _ = check_code(customer.id, request.POST.get("code", ""), claim, CONFIRMING)
        return "" if said_of_code is Said.FITS else say(request, CODE_WORDS[said_of_code])
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@for_customers
def authenticator_page(request: HttpRequest) -> HttpResponse:
    """Set an authenticator up: POST without a code begins, GET shows the secret, POST with the first code ends it."""
    logged_in = customer_of(request)
    if not is_recent(logged_in.session):
        return confirm_first(request)
    customer, session = logged_in.customer.id, logged_in.session.session
    if request.method == "POST" and "code" not in request.POST:
        if not authenticator.begin(customer, session):
            return _page(request, 422, problem=say(request, "security.authenticator_already"))
        return see_other(f"{HERE}/authenticator")
    if request.method == "POST" and authenticator.finish(
        customer, session, request.POST["code"], get_visit(request).row.request
    ):
        return _new_codes(request, customer, say(request, "security.authenticator_works"))
    return show_secret(request, logged_in, wrong=request.method == "POST")


def show_secret(  # the page, and where it leads
    request: HttpRequest,
    logged_in: LoggedIn,
    *,
    wrong: bool,
    here: str = f"{HERE}/authenticator",
    back: str = HERE,
    plain: bool = False,
) -> HttpResponse:
    """The secret for the app and the form for its first code, sent to `here`; to `back` when nothing is being set
    up."""
    secret = authenticator.secret_to_set_up(logged_in.customer.id, logged_in.session.session)
    if secret is None:
        return see_other(back)
    address = setup_address(installation().bank_name, logged_in.customer.username, secret)
    return answers.page(
        request,
        "authenticator.html",
        422 if wrong else 200,
        page="authenticator",
        title=say(request, "security.authenticator_add"),
        nav="security",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        address=address,
        picture=mark_safe(authenticator.setup_picture(address)),  # noqa: S308  # made here, of an address without markup
        error=say(request, "security.setup_wrong") if wrong else "",
        here=here,
        back=back,
        plain=plain,
    )


@changes_security
def remove_authenticator(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Remove the authenticator; 422 where nothing would be left beside the password."""
    try:
        authenticator.remove(logged_in.customer.id)
    except LastFactor:
        return _page(request, 422, problem=say(request, "security.last_authenticator"))
    return see_other(HERE)


@changes_security
def new_codes(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Ten new recovery codes in place of those before."""
    return _new_codes(request, logged_in.customer.id, "")


def _new_codes(request: HttpRequest, customer: int, lead: str) -> HttpResponse:
    """The codes are in this answer and nowhere else."""
    codes = recovery.make_codes(customer)
    if not codes:
        return _page(request, 422, problem=say(request, "security.codes_without"))
    return answers.page(
        request,
        "recovery.html",
        page="recovery",
        title=say(request, "security.codes_yours"),
        nav="security",
        codes=codes,
        lead=lead,
        onward=HERE,
    )


@changes_security
def add_passkey(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Add the passkey that the browser made."""
    device = say_device(writing(request), devices.device_words(agent_of(request)))
    name = passkeys.clean_name(request.POST.get("name", ""), device)
    try:
        said = read_passkey_answer(request.POST.get("passkey", ""))
        passkeys.add(logged_in.customer.id, said, name, get_visit(request).row.request)
    except passkeys.NotAdded as error:
        key = f"security.passkey_{error.why}"
        return _page(request, 422, problem=say(request, key, count=PASSKEYS_MAX))
    except BadMessage:
        return _page(request, 422, problem=say(request, "security.passkey_failed"))
    return see_other(HERE)


@changes_security
def change_passkey(request: HttpRequest, logged_in: LoggedIn, what: str) -> HttpResponse:
    """Rename or remove the customer's passkey that the form names; 404 for any other."""
    customer, ident = logged_in.customer.id, _typed(request, "id")
    if what == "remove":
        try:
            found = passkeys.remove(customer, ident)
        except LastFactor:
            return _page(request, 422, problem=say(request, "security.last_passkey"))
    else:
        found = passkeys.rename(
            customer, ident, passkeys.clean_name(request.POST.get("name", ""), say(request, "security.passkey"))
        )
    if not found:
        raise Http404
    return see_other(HERE)


@changes_security
def end_session(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """End the session that the form names, or all others; 404 for a session of somebody else."""
    named = _typed(request, "session")
    if named == "others":
        devices.end_others(logged_in.customer.id, logged_in.session.session)
    elif not devices.end_session(logged_in.customer.id, named):
        raise Http404
    return see_other(HERE)


@changes_security
def remove_device(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """The device that the form names is as a new one again; 404 for a device of somebody else."""
    if not trusting.remove(logged_in.customer.id, _typed(request, "device")[:64]):
        raise Http404
    return see_other(HERE)


@changes_security
@sensitive_post_parameters("present", "new")
def change_password(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """A new password in place of the present one; what is wrong is told beside its field, with nothing changed."""
    customer, new = logged_in.customer, new_password(request, "new")
    weak = weak_words(request, new, (customer.name, customer.email, customer.username))
    if weak:
        return _page(request, 422, password_errors={"new": weak})
    if not take_try(customer.id, CONFIRMING_PASSWORD):
        return _page(request, 429, password_errors={"present": say(request, CODE_WORDS[Said.TOO_MANY])})
    if not password_fits(customer.verifier, request.POST.get("present", "")):
        return _page(request, 422, password_errors={"present": say(request, "security.password_wrong")})
    forget_tries(customer.id, CONFIRMING_PASSWORD)
    set_password(customer.id, new_verifier(new), logged_in.session.session)
    return see_other(HERE)
