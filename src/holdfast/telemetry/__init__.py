"""Structured logs (one JSON line each, to standard output), metrics in Prometheus' form, and traces."""

from holdfast.telemetry.logs import configure_logs, get_log

__all__ = ["configure_logs", "get_log"]
