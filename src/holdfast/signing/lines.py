"""Kept connections to the other buildings for those that call by threads: mutual TLS, answers bounded in size.

A connection is used again while the other end leaves it open. A call that finds it closed is sent once more on a new
one: every call between buildings may be repeated (docs/decisions/0002).
"""

import http.client
import select
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

from holdfast.signing.inside import Inside

HOST = "127.0.0.1"
IDLE_S_MAX = 4.0
KEPT_MAX = 8
"""Connections kept a port."""
CHUNK_BYTES = 65_536


class Line(http.client.HTTPSConnection):
    """A connection to a building, known by its name and not by its address."""

    def __init__(self, to: str, port: int, context: Inside, timeout_s: float) -> None:
        super().__init__(HOST, port, timeout=timeout_s, context=context)
        self._to, self._inside = to, context
        self.used_at = 0.0

    def connect(self) -> None:
        """Connect, and check that it is the building that was meant."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._inside.wrap_socket(self.sock, server_hostname=self._to)


class Lines:
    """Calls by one building's certificate. Thread-safe. keys: the folder of the keys; name: the caller's."""

    def __init__(self, keys: Path, name: str) -> None:
        self._context = Inside(keys, name, serves=False)
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, int], list[Line]] = {}

    def exchange(
        self,
        to: str,
        port: int,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: bytes | None,
        timeout_s: float,
        bytes_max: int,
        whole_s: float | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of one call. timeout_s: for each wait; whole_s: for all of it. Raises TimeoutError, OSError
        or http.client.HTTPException."""
        began = time.monotonic()
        asked: tuple[Any, ...] = (method, path, body, headers)
        line = self._take(to, port, timeout_s)
        try:
            try:
                answer = _ask(line, asked)
            except TimeoutError:
                raise
            except (ConnectionError, ssl.SSLError, http.client.BadStatusLine):
                if not line.used_at:
                    raise
                line.close()  # the other end had closed it: once more on a new one
                line = Line(to, port, self._context, timeout_s)
                answer = _ask(line, asked)
            said = _read(answer, line.sock, bytes_max, None if whole_s is None else began + whole_s)
        except BaseException:
            line.close()
            raise
        self._keep(to, port, line)
        return answer.status, said

    def close(self) -> None:
        """End the kept connections."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for lines in kept.values():
            for line in lines:
                line.close()

    def _take(self, to: str, port: int, timeout_s: float) -> Line:
        while True:
            with self._lock:
                kept = self._kept.get((to, port))
                line = kept.pop() if kept else None
            if line is None:
                return Line(to, port, self._context, timeout_s)
            if _still_open(line):
                line.timeout = timeout_s
                line.sock.settimeout(timeout_s)
                return line
            line.close()

    def _keep(self, to: str, port: int, line: Line) -> None:
        line.used_at = time.monotonic()
        with self._lock:
            kept = self._kept.setdefault((to, port), [])
            if line.sock is not None and len(kept) < KEPT_MAX:
                kept.append(line)
                return
        line.close()


def _still_open(line: Line) -> bool:
    """Not idle for long, and nothing unasked has come, as the end of a connection has."""
    if line.sock is None or time.monotonic() - line.used_at > IDLE_S_MAX:
        return False
    looking = select.poll()
    try:
        looking.register(line.sock, select.POLLIN)
        return not looking.poll(0)
    except (OSError, ValueError):
        return False


def _ask(line: Line, asked: tuple[Any, ...]) -> http.client.HTTPResponse:
    line.request(*asked)
    return line.getresponse()


def _read(
    answer: http.client.HTTPResponse, sock: socket.socket | None, bytes_max: int, deadline: float | None
) -> bytes:
    parts: list[bytes] = []
    total = 0
    while chunk := answer.read1(CHUNK_BYTES):
        total += len(chunk)
        if total > bytes_max:
            raise http.client.HTTPException("the answer is too large")
        if deadline is not None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            if sock is not None and sock.fileno() >= 0:
                sock.settimeout(left_s)
        parts.append(chunk)
    if answer.length:
        raise http.client.IncompleteRead(b"".join(parts), answer.length)
    answer.close()
    return b"".join(parts)
