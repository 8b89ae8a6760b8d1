"""Logging in and out."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import password_fits
from holdfast.bank.customers.sessions import begin_session, read_session, revoke, session_cookie
from holdfast.bank.web import answers
from holdfast.bank.web.pages import expire_cookies, for_customers, see_other, set_session_cookie
from holdfast.bank.web.visit import get_visit
from holdfast.contracts.answers import COHORT_HEADER
from holdfast.contracts.epochs import stranger_cohort

WRONG = "The username and the password do not belong together. Check both and try again."


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """The form, and its answer: unknown names and wrong passwords are answered alike, at the same cost."""
    if request.method != "POST":
        return _form(request, "", "")
    username = request.POST.get("username", "").strip().lower()[:80].replace("\0", "")
    customer = Customer.objects.filter(username=username).first()
    row = get_visit(request).row
    cohort = customer.cohort if customer else stranger_cohort(username)
    if row.cohort != cohort:
        return answers.wrong_cohort(cohort)
    if not password_fits(customer.verifier if customer else "", request.POST.get("password", "")) or customer is None:
        return _form(request, username, WRONG)
    answer = see_other("/")
    set_session_cookie(answer, session_cookie(begin_session(customer, row.epoch), row.epoch))
    answer.headers[COHORT_HEADER] = str(customer.cohort)
    return answer


def _form(request: HttpRequest, username: str, error: str) -> HttpResponse:
    return answers.page(
        request, "login.html", 422 if error else 200, page="login", title="Log in", username=username, error=error
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
