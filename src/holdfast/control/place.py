"""Which installation this is, and the way to the other buildings."""

from functools import lru_cache

from django.conf import settings

from holdfast.control.calls import Switchboard
from holdfast.control.errors import ControlError
from holdfast.settings import Installation
from holdfast.signing import load_keyring
from holdfast.signing.lines import Lines


def installation() -> Installation:
    """The installation that Django's settings were read from; raises ControlError without one."""
    found = settings.INSTALLATION
    if not isinstance(found, Installation):
        raise ControlError("HOLDFAST_DATA does not name a data folder; start with ./holdfast up")
    return found


@lru_cache(maxsize=1)
def switchboard() -> Switchboard:
    """The way to the other buildings, signed in the control room's name."""
    home = installation()
    return Switchboard(home, load_keyring(home.keys, "control"), Lines(home.keys, "control"))
