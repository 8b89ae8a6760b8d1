"""The role under which the bank's pages and jobs work: it neither owns nor migrates anything (rights.sql)."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from holdfast.settings import password_of

RIGHTS = Path(__file__).with_name("rights.sql")


def give_rights(owner_url: str, working_url: str) -> None:
    """Make the role of working_url, or give it its password and rights anew. Where both are one role nothing is done:
    whoever brings a database of their own may have one only."""
    working = urlsplit(working_url)
    role, password = unquote(working.username or ""), password_of(working_url)
    if role == unquote(urlsplit(owner_url).username or ""):
        return
    with psycopg.connect(owner_url, connect_timeout=5) as connection:
        connection.execute("SET lock_timeout = '5s'")
        name = sql.Identifier(role)
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        what = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
        connection.execute(what.format(name, sql.Literal(password)))
        connection.execute(sql.SQL(RIGHTS.read_text()).format(role=name))
