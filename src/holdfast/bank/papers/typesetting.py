"""Making a PDF in a process of its own, with limits on time, size and how many at once."""

import json
import subprocess
import sys
import threading
from typing import Any

from holdfast.telemetry import get_log

PAPER_LINES_MAX = 3000
"""Of a statement; a longer one takes a second and hundreds of megabytes to typeset."""
MADE_AT_ONCE = 2
WAIT_S_MAX = 1.0
"""Whoever waits holds a thread of the pages."""
MAKE_S_MAX = 15.0
_places = threading.BoundedSemaphore(MADE_AT_ONCE)
log = get_log()


class PaperAway(Exception):
    """No paper can be made now; the words are for logs."""


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """The PDF of a template of this package filled with data, which are never read as markup. Raises PaperAway when
    too many are being made, or it took too long."""
    if not _places.acquire(timeout=WAIT_S_MAX):
        raise PaperAway("as many papers are being made as may be")
    try:
        made = subprocess.run(
            [sys.executable, "-m", "holdfast.bank.papers"],
            input=json.dumps({"template": template, "data": data}).encode(),
            capture_output=True,
            timeout=MAKE_S_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PaperAway(f"typesetting did not end: {type(error).__name__}") from error
    finally:
        _places.release()
    if made.returncode or not made.stdout.startswith(b"%PDF-"):
        log.error("a paper could not be typeset", template=template, code=made.returncode)
        raise PaperAway("typesetting failed")
    return made.stdout
