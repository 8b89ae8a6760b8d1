"""The room as Django knows it."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """Room `journeys`."""

    name = "holdfast.control.journeys"
    label = "journeys"
