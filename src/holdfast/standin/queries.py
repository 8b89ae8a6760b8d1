"""SQL lives in sql/*.sql as `-- name: word` sections; here they are read, once."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


def load(store: str) -> dict[str, str]:
    """The named queries of sql/<store>.sql; the section `schema` holds several statements."""
    parts = re.split(r"^-- name: (\w+)\n", (_FOLDER / f"{store}.sql").read_text(), flags=re.MULTILINE)
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
