"""The messages that are due, looked up some at a time: the urgent first, then people with needs."""

from collections import deque
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from holdfast.control.place import installation
from holdfast.control.tell.models import WAITING, Bundle, Message
from holdfast.control.tell.quiet import quiet_until

LOOK_MAX = 500
CODE_WAIT = timedelta(seconds=3)
"""A code should be answered at the doors before its message arrives; if the doors are away, it goes anyway."""


def query(name: str) -> str:
    """The SQL of sql/<name>.sql without its description."""
    lines = (Path(__file__).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


CLAIM = query("claim")


def return_unfinished() -> int:
    """At the start: messages that were in flight when the last process died go out again, marked."""
    return Message.objects.filter(state="sending").update(
        state="technical", maybe_twice=True, next_attempt_at=timezone.now(), last_error="in flight when the sender died"
    )


class Waiting:
    """Candidates of one look among a channel's messages, handed out in their order; who claims a message that was
    changed since gets none. Each channel has its own, so that one whose providers all rest holds up no other."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._found: deque[Message] = deque()
        self.look_at = 0.0

    def look(self) -> int:
        """Look up what is due, once all of the last look is handed out; how many stand here now."""
        if not self._found:
            self._found.extend(_due(self._channel, timezone.now()))
        return len(self._found)

    def take(self) -> Message | None:
        """The next candidate."""
        return self._found.popleft() if self._found else None

    def put_back(self, messages: list[Message]) -> None:
        """They could not be given to anybody now, and stay the next."""
        self._found.extendleft(reversed(messages))


def claim(given: list[tuple[Message, str]], at: datetime) -> set[int]:
    """Mark messages as being sent, each by the named provider; the ids of those that were still to be had."""
    if not given:
        return set()
    values: dict[str, Any] = {"ids": [one.pk for one, _ in given], "providers": [name for _, name in given], "at": at}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return {row[0] for row in cursor.fetchall()}


def _due(channel: str, now: datetime) -> list[Message]:
    told = Bundle.objects.filter(state="taken").aggregate(last=Max("codes_to"))["last"] or 0
    known = Q(created_at__lt=now - CODE_WAIT) | Q(id__lte=told)
    due = Message.objects.filter(known, channel=channel, state__in=WAITING, next_attempt_at__lte=now)
    due = due.select_related("notice", "subscriber").defer("notice__words", "notice__audience")
    found = list(due.order_by("-urgent", "-needs_first", "id")[:LOOK_MAX])
    return _but_quiet(found, now)


def _but_quiet(found: list[Message], now: datetime) -> list[Message]:
    """Without what would come in a customer's quiet hours: that is put off to their end."""
    put_off: dict[datetime, set[int]] = {}
    for one in found:
        until = None if one.urgent else quiet_until(now, installation().time_zone, one.quiet_from, one.quiet_until)
        if until is not None:
            put_off.setdefault(until, set()).add(one.pk)
    for until, ids in put_off.items():
        Message.objects.filter(pk__in=ids, state__in=WAITING).update(next_attempt_at=until)
    quiet = set().union(*put_off.values())
    return [one for one in found if one.pk not in quiet]
