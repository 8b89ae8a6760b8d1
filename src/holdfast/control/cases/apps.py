"""The room as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Django's handle on this room."""

    name = "holdfast.control.cases"
    label = "cases"
