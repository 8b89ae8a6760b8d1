"""The bank's numbers for those who watch it, in Prometheus' form."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from holdfast.bank.books import installation
from holdfast.bank.internal.calls import called_by
from holdfast.telemetry.metrics import CONTENT_TYPE, joined, write


@require_GET
@called_by("control", "runtime")
def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """This process's numbers and the worker's."""
    folder = installation().folder("bank")
    write(folder, "bank-web")
    return HttpResponse(joined(folder), content_type=CONTENT_TYPE)
