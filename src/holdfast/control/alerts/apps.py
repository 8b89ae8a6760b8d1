"""The room as Django knows it."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Room `alerts`."""

    name = "holdfast.control.alerts"
    label = "alerts"
