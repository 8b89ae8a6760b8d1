"""Become a customer: the form, the mailed code, and the end. The main bank's alone."""

import re
from email.errors import MessageError
from email.headerregistry import Address

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.joining.registering import CODE_DIGITS, Ended, Wanted, begin, finish
from holdfast.bank.joining.strength import CHARACTERS_MAX, CHARACTERS_MIN
from holdfast.bank.payments.pay import calendar_today
from holdfast.bank.web import answers
from holdfast.bank.web.strength import new_password, weak_words
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import language_of, say
from holdfast.contracts.factors import plain_code
from holdfast.contracts.statement import read_day

AGE_MIN = 18
NAME_MAX, EMAIL_MAX = 140, 200
USERNAME = re.compile(r"[a-z][a-z0-9._-]{3,39}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
TOKEN = re.compile(r"[0-9a-f]{32}")
CODE_WORDS = {
    Ended.WRONG: "register.code_wrong",
    Ended.OVER: "register.code_over",
    Ended.NAME_TAKEN: "register.username_taken",
}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def register(request: HttpRequest) -> HttpResponse:
    """The form; sent: a code is mailed and asked for. The answer is the same whether the address is known or not."""
    if request.method != "POST":
        return _form(request, {}, {})
    typed = {name: _typed(request, name) for name in ("name", "email", "username", "born")}
    password = new_password(request, "password")
    errors = _errors(request, typed, password)
    if errors:
        return _form(request, typed, errors, 422)
    wanted = Wanted(typed["name"], typed["email"], typed["username"], password, language_of(request))
    token = begin(wanted, get_visit(request).row.network)
    if token is None:
        return _form(request, typed, {"form": say(request, "register.too_many")}, 429)
    return _code_form(request, token, typed["email"])


def _typed(request: HttpRequest, name: str) -> str:
    """A field on one line, without what cannot be printed; names of login and addresses in small letters."""
    plain = "".join(one if one.isprintable() else " " for one in request.POST.get(name, "")[:400])
    text = " ".join(plain.split())
    return text.lower() if name in ("username", "email") else text


def _errors(request: HttpRequest, typed: dict[str, str], password: str) -> dict[str, str]:
    """What is wrong, by field, in words."""
    errors = {}
    if not 2 <= len(typed["name"]) <= NAME_MAX:
        errors["name"] = say(request, "register.name_wrong")
    if not is_address(typed["email"]):
        errors["email"] = say(request, "register.email_wrong")
    if not USERNAME.fullmatch(typed["username"]):
        errors["username"] = say(request, "register.username_wrong")
    born = read_day(typed["born"])
    if born is None or not 0 <= (today := calendar_today()).year - born.year <= 130:
        errors["born"] = say(request, "register.born_wrong")
    elif (today.year - born.year, today.month, today.day) < (AGE_MIN, born.month, born.day):
        errors["born"] = say(request, "register.born_young", age=AGE_MIN)
    weak = weak_words(request, password, (typed["name"], typed["email"], typed["username"]))
    if weak:
        errors["password"] = weak
    return errors


def is_address(typed: str) -> bool:
    """Whether it has the form of an e-mail address."""
    if len(typed) > EMAIL_MAX or not EMAIL.fullmatch(typed):
        return False
    try:
        return Address(addr_spec=typed).addr_spec == typed
    except (ValueError, IndexError, MessageError):
        return False


def _form(request: HttpRequest, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> HttpResponse:
    return answers.page(
        request,
        "register.html",
        status,
        page="register",
        title=say(request, "register.title"),
        typed=typed,
        errors=errors,
        least=CHARACTERS_MIN,
        most=CHARACTERS_MAX,
    )


def _code_form(  # noqa: PLR0917  # the form and what is wrong with it
    request: HttpRequest, token: str, email: str, said: Ended | None = None, code: str = "", username: str = ""
) -> HttpResponse:
    """The form for the code; said: why the last one did not do."""
    problem = say(request, CODE_WORDS[said]) if said else ""
    return answers.page(
        request,
        "register_code.html",
        422 if said else 200,
        page="register-code",
        title=say(request, "register.code_title"),
        token=token,
        email=email,
        problem=problem,
        mark=said.value if said else "",
        over=said is Ended.OVER,
        name_taken=said is Ended.NAME_TAKEN,
        code=code,
        username=username,
        digits=CODE_DIGITS,
    )


@require_http_methods(["POST"])
@sensitive_post_parameters("code")
def register_code(request: HttpRequest) -> HttpResponse:
    """The code, and another name of login where the first is taken."""
    token, email = _typed(request, "registration"), _typed(request, "email")[:EMAIL_MAX]
    code, username = plain_code(request.POST.get("code", "")), _typed(request, "username")
    if not TOKEN.fullmatch(token):
        return _code_form(request, "", email, Ended.OVER)
    if username and not USERNAME.fullmatch(username):
        return _code_form(request, token, email, Ended.NAME_TAKEN, code, username)
    said = finish(token, code, username)
    if said is not Ended.JOINED:
        return _code_form(request, token, email, said, code if said is Ended.NAME_TAKEN else "", username)
    return answers.page(request, "registered.html", page="registered", title=say(request, "register.done"))
