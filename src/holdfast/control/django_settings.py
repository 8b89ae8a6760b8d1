"""Django's settings for the control room; everything that differs comes from the installation.

Without HOLDFAST_DATA (type checks, makemigrations) there is no database to reach, and no secret.
"""

import os
from typing import Any

from holdfast import settings as holdfast_settings

INSTALLATION = holdfast_settings.load() if os.environ.get("HOLDFAST_DATA") else None


def _database(url: str) -> dict[str, Any]:
    place = holdfast_settings.django_database(url)
    return {
        **place,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **place["OPTIONS"],
            "connect_timeout": 2,
            "tcp_user_timeout": 4000,
            "application_name": "holdfast-control",
            "options": "-c statement_timeout=8000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000",
        },
    }


DATABASES = {"default": _database(INSTALLATION.database_url("control"))} if INSTALLATION else {}
ROOMS = (
    "watch",
    "incidents",
    "tell",
    "care",
    "staff",
    "approvals",
    "cases",
    "now",
    "metrics",
    "alerts",
    "changes",
    "logs",
    "traces",
    "capacity",
    "response",
    "journeys",
    "maintenance",
    "support",
    "subscribers",
    "community",
)
INSTALLED_APPS = [f"holdfast.control.{room}" for room in ROOMS]
MIDDLEWARE = ["holdfast.control.borders.Borders"]
ROOT_URLCONF = "holdfast.control.urls"
WSGI_APPLICATION = "holdfast.control.wsgi.application"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", *([INSTALLATION.console_host or INSTALLATION.host] if INSTALLATION else [])]
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = INSTALLATION.time_zone if INSTALLATION else "UTC"
USE_I18N = False
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64_000
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["holdfast.control.now.frame.frame"]},
    }
]
LOGGING_CONFIG = None
SILENCED_SYSTEM_CHECKS: list[str] = []

REFUND_DAYS = int(os.environ.get("HOLDFAST_REFUND_DAYS", "100"))
"""Charges are recomputed from the incident's start for so many days, unless a manager sets another date."""
