"""The bank's numbers for those who watch it, in Prometheus' form, what its processes warned of, and their
traces."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from holdfast.bank.books import installation
from holdfast.bank.internal.calls import BadCall, called_by
from holdfast.telemetry import lines
from holdfast.telemetry import traces as kept_traces
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
    return _kept(request, lines.FOLDER)


@require_GET
@called_by("control", "runtime")
def traces(request: HttpRequest) -> JsonResponse:
    """What all processes of this bank kept of traces."""
    return _kept(request, kept_traces.FOLDER)


def _kept(request: HttpRequest, kind: str) -> JsonResponse:
    try:
        after, limit = lines.asked(request.GET.get("since", ""), request.GET.get("limit", str(lines.LIMIT_MAX)))
    except ValueError as error:
        raise BadCall(str(error)) from error
    return JsonResponse(lines.joined(installation().folder("bank"), after, limit, kind).to_wire())
