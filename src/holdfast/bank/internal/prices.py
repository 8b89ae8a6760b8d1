"""Price lists: shown to the control room, previewed, and published by two people whose names it signs."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.books import installation
from holdfast.bank.charges.engine.prices import PriceList
from holdfast.bank.charges.models import PriceVersion
from holdfast.bank.charges.preview import preview
from holdfast.bank.charges.publishing import price_book, publish, why_not
from holdfast.bank.internal.calls import BadCall, called_by, json_body
from holdfast.bank.internal.decisions import publish_decided, signed_by_control
from holdfast.bank.payments.pay import bank_today

SHOWN_MAX = 20


@require_GET
@called_by("control")
def price_lists(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """The lists, the newest first."""
    currency = installation().currency
    found = PriceVersion.objects.filter(currency=currency).order_by("-valid_from")[:SHOWN_MAX]
    return JsonResponse(
        {
            "currency": currency,
            "today": bank_today().isoformat(),
            "lists": [
                {
                    "version": one.version,
                    "valid_from": one.valid_from.isoformat(),
                    "body": one.body,
                    "asked_by": one.asked_by,
                    "approved_by": one.approved_by,
                    "why": one.why,
                }
                for one in found
            ],
        }
    )


@require_POST
@called_by("control")
def preview_prices(request: HttpRequest) -> HttpResponse:
    """Who would pay what under a list; 409 with the words when it could not be published."""
    made = _wanted(json_body(request))
    if isinstance(made, str):
        return JsonResponse({"error": made}, status=409)
    return JsonResponse(preview(price_book(made.currency).lists[-1], made))


@require_POST
@called_by("control")
def publish_prices(request: HttpRequest) -> HttpResponse:
    """Publish a list that two people decided; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "price-list")
    refused = publish_decided(_wanted(said), said, publish)
    if refused:
        return JsonResponse({"error": refused}, status=409)
    return JsonResponse({"words": f"the price list {said['version']} holds from {said['valid_from']} on"})


def _wanted(said: dict[str, Any]) -> PriceList | str:
    """The list that is asked for, or why it cannot be published; one that stands already is that list again."""
    try:
        version, valid_from = str(said["version"]), date.fromisoformat(str(said["valid_from"]))
        body = dict(said["body"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the price list has not the agreed form: {error}") from error
    currency = installation().currency
    same = next((one for one in price_book(currency).lists if one.version == version and dict(one.body) == body), None)
    return same or why_not(body, version, valid_from, currency)
