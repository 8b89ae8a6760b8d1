"""Logging in and out: a password, then a code where the customer has an authenticator; or a passkey alone.

The same addresses, fields and problems as at the spare bank: a form opened at one can be sent to the other.
"""

import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.books import keyring
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import Asking, Checked, check_password
from holdfast.bank.customers.sessions import LoggedIn, begin_session, read_session, revoke, session_cookie
from holdfast.bank.factors import passkeys, trusting
from holdfast.bank.factors.devices import device_words, note_login
from holdfast.bank.factors.models import Passkey
from holdfast.bank.factors.proving import Said, check_code
from holdfast.bank.factors.seconds import has_passkey
from holdfast.bank.web import answers
from holdfast.bank.web.kept import take_up
from holdfast.bank.web.pages import SET_UP, agent_of, expire_cookies, for_everyone_in, see_other, set_session_cookie
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say
from holdfast.contracts.answers import COHORT_HEADER, FRONT_HEADER
from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.factors import (
    DEVICE_COOKIE,
    DEVICE_S,
    PASSKEY,
    PASSWORD,
    PROVED_PURPOSE,
    KnownDevice,
    Proved,
    proved_from_payload,
    read_passkey_answer,
)
from holdfast.contracts.kept import SHOWN, Kept
from holdfast.contracts.sessions import CLEAR_HEADER, CLEARED, Session
from holdfast.telemetry import get_log

BANKS = trusting.BANKS
WRONG_PASSKEY, EXPIRED = "login.passkey_wrong", "login.expired"
PASSWORD_WORDS = {
    Checked.FITS: "login.wrong",  # of nobody: it cannot be
    Checked.WRONG: "login.wrong",
    Checked.TOO_MANY: "login.too_many",
}
CODE_WORDS = {
    Said.WRONG: "login.code_wrong",
    Said.TOO_MANY: "login.code_too_many",
    Said.LATER: "login.code_later",
}
"""How a code was not taken, and the text that says so."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "code", "passkey", "proof")
def login(request: HttpRequest) -> HttpResponse:
    """The form, and its answers: unknown names and wrong passwords are answered alike, at the same cost."""
    if request.method != "POST":
        return _form(request)
    if request.POST.get("passkey"):
        return _by_passkey(request)
    if request.POST.get("proof"):
        return _by_code(request)
    return _by_password(request)


def _by_password(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip().lower()[:80].replace("\0", "")
    customer = trusting.find_customer(username=username)
    row = get_visit(request).row
    cohort = customer.cohort if customer else stranger_cohort(username)
    if row.cohort != cohort:
        return answers.wrong_cohort(cohort)
    device = _device_of(request, customer)
    asking = Asking(username, row.network, device.device if device else "")
    said = check_password(asking, customer.verifier if customer else "", request.POST.get("password", ""))
    if said is not Checked.FITS or customer is None:
        _note_refused(request, said.value, customer)
        return _form(request, PASSWORD_WORDS[said], said.value, username, 429 if said is Checked.TOO_MANY else 422)
    if trusting.authenticator_of(customer) is None and not has_passkey(customer.id):
        return _to_set_up(request, customer, device)
    proof = keyring().sign(PROVED_PURPOSE, Proved(customer.id, cohort, time.time()).to_payload())
    return _code_form(request, proof, customer)


def _by_code(request: HttpRequest) -> HttpResponse:
    proof = request.POST.get("proof", "")
    try:
        proved = proved_from_payload(keyring().verify(PROVED_PURPOSE, proof, by=BANKS))
    except BadToken:
        proved = None
    if proved is None:
        return _form(request, EXPIRED, "expired")
    row = get_visit(request).row
    if row.cohort != proved.cohort:
        return answers.wrong_cohort(proved.cohort)
    customer = trusting.find_customer(id=proved.customer, cohort=proved.cohort)
    if customer is None:
        return _form(request, EXPIRED, "expired")
    device = _device_of(request, customer)
    code = request.POST.get("code", "")
    said, factor = check_code(customer.id, code, row.request, device.device if device else "")
    if said is not Said.FITS:
        _note_refused(request, said.value, customer)
        return _code_form(request, proof, customer, said)
    return _welcome(request, customer, (PASSWORD, factor), device)


def _by_passkey(request: HttpRequest) -> HttpResponse:
    try:
        said = read_passkey_answer(request.POST.get("passkey", ""))
    except BadMessage:
        return _form(request, WRONG_PASSKEY, "wrong-passkey")
    of_customer = ("customer__authenticator", "customer__trust")
    known = Passkey.objects.select_related("customer", *of_customer).filter(id=said.id).first()
    row = get_visit(request).row
    cohort = known.customer.cohort if known else stranger_cohort(said.id)
    if row.cohort != cohort:
        return answers.wrong_cohort(cohort)
    if known is None or not passkeys.check(known, said, row.request):
        _note_refused(request, "wrong-passkey", known.customer if known else None)
        return _form(request, WRONG_PASSKEY, "wrong-passkey")
    return _welcome(request, known.customer, (PASSKEY,), _device_of(request, known.customer))


def _note_refused(request: HttpRequest, why: str, customer: Customer | None) -> None:
    """For who watches: never what was typed."""
    number, network = customer.id if customer else 0, get_visit(request).row.network
    get_log().warning("login refused", why=why, customer=number, network=network)


def _to_set_up(request: HttpRequest, customer: Customer, device: KnownDevice | None) -> HttpResponse:
    """A session that can set a second factor up and do nothing else; on a device that is not known by it."""
    epoch, agent = get_visit(request).row.epoch, agent_of(request)
    session = begin_session(customer, epoch, (PASSWORD,))
    note_login(customer, session, agent, known=device is not None)
    get_log().info("logged in", customer=customer.id, by=(PASSWORD,), network=get_visit(request).row.network)
    answer = see_other(SET_UP)
    set_session_cookie(answer, session_cookie(session, epoch))
    answer.headers[COHORT_HEADER] = str(customer.cohort)
    return answer


def _welcome(
    request: HttpRequest, customer: Customer, factors: tuple[str, ...], device: KnownDevice | None
) -> HttpResponse:
    """Logged in; from now on this device is known to be the customer's."""
    epoch, agent = get_visit(request).row.epoch, agent_of(request)
    session = begin_session(customer, epoch, factors)
    note_login(customer, session, agent, known=device is not None)
    get_log().info("logged in", customer=customer.id, by=factors, network=get_visit(request).row.network)
    kept = take_up(_kept(request), customer.id)
    answer = _go_on(request, customer, session, kept) if kept else see_other("/")
    set_session_cookie(answer, session_cookie(session, epoch))
    if device is None or device.to_renew():
        token = trusting.vouch(customer.id, device_words(agent), device)
        answer.set_cookie(DEVICE_COOKIE, token, max_age=DEVICE_S, path="/login", httponly=True, samesite="Lax")
    answer.headers[COHORT_HEADER] = str(customer.cohort)
    answer.headers[FRONT_HEADER] = str(customer.id if customer.needs else 0)
    return answer


