"""Where everything is: one settings file that the runtime writes, read by every building."""

from holdfast.settings.confining import confine
from holdfast.settings.databases import django_database, password_of
from holdfast.settings.installation import (
    DATA_VERSION,
    LOOPBACK,
    PORT_BASE_DEFAULT,
    PORTS_COUNT,
    Installation,
    SettingsError,
    load,
    write,
)
from holdfast.settings.rehearsal import Changed, read_changed, write_changed
from holdfast.settings.supervision import ask_for_step, ask_supervisor, socket_path, steps_path

__all__ = [
    "DATA_VERSION",
    "LOOPBACK",
    "PORTS_COUNT",
    "PORT_BASE_DEFAULT",
    "Changed",
    "Installation",
    "SettingsError",
    "ask_for_step",
    "ask_supervisor",
    "confine",
    "django_database",
    "load",
    "password_of",
    "read_changed",
    "socket_path",
    "steps_path",
    "write",
    "write_changed",
]
