"""The room as Django knows it."""

from django.apps import AppConfig


class TracesConfig(AppConfig):
    """Room `traces`."""

    name = "holdfast.control.traces"
    label = "traces"
