"""The control room's bundle: status pages, banner, codes.

Kept on this door's disk, served when all else is dead.
"""

from pathlib import Path
from typing import Any

from holdfast.contracts.errors import BadToken
from holdfast.contracts.languages import LANGUAGES
from holdfast.look import Banner, Words, banner_to_header, read_words
from holdfast.signing import Keyring

BUNDLE_BYTES_MAX = 4_000_000
WORDS = Path(__file__).parent / "words"
LINES = ("can", "cannot", "next")


def plain_banner(words: Words) -> Banner:
    """What the door says by itself before the control room has spoken."""
    lines = tuple((words.say(f"banner.{name}"), words.say(f"banner.{name}_words")) for name in LINES)
    return Banner(0, 0, "notice", words.say("banner.headline"), lines, words.language)


class BundleStore:
    """The last bundle, shared by the doors of this machine through one file."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._path = folder / "bundle.json"
        self._keyring = keyring
        self._stamp = 0
        self.bundle: dict[str, Any] = {}
        self.banner_header: str | None = None
        self._calm = False
        self.plain_header = banner_to_header(*map(plain_banner, read_words(WORDS).values()))
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
        written = bundle.get("banner") or {}
        banners = [_banner(written[language]) for language in LANGUAGES if written.get(language)]
        self.banner_header = banner_to_header(*banners) if banners else None
        self._calm = bool(banners) and banners[0].signal == "calm"

    @property
    def codes(self) -> list[dict[str, Any]]:
        """The codes of messages (contracts.told); none from a bundle that the release before left on the disk."""
        told = self.bundle.get("codes")
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []

    def header(self, spare_serves: bool) -> str | None:
        """The banner in every language: the control room's. Before it has spoken, and while its last word is that all
        is well though the spare bank serves (the end of an outage before), the door's own plain one."""
        if self.banner_header and not (spare_serves and self._calm):
            return self.banner_header
        return self.plain_header if spare_serves else None


def _banner(raw: dict[str, Any]) -> Banner:
    return Banner(**{**raw, "lines": tuple((str(term), str(words)) for term, words in raw["lines"])})
