"""The room as a Django app."""

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.support"
    label = "support"
