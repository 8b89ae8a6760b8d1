"""The room as a Django app."""

from django.apps import AppConfig


class WatchConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.watch"
    label = "watch"
