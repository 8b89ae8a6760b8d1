"""Files of keys that only their owner may read; of symmetric keys, each with a number: all read, the newest writes."""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path


def read_keys(path: Path) -> dict[int, bytes]:
    """The keys by number; raises OSError, ValueError, TypeError or AttributeError when they cannot be read."""
    return {int(number): b64decode(key) for number, key in json.loads(path.read_text()).items()}


def write_keys(path: Path, keys: dict[int, bytes], fresh: bool = False) -> None:
    """Write the file as `write_private` does."""
    text = json.dumps({str(number): b64encode(key).decode() for number, key in keys.items()})
    write_private(path, text.encode(), fresh)


def write_private(path: Path, content: bytes, fresh: bool = False) -> None:
    """Write a file of mode 0600 whole or not at all, name and content on the disk before this returns.

    fresh: only when there is none; raises FileExistsError when another process was first.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        if fresh:
            path.hardlink_to(part)
        else:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Names made or removed in this folder are on the disk: what is sealed by a key that the power took is lost."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
