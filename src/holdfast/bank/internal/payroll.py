"""Payroll limits: shown to the control room, and set by two people whose names it signs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.cases.asked import same_person
from holdfast.bank.files.payroll import agree_limit, agreed_limits
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.contracts.money import AMOUNT_MINOR_MAX


@require_GET
@called_by("control")
def payroll_limits(_request: HttpRequest) -> HttpResponse:
    """The limits that hold."""
    return JsonResponse(
        {
            "limits": [
                {
                    "number": one.number,
                    "title": one.title,
                    "currency": one.currency,
                    "limit_minor": one.limit_minor,
                    "asked_by": one.asked_by,
                    "approved_by": one.approved_by,
                }
                for one in agreed_limits()
            ]
        }
    )


@require_POST
@called_by("control")
def set_payroll_limit(request: HttpRequest) -> HttpResponse:
    """Set one if it is still as the two people saw it; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "payroll-limit")
    try:
        number = str(said["number"])
        before, after = _figure(said["before_minor"]), _figure(said["limit_minor"])
        asked_by, approved_by = str(said["asked_by"]), str(said.get("approved_by", ""))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the payroll limit has not the agreed form: {error}") from error
    if same_person(asked_by, approved_by):
        refused = "A second person has to approve it; nothing was changed."
    else:
        refused = agree_limit(number, before, after, asked_by, approved_by)
    return JsonResponse({"error": refused} if refused else {"limit_minor": after}, status=409 if refused else 200)


def _figure(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= AMOUNT_MINOR_MAX:
        raise ValueError(f"{value!r} is no amount")
    return value
