"""The latest sight of each building, in memory and in its table: written together, at most so often."""

import time
from collections.abc import Iterable

from holdfast.control.calls import Kind
from holdfast.control.watch.models import Building
from holdfast.control.watch.observations import Sight

FIELDS = ["answer", "words", "since", "at", "last_well_at", "took_ms", "detail"]


class Sights:
    """Held by the desk's thread. What was not written is tried again with the next."""

    def __init__(self) -> None:
        self._rows = {row.name: row for row in Building.objects.all()}
        self._unwritten: set[str] = set()
        self._written_at = 0.0

    def is_news(self, seen: Sight) -> bool:
        """Whether a building is seen for the first time, or otherwise than before."""
        row = self._rows.get(seen.building)
        return row is None or row.answer != seen.answer.value

    def note(self, seen: Sight) -> None:
        """Take a sight in."""
        row = self._rows.get(seen.building) or Building(name=seen.building, answer="", since=seen.at)
        if row.answer != seen.answer.value:
            row.answer, row.since = seen.answer.value, seen.at
        row.at, row.words, row.took_ms = seen.at, seen.words, seen.took_ms
        if seen.answer is Kind.ANSWERS:
            row.last_well_at = seen.at
        if seen.detail:
            row.detail = seen.detail
        self._rows[row.name] = row
        self._unwritten.add(row.name)

    def write(self, after_s: float) -> None:
        """Write what is not written, in one statement, unless that was done so lately. Raises django.db's errors."""
        if time.monotonic() - self._written_at < after_s:
            return
        rows = [self._rows[name] for name in self._unwritten if name in self._rows]
        if rows:
            Building.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=FIELDS)
        self._unwritten.clear()
        self._written_at = time.monotonic()

    def forget(self, names: Iterable[str]) -> None:
        """These are not looked at any more."""
        for name in names:
            self._rows.pop(name, None)
        Building.objects.filter(name__in=names).delete()
