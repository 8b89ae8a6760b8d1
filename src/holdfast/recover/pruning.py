"""Remove what the plan no longer keeps: never what is held, never what a kept backup goes on from, never the newest
backup, and nothing at all when the clock cannot be right.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from holdfast.recover import shelf
from holdfast.recover.errors import Damaged, PlaceFault
from holdfast.recover.keys import RecoveryKeys
from holdfast.recover.manifest import Kept, backups, chain, stamp
from holdfast.recover.places import DAY_S, remove, remove_file
from holdfast.recover.plan import Place, Plan
from holdfast.recover.wal import SEGMENT, SEGMENT_BYTES, number, position

SILENT_DAYS_MAX = 7.0
"""The newest backup is never older than this while all is well; if it is, backups have stopped or the clock jumped."""


@dataclass
class Pruned:
    """What was removed from a place, and what was not and why."""

    removed: list[str] = field(default_factory=list)
    segments: int = 0
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def wanted(found: list[Kept], plan: Plan, now: float) -> set[str]:
    """The names that the plan keeps, with all that they go on from; found: of one line, in any order. Pure."""
    newest_first = sorted(found, key=lambda one: one.manifest.began, reverse=True)
    names = {one.manifest.name for one in newest_first[:1]}
    weeks: dict[str, None] = {}
    months: dict[str, None] = {}
    for one in newest_first:
        at, name = datetime.fromtimestamp(one.manifest.began, UTC), one.manifest.name
        if now - one.manifest.began <= plan.keep_days * DAY_S:
            names.add(name)
        for seen, key, most in (
            (weeks, at.strftime("%G-%V"), plan.keep_weeks),
            (months, at.strftime("%Y-%m"), plan.keep_months),
        ):
            if key not in seen and len(seen) < most:
                seen[key] = None
                names.add(name)
    for one in newest_first:
        if one.manifest.name in names:
            try:
                names.update(each.manifest.name for each in chain(one, found))
            except Damaged:
                continue
    return names


def prune(place: Place, plan: Plan, keys: RecoveryKeys, now: float | None = None) -> Pruned:
    """Remove from one place; what cannot be read is left alone and said. Raises PlaceFault."""
    now, out = time.time() if now is None else now, Pruned()
    found, wrong = backups(place, plan.line)
    out.refused += wrong
    if not found:
        return out
    newest = max(one.manifest.began for one in found)
    if now - newest > SILENT_DAYS_MAX * DAY_S or newest > now + DAY_S:
        out.refused.append(
            f"the newest backup in {place.name!r} is of {stamp(newest)} and the clock says {stamp(now)} (UTC): backups "
            "have stopped, or the clock jumped; nothing is removed"
        )
        return out
    keep = wanted(found, plan, now)
    for one in found:
        name = one.manifest.name
        try:
            one.check(keys)
        except Damaged as fault:
            out.refused.append(str(fault))
            keep.add(name)
            continue
        if name in keep:
            out.kept.append(name)
        elif one.manifest.held_until > now:
            out.refused.append(f"{name} is held until {stamp(one.manifest.held_until)} (UTC)")
            keep.add(name)
        else:
            _remove(one, out)
    _prune_log(place, plan, [one for one in found if one.manifest.name in keep], now, out)
    return out


def _remove(one: Kept, out: Pruned) -> None:
    try:
        remove(one.folder)
        out.removed.append(one.manifest.name)
    except OSError as error:
        raise PlaceFault(f"{one.folder} cannot be removed ({error.strerror}); see to the place") from error


def _prune_log(place: Place, plan: Plan, kept: list[Kept], now: float, out: Pruned) -> None:
    """The log before the oldest backup that is kept serves nobody."""
    for building in sorted({name for one in kept for name in one.manifest.databases}):
        first = min(
            position(one.manifest.databases[building].wal_from) // SEGMENT_BYTES
            for one in kept
            if building in one.manifest.databases
        )
        for piece in shelf.shelved_log(place, plan.line, building):
            if not SEGMENT.fullmatch(piece.plain) or number(piece.plain) >= first:
                continue
            if place.hold_days and now < piece.path.stat().st_mtime + place.hold_days * DAY_S:
                continue
            remove_file(piece.path)
            out.segments += 1
