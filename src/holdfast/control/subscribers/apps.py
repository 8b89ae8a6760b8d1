"""The room as a Django app."""

from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.subscribers"
    label = "subscribers"
