"""Structured logs (one JSON line each, to standard output) and metrics in Prometheus' form."""

from holdfast.telemetry.logs import configure_logs, get_log, traced

__all__ = ["configure_logs", "get_log", "traced"]
