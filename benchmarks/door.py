"""`make bench-door`: what a front door adds, and what one core of it carries.

A real door process stands before an upstream that answers at once. Upstream and load are plain protocols in this
process, several times faster than a door. The same requests go by the door and straight to the upstream, by turns.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import uvloop

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say, share

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.edge.register import create
from holdfast.runtime.installing import make_keys
from holdfast.settings import Installation, write
from holdfast.signing import load_keyring
from holdfast.signing.inside import Inside

BODY = b"<!doctype html><title>page</title>" + b"x" * 4000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
HEALTH = b'{"ok": true, "position": 0, "newest": 0, "unreplayed": 0}'
WELL = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(HEALTH), HEALTH)
ROUNDS, EACH = 40, 25
WAIT_S = 20.0


class Upstream(asyncio.Protocol):
    """Answers each request without a body at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection."""
        self._out, self._seen = transport, b""

    def data_received(self, data: bytes) -> None:
        """Requests, whole or in parts."""
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            internal = self._seen.startswith((b"GET /-/", b"POST /-/"))
            self._out.write(WELL if internal else ANSWER)  # type: ignore[attr-defined]
            self._seen = self._seen[end + 4 :]


class Asker(asyncio.Protocol):
    """One connection that asks and waits for the whole answer."""

    def __init__(self) -> None:
        self._seen, self._wanted = b"", 0
        self._done: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._out = transport

    def data_received(self, data: bytes) -> None:
        """A part of the answer."""
        self._seen += data
        if not self._wanted and (end := self._seen.find(b"\r\n\r\n")) >= 0:
            head = self._seen[:end].lower()
            place = head.find(b"content-length:") + 15
            self._wanted = end + 4 + int(head[place : place + 12].split(b"\r\n")[0])
        if self._wanted and len(self._seen) >= self._wanted and self._done:
            done, answer = self._done, self._seen
            self._seen, self._wanted, self._done = self._seen[self._wanted :], 0, None
            done.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """The other side is gone."""
        if self._done and not self._done.done():
            self._done.set_exception(error or ConnectionError("closed before the answer"))

    async def ask(self, request: bytes) -> float:
        """Ask once; milliseconds."""
        self._done = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._out.write(request)  # type: ignore[attr-defined]
        answer = await self._done
        took = (time.perf_counter() - began) * 1000
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"answered {answer[:300]!r}")
        return took


async def connect(port: int, inside: Inside | None = None) -> Asker:
    """A connection to a port of this machine, waited for; inside: to the bank, as a door connects."""
    tls = {"ssl": inside, "server_hostname": "primary"} if inside else {}
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return (await asyncio.get_running_loop().create_connection(Asker, "127.0.0.1", port, **tls))[1]
        except OSError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)


def requests(place: Installation) -> list[bytes]:
    """A page request of a customer of each cohort."""
    keys = load_keyring(place.keys, "door")
    return [
        b"GET /help HTTP/1.1\r\nHost: localhost:%d\r\nAccept-Language: en\r\nCookie: hf_cohort=%s\r\n\r\n"
        % (place.door_port, keys.sign("cohort", {"cohort": cohort}).encode())
        for cohort in range(COHORTS_COUNT)
    ]


async def added(place: Installation, asked: list[bytes]) -> tuple[list[float], list[float]]:
    """(straight, by the door) in milliseconds, one request at a time, by turns."""
    straight = await connect(place.bank_port, Inside(place.keys, "door", serves=False))
    by_door = await connect(place.door_port)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS):
        for kept, asker in zip(times, (straight, by_door), strict=True):
            found = [await asker.ask(asked[(turn * EACH + n) % len(asked)]) for n in range(EACH)]
            kept.extend(found if turn else [])  # the first turn warms up
    return times


async def carried(place: Installation, asked: list[bytes], seconds: float, connections: int) -> int:
    """How many requests were answered by the door in this time, from so many connections at once."""
    askers = [await connect(place.door_port) for _ in range(connections)]
    until, count = time.monotonic() + seconds, 0

    async def customer(asker: Asker, number: int) -> None:
        nonlocal count
        while time.monotonic() < until:
            await asker.ask(asked[number % len(asked)])
            number += 1
            count += 1

    await asyncio.gather(*(customer(asker, n * 7) for n, asker in enumerate(askers)))
    return count


async def measure(place: Installation, seconds: float, connections: int) -> list[Figure]:
    """All figures."""
    loop = asyncio.get_running_loop()
    banks = {"primary": place.bank_port, "standin": place.standin_port}
    inside = {name: Inside(place.keys, name, serves=True) for name in banks}
    servers = [await loop.create_server(Upstream, "127.0.0.1", banks[name], ssl=inside[name]) for name in banks]
    environment = {**os.environ, "HOLDFAST_DATA": str(place.data), "PYTHONPATH": sys.path[1]}
    with (place.data / "door.log").open("ab") as log:
        child = subprocess.Popen([sys.executable, "-m", "holdfast.edge", "1"], env=environment, stdout=log, stderr=log)
    try:
        asked, door = requests(place), psutil.Process(child.pid)
        await (await connect(place.door_port)).ask(asked[0])
        say("one request at a time")
        straight, by_door = await added(place, asked)
        say(f"{connections} connections for {seconds:.0f} s")
        before, began = door.cpu_times(), time.monotonic()
        count = await carried(place, asked, seconds, connections)
        took, after = time.monotonic() - began, door.cpu_times()
    finally:
        child.terminate()
        child.wait(20)
        for server in servers:
            server.close()
    used = after.user + after.system - before.user - before.system
    return [
        Figure("straight, median", share(straight, 50), "ms"),
        Figure("by the door, median", share(by_door, 50), "ms"),
        Figure("the door adds at the median", share(by_door, 50) - share(straight, 50), "ms", "<= 1"),
        Figure("carried by one door", count / took, "requests/s"),
        Figure("cores that it used", used / took, ""),
        Figure("carried a core", count / used, "requests/s", ">= 2500"),
    ]


def main() -> int:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--port", type=int, default=23_900)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    try:
        place = Installation(data=folder, port_base=chosen.port)
        write(place)
        make_keys(place)
        create(place.folder("edge") / "register.sqlite")
        figures = uvloop.run(measure(place, chosen.seconds, chosen.connections))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return keep("door", figures)


if __name__ == "__main__":
    sys.exit(main())