def _go_on(request: HttpRequest, customer: Customer, session: Session, kept: Kept) -> HttpResponse:
    """What was typed before the login, to be sent by one press; nothing is sent by itself."""
    get_visit(request).logged_in = LoggedIn(session, customer, renew=False)
    title = say(request, "login.go_on")
    return answers.page(
        request, "going_on.html", page="going-on", title=title, kept=kept, pays=kept.pays, shown=_shown(kept)
    )


def _shown(kept: Kept) -> list[tuple[str, str]]:
    """What a customer recognises a payment by: (key of its label, what was typed)."""
    return [(f"pay.{name}", kept.value(name)) for name in SHOWN if kept.pays and kept.value(name)]


def _kept(request: HttpRequest) -> str:
    """A form from before the login, sealed (kept.py)."""
    return request.POST.get("kept", "") if request.method == "POST" else ""


def _device_of(request: HttpRequest, customer: Customer | None) -> KnownDevice | None:
    """The device on which this customer logged in before, None for a new one; either bank vouches for it."""
    return trusting.read_device(request.COOKIES.get(DEVICE_COOKIE, ""), customer)


def _form(
    request: HttpRequest, error: str = "", problem: str = "", username: str = "", status: int = 422
) -> HttpResponse:
    """The form; error is the key of what is wrong, and status then the answer's."""
    return answers.page(
        request,
        "login.html",
        status if error else 200,
        page="login",
        title=say(request, "login.title"),
        username=username,
        kept=_kept(request),
        error=say(request, error) if error else "",
        problem=problem,
    )


def _code_form(request: HttpRequest, proof: str, customer: Customer, said: Said | None = None) -> HttpResponse:
    """The form for what follows the password; who has no authenticator shows a passkey, or types a recovery code."""
    status = 200 if said is None else 429 if said is Said.TOO_MANY else 422
    error, problem = (CODE_WORDS[said], said.value) if said else ("", "")
    return answers.page(
        request,
        "login_code.html",
        status,
        page="login-code",
        title=say(request, "login.code_title"),
        proof=proof,
        by_app=trusting.authenticator_of(customer) is not None,
        kept=_kept(request),
        error=say(request, error) if error else "",
        problem=problem,
    )


@require_http_methods(["POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """End the session at both banks and expire all cookies."""
    if read_session(request.COOKIES) is not None:
        return _end(request)
    return gone()


@for_everyone_in
def _end(request: HttpRequest) -> HttpResponse:
    logged_in = get_visit(request).logged_in
    if logged_in is not None:
        revoke(logged_in.session.session)
    return gone()


def gone() -> HttpResponse:
    """To the login, logged out: every cookie expires, and what the browser kept of our pages goes."""
    answer = see_other("/login")
    expire_cookies(answer)
    answer.headers[COHORT_HEADER] = "none"
    answer.headers[CLEAR_HEADER] = CLEARED
    return answer
