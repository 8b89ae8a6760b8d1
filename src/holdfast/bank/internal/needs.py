"""What staff were told by a customer, on the telephone say, and keep for them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.needs import keep_needs
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.bank.internal.decisions import signed_by_control

WHY = {
    "unknown": "One of these needs is not known here. Nothing was changed.",
    "clash": "Somebody who is to be called cannot also be one who is not called. Nothing was changed.",
}


@require_POST
@called_by("control")
def told(request: HttpRequest) -> HttpResponse:
    """Keep exactly these needs of a customer; 409 with words when they cannot be, and nothing was changed."""
    said = signed_by_control(request, "needs")
    try:
        customer, needs, by = int(said["customer"]), [str(one) for one in said["needs"]], str(said["by"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the needs have not the agreed form: {error}") from error
    if not Customer.objects.filter(id=customer, left=None).exists():
        return JsonResponse({"error": "Nobody with that number is a customer. Nothing was changed."}, status=409)
    wrong = keep_needs(customer, needs, by)
    if wrong:
        return JsonResponse({"error": WHY[wrong]}, status=409)
    return JsonResponse({"words": "Kept, and told on to the spare bank. The customer gets a mail that says so."})
