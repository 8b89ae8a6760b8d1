"""What the waiting room tells the control room, and the orders it takes: numbers, and a rate set by hand."""

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from holdfast.edge.waiting.room import Room


class Waiting(Collector):
    """The line as both doors share it, and what this door did since it started."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def collect(self) -> Iterator[Metric]:
        """Gauges of now, counts since the start."""
        room, said = self._room, state(self._room)
        for name, words, value in (
            ("holdfast_waiting_people", "People, or programs, in the line and not called yet", said["in_line"]),
            ("holdfast_waiting_seconds", "Time until the turn of who comes now", said["wait_s"] or 0.0),
            ("holdfast_waiting_inside", "Logins that wait inside this door", room.places.waiting),
            ("holdfast_logins_at_once", "Logins that this door may have under way", room.places.limit.at_once),
        ):
            yield GaugeMetricFamily(name, words, value)
        for name, words, value in (
            ("holdfast_let_in", "People let in from the line", room.let_in),
            ("holdfast_places_given", "Places given in the line", room.given),
            ("holdfast_places_refused", "Asked by a network that had its share of places", room.turned_away),
        ):
            yield CounterMetricFamily(name, words, value)


def state(room: Room) -> dict[str, Any]:
    """How many wait, how long who comes now would, how many are let in each second, and what staff set by hand."""
    counts = room.line.look()
    waiting = counts.in_line > 0 or counts.by_hand == 0
    wait_s = room.place_of(counts.issued + 1).wait_s if waiting else 0.0
    return {
        "in_line": counts.in_line,
        "wait_s": None if wait_s is None else round(wait_s, 1),
        "let_in_per_s": round(room.history.came_per_s(room.clock()), 2),
        "by_hand_per_s": counts.by_hand if counts.by_hand >= 0 else None,
        "logins_at_once": room.places.limit.whole,
        "logins_per_s_most": round(room.pace_per_s, 1),
    }


def set_by_hand(room: Room, asked: dict[str, Any]) -> str:
    """Carry out an order; what was done, in words. Raises ValueError, KeyError or TypeError for one of another form.

    asked: `per_s` (people a second at all doors together, 0 for nobody, null for as many as the bank can serve), `why`,
    `by`."""
    per_s = None if asked["per_s"] is None else float(asked["per_s"])
    by, why = str(asked["by"])[:100], str(asked.get("why", ""))[:300]
    room.line.set_by_hand(per_s)
    said = (
        "as many as the bank can serve" if per_s is None else "nobody" if per_s == 0 else f"{per_s:g} people a second"
    )
    return f"{by} set the waiting room to let in {said}: {why}"
