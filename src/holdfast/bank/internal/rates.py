"""Exchange rates: shown to the control room, previewed, and published by two people whose names it signs."""

from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.books import installation
from holdfast.bank.currencies.ageing import AGE_DAYS_MAX
from holdfast.bank.currencies.errors import BadRates
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.publishing import (
    NewRates,
    is_too_old,
    newest,
    publish,
    read_new,
    stored_as,
)
from holdfast.bank.internal.calls import BadCall, called_by, json_body
from holdfast.bank.internal.decisions import publish_decided, signed_by_control
from holdfast.bank.payments.pay import bank_today

SHOWN_MAX = 20
FIELDS = ("rates", "margin", "day")


@require_GET
@called_by("control")
def rate_lists(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """The lists, the newest first."""
    held = newest()
    return JsonResponse(
        {
            "currency": installation().currency,
            "today": bank_today().isoformat(),
            "age_days_max": AGE_DAYS_MAX,
            "too_old": held is None or is_too_old(held),
            "lists": [_shown(one) for one in RateList.objects.order_by("-id")[:SHOWN_MAX]],
        }
    )


def _shown(one: RateList) -> dict[str, Any]:
    return {
        "version": one.version,
        "day": one.day.isoformat(),
        "rates": one.rates,
        "margin_ppm": one.margin_ppm,
        "asked_by": one.asked_by,
        "approved_by": one.approved_by,
        "why": one.why,
    }


@require_POST
@called_by("control")
def preview_rates(request: HttpRequest) -> HttpResponse:
    """What a list would change; 409 with the words when it could not be published. Changes nothing."""
    made, held = _wanted(json_body(request)), newest()
    if isinstance(made, str):
        return JsonResponse({"error": made}, status=409)
    before = held.rates if held else {}
    changes = [
        [currency, before.get(currency, ""), made.rates.get(currency, ""), _percent(before, made.rates, currency)]
        for currency in sorted({*before, *made.rates})
    ]
    return JsonResponse(
        {
            "before": held.version if held else "",
            "margin_before_ppm": held.margin_ppm if held else None,
            "margin_ppm": made.margin_ppm,
            "changes": changes,
        }
    )


def _percent(before: dict[str, str], after: dict[str, str], currency: str) -> str:
    """How far the rate moved, as `+0.42`; "" where one of the two is none."""
    if currency not in before or currency not in after:
        return ""
    return f"{float((Fraction(after[currency]) / Fraction(before[currency]) - 1) * 100):+.2f}"


@require_POST
@called_by("control")
def publish_rates(request: HttpRequest) -> HttpResponse:
    """Publish a list that two people decided; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "rate-list")
    refused = publish_decided(_wanted(said), said, publish)
    if refused:
        return JsonResponse({"error": refused}, status=409)
    held = newest()
    return JsonResponse({"words": f"the rates {held.version if held else ''} hold from now on"})


def _wanted(said: dict[str, Any]) -> NewRates | str:
    """The list that is asked for, or why it cannot be published; one that stands already is that list again."""
    typed = [said.get(name) for name in FIELDS]
    if not all(isinstance(one, str) for one in typed):
        raise BadCall("the rates have not the agreed form: rates, margin and day are text")
    rates, margin, day = (str(one) for one in typed)
    try:
        return stored_as(rates, margin, day) or read_new(rates, margin, day)
    except BadRates as error:
        return f"{error}. Nothing was changed."
