"""A mail server that takes everything, as fast as a small one can: each mail is noted in a file before it is answered.

`python benchmarks/mail_sink.py PORT FILE [slow|refuses]` prints `ready`; for tests it can crawl or refuse. One line a
mail: unix instant, recipient, Message-ID, and 1 when its sender marked it as perhaps sent before. It offers no pipelining.
"""

import asyncio
import re
import sys
import time
from pathlib import Path

SLOW_S = 2.5
MESSAGE_ID = re.compile(rb"^Message-ID:[ \r\n]*(\S+)", re.IGNORECASE | re.MULTILINE)


class Taker(asyncio.Protocol):
    """One connection."""

    def __init__(self, note, how: str) -> None:
        self._note = note
        self._how = how
        self._seen = b""
        self._to = ""
        self._in_data = False

    def connection_made(self, transport) -> None:
        self._transport = transport
        transport.write(b"220 localhost\r\n")

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while True:
            end, width = (self._seen.find(b"\r\n.\r\n"), 5) if self._in_data else (self._seen.find(b"\r\n"), 2)
            if end < 0:
                return
            piece, self._seen = self._seen[:end], self._seen[end + width :]
            self._transport.write(self._took(piece) if self._in_data else self._said(piece))

    def _took(self, mail: bytes) -> bytes:
        self._in_data = False
        head = mail.partition(b"\r\n\r\n")[0]
        found = MESSAGE_ID.search(head)
        number = found[1].decode() if found else "none"
        marked = int(b"Holdfast-Repeat:" in head)
        self._note.write(f"{time.time():.6f}\t{self._to}\t{number}\t{marked}\n")
        self._note.flush()  # to the system: it survives a kill of this process, and comes before the answer
        return b"250 taken\r\n"

    def _said(self, line: bytes) -> bytes:
        word = line[:4].upper()
        if word == b"RCPT" and self._how == "refuses":
            return b"550 not here\r\n"
        if word == b"DATA" and self._how == "slow":
            time.sleep(SLOW_S)
        if word == b"RCPT":
            self._to = line.partition(b"<")[2].partition(b">")[0].decode()
        if word == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if word == b"QUIT":
            self._transport.close()
        return b"250 localhost\r\n"


async def main() -> None:
    """Serve until killed."""
    port, path, how = int(sys.argv[1]), Path(sys.argv[2]), "".join(sys.argv[3:])
    with path.open("a", encoding="utf-8") as note:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Taker(note, how), "127.0.0.1", port, backlog=128)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
