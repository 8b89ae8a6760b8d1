"""What every screen of the console shares: the frame's words, and the way to the other buildings."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from holdfast.control.calls import Switchboard
from holdfast.control.errors import ControlError
from holdfast.settings import Installation
from holdfast.signing import load_keyring

NAVIGATION = (("/", "Now"), ("/incidents", "Incidents"), ("/messages", "Messages"), ("/both", "Both sides"),
              ("/break", "Break it yourself"), ("/staff", "Staff log"))


@lru_cache(maxsize=1)
def switchboard() -> Switchboard:
    """The way to the other buildings, signed in the control room's name."""
    installation = settings.INSTALLATION
    if not isinstance(installation, Installation):
        raise ControlError("HOLDFAST_DATA does not name a data folder; start with ./holdfast up")
    return Switchboard(installation, load_keyring(installation.keys, "control"))


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template: who is logged in, where the pages are, what the bank is called."""
    installation = settings.INSTALLATION
    path = request.path
    navigation = [{"href": href, "words": words, "current": path == href or (href != "/" and path.startswith(href))}
                  for href, words in NAVIGATION]
    return {"person": getattr(request, "person", None), "navigation": navigation, "bank": installation.bank_name,
            "door": installation.door_origin}
