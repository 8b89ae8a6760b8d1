"""One PostgreSQL and one installation for the session; Django is set up before any test module is read."""

import atexit
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from holdfast_tests import free_port_base
from inside import make_keys

from holdfast.runtime import postgres
from holdfast.settings import Installation, write

_STACK = contextlib.ExitStack()
atexit.register(_STACK.close)
DATA = Path(_STACK.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-control-")))
INSTALLATION = Installation(data=DATA, port_base=free_port_base())
write(INSTALLATION)
make_keys(INSTALLATION.keys, "door", "primary", "standin", "control", "runtime", "clearing", "network")
os.environ["HOLDFAST_DATA"] = str(DATA)
os.environ["HOLDFAST_CONTROL_DATABASE_URL"] = _STACK.enter_context(postgres.temporary("control", lasting=False))
os.environ["DJANGO_SETTINGS_MODULE"] = "holdfast.control.django_settings"

import django  # noqa: E402  # Django is set up first

django.setup()

from argon2 import PasswordHasher  # noqa: E402  # Django is set up first
from django.core.management import call_command  # noqa: E402  # Django is set up first
from django.db import connection  # noqa: E402  # Django is set up first

from holdfast.control.staff import people as staff_people  # noqa: E402  # Django is set up first

# Five people are made for most tests; the strength of their passwords is no part of any.
staff_people.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session")
def _migrated() -> None:
    call_command("migrate", interactive=False, verbosity=0)


@pytest.fixture
def database(_migrated: None) -> Iterator[None]:
    """A database with its tables empty; emptied again before the next test that asks for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        tables = [name for name in connection.introspection.table_names() if name != "django_migrations"]
        cursor.execute("TRUNCATE " + ", ".join(tables) + " RESTART IDENTITY")
        cursor.execute("SET session_replication_role = origin")
    yield
    connection.close()


@pytest.fixture
def people(database: None) -> dict[str, str]:
    """One person a role, with passwords by role."""
    staff_people.ensure_people(INSTALLATION.secrets)
    return {path.name: path.read_text().strip() for path in INSTALLATION.secrets.iterdir()}


@pytest.fixture
def installation() -> Installation:
    """The session's installation."""
    return INSTALLATION
