"""The control room's bundle: status pages, banner, codes.

Kept on this door's disk, served when all else is dead.
"""

from pathlib import Path
from typing import Any

from holdfast.contracts.errors import BadToken
from holdfast.look import Banner, banner_to_header
from holdfast.signing import Keyring

BUNDLE_BYTES_MAX = 4_000_000

PLAIN_BANNER = Banner(
    0,
    0,
    "notice",
    "We have a fault. You are being served by our spare bank.",
    (
        ("You can", "log in, see balances and payments, pay, be paid"),
        ("Not yet", "open accounts, change limits"),
        ("Next update", "within a minute, here and on our status page"),
    ),
)


class BundleStore:
    """The last bundle, shared by the doors of this machine through one file."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._path = folder / "bundle.json"
        self._keyring = keyring
        self._stamp = 0
        self.bundle: dict[str, Any] = {}
        self.banner_header: str | None = None
        self.plain_header = banner_to_header(PLAIN_BANNER)
        self.reload()

    def reload(self) -> None:
        """Read the file again if it changed; a broken or unsigned file leaves the last bundle."""
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            token = self._path.read_text()
        except OSError:
            return
        try:
            self._use(self._verified(token))
            self._stamp = stamp
        except BadToken:
            return

    def take(self, token: str) -> int:
        """Check and store a bundle; gives its number. Raises BadToken, also for a number not above the last."""
        bundle = self._verified(token)
        self.reload()
        if int(bundle["number"]) <= int(self.bundle.get("number", 0)):
            raise BadToken(f"bundle {bundle['number']} is not newer than {self.bundle.get('number')}")
        part = self._path.with_suffix(".part")
        part.write_text(token)
        part.replace(self._path)
        self._use(bundle)
        return int(bundle["number"])

    def _verified(self, token: str) -> dict[str, Any]:
        signer, _, rest = token.partition(".")
        if len(token) > BUNDLE_BYTES_MAX or signer != "control" or not rest:
            raise BadToken("the bundle is not signed by the control room, or too large")
        return self._keyring.verify_large("bundle", token, {"control"})

    def _use(self, bundle: dict[str, Any]) -> None:
        self.bundle = bundle
        banner = (bundle.get("banner") or {}).get("en")
        self.banner_header = None
        if banner:
            lines = tuple((str(a), str(b)) for a, b in banner["lines"])
            self.banner_header = banner_to_header(Banner(**{**banner, "lines": lines}))

    def header(self, spare_serves: bool) -> str | None:
        """The banner for a request: the control room's; before it has spoken, the door's own plain one."""
        if self.banner_header:
            return self.banner_header
        return self.plain_header if spare_serves else None
