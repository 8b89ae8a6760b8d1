"""The room as a Django app."""

from django.apps import AppConfig


class TellConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.tell"
    label = "tell"
