"""What the control room asks for its journeys: the logins of the bank's own test customers."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from holdfast.bank.books import rows
from holdfast.bank.internal.calls import called_by
from holdfast.bank.journeys.handing import renew_logins
from holdfast.bank.journeys.opening import cohorts_of_test_customers
from holdfast.contracts.epochs import Mode


@require_POST
@called_by("control")
@sensitive_variables("logins")
def test_customers(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # Django passes it
    """New logins of the test customers; 409 in words, with nothing changed, before they are opened and while the spare
    bank serves one of them."""
    cohorts = cohorts_of_test_customers()
    if not cohorts:
        return JsonResponse({"error": "There are no test customers yet; nothing was changed."}, status=409)
    if any(rows.row(one).mode is not Mode.PRIMARY for one in cohorts):
        return JsonResponse({"error": "The spare bank serves a test customer now; nothing was changed."}, status=409)
    logins = renew_logins()
    return JsonResponse({"customers": logins}, headers={"Cache-Control": "no-store"})
