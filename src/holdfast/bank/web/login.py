"""Logging in and out: a password, then a code where the customer has an authenticator; or a passkey alone.

The same addresses, fields and problems as at the spare bank: a form opened at one can be sent to the other.
"""

import secrets
import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.books import keyring
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import password_fits
from holdfast.bank.customers.sessions import begin_session, read_session, revoke, session_cookie
from holdfast.bank.factors import passkeys
from holdfast.bank.factors.authenticator import devices_since
from holdfast.bank.factors.devices import note_session
from holdfast.bank.factors.models import Passkey
from holdfast.bank.factors.proving import Said, check_code, needs_code
from holdfast.bank.web import answers
from holdfast.bank.web.pages import agent_of, expire_cookies, for_customers, see_other, set_session_cookie
from holdfast.bank.web.visit import get_visit
from holdfast.contracts.answers import COHORT_HEADER
from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.factors import (
    DEVICE_COOKIE,
    DEVICE_PURPOSE,
    DEVICE_S,
    PASSKEY,
    PASSWORD,
    PROVED_PURPOSE,
    Proved,
    known_device,
    proved_from_payload,
    read_passkey_answer,
)

BANKS = {"primary", "standin"}
WRONG = "The username and the password do not belong together. Check both and try again."
WRONG_PASSKEY = "This passkey was not taken. Try again, or log in with your username and password."
EXPIRED = "That took longer than five minutes, so begin again with your password."
CODE_WORDS = {
    Said.WRONG: "The code does not fit, or was used before. Wait for the next code of your app, or use a recovery code "
    "that you have not used.",
    Said.TOO_MANY: "Too many codes did not fit. Wait 15 minutes, or log in with a passkey.",
    Said.LATER: "We cannot check this kind of code at this moment; it was not used. Type a code of your app, or try "
    "again in a minute.",
}


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
    customer = Customer.objects.filter(username=username).first()
    row = get_visit(request).row
    cohort = customer.cohort if customer else stranger_cohort(username)
    if row.cohort != cohort:
        return answers.wrong_cohort(cohort)
    if not password_fits(customer.verifier if customer else "", request.POST.get("password", "")) or customer is None:
        return _form(request, WRONG, "wrong", username)
    if not needs_code(customer.id):
        return _welcome(request, customer, (PASSWORD,))
    return _code_form(request, keyring().sign(PROVED_PURPOSE, Proved(customer.id, cohort, time.time()).to_payload()))


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
    customer = Customer.objects.filter(id=proved.customer, cohort=proved.cohort).first()
    if customer is None:
        return _form(request, EXPIRED, "expired")
    device = device_of(request, customer.id)
    said, factor = check_code(customer.id, request.POST.get("code", ""), row.request, device)
    if said is not Said.FITS:
        return _code_form(request, proof, said)
    answer = _welcome(request, customer, (PASSWORD, factor))
    _remember_device(answer, customer.id, device)
    return answer


def _by_passkey(request: HttpRequest) -> HttpResponse:
    try:
        said = read_passkey_answer(request.POST.get("passkey", ""))
    except BadMessage:
        return _form(request, WRONG_PASSKEY, "wrong-passkey")
    known = Passkey.objects.select_related("customer").filter(id=said.id).first()
    row = get_visit(request).row
    cohort = known.customer.cohort if known else stranger_cohort(said.id)
    if row.cohort != cohort:
        return answers.wrong_cohort(cohort)
    if known is None or not passkeys.check(known, said, row.request):
        return _form(request, WRONG_PASSKEY, "wrong-passkey")
    return _welcome(request, known.customer, (PASSKEY,))


def _welcome(request: HttpRequest, customer: Customer, factors: tuple[str, ...]) -> HttpResponse:
    epoch = get_visit(request).row.epoch
    session = begin_session(customer, epoch, factors)
    note_session(session, agent_of(request))
    answer = see_other("/")
    set_session_cookie(answer, session_cookie(session, epoch))
    answer.headers[COHORT_HEADER] = str(customer.cohort)
    return answer


def device_of(request: HttpRequest, customer: int) -> str:
    """The device on which this customer showed a code before, "" for a new one; either bank vouches for it."""
    try:
        raw = keyring().verify(DEVICE_PURPOSE, request.COOKIES.get(DEVICE_COOKIE, ""), by=BANKS)
    except BadToken:
        return ""
    return known_device(raw, customer, devices_since(customer))


def _remember_device(answer: HttpResponse, customer: int, device: str) -> None:
    said = {"customer": customer, "device": device or secrets.token_hex(16), "at": time.time()}
    token = keyring().sign(DEVICE_PURPOSE, said)
    answer.set_cookie(DEVICE_COOKIE, token, max_age=DEVICE_S, path="/login", httponly=True, samesite="Lax")


def _form(request: HttpRequest, error: str = "", problem: str = "", username: str = "") -> HttpResponse:
    return answers.page(
        request,
        "login.html",
        422 if error else 200,
        page="login",
        title="Log in",
        username=username,
        error=error,
        problem=problem,
    )


def _code_form(request: HttpRequest, proof: str, said: Said | None = None) -> HttpResponse:
    status = 200 if said is None else 429 if said is Said.TOO_MANY else 422
    error, problem = (CODE_WORDS[said], said.value) if said else ("", "")
    return answers.page(
        request,
        "login_code.html",
        status,
        page="login-code",
        title="Type your code",
        proof=proof,
        error=error,
        problem=problem,
    )


@require_http_methods(["POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """End the session at both banks and expire all cookies."""
    if read_session(request.COOKIES) is not None:
        return _end(request)
    return _gone()


@for_customers
def _end(request: HttpRequest) -> HttpResponse:
    logged_in = get_visit(request).logged_in
    if logged_in is not None:
        revoke(logged_in.session.session)
    return _gone()


def _gone() -> HttpResponse:
    answer = see_other("/login")
    expire_cookies(answer)
    answer.headers[COHORT_HEADER] = "none"
    return answer
