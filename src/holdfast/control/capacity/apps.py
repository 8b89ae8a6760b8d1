"""The room as Django knows it."""

from django.apps import AppConfig


class CapacityConfig(AppConfig):
    """Room `capacity`."""

    name = "holdfast.control.capacity"
    label = "capacity"
