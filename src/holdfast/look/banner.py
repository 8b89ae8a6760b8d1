"""The banner on every page: what you can do, what you cannot yet, what next.

The control room writes it, the doors keep the last one and hand it to the banks in a header, and each
page shows it by this one function, so that the words are the same everywhere.
"""

import base64
import json
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

HEADER_BYTES_MAX = 12_000
MORE = ("/money", "/help-now", "/status", "/chat")
MORE_WORDS = {
    "en": ("More", "What happened to my payments", "Help now", "Status", "Talk to us"),
    "nb": ("Mer", "Hva skjedde med betalingene mine", "Hjelp nå", "Status", "Snakk med oss"),
}


@dataclass(frozen=True, slots=True)
class Banner:
    """One banner in one language. signal: `notice`, `alarm` or `calm`; lines: (term, words) pairs."""

    number: int
    incident: int
    signal: str
    headline: str
    lines: tuple[tuple[str, str], ...]
    language: str = "en"


def banner_to_header(*banners: Banner) -> str:
    """The banner in each of its languages as a header's value; only the first where all would be too long."""
    raw = json.dumps([asdict(one) for one in banners], separators=(",", ":"), ensure_ascii=False).encode()
    value = base64.urlsafe_b64encode(raw).decode()
    return value if len(value) <= HEADER_BYTES_MAX or len(banners) == 1 else banner_to_header(banners[0])


def banner_from_header(value: str | None, language: str = "en") -> Banner | None:
    """The banner of a header's value in this language, else in the first that it has.

    None when absent or broken: a page is never lost for its banner.
    """
    if not value or len(value) > HEADER_BYTES_MAX:
        return None
    try:
        found = [_read(raw) for raw in json.loads(base64.urlsafe_b64decode(value))]
    except (ValueError, TypeError, KeyError):
        return None
    return next((one for one in found if one.language == language), found[0] if found else None)


def _read(raw: dict[str, Any]) -> Banner:
    return Banner(**{**raw, "lines": tuple((str(term), str(words)) for term, words in raw["lines"])})


def banner_html(banner: Banner | None, origin: str = "") -> str:
    """The banner's markup, empty without one; every word escaped.

    On a phone it folds to its first line. The style sheet shows one of the two, so no script is needed. origin: of the
    front doors, where the page that shows it is not theirs.
    """
    if banner is None:
        return ""
    more, *said = MORE_WORDS.get(banner.language, MORE_WORDS["en"])
    told = "".join(f"<dt>{escape(term)}</dt><dd>{escape(words)}</dd>" for term, words in banner.lines)
    links = " · ".join(f'<a href="{origin}{to}">{words}</a>' for to, words in zip(MORE, said, strict=True))
    lines = f"<dl>{told}<dt>{more}</dt><dd>{links}</dd></dl>"
    return (
        f'<div class="banner {escape(banner.signal)}" lang="{escape(banner.language)}" role="status" '
        f'data-incident="{banner.incident}">'
        f'<div class="unfolded"><strong>{escape(banner.headline)}</strong>{lines}</div>'
        f'<details class="folded"><summary><strong>{escape(banner.headline)}</strong></summary>{lines}</details></div>'
    )
