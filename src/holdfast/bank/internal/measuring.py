"""The bank's numbers for those who watch it, in Prometheus' form, and what its processes warned of."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from holdfast.bank.books import installation
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.telemetry import lines
from holdfast.telemetry.metrics import CONTENT_TYPE, joined, write


@require_GET
@called_by("control", "runtime")
def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """This process's numbers and the worker's."""
    folder = installation().folder("bank")
    write(folder, "bank-web")
    return HttpResponse(joined(folder), content_type=CONTENT_TYPE)


@require_GET
@called_by("control", "runtime")
def warnings(request: HttpRequest) -> JsonResponse:
    """Lines of WARNING and above of all processes of this bank."""
    try:
        after, limit = lines.asked(request.GET.get("since", ""), request.GET.get("limit", str(lines.LIMIT_MAX)))
    except ValueError as error:
        raise BadCall(str(error)) from error
    return JsonResponse(lines.joined(installation().folder("bank"), after, limit).to_wire())
