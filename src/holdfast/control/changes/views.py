"""The page of changes: one timeline of what changed, and how parts are set."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.changes.models import Change, Setting
from holdfast.control.changes.record import KINDS, differences

SHOWN_MAX = 200


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """What changed, newest first; filtered by part and kind."""
    part, kind = request.GET.get("part", "")[:48], request.GET.get("kind", "")
    found = Change.objects.order_by("-at", "-id")
    if part:
        found = found.filter(component=part)
    if kind in KINDS:
        found = found.filter(kind=kind)
    settings = list(Setting.objects.order_by("component", "name"))
    context = {
        "changes": found[:SHOWN_MAX],
        "settings": [one for one in settings if not part or one.component == part],
        "differences": differences(settings),
        "components": sorted({one.component for one in settings}),
        "part": part,
        "kind": kind,
        "kinds": KINDS,
        "at": timezone.now(),
    }
    return render(request, "changes/listing.html", context)
