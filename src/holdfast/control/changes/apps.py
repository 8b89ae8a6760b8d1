"""The room as Django knows it."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Room `changes`."""

    name = "holdfast.control.changes"
    label = "changes"
