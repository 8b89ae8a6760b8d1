"""The room as a Django app."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.response"
    label = "response"
