"""Close an account, and end being a customer: what stands in the way first, in words; then one button. The main bank's
alone."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from holdfast.bank.customers.models import Account
from holdfast.bank.leaving.closing import close_account, leave
from holdfast.bank.leaving.obstacles import Obstacle, of_account, of_customer, way_words
from holdfast.bank.web import answers
from holdfast.bank.web.login import gone
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.security import confirm_first, is_recent
from holdfast.bank.web.words import say, writing


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def close_page(request: HttpRequest, account: int) -> HttpResponse:
    """What stands in the way of closing an account, or the button; posted by who showed lately who they are: closed."""
    logged_in = customer_of(request)
    own = Account.objects.filter(id=account, owner__customer=logged_in.customer.id).first()
    if own is None:
        raise Http404
    in_the_way = of_account(own) if own.closed is None else []
    if request.method == "POST" and own.closed is None and not in_the_way:
        if not is_recent(logged_in.session):
            return confirm_first(request)
        in_the_way = close_account(own, logged_in.customer.id)
        if not in_the_way:
            return see_other(f"/accounts/{account}/close")
    shown = {"account": own, "closed": own.closed is not None}
    return _page(request, "close", say(request, "leave.close_title"), in_the_way, **shown)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def leave_page(request: HttpRequest) -> HttpResponse:
    """What stands in the way of ending being a customer, or the button; posted: every account is closed, and every
    session ends."""
    logged_in = customer_of(request)
    in_the_way = of_customer(logged_in.customer.id)
    if request.method == "POST" and not in_the_way:
        if not is_recent(logged_in.session):
            return confirm_first(request)
        in_the_way = leave(logged_in.customer.id)
        if not in_the_way:
            return gone()
    return _page(request, "leave", say(request, "leave.title"), in_the_way)


def _page(request: HttpRequest, page: str, title: str, in_the_way: Sequence[Obstacle], **shown: Any) -> HttpResponse:
    spoken = writing(request)
    return answers.page(
        request,
        f"{page}.html",
        422 if request.method == "POST" else 200,
        page=page,
        title=title,
        nav="security",
        ways=[{"way": one, "words": way_words(one, spoken)} for one in in_the_way],
        recent=is_recent(customer_of(request).session),
        **shown,
    )
