"""Fixtures of an installation without servers (tests/plugins/recover_conftest.py)."""

from recover_conftest import home, keys, places, prepared

__all__ = ["home", "keys", "places", "prepared"]
