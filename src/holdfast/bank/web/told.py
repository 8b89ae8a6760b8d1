"""How we tell you: by SMS, in which browsers, and when not. What was chosen is shown at the spare bank too."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from holdfast.bank.customers import telling
from holdfast.bank.customers.sessions import LoggedIn
from holdfast.bank.customers.telling import Ended
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.security import changes_security, is_recent
from holdfast.bank.web.words import say
from holdfast.contracts.factors import plain_code
from holdfast.contracts.phones import plain_phone
from holdfast.contracts.text import clean_line
from holdfast.contracts.ways import CODE_DIGITS, ENDPOINT_MAX, NAME_MAX, Browser

HERE = "/told"
PHONE_MAX, KEY_DIGITS_MAX = 40, 9
BANKS_FROM, BANKS_UNTIL = "21:00", "08:00"
"""The bank's quiet hours (control/tell/quiet.py)."""
WORDS = {
    Ended.OFTEN: ("told.often", 429),
    Ended.AWAY: ("told.not_sent", 503),
    Ended.MANY: ("told.browsers_many", 422),
    Ended.UNUSABLE: ("told.browser_unusable", 422),
    Ended.TIMES: ("told.quiet_wrong", 422),
}


@require_safe
@for_customers
def told_page(request: HttpRequest) -> HttpResponse:
    """What was chosen, and what can be."""
    return _page(request)


@require_POST
@for_customers
def quiet(request: HttpRequest) -> HttpResponse:
    """Quiet hours: the bank's, own ones, or none."""
    which = request.POST.get("which", "bank")
    begins, ends = (request.POST.get(name, "")[:5] for name in ("from", "until"))
    if which == "own" and (begins == ends or not begins or not ends):
        return _page(request, Ended.TIMES)
    times = {"bank": ("", ""), "own": (begins, ends), "never": ("00:00", "00:00")}.get(which)
    if times is None:
        return _page(request, Ended.TIMES)
    return _after(request, telling.keep_quiet(customer_of(request).customer.id, *times))


@changes_security
def ask_number(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Send a code to a number, and ask for it."""
    typed = clean_line(request.POST.get("phone", ""))[:PHONE_MAX]
    phone = plain_phone(typed)
    if not phone:
        return _page(request, wrong_phone=say(request, "told.phone_wrong"), typed=typed)
    offered = telling.ways()
    if offered is None or not offered.sms:
        return _page(request, Ended.AWAY)
    token, ended = telling.ask_number(logged_in.customer, phone)
    return _code_form(request, token) if token else _page(request, ended)


@sensitive_post_parameters("code")
@changes_security
def prove_number(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """The code from the number."""
    token = request.POST.get("asked", "")
    ended = telling.prove_number(token, logged_in.customer.id, plain_code(request.POST.get("code", "")))
    return see_other(f"{HERE}?kept=yes") if ended is Ended.DONE else _code_form(request, token, ended)


@changes_security
def remove_number(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:  # noqa: ARG001  # as every change
    """No SMS any more."""
    telling.remove_number(logged_in.customer.id)
    return see_other(f"{HERE}?kept=yes")


@changes_security
def add_browser(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """This browser is told from now on; its script sends what the browser gave it."""
    said = {name: request.POST.get(name, "")[: ENDPOINT_MAX + 1] for name in ("endpoint", "p256dh", "auth", "key")}
    digits = said["key"].isascii() and said["key"].isdecimal() and len(said["key"]) <= KEY_DIGITS_MAX
    name = clean_line(request.POST.get("name", ""))[:NAME_MAX] or say(request, "told.a_browser")
    key = int(said["key"]) if digits else 0
    browser = Browser(said["endpoint"], said["p256dh"], said["auth"], key, name)
    offered = telling.ways()
    if offered is None:
        return _page(request, Ended.AWAY)
    if key != offered.push_number:
        return _page(request, Ended.UNUSABLE)
    return _after(request, telling.add_browser(logged_in.customer.id, browser))


@changes_security
def remove_browser(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """One browser is told no more."""
    telling.remove_browser(logged_in.customer.id, request.POST.get("browser", "")[:40])
    return see_other(f"{HERE}?kept=yes")


def _after(request: HttpRequest, ended: Ended) -> HttpResponse:
    return see_other(f"{HERE}?kept=yes") if ended is Ended.DONE else _page(request, ended)


def _page(request: HttpRequest, ended: Ended = Ended.DONE, wrong_phone: str = "", typed: str = "") -> HttpResponse:
    logged_in = customer_of(request)
    told, offered = telling.chosen(logged_in.customer.id), telling.ways()
    key, status = WORDS.get(ended, ("", 200))
    own = told.quiet_from != told.quiet_until
    return answers.page(
        request,
        "told.html",
        422 if wrong_phone else status,
        page="told",
        title=say(request, "told.title"),
        nav="security",
        told=told,
        offered=offered,
        push_key=offered.push_key if offered else "",
        push_number=offered.push_number if offered else 0,
        recent=is_recent(logged_in.session),
        email=logged_in.customer.email,
        problem=say(request, key) if key else "",
        mark=ended.value,
        wrong_phone=wrong_phone,
        typed=typed,
        kept=request.GET.get("kept") == "yes",
        which="own" if own else "never" if told.quiet_from else "bank",
        begins=told.quiet_from if own else BANKS_FROM,
        ends=told.quiet_until if own else BANKS_UNTIL,
        banks_from=BANKS_FROM,
        banks_until=BANKS_UNTIL,
    )


def _code_form(request: HttpRequest, token: str, ended: Ended | None = None) -> HttpResponse:
    words = {Ended.WRONG: "register.code_wrong", Ended.OVER: "told.over"}
    return answers.page(
        request,
        "told_code.html",
        422 if ended else 200,
        page="told-code",
        title=say(request, "told.code_title"),
        nav="security",
        token=token,
        phone=telling.number_of(token, customer_of(request).customer.id),
        problem=say(request, words[ended]) if ended else "",
        mark=ended.value if ended else "",
        over=ended is Ended.OVER,
        digits=CODE_DIGITS,
    )
