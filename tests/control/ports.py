"""Twelve free ports in a row for one installation."""

import random
import socket

from holdfast.settings.installation import PORTS_COUNT


def _free(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def free_port_base() -> int:
    """The first of PORTS_COUNT free ports below the range that the system hands out by itself."""
    for _ in range(200):
        base = random.randrange(20_000, 31_000, PORTS_COUNT)
        if all(_free(base + n) for n in range(PORTS_COUNT)):
            return base
    raise RuntimeError("no free ports")
