"""The room as Django knows it."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Room `metrics`."""

    name = "holdfast.control.metrics"
    label = "metrics"
