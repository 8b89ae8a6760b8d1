"""A file of symmetric keys, each with a number: all of them read, the newest writes. Only its owner may read it."""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path


def read_keys(path: Path) -> dict[int, bytes]:
    """The keys by number; raises OSError, ValueError, TypeError or AttributeError when they cannot be read."""
    return {int(number): b64decode(key) for number, key in json.loads(path.read_text()).items()}


def write_keys(path: Path, keys: dict[int, bytes], fresh: bool = False) -> None:
    """Write the file whole or not at all, name and content on the disk before this returns.

    fresh: only when there is none; raises FileExistsError when another process was first.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(json.dumps({str(number): b64encode(key).decode() for number, key in keys.items()}))
        out.flush()
        os.fsync(out.fileno())
    try:
        if fresh:
            path.hardlink_to(part)
        else:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too: what is sealed by a key that the power took is lost
    finally:
        os.close(folder)
