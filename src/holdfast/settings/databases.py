"""Where a PostgreSQL is, as Django wants it said."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def password_of(url: str) -> str:
    """The password that the URL holds, or the file that it names; raises OSError when that cannot be read."""
    parts = urlsplit(url)
    if parts.password:
        return unquote(parts.password)
    named = parse_qs(parts.query).get("passfile", [""])[0]
    return Path(named).read_text().strip().rpartition(":")[2] if named else ""


def django_database(url: str) -> dict[str, Any]:
    """The place in a PostgreSQL URL; ours are reached by the socket in a folder, `?host=FOLDER&port=NUMBER&passfile=…`.

    `passfile` is told for the driver's options."""
    parts = urlsplit(url)
    more = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, port = parts.hostname or more.get("host", ""), parts.port or more.get("port", "")
    return {
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "OPTIONS": {"passfile": more["passfile"]} if "passfile" in more else {},
    }
