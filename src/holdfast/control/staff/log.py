"""The hash-chained log of what staff did: written in the transaction of the deed, verified from its first line.

Each hash covers the line and the hash before it; the head row holds the last number and hash, so that a cut
tail is found too. Who can rewrite the whole table and the head can forge it: `staff verify` prints the head,
which is also in the process's log, to compare with.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.control.errors import ChainBroken
from holdfast.control.staff.models import LogHead, StaffAction
from holdfast.telemetry import get_log

GENESIS = "0" * 64
STEP = 1000


def line_hash(number: int, at: datetime, who: str, role: str, what: str, data: dict[str, Any], previous: str) -> str:  # noqa: PLR0917  # the order is the record's own
    """SHA-256, in hex, over the previous hash and the line's canonical JSON; instants in microseconds."""
    raw = json.dumps(
        [number, int(at.timestamp() * 1_000_000 + 0.5), who, role, what, data],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(previous.encode() + raw.encode()).hexdigest()


def write(who: str, role: str, what: str, data: dict[str, Any] | None = None) -> int:
    """Add one line; gives its number. Joins the caller's transaction."""
    with transaction.atomic():
        LogHead.objects.get_or_create(id=1, defaults={"number": 0, "hash": GENESIS})
        head = LogHead.objects.select_for_update().get(id=1)
        at = timezone.now()
        number = head.number + 1
        body = data or {}
        made = line_hash(number, at, who, role, what, body, head.hash)
        StaffAction.objects.create(
            number=number, at=at, who=who, role=role, what=what, data=body, previous=head.hash, hash=made
        )
        head.number, head.hash = number, made
        head.save()
    get_log().info("staff action", number=number, who=who, what=what, chain=made)
    return number


def verify() -> tuple[int, str]:
    """Walk the whole chain; gives its length and last hash. Raises ChainBroken at the first line that fails."""
    previous, expected = GENESIS, 1
    while True:
        lines = list(StaffAction.objects.filter(number__gte=expected).order_by("number")[:STEP])
        if not lines:
            break
        for line in lines:
            if line.number != expected:
                raise ChainBroken(f"line {expected} of the staff log is missing")
            made = line_hash(line.number, line.at, line.who, line.role, line.what, line.data, previous)
            if line.previous != previous or line.hash != made:
                raise ChainBroken(f"line {expected} of the staff log is not as it was written")
            previous, expected = line.hash, expected + 1
    head = LogHead.objects.filter(id=1).first()
    if head is not None and (head.number, head.hash) != (expected - 1, previous):
        raise ChainBroken(f"the staff log ends at line {expected - 1}, its head says {head.number}")
    return expected - 1, previous
