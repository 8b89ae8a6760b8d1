"""What a rehearsal changes in all programs of an installation at once: a file of two numbers.

`ahead_s`: by how many seconds the programs' time of day is ahead; `misjudged`: the share (0 to 1) of judgements at
which the shared rules raise. Only programs of an installation made with `rehearsed` read it (`gameday/skewed`).
"""

import struct
from dataclasses import dataclass
from pathlib import Path

FORM = struct.Struct("<dd")


@dataclass(frozen=True, slots=True)
class Changed:
    """What holds now; nothing is changed at first."""

    ahead_s: float = 0.0
    misjudged: float = 0.0


def read_changed(path: Path) -> Changed:
    """What the file says; nothing is changed where there is none."""
    try:
        return Changed(*FORM.unpack(path.read_bytes()))
    except (OSError, struct.error):
        return Changed()


def write_changed(path: Path, changed: Changed) -> None:
    """Say what holds from now on. In place: the programs have the file mapped, and see it at their next look."""
    path.touch()
    with path.open("r+b") as out:
        out.write(FORM.pack(changed.ahead_s, changed.misjudged))
