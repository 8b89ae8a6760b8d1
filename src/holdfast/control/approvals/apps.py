"""The room as a Django app."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.approvals"
    label = "approvals"
