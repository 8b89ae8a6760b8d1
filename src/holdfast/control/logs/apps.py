"""The room as Django knows it."""

from django.apps import AppConfig


class LogsConfig(AppConfig):
    """Room `logs`."""

    name = "holdfast.control.logs"
    label = "logs"
