"""Which pattern a line is of: the diagnosis' templates of each program, with their rows in the database."""

from datetime import UTC, datetime

from django.db.models import F

from holdfast.control.diagnosis.templates import GROUPS_MAX, TOO_MANY, Group, Templates
from holdfast.control.logs.models import Pattern


class _Known:
    """One program's groups and the row of each; read from the rows, so that a restart goes on with the same."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.templates = Templates()
        self.rows: dict[int, tuple[Group, Pattern]] = {}
        rows = Pattern.objects.filter(component=component).order_by("-count", "id")
        self.other = rows.filter(words=TOO_MANY).first()
        for row in rows.exclude(words=TOO_MANY)[:GROUPS_MAX]:
            group = self.templates.learn(row.words, row.last_at.timestamp())
            self.rows.setdefault(id(group), (group, row))

    def row_of(self, group: Group, at: datetime) -> Pattern:
        """The group's row, made when there is none."""
        if id(group) not in self.rows:
            row = self.other if group.template == TOO_MANY else None
            if row is None:
                row = Pattern.objects.create(component=self.component, words=group.template, first_at=at, last_at=at)
            self.rows[id(group)] = (group, row)
        return self.rows[id(group)][1]


class Patterns:
    """The patterns of all programs; GROUPS_MAX of each. To be used in the transaction that keeps the lines, and
    forgotten when that fails. Not thread-safe."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._seen: dict[int, tuple[Group, Pattern, int, datetime]] = {}

    def forget(self) -> None:
        """Begin anew from the rows."""
        self._known.clear()
        self._seen.clear()

    def learn(self, component: str, line: str, at: datetime) -> Pattern:
        """Count a line. Raises django.db's errors."""
        known = self._known.get(component)
        if known is None:
            known = self._known[component] = _Known(component)
        group = known.templates.learn(line, at.timestamp())
        row = known.row_of(group, at)
        _, _, count, last_at = self._seen.get(row.pk, (group, row, 0, row.last_at))
        self._seen[row.pk] = (group, row, count + 1, max(last_at, at))
        return row

    def write(self) -> None:
        """Bring the rows up to what was learnt since the last time. Raises django.db's errors."""
        for group, row, count, last_at in self._seen.values():
            row.words, row.last_at = group.template, last_at
            first_at = min(row.first_at, datetime.fromtimestamp(group.first_seen, UTC))
            Pattern.objects.filter(pk=row.pk).update(
                words=row.words, first_at=first_at, last_at=last_at, count=F("count") + count
            )
        self._seen.clear()
