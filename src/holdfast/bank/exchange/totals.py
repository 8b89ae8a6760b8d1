"""How much the books hold, for the proof's answer."""

from pathlib import Path

from django.db import connection

_COUNT = (Path(__file__).parent / "sql" / "count_books.sql").read_text()


def totals() -> dict[str, int]:
    """How many transfers and accounts the books hold."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        transfers, accounts = cursor.fetchone()
    return {"transfers": int(transfers), "accounts": int(accounts)}
