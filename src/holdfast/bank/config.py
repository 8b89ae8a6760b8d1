"""Django's settings of the primary bank, from the installation named by HOLDFAST_DATA."""

import os
import sys
from pathlib import Path

from holdfast.settings import django_database, load

INSTALLATION = load()
ROLE = os.environ.get("HOLDFAST_BANK_ROLE", "web")
WORKING_URL = INSTALLATION.database_url("bank", working=True)
DATABASE_URL = WORKING_URL if ROLE in ("web", "worker") else INSTALLATION.database_url("bank")
LONG_WORK = ROLE != "web"
"""Whether this process is a job or command, which may take longer than a page."""
IDLE_MS_MAX = 5_000 if ROLE in ("web", "worker") else 120_000
"""A command that loads a bank works much out between two statements, and holds up nobody."""

_place = django_database(DATABASE_URL)
DATABASES = {
    "default": {
        **_place,
        "ENGINE": "holdfast.bank.database",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_place["OPTIONS"],
            "connect_timeout": 2,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 5000,
            "application_name": "holdfast-bank",
            "prepare_threshold": 0,  # of server-side cursors only, as database/prepared.py makes them
            "options": "-c search_path=bank -c lock_timeout=2000 "
            + f"-c idle_in_transaction_session_timeout={IDLE_MS_MAX} "
            + ("-c statement_timeout=60000" if LONG_WORK else "-c statement_timeout=2000"),
        },
    }
}
INSTALLED_APPS = [
    "holdfast.bank.customers",
    "holdfast.bank.accounts",
    "holdfast.bank.payments",
    "holdfast.bank.cards",
    "holdfast.bank.orders",
    "holdfast.bank.charges",
    "holdfast.bank.currencies",
    "holdfast.bank.files",
    "holdfast.bank.exchange",
    "holdfast.bank.cases",
    "holdfast.bank.redress",
    "holdfast.bank.berka",
    "holdfast.bank.factors",
    "holdfast.bank.mail",
    "holdfast.bank.joining",
    "holdfast.bank.freezing",
    "holdfast.bank.leaving",
    "holdfast.bank.hardship",
    "holdfast.bank.api",
]
MIDDLEWARE = [
    "holdfast.bank.web.safety.SafetyMiddleware",
    "holdfast.bank.web.door.DoorMiddleware",
    "holdfast.bank.web.origin.OriginMiddleware",
]
ROOT_URLCONF = "holdfast.bank.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "OPTIONS": {
            "builtins": ["holdfast.bank.web.words.tags"],
            "libraries": {"words": "holdfast.bank.web.words.tags"},
        },
    }
]
SECRET_KEY = "not used: nothing here is signed by Django"  # noqa: S105  # sessions are signed by the keyring
DEBUG = False
ALLOWED_HOSTS = ["*"]  # only doors and buildings with a signed header are answered
USE_TZ = True
TIME_ZONE = INSTALLATION.time_zone
LANGUAGE_CODE = "en"
USE_I18N = False
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
LOGGING_CONFIG = None
SILENCED_SYSTEM_CHECKS: list[str] = []
TESTING = "pytest" in sys.modules
