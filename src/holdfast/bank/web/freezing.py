"""Freeze everything, by one button; opened again by who shows anew who they are."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.bank.freezing.everything import freeze_everything, frozen_since, unfreeze
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.security import confirm_first, is_recent
from holdfast.bank.web.words import say

HERE = "/security/freeze"


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def freeze(request: HttpRequest) -> HttpResponse:
    """What it stops, and the button; sent: it is stopped. It asks for nothing more: who stops it by mistake opens it
    again, and a minute may matter."""
    logged_in = customer_of(request)
    if request.method == "POST":
        freeze_everything(logged_in.customer.id, logged_in.session.session)
        return see_other(HERE)
    since = frozen_since(logged_in.customer.id)
    return answers.page(
        request,
        "freeze.html",
        page="freeze",
        title=say(request, "freeze.title"),
        nav="security",
        is_frozen=since > 0,
        may_open=_may_open(request),
    )


@require_POST
@for_customers
def open_again(request: HttpRequest) -> HttpResponse:
    """Open it again; 403 with nothing changed for who has not shown since the freeze, and lately, who they are."""
    if not _may_open(request):
        return confirm_first(request)
    unfreeze(customer_of(request).customer.id)
    return see_other(HERE)


def _may_open(request: HttpRequest) -> bool:
    logged_in = customer_of(request)
    return is_recent(logged_in.session) and logged_in.session.proven_at() > frozen_since(logged_in.customer.id)
