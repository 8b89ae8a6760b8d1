"""Named queries of the busiest paths: the server plans each once a connection, and Django builds none of them anew.

They run on Django's own connection, inside its transaction where one is open, and fail with its errors.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.db import connection, models

Found = TypeVar("Found", bound=models.Model)


def read_query(room: str, name: str) -> str:
    """The text of sql/<name>.sql beside the module file `room`, without its comment."""
    lines = (Path(room).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def ask(query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """The rows that a query answers with, none for one that returns nothing. Raises django.db's errors."""
    return _rows(query, parameters)[1]


def find(model: type[Found], query: str, parameters: Mapping[str, object]) -> list[Found]:
    """The objects of a query that names columns of the model; what it names not is asked for when it is looked at."""
    columns, rows = _rows(query, parameters)
    places = [(one, columns.index(one.column)) for one in model._meta.concrete_fields if one.column in columns]
    names = [one.attname for one, _ in places]
    opened = [(getattr(one, "from_db_value", None), place) for one, place in places]
    return [
        model.from_db("default", names, [convert(row[at]) if convert else row[at] for convert, at in opened])
        for row in rows
    ]


def _rows(query: str, parameters: Mapping[str, object]) -> tuple[list[str], list[tuple[Any, ...]]]:
    connection.close_if_health_check_failed()  # as Django's own cursors do
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.queries_logged:  # as Django's own cursors do
        connection.queries_log.append({"sql": query, "time": ""})
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection).execute(query, parameters, prepare=True)
        if cursor.description is None:
            return [], []
        return [one.name for one in cursor.description], cursor.fetchall()
