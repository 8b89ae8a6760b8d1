"""For migrations: seal what an earlier release stored open, in batches, in the migration's transaction."""

import json
from collections.abc import Callable
from typing import Any

from holdfast.bank.sealed.fields import SealedJson, SealedText

BATCH = 1000


def seal_stored(app: str, model: str, *names: str) -> Callable[[Any, Any], None]:
    """What a migration runs after these fields became sealed ones: their open values are sealed."""

    def run(apps: Any, editor: Any) -> None:
        table = apps.get_model(app, model)
        fields = [table._meta.get_field(name) for name in names]
        quote = editor.connection.ops.quote_name
        columns = ", ".join(quote(one.column) for one in fields)
        key, place = quote(table._meta.pk.column), quote(table._meta.db_table)
        with editor.connection.cursor() as reading, editor.connection.cursor() as writing:
            reading.execute(f"select {key}, {columns} from {place}")  # noqa: S608  # names of our own models
            change = ", ".join(f"{quote(one.column)} = %s" for one in fields)
            while rows := reading.fetchmany(BATCH):
                writing.executemany(
                    f"update {place} set {change} where {key} = %s",  # noqa: S608  # as above
                    [
                        [*(_sealed(field, one) for field, one in zip(fields, row[1:], strict=True)), row[0]]
                        for row in rows
                    ],
                )

    return run


def _sealed(field: SealedText | SealedJson, stored: str | None) -> str | None:
    if stored is None:
        return None
    return field.sealed(json.loads(stored)) if isinstance(field, SealedJson) else field.sealed(stored)
