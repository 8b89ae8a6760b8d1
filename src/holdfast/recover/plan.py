"""What is to be kept where: the places, how often a backup is taken and drilled, how long what is kept.

`recover/plan.json` in the installation. `line` names this installation in every place; a restored one gets another, so
that two banks which go on from one backup never write over each other's.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from holdfast.recover.errors import PlaceFault, RecoverFault, Refused
from holdfast.settings import Installation
from holdfast.signing.keyfile import write_private

PLAN = "plan.json"
HOLD_DAYS_MAX = 3650
PLACES_MAX = 8
ROOT = "holdfast-backups"
"""The folder in each place that is ours; nothing beside it is touched."""


@dataclass(frozen=True)
class Place:
    """A folder that keeps backups: another disk, a mounted share. hold_days: how long what is put there cannot be
    removed again by this program (0: no hold)."""

    name: str
    folder: str
    hold_days: int = 0

    @property
    def root(self) -> Path:
        """Where ours begins."""
        return Path(self.folder) / ROOT


@dataclass(frozen=True)
class Plan:
    """every_hours, drill_days: how often a backup and a drill are due; full_days: the age at which a chain of
    incremental backups ends with a new full one. ship_s: seconds after which what was written since is put away.
    since: when the first place was named, seconds since 1970 UTC: nothing is overdue before its time.
    Kept: all of keep_days days, the newest of each of keep_weeks weeks and of keep_months months."""

    line: str
    places: tuple[Place, ...] = ()
    every_hours: float = 24.0
    full_days: float = 7.0
    drill_days: float = 7.0
    ship_s: float = 10.0
    keep_days: int = 7
    keep_weeks: int = 5
    keep_months: int = 12
    parent: str = ""
    since: float = 0.0

    def place(self, name: str) -> Place:
        """The place of this name; raises Refused."""
        for one in self.places:
            if one.name == name:
                return one
        raise Refused(f"there is no place {name!r}; there are {', '.join(one.name for one in self.places) or 'none'}")


def new_line() -> str:
    """A name for an installation in its places."""
    return secrets.token_hex(6)


def read_plan(home: Installation) -> Plan:
    """The plan, an empty one when none was made; raises RecoverFault."""
    path = home.data / "recover" / PLAN
    try:
        raw = json.loads(path.read_text())
        return Plan(**{**raw, "places": tuple(Place(**one) for one in raw["places"])})
    except FileNotFoundError:
        return Plan(new_line())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecoverFault(f"{path} cannot be read ({error}); remove it and name the places anew") from error


def write_plan(home: Installation, plan: Plan) -> None:
    """Keep the plan."""
    write_private(home.folder("recover") / PLAN, json.dumps(asdict(plan), indent=1).encode())


def with_place(plan: Plan, place: Place, home: Installation) -> Plan:
    """The plan with one place more, or another form of it; raises Refused or PlaceFault in words."""
    folder = Path(place.folder)
    if not place.name.replace("-", "").isalnum() or len(place.name) > 40:
        raise Refused("a place's name is of letters, digits and hyphens, at most 40")
    if not 0 <= place.hold_days <= HOLD_DAYS_MAX:
        raise Refused(f"what a place keeps can be held for 0 to {HOLD_DAYS_MAX} days")
    if not folder.is_dir():
        raise PlaceFault(f"{folder} is not a folder; make or mount it first, nothing was changed")
    data = home.data.resolve()
    if folder.resolve().is_relative_to(data) or folder.resolve().is_relative_to(Path(home.postgres_data).resolve()):
        raise Refused(f"{folder} lies within the data that it would keep, and would be lost with them; name another")
    others = tuple(one for one in plan.places if one.name != place.name)
    for one in others:
        if Path(one.folder).resolve() == folder.resolve():
            raise Refused(f"{folder} is the place {one.name!r} already")
    before = [one for one in plan.places if one.name == place.name]
    if before and before[0].hold_days > place.hold_days:
        raise Refused(f"the place {place.name!r} holds for {before[0].hold_days} days; a hold is not shortened")
    if len(others) >= PLACES_MAX:
        raise Refused(f"there are {PLACES_MAX} places already; take one away first")
    return replace(plan, places=(*others, place), since=plan.since or time.time())


def without_place(plan: Plan, name: str) -> Plan:
    """The plan without a place; what is in it stays. Raises Refused when there is none of the name."""
    gone = plan.place(name)
    return replace(plan, places=tuple(one for one in plan.places if one != gone))


@contextmanager
def alone(home: Installation) -> Iterator[None]:
    """One backup, drill or pruning at once; raises Refused."""
    with (home.folder("recover") / "lock").open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            raise Refused("another backup, drill or pruning of this bank is under way; wait for its end") from error
        yield
