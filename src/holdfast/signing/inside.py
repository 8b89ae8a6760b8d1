"""TLS between the buildings: 1.3 only, both ends prove themselves by a certificate of the installation's own authority
(authority.py), and who calls checks that the other end is the building it meant.

Certificates are looked at again at handshakes, so that a renewed one, or a new authority, holds without a restart.
"""

import logging
import ssl
import threading
import time
from pathlib import Path
from typing import Any

from holdfast.signing.authority import AuthorityFault, leaf_file, trusted_file

LOOK_S = 1.0
log = logging.getLogger(__name__)


class Inside(ssl.SSLContext):
    """A context for one end of one building. What libraries ask of it is done by the context of the newest files.

    keys: the folder of the installation's keys; name: the building's; serves: as the end that is called. Raises
    AuthorityFault when the building has no certificate that can be used.
    """

    def __new__(cls, keys: Path, name: str, serves: bool) -> "Inside":
        """As SSLContext wants it."""
        del keys, name
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER if serves else ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, keys: Path, name: str, serves: bool) -> None:
        super().__init__()
        self._files = (leaf_file(keys, name), trusted_file(keys))
        self._serves = serves
        self._lock = threading.Lock()
        self._looked_at = time.monotonic()
        self._stamp = self._stamped()
        self._held = self._made()

    def wrap_socket(self, *given: Any, **more: Any) -> ssl.SSLSocket:
        """For blocking sockets."""
        return self._now().wrap_socket(*given, **more)

    def wrap_bio(self, *given: Any, **more: Any) -> ssl.SSLObject:
        """For event loops."""
        return self._now().wrap_bio(*given, **more)

    def _now(self) -> ssl.SSLContext:
        with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_S:
                self._looked_at = time.monotonic()
                self._look()
            return self._held

    def _look(self) -> None:
        """Take what is new; what cannot be used is said once, and the old one holds."""
        try:
            stamp = self._stamped()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._held = self._made()
        except AuthorityFault as fault:
            log.warning("the certificate known before is used on: %s", fault)

    def _stamped(self) -> list[tuple[int, int]]:
        try:
            return [(found.st_ino, found.st_mtime_ns) for found in (path.stat() for path in self._files)]
        except OSError as error:
            raise AuthorityFault(
                f"{error.filename} cannot be read ({error.strerror}); ./holdfast up makes what is missing"
            ) from error

    def _made(self) -> ssl.SSLContext:
        leaf, authorities = self._files
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if self._serves else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if self._serves:
            context.num_tickets = 0  # connections are kept, not taken up again
        try:
            context.load_verify_locations(authorities)
            context.load_cert_chain(leaf, leaf)
        except (OSError, ssl.SSLError) as error:
            raise AuthorityFault(
                f"{leaf} and {authorities} cannot be used as certificates ({error}); remove the broken one, ./holdfast "
                "up makes it anew"
            ) from error
        return context
