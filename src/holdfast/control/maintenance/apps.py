"""The room as a Django app."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.maintenance"
    label = "maintenance"
