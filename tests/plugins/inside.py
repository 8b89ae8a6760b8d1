"""Small servers in the place of other buildings, who speak as buildings do: by mutual TLS."""

from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from holdfast.signing import create_key
from holdfast.signing.authority import ensure
from holdfast.signing.inside import Inside

SPEAKING = ("door", "primary", "standin", "control", "runtime")


def make_keys(keys: Path, *names: str) -> None:
    """Signing keys of these, and a certificate for every building."""
    for name in names:
        create_key(keys, name)
    ensure(keys, dict.fromkeys(SPEAKING, ()))


class BuildingServer(ThreadingHTTPServer):
    """As its parent, under the certificate of the building `name`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any, keys: Path, name: str) -> None:
        self._inside = Inside(keys, name, serves=True)
        super().__init__(address, handler)

    def get_request(self) -> tuple[Any, Any]:
        """The handshake is left to the first read, which another thread does."""
        taken, whose = super().get_request()
        return self._inside.wrap_socket(taken, server_side=True, do_handshake_on_connect=False), whose

    def handle_error(self, *_: object) -> None:
        """A caller that breaks off is no news here."""
