"""A program with this folder first in PYTHONPATH tries to open files when it gets SIGUSR2, as whoever broke in would.

PRY_INTO: the files and folders, as JSON; PRY_SAYS: where the list of those that it could open is written.
"""

import json
import os
import signal
from pathlib import Path


def opens(name: str) -> bool:
    """Whether this process can read it."""
    try:
        Path(name).read_bytes()
    except OSError:
        return False
    return True


def pry(*_: object) -> None:
    """Try each."""
    found = [name for name in json.loads(os.environ["PRY_INTO"]) if opens(name)]
    says = Path(os.environ["PRY_SAYS"])
    says.with_suffix(".part").write_text(json.dumps(found))
    says.with_suffix(".part").replace(says)


signal.signal(signal.SIGUSR2, pry)
