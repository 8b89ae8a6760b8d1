"""Seal everything anew under a new key, in short steps, also while the spare bank works."""

import sqlite3
import time
from pathlib import Path

from holdfast.standin import queries
from holdfast.standin.copy import current_copy
from holdfast.standin.vault import Vault, open_store

STEP_ROWS = 200
REST_S = 0.002
STEPS = {"journal": ("seal_entries",), "copy": ("seal_items", "seal_facts")}


def rotate_keys(folder: Path, vault: Vault) -> dict[str, int]:
    """Make a key and seal all that is not sealed by it; rows by store. Interrupted it goes on when it is run again."""
    vault.add_key()
    done = {
        "journal": _seal(folder / "journal.sqlite", vault, "journal"),
        "copy": _seal(current_copy(folder), vault, "copy"),
    }
    vault.drop_old()
    return done


def _seal(path: Path, vault: Vault, store: str) -> int:
    if not path.exists():
        return 0
    sql, base, total = queries.load(store), open_store(path, vault), 0
    try:
        for name in STEPS[store]:
            step = (0, 0) if name == "seal_items" else ("", "") if name == "seal_facts" else (0,)
            total += _walk(base, sql[f"{name}_next"], sql[name], step)
    finally:
        base.close()
    return total


def _walk(base: sqlite3.Connection, find: str, seal: str, after: tuple[object, ...]) -> int:
    """Row by row behind a key, a few in each transaction."""
    total = 0
    while rows := base.execute(find, (*after, STEP_ROWS)).fetchall():
        base.execute("BEGIN IMMEDIATE")
        for row in rows:
            total += base.execute(seal, row).rowcount
        base.execute("COMMIT")
        after = rows[-1]
        time.sleep(REST_S)
    return total
