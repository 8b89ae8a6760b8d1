"""The button that undoes a payment which is held back."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from holdfast.bank.payments.undo import find_held, undo
from holdfast.bank.web.pages import customer_of, for_customers, see_other


@require_POST
@for_customers
def undo_payment(request: HttpRequest, payment: str) -> HttpResponse:
    """Undo a payment that is held back; its receipt says whether it was. 404 for one of somebody else."""
    try:
        found = find_held(uuid.UUID(hex=payment), customer_of(request).customer.id)
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    address = reverse("receipt", kwargs={"payment": str(found.id)})
    return see_other(address if undo(found) else f"{address}?undo=late")
