"""Read a core's CSV files: semicolons, UTF-8, a first line with the agreed names. Bad rows are left out, and said."""

import csv
import io
from collections.abc import Callable
from typing import TypeVar

from holdfast.contracts.errors import BadFile
from holdfast.foreign.rows import BadRow, Problem

Row = TypeVar("Row")
ROWS_MAX = 5_000_000
CUSTOMERS = ("number", "name", "username", "e-mail", "language", "password verifier")
ACCOUNTS = ("account number", "currency", "owner numbers", "title")
CUSTOMERS_MAY = ("authenticator secret", "opened again")
"""Columns that may be missing: without the first nobody there can log in, as nobody does by a password alone; without
the second who froze everything at the spare bank has it frozen there."""
BALANCES = ("account number", "currency", "booked balance", "available floor", "as of")
CARRIED = ("payment id", "outcome")


def read_csv(
    name: str,
    raw: bytes,
    fields: tuple[str, ...],
    make: Callable[[dict[str, str], str, int], Row],
    may: tuple[str, ...] = (),
) -> tuple[list[Row], list[Problem]]:
    """Rows that make sense, and problems with their line; raises BadFile when the file as a whole is not as agreed.
    may: columns that may be missing, and are then empty."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{name} is not UTF-8 (byte {error.start})") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";", restval="")
    missing = [field for field in fields if field not in (reader.fieldnames or ())]
    if missing:
        raise BadFile(f"{name} has no column {', '.join(missing)}; its first line is to be {';'.join(fields)}")
    if not text.endswith("\n"):
        raise BadFile(f"{name} does not end with a line's end, so it may be half written")
    rows, problems = [], []
    for count, one in enumerate(reader):
        if count >= ROWS_MAX:
            raise BadFile(f"{name} has more than {ROWS_MAX} rows")
        try:
            rows.append(make({field: one.get(field) or "" for field in (*fields, *may)}, name, reader.line_num))
        except BadRow as error:
            problems.append(Problem(name, reader.line_num, str(error)))
    return rows, problems
