"""The spare bank stands on what it says it stands on."""

import subprocess
import sys
from pathlib import Path

import holdfast.standin

FORBIDDEN = ("django", "psycopg", "holdfast.bank", "holdfast.ledger", "holdfast.edge", "holdfast.control")
PACKAGE = Path(holdfast.standin.__file__).parent


def test_nothing_of_the_other_buildings_or_their_engines_is_imported() -> None:
    code = (
        "import sys, holdfast.standin.__main__; "
        f"print([name for name in sys.modules if name.startswith({FORBIDDEN!r})])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parents[1])},
    )
    assert ran.stdout.strip() == "[]"


def test_modules_stay_small() -> None:
    sizes = {path.name: len(path.read_text().splitlines()) for path in PACKAGE.glob("*.py")}
    assert {name: lines for name, lines in sizes.items() if lines > 400} == {}
    assert len((PACKAGE / "README.md").read_text().splitlines()) <= 30
