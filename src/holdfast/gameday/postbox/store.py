"""Mails in SQLite: written whole before SMTP says yes, bounded by number."""

import sqlite3
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KEPT_MAX = 50_000
LISTED_MAX = 500
SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    message_id TEXT NOT NULL, subject TEXT NOT NULL, language TEXT NOT NULL, repeat INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient, number);
"""
COLUMNS = "number, at, sender, recipient, message_id, subject, language, repeat, body"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived; at is an ISO instant, UTC. repeat: its sender marked it as perhaps sent before."""

    number: int
    at: str
    sender: str
    recipient: str
    message_id: str
    subject: str
    language: str
    repeat: bool
    body: str

    def to_json(self) -> dict[str, Any]:
        """The mail for machines."""
        return asdict(self)


class Store:
    """All mails; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "mail.sqlite", check_same_thread=False, isolation_level=None, timeout=5.0)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def add(self, mail: Mail) -> int:
        """Store one mail (its number is given here); the oldest beyond KEPT_MAX goes."""
        values = (
            mail.at,
            mail.sender,
            mail.recipient,
            mail.message_id,
            mail.subject,
            mail.language,
            int(mail.repeat),
            mail.body,
        )
        with self._lock:
            made = self._db.execute(
                "INSERT INTO mail (at, sender, recipient, message_id, subject, language, repeat, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
            self._db.execute("DELETE FROM mail WHERE number <= ?", (int(made or 0) - KEPT_MAX,))
        return int(made or 0)

    def newest(self, to: str = "", limit: int = LISTED_MAX) -> list[Mail]:
        """The newest mails, to addresses that contain `to`."""
        pattern = "%" + to.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        with self._lock:
            rows = self._db.execute(
                f"SELECT {COLUMNS} FROM mail WHERE recipient LIKE ? ESCAPE '\\' ORDER BY number DESC LIMIT ?",  # noqa: S608  # constant columns
                (pattern, limit),
            ).fetchall()
        return [_mail(row) for row in rows]

    def one(self, number: int) -> Mail | None:
        """One mail, None when it is not there."""
        with self._lock:
            row = self._db.execute(f"SELECT {COLUMNS} FROM mail WHERE number = ?", (number,)).fetchone()  # noqa: S608  # constant columns
        return _mail(row) if row else None

    def count(self) -> int:
        """How many mails there are."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM mail").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def _mail(row: tuple[Any, ...]) -> Mail:
    number, at, sender, recipient, message_id, subject, language, repeat, body = row
    return Mail(number, at, sender, recipient, message_id, subject, language, bool(repeat), body)
