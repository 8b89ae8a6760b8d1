"""What staff were told by a customer, on the telephone say, and keep for them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.needs import keep_needs
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.bank.internal.decisions import signed_by_control

PHONE_MAX = 40
WHY = {
    "phone": "That is no telephone number in international form (+47 …). Nothing was changed.",
    "no_phone": "Who wants to be called needs a number to call. Nothing was changed.",
    "unknown": "One of these needs is not known here. Nothing was changed.",
    "clash": "Somebody who is to be called cannot also be one who is not called. Nothing was changed.",
}


@require_POST
@called_by("control")
def told(request: HttpRequest) -> HttpResponse:
    """Keep exactly these needs of a customer, and their number; 409 with words, and nothing changed, when they cannot
    be."""
    said = signed_by_control(request, "needs")
    try:
        customer, needs, by = int(said["customer"]), [str(one) for one in said["needs"]], str(said["by"])
        phone = str(said.get("phone", ""))[:PHONE_MAX]
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the needs have not the agreed form: {error}") from error
    if not Customer.objects.filter(id=customer, left=None).exists():
        return JsonResponse({"error": "Nobody with that number is a customer. Nothing was changed."}, status=409)
    wrong = keep_needs(customer, needs, phone, by)
    if wrong:
        return JsonResponse({"error": WHY[wrong]}, status=409)
    return JsonResponse({"words": "Kept, and told on to the spare bank. The customer gets a mail that says so."})
