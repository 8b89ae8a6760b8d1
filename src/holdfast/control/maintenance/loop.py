"""The clock of planned maintenance: reminds, begins, and switches; nothing ends by itself."""

import threading
from datetime import datetime

from django.utils import timezone

from holdfast.control.maintenance import planning, spare
from holdfast.control.maintenance.models import Maintenance
from holdfast.telemetry import get_log

EVERY_S = 2.0
AGAIN_S = 10.0


def maintain_for_ever(stop: threading.Event) -> None:
    """Until stopped; what it raises is the caller's, who begins it again."""
    while not stop.wait(EVERY_S):
        due(timezone.now())


def due(now: datetime) -> None:
    """Whatever has come due at an instant."""
    for one in Maintenance.objects.filter(state="announced", reminded_at__isnull=True):
        if now >= one.begins_at - planning.REMIND_BEFORE:
            _told(planning.remind(one.number, now), one.number)
    for one in Maintenance.objects.filter(state="announced", begins_at__lte=now):
        _told(planning.begin(one.number, now), one.number)
    for one in Maintenance.objects.filter(state="begun", on_spare=True, spare_at__isnull=True, ends_at__gt=now):
        spare.switch(one, now)


def _told(refused: str, number: int) -> None:
    if refused:
        get_log().error("customers were not told of maintenance", number=number, why=refused)
