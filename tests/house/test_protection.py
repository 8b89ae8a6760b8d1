"""docs/reference/protection.md names every key, secret and table of the main bank, and every line that is logged of people."""

import re
from pathlib import Path

import pytest

from holdfast.runtime.installing import KEYS, PASSWORDS, SECRETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "protection.md").read_text()
SOURCE = ROOT / "src" / "holdfast"
KEY_FILES = sorted({one for path in SOURCE.rglob("*.py") for one in re.findall(r'"([a-z-]+\.keys)"', path.read_text())})
TABLES = sorted(
    {
        one
        for path in (SOURCE / "bank").rglob("models.py")
        for one in re.findall(r'db_table = "(\w+)"', path.read_text())
    }
)

pytestmark = pytest.mark.demand("G8")


def test_every_key_and_secret_stands_in_the_list():
    assert len(KEY_FILES) >= 5
    for name in (*KEYS, *SECRETS, *PASSWORDS):
        assert f"`{name}`" in PAGE or f"/{name}`" in PAGE, name
    for name in KEY_FILES:
        assert f"/{name}`" in PAGE, name


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_of_one_class(table):
    listed = PAGE.partition("Tables of the main bank:")[2].partition("\n\n")[0]
    assert listed.count(f"`{table}`") == 1
