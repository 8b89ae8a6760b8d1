"""The loop of this room: pages that are due, and steps that machines run. Reads the database once a second."""

import threading

from django.utils import timezone

from holdfast.control.response import paging, running

EVERY_S = 1.0


def respond_for_ever(stop: threading.Event) -> None:
    """Until stopped; what it raises is the caller's, who begins it again."""
    while not stop.wait(EVERY_S):
        paging.escalate(timezone.now())
        paging.send_due(timezone.now())
        running.carry_out_due(timezone.now())
