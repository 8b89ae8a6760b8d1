"""The room as a Django app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.incidents"
    label = "incidents"
