"""The books for the control room's accounting page, and days closed by two people whose names it signs."""

from datetime import date

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.accounting.closing import accounts_page, close, last_day_over
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.ledger.api import NotClosed


@require_GET
@called_by("control")
def trial_balance(request: HttpRequest) -> HttpResponse:
    """The trial balance of one day, the newest that is over without one, and which days are closed."""
    typed = request.GET.get("day", "")
    try:
        day = date.fromisoformat(typed) if typed else last_day_over()
    except ValueError as error:
        raise BadCall("day is no ISO date") from error
    return JsonResponse(accounts_page(day))


@require_POST
@called_by("control")
def close_days(request: HttpRequest) -> HttpResponse:
    """Close all days up to one; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "books-close")
    try:
        day = date.fromisoformat(str(said["day"]))
        asked_by, approved_by = str(said["asked_by"]), str(said.get("approved_by", ""))
    except (KeyError, ValueError) as error:
        raise BadCall(f"the closing has not the agreed form: {error}") from error
    try:
        return JsonResponse({"words": close(day, asked_by, approved_by)})
    except NotClosed as error:
        return JsonResponse({"error": f"{error}."}, status=409)
