"""An incident's case as a file: to replay its diagnosis elsewhere, to score it, or to hand it to whoever searches."""

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.diagnosis.recorded import Recorded
from holdfast.control.incidents.models import Incident
from holdfast.control.watch.suspecting import case_of


@allowed(EVERYONE, machines=frozenset({"runtime"}))
def case_file(request: HttpRequest, number: int) -> JsonResponse:  # noqa: ARG001  # Django passes it
    """The case in the form of diagnosis/recorded.py, its cause not yet told; `shown`: the suspects as they stand on the
    page."""
    incident = get_object_or_404(Incident, number=number)
    case = case_of(incident, incident.answers, timezone.now())
    answer = JsonResponse({**Recorded(case, known=False).to_json(), "shown": incident.suspects})
    answer["Content-Disposition"] = f'attachment; filename="incident-{number}-case.json"'
    return answer
