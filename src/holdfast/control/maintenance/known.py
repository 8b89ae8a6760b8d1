"""Which incident is none: customers were moved because of maintenance."""

from datetime import timedelta

from django.db.models import Q

from holdfast.control.incidents.models import Incident
from holdfast.control.maintenance.models import Maintenance

SLACK, LASTS_MAX = timedelta(seconds=30), timedelta(days=2)


def planned_by(incident: Incident) -> Maintenance | None:
    """The maintenance because of which customers were moved, where that opened an incident of the bank."""
    if incident.cause != "bank":
        return None
    at = incident.opened_at
    lasted = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    found = Maintenance.objects.filter(lasted, on_spare=True, spare_at__isnull=False, begun_at__lte=at + SLACK)
    return found.filter(begun_at__gte=at - LASTS_MAX).order_by("-begun_at").first()
