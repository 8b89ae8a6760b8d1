"""SQL that reads the books lies in sql/*.sql as `-- name: word` sections; here they are read, once."""

import re
from pathlib import Path

SQL = Path(__file__).parent / "sql"


def load(file: str) -> dict[str, str]:
    """The named queries of sql/<file>.sql."""
    parts = re.split(r"^-- name: (\w+)\n", (SQL / f"{file}.sql").read_text(), flags=re.MULTILINE)
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
