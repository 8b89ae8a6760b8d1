"""A measurement as `./holdfast stress` tells it: checked whole, or refused in words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from holdfast.control.capacity.models import Measured

FOUND_MAX, STEPS_MAX, PARTS_MAX = 40, 40, 20
WORDS_MAX = 200
KEPT = 200
NUMBERS = ("per_s", "done_per_s", "failed", "p50_ms", "p95_ms")


def take(said: Mapping[str, Any]) -> Measured:
    """Keep it, and of all measurements the newest KEPT; raises ValueError, KeyError or TypeError when it has not the
    agreed form."""
    found = said["found"]
    if not isinstance(found, list) or not 0 < len(found) <= FOUND_MAX:
        raise ValueError(f"a measurement has 1 to {FOUND_MAX} results")
    made = Measured.objects.create(
        at=datetime.fromtimestamp(float(said["at"]), UTC),
        taken_at=timezone.now(),
        cores=_whole(said["cores"], 4096),
        found=[_result(one) for one in found],
    )
    old = Measured.objects.order_by("-at", "-id").values_list("id", flat=True)[KEPT:]
    Measured.objects.filter(id__in=list(old)).delete()
    return made


def _result(one: Mapping[str, Any]) -> dict[str, Any]:
    if len(one["steps"]) > STEPS_MAX:
        raise ValueError(f"a result has at most {STEPS_MAX} steps")
    return {
        **{name: str(one[name])[:WORDS_MAX] for name in ("bank", "kind", "why", "part")},
        "limit_ms": _number(one["limit_ms"]),
        "held_per_s": _number(one["held_per_s"]),
        "broke_per_s": None if one["broke_per_s"] is None else _number(one["broke_per_s"]),
        "steps": [_step(step) for step in one["steps"]],
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    cores = sorted(step["cores"].items())[:PARTS_MAX]
    return {
        **{name: _number(step[name]) for name in NUMBERS},
        "held": step["held"] is True,
        "cores": {str(name)[:48]: _number(used) for name, used in cores},
    }


def _number(value: Any) -> float:
    number = float(value)
    if not 0 <= number < 1e9:  # NaN is neither
        raise ValueError(f"{value!r} is no number that was measured")
    return number


def _whole(value: Any, most: int) -> int:
    number = int(value)
    if not 0 < number <= most:
        raise ValueError(f"{value!r} is not between 1 and {most}")
    return number
