"""Changed names: what waits, shown to the control room, and decided by two people whose names it signs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.bank.privacy.naming import all_waiting, decide


@require_GET
@called_by("control")
def names(_request: HttpRequest) -> HttpResponse:
    """What customers asked for; the console shows it and keeps none of it."""
    return JsonResponse(
        {
            "names": [
                {
                    "number": one.number,
                    "customer": one.customer_id,
                    "was": one.was,
                    "name": one.name,
                    "reason": one.reason,
                    "asked_at": one.asked_at.isoformat(),
                }
                for one in all_waiting()
            ]
        }
    )


@require_POST
@called_by("control")
def decide_name(request: HttpRequest) -> HttpResponse:
    """Carry out a decision of two people; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "name-change")
    try:
        number, take = int(said["number"]), {True: True, False: False}[said["take"]]
        why, asked_by, approved_by = str(said["why"]), str(said["asked_by"]), str(said.get("approved_by", ""))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the decision on a name has not the agreed form: {error}") from error
    done, words = decide(number, take, why, asked_by, approved_by)
    return JsonResponse({"words": words} if done else {"error": words}, status=200 if done else 409)
