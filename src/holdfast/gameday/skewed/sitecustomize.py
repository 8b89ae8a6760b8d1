"""A wrong clock for one program: Python imports this by itself where this folder stands first in PYTHONPATH.

HOLDFAST_CLOCK_AHEAD_S says by how many seconds (negative: behind) the time of day is wrong, in the program and in
every Python process that it starts. Monotonic clocks stay right, as they do where an administrator sets a clock.
"""

import ctypes
import datetime
import gc
import os
import time
from typing import Any

AHEAD_S = float(os.environ.get("HOLDFAST_CLOCK_AHEAD_S", "0"))


def shift(ahead_s: float) -> None:
    """Shift time.time, time.time_ns, datetime.now and utcnow; today() follows, since it asks time.time."""
    right_time, right_time_ns, ahead_ns = time.time, time.time_ns, int(ahead_s * 1e9)
    right_now, right_utcnow = datetime.datetime.now, datetime.datetime.utcnow
    ahead = datetime.timedelta(seconds=ahead_s)
    time.time = lambda: right_time() + ahead_s
    time.time_ns = lambda: right_time_ns() + ahead_ns

    def now(_cls: Any, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        if tz is None:
            return right_now() + ahead
        return (right_now(datetime.UTC) + ahead).astimezone(tz)

    # The type itself is changed: a subclass in its place would not be the type that drivers and encoders look for.
    names: dict[str, Any] = gc.get_referents(datetime.datetime.__dict__)[0]
    names["now"] = classmethod(now)
    names["utcnow"] = classmethod(lambda _cls: right_utcnow() + ahead)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))


if AHEAD_S:
    shift(AHEAD_S)
