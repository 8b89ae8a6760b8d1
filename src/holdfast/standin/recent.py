"""What was looked up lately, kept as it is stored: a small bounded memory in front of the copy."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """At most so many values by key, those not asked for longest leave first. Thread-safe.

    It never keeps what is no longer stored: whoever stores calls `forget` behind the commit, and a value that was read
    while somebody called it is given out, but not kept, since it may be from before.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._forgotten = 0

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """The value kept, or the one that `read` gives."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            forgotten = self._forgotten
        value = read()
        with self._lock:
            if forgotten == self._forgotten:
                self._values[key] = value
                if len(self._values) > self._most:
                    self._values.popitem(last=False)
        return value

    def forget(self, keys: Iterable[Key]) -> None:
        """These have changed where they are stored."""
        with self._lock:
            self._forgotten += 1
            for key in keys:
                self._values.pop(key, None)
