"""The control room's sign of life to the front doors, and whom they wake when it is silent.

Given only while the desk itself works on: a room whose probes run but whose desk stands still is as good as silent.
"""

import contextlib
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from holdfast.control.calls import Reply, Switchboard
from holdfast.control.place import installation
from holdfast.control.response import contacts, oncall, pushing
from holdfast.control.response.paging import reachable
from holdfast.control.staff.models import Person

EVERY_S = 10.0
SILENT_AFTER_S = 60.0
DESK_S_MAX = 20.0
"""A desk that turned longer ago stands still."""
TIMEOUT_S = 2.0
WAYS_MAX = 60
PHONES_MAX = PUSHES_MAX = 15
SILENT = {
    "title": "The control room is silent",
    "body": "The front doors do not hear from it. At the machine: ./holdfast status",
    "url": "/",
    "tag": "silent",
}
OVER = {"title": "The control room speaks again", "body": "Look at its page Now.", "url": "/", "tag": "silent"}


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
    gateway = contacts.gateway()
    phones = [one.contact.phone for one in people if one.contact.phone and gateway][:PHONES_MAX]
    pushes = _pushes(people)[:PUSHES_MAX]
    webhooks = webhooks[: WAYS_MAX - len(phones) - len(pushes)]
    left = WAYS_MAX - len(phones) - len(pushes) - len(webhooks)
    return {
        "mails": mails[:left],
        "webhooks": webhooks,
        "phones": phones,
        "gateway": gateway if phones else "",
        "pushes": pushes,
        "silent_after_s": SILENT_AFTER_S,
    }


def _pushes(people: list[Person]) -> list[dict[str, Any]]:
    """For each device what a door posts: sealed and signed here, so that no door has the console's key; it is good for
    most of a day after the last sign of life."""
    keys, hour = installation().keys, int(time.time() // 3600)
    made = list[dict[str, Any]]()
    for devices in contacts.devices_of(one.username for one in people).values():
        for _, device in devices:
            with contextlib.suppress(OSError, ValueError, KeyError):  # a device that cannot be told is left out
                headers, silent = pushing.prepared(device, json.dumps(SILENT), keys, hour)
                over_headers, over = pushing.prepared(device, json.dumps(OVER), keys, hour)
                made.append(
                    {
                        "url": device.endpoint,
                        "silent": [headers, b64encode(silent).decode()],
                        "over": [over_headers, b64encode(over).decode()],
                    }
                )
    return made


def live_for_ever(board: Switchboard, stop: threading.Event, desk_turned_at: Callable[[], float]) -> None:
    """Say it until stopped. desk_turned_at: when the desk last turned, monotonic seconds."""
    while not stop.wait(EVERY_S):
        if time.monotonic() - desk_turned_at() <= DESK_S_MAX:
            live(board, timezone.now())


def live(board: Switchboard, now: datetime) -> Reply:
    """One sign of life; what the doors said to it."""
    return board.order("doors", "/-/watchers", to_wake(now), TIMEOUT_S)
