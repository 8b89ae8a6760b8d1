"""The room as a Django app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.staff"
    label = "staff"
