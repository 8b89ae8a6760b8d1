"""What a rehearsal bends in a program: Python imports this by itself where this folder stands first in PYTHONPATH.

HOLDFAST_CLOCK_AHEAD_S says by how many seconds (negative: behind) the time of day is wrong, in the program and in
every Python process that it starts. HOLDFAST_REHEARSAL names a file (settings/rehearsal.py) by which the time of day
of all programs can be set ahead, and the shared rules broken, while they run. Monotonic clocks stay right, as they do
where an administrator sets a clock.
"""

import ctypes
import datetime
import gc
import mmap
import os
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

AHEAD_S = float(os.environ.get("HOLDFAST_CLOCK_AHEAD_S", "0"))
FILE = os.environ.get("HOLDFAST_REHEARSAL", "")
FORM = struct.Struct("<dd")


def changed(path: str) -> Callable[[], tuple[float, float]]:
    """A look at the file: seconds ahead, share of judgements that fail. Quick, since it is mapped."""
    handle = os.open(path, os.O_RDONLY)
    seen = mmap.mmap(handle, FORM.size, prot=mmap.PROT_READ)
    os.close(handle)
    return lambda: FORM.unpack_from(seen)


def shift(ahead_s: Callable[[], float]) -> None:
    """Shift time.time, time.time_ns, datetime.now and utcnow; today() follows, since it asks time.time."""
    right_time, right_time_ns = time.time, time.time_ns
    right_now, right_utcnow = datetime.datetime.now, datetime.datetime.utcnow
    span = datetime.timedelta
    time.time = lambda: right_time() + ahead_s()
    time.time_ns = lambda: right_time_ns() + int(ahead_s() * 1e9)

    def now(_cls: Any, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        if tz is None:
            return right_now() + span(seconds=ahead_s())
        return (right_now(datetime.UTC) + span(seconds=ahead_s())).astimezone(tz)

    # The type itself is changed: a subclass in its place would not be the type that drivers and encoders look for.
    names: dict[str, Any] = gc.get_referents(datetime.datetime.__dict__)[0]
    names["now"] = classmethod(now)
    names["utcnow"] = classmethod(lambda _cls: right_utcnow() + span(seconds=ahead_s()))
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))


if FILE:
    import broken_rules  # type: ignore[import-not-found]  # beside this file: only programs of a rehearsal find it

    look = changed(FILE)
    shift(lambda: look()[0] + AHEAD_S)
    sys.meta_path.insert(0, broken_rules.Breaking(lambda: look()[1]))
elif AHEAD_S:
    shift(lambda: AHEAD_S)
