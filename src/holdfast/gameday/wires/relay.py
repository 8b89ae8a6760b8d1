"""One wire: bytes in both directions, with faults by the request.

It knows of HTTP only that a client on a kept-alive connection speaks first and waits for its answer: a request
begins when the client speaks after the server did, or first of all. So a share of requests, not of connections, can
be failed, without reading a single header. Before a server that is gone a wire refuses, as the server would.
"""

import asyncio
import contextlib
import random
import re
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from holdfast.gameday.wires.orders import Order

End = tuple[asyncio.StreamReader, asyncio.StreamWriter]

PART_BYTES = 65_536
PARTS_WAITING_MAX = 4_096
OPEN_S_MAX = 3.0
LOOK_S = 0.02
HOST = "127.0.0.1"
BOOKED = re.compile(rb'(\["T", ?"[0-9a-f]{32}", ?\d+, ?\d+, ?\d*)(\d)')
"""A transfer in the feed up to the last digit of its amount (docs/reference/wire.md, blocks)."""


def garbled(part: bytes) -> bytes:
    """The same bytes, as many, with another amount in each transfer that lies in them whole."""
    return BOOKED.sub(lambda found: found[1] + b"%d" % ((int(found[2]) + 1) % 10), part)


@dataclass(frozen=True, slots=True)
class Secured:
    """By what a wire between buildings is called and calls, as both of its ends know them, and whom it calls.

    To change what is said a wire must read it: it ends the TLS of one side and begins that of the other."""

    called: ssl.SSLContext
    calling: ssl.SSLContext
    to: str


class Wire:
    """A relay from one loopback port to another. `order` may be changed by `take` at any time; kill ends the server
    (it blocks until that is done). secured: None between programs that speak without TLS."""

    def __init__(
        self,
        port: int,
        to_port: int,
        seed: int,
        kill: Callable[[], object] = lambda: None,
        secured: Secured | None = None,
    ) -> None:
        self._kill = kill
        self._secured = secured
        self.port, self.to_port = port, to_port
        self.order = Order()
        self.requests = 0
        self.failed = 0
        self._luck = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._links: set[Link] = set()
        self._waiting: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen."""
        called = self._secured.called if self._secured else None
        self._server = await asyncio.start_server(self._serve, HOST, self.port, backlog=512, ssl=called)

    async def connect(self) -> End:
        """To what stands behind it."""
        if self._secured is None:
            return await asyncio.open_connection(HOST, self.to_port)
        named = {"ssl": self._secured.calling, "server_hostname": self._secured.to}
        return await asyncio.open_connection(HOST, self.to_port, **named)  # type: ignore[arg-type]

    async def close(self) -> None:
        """Refuse who comes, reset who is there."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._refuse()
        for link in tuple(self._links):
            link.reset()

    def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def gone(self) -> None:
        """The server refuses: so does the wire, until the server listens again."""
        if self._server is not None:
            self._refuse()
            self._waiting = asyncio.create_task(self._wait_for_server())

    async def _wait_for_server(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, self.to_port)
                writer.close()
                break
        self._waiting = None
        await self.open()

    async def look(self) -> None:
        """The server ended a connection: is it gone?"""
        try:
            _, writer = await asyncio.open_connection(HOST, self.to_port)
            writer.close()
        except OSError:
            self.gone()

    async def take(self, order: Order) -> None:
        """Do this from now on."""
        if order == self.order:
            return
        self.order = order
        for link in tuple(self._links):
            if link.lost:  # what was lost is missing in its bytes for ever
                link.reset()
        if order.how == "cut":
            await self.close()
        elif self._server is None and self._waiting is None:
            await self.open()

    def fails(self) -> bool:
        """Whether the request that begins now is to fail."""
        self.requests += 1
        if self.order.how != "fail" or self._luck.random() >= self.order.value:
            return False
        self.failed += 1
        return True

    async def dies_of(self, part: bytes) -> bool:
        """Whether the server is to die of what the client says; then it is dead."""
        if self.order.how != "poison" or not self.order.words or self.order.words.encode() not in part:
            return False
        self.failed += 1
        await asyncio.to_thread(self._kill)
        await self.look()
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.carry()
        finally:
            self._links.discard(link)


class Link:
    """One client's connection and the server's end of it."""

    def __init__(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._wire = wire
        self._client: End = (reader, writer)
        self._server: End | None = None
        self._answered = True
        self._late: deque[tuple[float, bytes]] = deque()
        self._work: asyncio.Task[None] | None = None
        self._server_ended = False
        self.lost = False
        """Whether something that was said on this connection never arrived."""

    async def carry(self) -> None:
        """Until either side ends; what one side resets is reset at the other."""
        try:
            async with asyncio.timeout(OPEN_S_MAX):
                server = self._server = await self._wire.connect()
        except (OSError, TimeoutError) as error:
            if isinstance(error, ConnectionRefusedError):
                self._wire.gone()
            self.reset()
            return
        self._work = asyncio.create_task(self._both(server))
        try:
            await self._work
        except (OSError, asyncio.CancelledError):
            self.reset()
        finally:
            for _, writer in (self._client, server):
                writer.close()
        if self._server_ended:
            await self._wire.look()

    async def _both(self, server: End) -> None:
        tasks = [asyncio.create_task(self._up(server[1])), asyncio.create_task(self._down(server[0]))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _up(self, to: asyncio.StreamWriter) -> None:
        """Client to server: here requests begin."""
        while part := await self._client[0].read(PART_BYTES):
            if self._answered:
                self._answered = False
                if self._wire.fails():
                    self.reset()
                    return
            if await self._wire.dies_of(part):
                self.reset()
                return
            if self._loses("mute"):
                continue
            to.write(part)
            await to.drain()

    async def _down(self, come: asyncio.StreamReader) -> None:
        """Server to client, as late as ordered; parts keep their order."""
        sending = asyncio.create_task(self._send_late())
        try:
            while part := await self._read(come):
                self._answered = True
                if self._loses("silence"):
                    continue
                if self._wire.order.how == "garble":
                    part = garbled(part)
                wait_s = self._wire.order.value if self._wire.order.how == "late" else 0.0
                if not wait_s and not self._late:
                    self._client[1].write(part)
                    await self._client[1].drain()
                    continue
                if len(self._late) >= PARTS_WAITING_MAX:
                    self.reset()
                    return
                self._late.append((asyncio.get_running_loop().time() + wait_s, part))
            while self._late:
                await asyncio.sleep(0.01)
        finally:
            sending.cancel()

    def _loses(self, how: str) -> bool:
        """Whether what is said in this direction is lost just now."""
        ordered = self._wire.order.how == how
        self.lost = self.lost or ordered
        return ordered

    async def _read(self, come: asyncio.StreamReader) -> bytes:
        try:
            part = await come.read(PART_BYTES)
        except OSError:
            self._server_ended = True
            raise
        self._server_ended = not part
        return part

    async def _send_late(self) -> None:
        while True:
            while self._late and self._late[0][0] <= asyncio.get_running_loop().time():
                self._client[1].write(self._late[0][1])
                self._late.popleft()
            await asyncio.sleep(0.01)

    def reset(self) -> None:
        """End both sides with a reset, as a machine does that is gone."""
        for pair in (self._client, self._server):
            if pair is None:
                continue
            with contextlib.suppress(OSError, AttributeError):
                pair[1].get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            pair[1].transport.abort()
        if self._work is not None:
            self._work.cancel()
