"""The room as a Django app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.care"
    label = "care"
