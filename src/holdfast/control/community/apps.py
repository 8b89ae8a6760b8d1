"""The room as a Django app."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.community"
    label = "community"
