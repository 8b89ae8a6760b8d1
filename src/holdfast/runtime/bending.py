"""What a rehearsal bends in all programs at once: the time of day jumps ahead, the shared rules break.

Only in an installation made for it (`rehearsed`), whose programs look at one small file (settings/rehearsal.py).
"""

import os
from dataclasses import replace
from pathlib import Path

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.postgres import clone_root
from holdfast.settings import Installation, read_changed, write_changed

PLACES = {"step": "time", "misjudge": "rules"}
"""What is bent, by how."""


def bend(installation: Installation, names: list[str], how: str, value: float) -> list[str]:
    """Bend it from now on; what was bent. Raises RuntimeFault in words, with nothing changed."""
    place = PLACES[how]
    if names != [place]:
        raise RuntimeFault(f"{how} is for {place} only, not for {', '.join(names)}")
    if not installation.rehearsed:
        raise RuntimeFault("only an installation that was made for rehearsals can be bent: ./holdfast up --rehearsed")
    now = read_changed(installation.rehearsal_file)
    if how == "step":
        if value <= 0:
            raise RuntimeFault("time can only be stepped ahead: VALUE is a number of seconds above 0")
        write_changed(installation.rehearsal_file, replace(now, ahead_s=now.ahead_s + value))
    else:
        if not 0 < value <= 1:
            raise RuntimeFault("the share of judgements that fail lies above 0 and at most at 1")
        write_changed(installation.rehearsal_file, replace(now, misjudged=value))
    return [place]


def straighten(installation: Installation, names: list[str]) -> list[str]:
    """Mend the rules, if they were broken; what was mended. Time does not go back."""
    now = read_changed(installation.rehearsal_file)
    if not now.misjudged or not {"rules", "everything"} & set(names):
        return []
    write_changed(installation.rehearsal_file, replace(now, misjudged=0.0))
    return ["rules"]


def environment(installation: Installation, clock_ahead_s: float = 0.0, older: str = "") -> dict[str, str]:
    """The environment of a program of this clone in an installation, with what bends its time and its rules.

    clock_ahead_s: by how much its clock is wrong, beside what holds for all. older: the folder of another release's
    code, which runs instead of this clone's.
    """
    source = Path(older) if older else clone_root() / "src"
    out = {**os.environ, "HOLDFAST_DATA": str(installation.data), "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"}
    if clock_ahead_s:
        out["HOLDFAST_CLOCK_AHEAD_S"] = str(clock_ahead_s)
    if installation.rehearsed:
        out["HOLDFAST_REHEARSAL"] = str(installation.rehearsal_file)
    if clock_ahead_s or installation.rehearsed:
        out["PYTHONPATH"] = f"{source / 'holdfast' / 'gameday' / 'skewed'}:{source}"
    return out
