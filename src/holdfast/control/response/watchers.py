"""The control room's sign of life to the front doors, and whom they wake when it is silent.

Given only while the desk itself works on: a room whose probes run but whose desk stands still is as good as silent.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from holdfast.control.calls import Reply, Switchboard
from holdfast.control.response import contacts, oncall
from holdfast.control.response.paging import reachable

EVERY_S = 10.0
SILENT_AFTER_S = 60.0
DESK_S_MAX = 20.0
"""A desk that turned longer ago stands still."""
TIMEOUT_S = 2.0
WAYS_MAX = 60


def to_wake(now: datetime) -> dict[str, Any]:
    """Those on call who can be reached, or everybody who can acknowledge; and the address that is told of every page.
    Raises django.db's errors."""
    able = {one.username: one for one in reachable()}
    on_call = [able[one.username] for one in oncall.on_call(now).values() if one.username in able]
    people = on_call or list(able.values())
    mails = [one.contact.email for one in people if one.contact.email]
    webhooks = [one.contact.webhook for one in people if one.contact.webhook]
    if url := contacts.shared():
        webhooks.insert(0, url)
    webhooks = webhooks[:WAYS_MAX]
    return {"mails": mails[: WAYS_MAX - len(webhooks)], "webhooks": webhooks, "silent_after_s": SILENT_AFTER_S}


def live_for_ever(board: Switchboard, stop: threading.Event, desk_turned_at: Callable[[], float]) -> None:
    """Say it until stopped. desk_turned_at: when the desk last turned, monotonic seconds."""
    while not stop.wait(EVERY_S):
        if time.monotonic() - desk_turned_at() <= DESK_S_MAX:
            live(board, timezone.now())


def live(board: Switchboard, now: datetime) -> Reply:
    """One sign of life; what the doors said to it."""
    return board.order("doors", "/-/watchers", to_wake(now), TIMEOUT_S)
