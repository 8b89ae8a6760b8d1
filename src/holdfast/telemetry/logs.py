"""One JSON line an event: time (UTC), level, building, event, the trace and the span it belongs to (under the names
that OpenTelemetry gives them: trace_id, span_id), and its fields. Secrets are cut out by name. Lines of libraries join
in the same form. What is a warning or worse is also kept (lines.py)."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from holdfast.telemetry import lines, traces

SECRET_WORDS = ("password", "token", "secret", "cookie", "authorization", "verifier", "signature")
DEPTH_MAX = 4
Event = MutableMapping[str, Any]


def _cut_secrets(_logger: Any, _method: str, event: Event) -> Event:
    for name in event:
        event[name] = _without_secrets(name, event[name], DEPTH_MAX)
    return event


def _without_secrets(name: str, value: Any, depth: int) -> Any:
    if any(word in name.lower() for word in SECRET_WORDS):
        return "(cut)"
    if isinstance(value, Mapping):
        if depth == 0:
            return "(cut: too deep)"
        return {str(inner): _without_secrets(str(inner), one, depth - 1) for inner, one in value.items()}
    return value


def _keep(_logger: Any, _method: str, event: Event) -> Event:
    lines.offer(event)
    return event


def _add_trace(_logger: Any, _method: str, event: Event) -> Event:
    running = traces.current()
    if running is not None:
        event.setdefault("trace_id", running.trace)
        event.setdefault("span_id", running.ident)
    return event


def configure_logs(building: str) -> None:
    """Set up logs for this process; standard library logs at WARNING and above join them."""

    def add_building(_logger: Any, _method: str, event: Event) -> Event:
        event["building"] = building
        return event

    both: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_building,
        _add_trace,
        _cut_secrets,
        structlog.processors.format_exc_info,
        _keep,
    ]
    structlog.configure(
        processors=[*both, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *both],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def get_log() -> Any:
    """The process's structured logger."""
    return structlog.get_logger()
