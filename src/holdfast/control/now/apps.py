"""The room as a Django app."""

from django.apps import AppConfig


class NowConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.now"
    label = "now"
