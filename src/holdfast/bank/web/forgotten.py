"""A forgotten password: the name, the mailed code, the new password. The main bank's alone."""

import re
import time
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.books import keyring
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import new_verifier
from holdfast.bank.factors.proving import Said as CodeSaid
from holdfast.bank.factors.proving import check_code as check_factor
from holdfast.bank.factors.seconds import has_authenticator
from holdfast.bank.joining import resetting
from holdfast.bank.joining.resetting import CODE_DIGITS, HOLDS, Asked, Said
from holdfast.bank.joining.strength import CHARACTERS_MAX, CHARACTERS_MIN
from holdfast.bank.web import answers
from holdfast.bank.web.login import CODE_WORDS as FACTOR_WORDS
from holdfast.bank.web.strength import new_password, weak_words
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import language_of, say
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.contracts.factors import plain_code

NAME_MAX = 200
TOKEN = re.compile(r"[0-9a-f]{32}")
PURPOSE = "password-reset"
"""Of the token between the code and the new password: whoever holds it typed the code."""
CODE_WORDS = {Said.WRONG: "forgot.code_wrong", Said.OVER: "forgot.code_over"}


class Proved(NamedTuple):
    """Whose reset it is, once the mailed code was typed."""

    reset: str
    customer: int
    cohort: int


@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """The form; sent: a code is mailed to whoever is meant. The answer is the same whether there is such a customer."""
    if request.method != "POST":
        return _form(request, "", "")
    name = _name(request)
    if not name:
        return _form(request, "", say(request, "forgot.name_wrong"), 422)
    token = resetting.begin(Asked(name, get_visit(request).row.network, language_of(request)))
    if token is None:
        return _form(request, name, say(request, "forgot.too_many"), 429)
    return _code_form(request, token)


@require_http_methods(["POST"])
@sensitive_post_parameters("code")
def forgot_code(request: HttpRequest) -> HttpResponse:
    """The mailed code; when it fits, the form for the new password."""
    token = request.POST.get("reset", "")
    if not TOKEN.fullmatch(token):
        return _code_form(request, "", Said.OVER)
    said, customer = resetting.check_code(token, plain_code(request.POST.get("code", "")))
    if said is not Said.FITS or customer is None:
        return _code_form(request, token, said)
    payload = {"reset": token, "customer": customer.id, "cohort": customer.cohort, "at": time.time()}
    return _new_form(request, customer, keyring().sign(PURPOSE, payload), {})


@require_http_methods(["POST"])
@sensitive_post_parameters("proof", "new", "code")
def forgot_new(request: HttpRequest) -> HttpResponse:
    """The new password, with the customer's second factor where there is one; what is wrong is told at its field."""
    proof = request.POST.get("proof", "")
    proved = _read(proof)
    row = get_visit(request).row
    if proved is not None and row.cohort != proved.cohort:
        return answers.wrong_cohort(proved.cohort)
    customer = Customer.objects.filter(id=proved.customer, cohort=proved.cohort, left=None).first() if proved else None
    if proved is None or customer is None:
        return _code_form(request, "", Said.OVER)
    new = new_password(request, "new")
    weak = weak_words(request, new, (customer.name, customer.email, customer.username))
    if weak:
        return _new_form(request, customer, proof, {"new": weak})
    verifier = new_verifier(new)  # before a code is used up: it may have to wait in line, and then nothing is done
    wrong = _wrong_factor(request, customer, row.request)
    if wrong:
        return _new_form(request, customer, proof, wrong)
    if not resetting.finish(proved.reset, verifier):
        return _code_form(request, "", Said.OVER)
    return answers.page(request, "forgot_done.html", page="forgot-done", title=say(request, "forgot.done"))


def _wrong_factor(request: HttpRequest, customer: Customer, sent: str) -> dict[str, str]:
    """What speaks against the second factor, by field; it is used up when it fits."""
    if not has_authenticator(customer.id):
        return {}
    said, _ = check_factor(customer.id, request.POST.get("code", ""), sent, "")
    return {} if said is CodeSaid.FITS else {"code": say(request, FACTOR_WORDS[said])}


def _name(request: HttpRequest) -> str:
    """What was typed as a name of login or an address, on one line, in small letters; "" when it is neither."""
    typed = request.POST.get("name", "").strip().lower()
    return typed if typed.isprintable() and len(typed) <= NAME_MAX and " " not in typed else ""


def _read(proof: str) -> Proved | None:
    """What a proof of this bank says, None when it no longer holds."""
    try:
        raw = keyring().verify(PURPOSE, proof, by={"primary"})
    except BadToken:
        return None
    holds = -CLOCK_LEEWAY_S <= time.time() - float(raw["at"]) <= HOLDS.total_seconds()
    return Proved(str(raw["reset"]), int(raw["customer"]), int(raw["cohort"])) if holds else None


def _form(request: HttpRequest, name: str, error: str, status: int = 200) -> HttpResponse:
    title = say(request, "forgot.title")
    return answers.page(request, "forgot.html", status, page="forgot", title=title, name=name, error=error)


def _code_form(request: HttpRequest, token: str, said: Said | None = None) -> HttpResponse:
    """The form for the code; said: why the last one did not do."""
    return answers.page(
        request,
        "forgot_code.html",
        422 if said else 200,
        page="forgot-code",
        title=say(request, "forgot.code_title"),
        token=token,
        problem=say(request, CODE_WORDS[said]) if said else "",
        mark=said.value if said else "",
        over=said is Said.OVER,
        digits=CODE_DIGITS,
    )


def _new_form(request: HttpRequest, customer: Customer, proof: str, errors: dict[str, str]) -> HttpResponse:
    return answers.page(
        request,
        "forgot_new.html",
        422 if errors else 200,
        page="forgot-new",
        title=say(request, "forgot.new_title"),
        proof=proof,
        username=customer.username,
        factor=has_authenticator(customer.id),
        errors=errors,
        least=CHARACTERS_MIN,
        most=CHARACTERS_MAX,
    )
