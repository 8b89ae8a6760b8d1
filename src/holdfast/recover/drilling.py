"""A drill: the newest backup of a place is restored beside the living bank, proved and compared with it, and thrown
away; what that took and what would have been lost is kept (`recover/drills.jsonl`).
"""

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from holdfast.recover.databases import block_hashes, head_of
from holdfast.recover.errors import RecoverFault, Refused
from holdfast.recover.keys import own_keys
from holdfast.recover.plan import alone, read_plan
from holdfast.recover.restoring import Asked, Restored, Say, current_copy, restore
from holdfast.recover.stores import spare_blocks
from holdfast.runtime.installing import postgres_folder
from holdfast.settings import Installation

FILE = "drills.jsonl"
KEPT_MAX = 2000
COMPARED_BLOCKS = 2000


@dataclass(frozen=True)
class Drilled:
    """One drill. at: seconds since 1970 UTC; recovery_s: from nothing to books that are proved; lost_blocks, lost_s:
    how much of what the living bank had when it began was not in what was restored; compared, anchors: blocks that the
    spare bank's copies and signed anchors were compared with; findings: in words, none when it went well."""

    at: float
    place: str
    backup: str
    recovery_s: float = 0.0
    block: int = 0
    lost_blocks: int = 0
    lost_s: float = 0.0
    compared: int = 0
    anchors: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    findings: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether what was restored is proved."""
        return not self.findings


def drill(home: Installation, place: str = "", say: Say = lambda _: None) -> Drilled:
    """Drill the newest backup, of this place or of the one that was drilled longest ago. A failure is a record too.
    Raises Refused when there is nothing to drill or another is under way."""
    plan = read_plan(home)
    if not plan.places:
        raise Refused("no place for backups is named; name one: ./holdfast backup place NAME FOLDER")
    with alone(home):
        last = {one.place: one.at for one in drills(home)}
        chosen = plan.place(place) if place else min(plan.places, key=lambda one: last.get(one.name, 0.0))
        began, scratch = time.time(), home.folder("recover") / "drill"
        living = head_of(home.database_url("bank")) if not home.core else (0, "", 0)
        _remove(scratch)
        try:
            asked = Asked(chosen, own_keys(home), scratch, line=plan.line, lasting=False)
            done = _compared(home, restore(asked, say), living, began, chosen.name)
        except RecoverFault as fault:
            done = Drilled(began, chosen.name, "", findings=(str(fault),))
        finally:
            _remove(scratch)
        _record(home, done)
    return done


def _remove(scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(postgres_folder(scratch), ignore_errors=True)


def _compared(home: Installation, made: Restored, living: tuple[int, str, int], began: float, place: str) -> Drilled:
    """What was restored beside the living bank, and beside the spare bank's living copy."""
    findings, compared = list(made.findings), made.compared
    if not home.core and made.block:
        ours = block_hashes(home.database_url("bank"), [made.block])
        if ours.get(made.block) != made.block_hash:
            findings.append(f"block {made.block} of what was restored has another hash than in the living bank")
        copy = current_copy(home)
        theirs = spare_blocks(copy, made.block, COMPARED_BLOCKS) if copy else {}
        if made.block in theirs:
            compared += 1
            if theirs[made.block] != made.block_hash:
                findings.append(f"block {made.block} of what was restored has another hash than at the spare bank")
    missing = max(0, living[0] - made.block)
    lost_s = max(0, living[2] - made.at_us) / 1e6 if missing else 0.0
    return Drilled(
        began,
        place,
        made.backup,
        made.seconds["whole"],
        made.block,
        missing,
        round(lost_s, 2),
        compared,
        made.anchors,
        made.seconds,
        tuple(findings),
    )


def drills(home: Installation) -> list[Drilled]:
    """Those that were made, the oldest first; what cannot be read is left out."""
    path, out = home.data / "recover" / FILE, []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            raw = json.loads(line)
            out.append(Drilled(**{**raw, "findings": tuple(raw["findings"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return out


def _record(home: Installation, done: Drilled) -> None:
    path = home.folder("recover") / FILE
    lines = [*(path.read_text().splitlines() if path.exists() else ()), json.dumps(asdict(done))]
    part = path.with_suffix(".part")
    with part.open("w") as out:
        out.write("\n".join(lines[-KEPT_MAX:]) + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
