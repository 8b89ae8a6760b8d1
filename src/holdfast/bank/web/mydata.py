"""What the bank holds about the customer: read, taken along as JSON, and the address changed. The main bank's alone."""

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from holdfast.bank.customers.models import Account
from holdfast.bank.privacy import address, naming
from holdfast.bank.privacy.elsewhere import counts_elsewhere
from holdfast.bank.privacy.holding import KINDS, LEFT_OUT, count_of, held_about
from holdfast.bank.privacy.retention import TABLE
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.registering import EMAIL_MAX, is_address
from holdfast.bank.web.security import confirm_first, is_recent
from holdfast.bank.web.words import say
from holdfast.contracts.factors import plain_code
from holdfast.contracts.needs import known_needs
from holdfast.contracts.text import clean_line

HERE = "/my-data"
LABELS = {
    "owners": "mydata.kind_owners",
    "accounts_asked_for": "mydata.kind_accounts_asked_for",
    "accounts_offered": "mydata.kind_accounts_offered",
    "payees": "mydata.kind_payees",
    "payments_asked_for": "mydata.kind_payments_asked_for",
    "payments_held_back": "mydata.kind_payments_held_back",
    "payments_planned": "mydata.kind_payments_planned",
    "orders": "mydata.kind_orders",
    "files": "mydata.kind_files",
    "lines_of_files": "mydata.kind_lines_of_files",
    "own_limits": "mydata.kind_own_limits",
    "undo_window": "mydata.kind_undo_window",
    "cards": "mydata.kind_cards",
    "card_uses": "mydata.kind_card_uses",
    "loans": "mydata.kind_loans",
    "emergency_money": "mydata.kind_emergency_money",
    "repayments": "mydata.kind_repayments",
    "charges": "mydata.kind_charges",
    "late_charges": "mydata.kind_late_charges",
    "refunds": "mydata.kind_refunds",
    "questions": "mydata.kind_questions",
    "claims": "mydata.kind_claims",
    "given_after_outages": "mydata.kind_given_after_outages",
    "closed_by_staff": "mydata.kind_closed_by_staff",
    "names_asked_for": "mydata.kind_names_asked_for",
    "frozen": "mydata.kind_frozen",
    "tokens_of_programs": "mydata.kind_tokens_of_programs",
    "authenticator": "mydata.kind_authenticator",
    "recovery_codes": "mydata.kind_recovery_codes",
    "passkeys": "mydata.kind_passkeys",
    "sessions": "mydata.kind_sessions",
    "devices": "mydata.kind_devices",
    "device_trust": "mydata.kind_device_trust",
    "wrong_codes": "mydata.kind_wrong_codes",
    "security_history": "mydata.kind_security_history",
    "mails": "mydata.kind_mails",
}
"""What each kind of rows is called."""
LABELS_ELSEWHERE = {
    "name_in_the_community": "mydata.kind_name_in_the_community",
    "posts": "mydata.kind_posts",
    "votes": "mydata.kind_votes",
    "posts_reported": "mydata.kind_posts_reported",
    "poll_answers": "mydata.kind_poll_answers",
    "webinar_seats": "mydata.kind_webinar_seats",
    "tours_put_away": "mydata.kind_tours_put_away",
    "problems_reported": "mydata.kind_problems_reported",
    "chats": "mydata.kind_chats",
    "lines_of_chats": "mydata.kind_lines_of_chats",
    "pages_shown_to_support": "mydata.kind_pages_shown_to_support",
    "calls_asked_for": "mydata.kind_calls_asked_for",
    "calls_by_staff": "mydata.kind_calls_by_staff",
    "messages": "mydata.kind_messages",
    "refunds_told": "mydata.kind_refunds_told",
    "follows_the_status_page": "mydata.kind_follows_the_status_page",
}
"""The same of what the control room holds."""
SHOWN = {
    "payees": "/payees",
    "payments_planned": "/orders",
    "cards": "/cards",
    "loans": "/loans",
    "emergency_money": "/help-now",
    "questions": "/disputes",
    "claims": "/claims",
    "given_after_outages": "/money",
    "tokens_of_programs": "/security/tokens",
    "passkeys": "/security",
    "sessions": "/security",
    "files": "/files",
    "own_limits": "/limits",
    "payments_asked_for": "/money",
    "name_in_the_community": "/community",
    "posts": "/community",
    "votes": "/community",
    "poll_answers": "/community",
    "webinar_seats": "/learn",
    "chats": "/chat",
    "messages": "/inbox",
    "follows_the_status_page": "/status/subscribe",
}
"""Where the rows of a kind can be read, and mostly changed."""


