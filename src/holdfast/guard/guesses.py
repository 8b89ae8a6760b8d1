"""Guessing passwords is limited so that a stranger's guesses never shut the customer out. Pure but for its clock.

Wrong passwords are counted from a window's first one on, in three places: for the name from one network, for the name
from everywhere, and for the network whatever the names. A device on which the customer logged in before is counted for
itself alone: what strangers type never closes it, and it never closes anything for others. Passkeys are not counted at
all, since nobody guesses one. Names that nobody has are counted like any other, so that a refusal tells nothing.

A try is counted before the password is looked at and given back when it was right, so tries at one time cannot pass
the limit together. Memory is bounded: of each kind at most KEPT_MAX are kept, the oldest go first. To push a count out
before its window ends somebody must make so many other tries that checking their passwords takes longer than that.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

WINDOW_S = 15 * 60
KEPT_MAX = 100_000
Kind = Literal["device", "name and network", "name", "network"]
TRIES_MAX: dict[Kind, int] = {"device": 10, "name and network": 5, "name": 50, "network": 300}
"""Wrong passwords in a window before the next is not looked at."""


class Place(NamedTuple):
    """Where a try is counted."""

    kind: Kind
    key: str


@dataclass(frozen=True, slots=True)
class Try:
    """One counted try."""

    places: tuple[Place, ...]


class Guesses:
    """Tries of one process. Thread-safe. clock: monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept_max: int = KEPT_MAX) -> None:
        self._clock = clock
        self._kept_max = kept_max
        self._lock = threading.Lock()
        self._counts: dict[Kind, OrderedDict[str, tuple[float, int]]] = {kind: OrderedDict() for kind in TRIES_MAX}

    def take(self, name: str, network: str, device: str = "") -> Try | None:
        """Count one try at a name; None when there is none left for now, and then nothing is counted. device: known
        to be the customer's, "" for one that is not; network: contracts.networks.network_of."""
        places = _places(name, network, device)
        with self._lock:
            now = self._clock()
            if any(self._count(place, now) >= TRIES_MAX[place.kind] for place in places):
                return None
            for place in places:
                self._add(place, now)
        return Try(places)

    def give_back(self, one: Try) -> None:
        """The password was right, or was not looked at: the try does not count."""
        with self._lock:
            for place in one.places:
                began, count = self._counts[place.kind].get(place.key, (0.0, 0))
                if count > 1:
                    self._counts[place.kind][place.key] = began, count - 1
                else:
                    self._counts[place.kind].pop(place.key, None)

    def kept(self) -> int:
        """How many counts are kept."""
        with self._lock:
            return sum(map(len, self._counts.values()))

    def _count(self, place: Place, now: float) -> int:
        began, count = self._counts[place.kind].get(place.key, (now, 0))
        return count if now - began <= WINDOW_S else 0

    def _add(self, place: Place, now: float) -> None:
        """Windows are kept in the order in which they began, so the first ones are those to forget."""
        counts, count = self._counts[place.kind], self._count(place, now)
        if count:
            counts[place.key] = counts[place.key][0], count + 1
            return
        counts.pop(place.key, None)
        counts[place.key] = now, 1
        while len(counts) > self._kept_max or (counts and now - next(iter(counts.values()))[0] > WINDOW_S):
            counts.popitem(last=False)


def _places(name: str, network: str, device: str) -> tuple[Place, ...]:
    if device:
        return (Place("device", f"{name}\n{device}"),)
    return Place("name and network", f"{name}\n{network}"), Place("name", name), Place("network", network)
