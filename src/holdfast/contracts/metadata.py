"""Metadata: named texts that programs attach to transfers and accounts, as an invoice's number or a foreign reference.

They are plain and stand in the books for ever, in the hash of their block: nothing personal belongs there (that is the
sealed note). Of a transfer they never change; of an account the newest count. Hashed bytes: how many, then each name
and value as text, by name.
"""

import json
import re
import struct
from collections.abc import Mapping

NAMES_MAX = 16
"""Named texts of one transfer or account."""
VALUE_CHARACTERS_MAX = 500
BYTES_MAX = 4096
"""All names and values together, in UTF-8."""

TEXT_CHARACTERS_MAX = 8 * BYTES_MAX
"""In one field of a form, where each character may be written as six."""

Metadata = tuple[tuple[str, str], ...]
"""(name, value), by name; each name once."""
_NAME = re.compile(r"[a-z0-9_.\-]{1,64}")


def metadata_of(named: Mapping[str, str] | None) -> Metadata:
    """These texts in their order; of what metadata_trouble has nothing against."""
    return tuple(sorted(named.items())) if named else ()


def metadata_trouble(named: object) -> str:
    """Why this is no metadata, in words; empty when it is."""
    if not isinstance(named, Mapping):
        return "metadata is not a set of named texts"
    if len(named) > NAMES_MAX:
        return f"metadata has {len(named)} names, at most {NAMES_MAX} are taken"
    total = 0
    for name, value in named.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return f"the name {str(name)[:64]!r} in metadata is not 1 to 64 of a to z, 0 to 9, _, . and -"
        if not isinstance(value, str) or len(value) > VALUE_CHARACTERS_MAX or "\0" in value:
            return f"{name} in metadata is no text of at most {VALUE_CHARACTERS_MAX} characters without a NUL"
        try:
            total += len(name) + len(value.encode())
        except UnicodeEncodeError:
            return f"{name} in metadata is not text that can be written down"
    return f"metadata has {total} bytes, at most {BYTES_MAX} are taken" if total > BYTES_MAX else ""


def metadata_text(metadata: Metadata) -> str:
    """As a form carries it in one field; empty for none."""
    return json.dumps(dict(metadata), separators=(",", ":")) if metadata else ""


def read_metadata_text(text: str) -> Metadata | None:
    """What a form's field carries; None when that is no metadata."""
    if not text:
        return ()
    try:
        named = json.loads(text) if len(text) <= TEXT_CHARACTERS_MAX else None
    except (ValueError, RecursionError):
        return None
    return None if metadata_trouble(named) else metadata_of(named)


def text_bytes(value: str) -> bytes:
    """A text as it is hashed: its length in four bytes, and its UTF-8."""
    raw = value.encode()
    return struct.pack(">i", len(raw)) + raw


def metadata_bytes(metadata: Metadata) -> bytes:
    """The bytes behind those of the item that carries it."""
    return struct.pack(">i", len(metadata)) + b"".join(text_bytes(name) + text_bytes(value) for name, value in metadata)