@require_safe
@for_customers
def my_data(request: HttpRequest) -> HttpResponse:
    """Who the customer is to the bank, how much there is of each kind and where, and the way to take it along."""
    return _page(request)


def _page(
    request: HttpRequest, status: int = 200, typed: str = "", wrong: str = "", asked: dict[str, str] | None = None
) -> HttpResponse:
    logged_in = customer_of(request)
    customer = logged_in.customer
    accounts = list(Account.objects.filter(owner__customer=customer.id).order_by("id"))
    ids = [one.id for one in accounts]
    there = counts_elsewhere(customer.id)
    kinds = [(kind.name, count_of(kind, customer.id, ids), SHOWN.get(kind.name, "")) for kind in KINDS[2:]]
    return answers.page(
        request,
        "my_data.html",
        status,
        page="my-data",
        title=say(request, "mydata.title"),
        nav="security",
        person=customer,
        accounts=accounts,
        needs=[say(request, f"needs.{one.replace('-', '_')}") for one in known_needs(customer.needs)],
        kinds=[
            {"name": name, "words": say(request, LABELS[name]), "count": count, "where": where}
            for name, count, where in kinds
            if count
        ],
        there=there,
        kinds_there=[
            {"name": name, "words": say(request, LABELS_ELSEWHERE[name]), "count": count, "where": SHOWN.get(name, "")}
            for name, count in (there.counts.items() if there else ())
            if count and name in LABELS_ELSEWHERE
        ],
        left_out=len(LEFT_OUT),
        table=[
            {"name": one.name, "words": say(request, one.words), "why": say(request, one.why), "days": one.keeps.days}
            for one in TABLE
        ],
        recent=is_recent(logged_in.session),
        typed=typed,
        renaming=naming.waiting(customer.id),
        asked=asked or {},
        wrong=wrong,
    )


@require_safe
@for_customers
def download(request: HttpRequest) -> HttpResponse:
    """Everything as JSON, for who showed lately who they are."""
    logged_in = customer_of(request)
    if not is_recent(logged_in.session):
        return confirm_first(request)
    held = held_about(logged_in.customer.id)
    answer = JsonResponse(held, encoder=DjangoJSONEncoder, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@require_POST
@for_customers
def change_name(request: HttpRequest) -> HttpResponse:
    """Ask for another name; two of staff decide."""
    logged_in = customer_of(request)
    if not is_recent(logged_in.session):
        return confirm_first(request)
    name, reason = (clean_line(request.POST.get(one, ""))[: naming.REASON_MAX + 1] for one in ("name", "reason"))
    wrong = naming.ask(logged_in.customer.id, name, reason)
    if not wrong:
        return see_other(f"{HERE}#name-change")
    status = 429 if wrong == "too_many" else 422
    asked = {"name": name, "reason": reason, "wrong": say(request, f"mydata.name_{wrong}")}
    return _page(request, status, asked=asked)


@require_POST
@for_customers
def change_email(request: HttpRequest) -> HttpResponse:
    """Mail a code to the new address and ask for it."""
    logged_in = customer_of(request)
    if not is_recent(logged_in.session):
        return confirm_first(request)
    email = clean_line(request.POST.get("email", ""))[: EMAIL_MAX + 1].lower()
    if not is_address(email) or email == logged_in.customer.email:
        return _page(request, 422, email, say(request, "register.email_wrong"))
    token = address.ask(logged_in.customer, email)
    if token is None:
        return _page(request, 429, email, say(request, "mydata.too_many"))
    return _code_form(request, token)


@require_POST
@sensitive_post_parameters("code")
@for_customers
def prove_email(request: HttpRequest) -> HttpResponse:
    """The code from the new address."""
    customer, token = customer_of(request).customer, request.POST.get("asked", "")
    said = address.prove(token, customer.id, plain_code(request.POST.get("code", "")))
    return see_other(HERE) if said is address.Ended.CHANGED else _code_form(request, token, said)


def _code_form(request: HttpRequest, token: str, said: address.Ended | None = None) -> HttpResponse:
    words = {address.Ended.WRONG: "register.code_wrong", address.Ended.OVER: "mydata.over"}
    return answers.page(
        request,
        "my_email.html",
        422 if said else 200,
        page="my-email",
        title=say(request, "mydata.code_title"),
        nav="security",
        token=token,
        email=address.address_of(token, customer_of(request).customer.id),
        problem=say(request, words[said]) if said else "",
        mark=said.value if said else "",
        over=said is address.Ended.OVER,
        digits=address.CODE_DIGITS,
    )
