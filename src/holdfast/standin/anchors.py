"""Anchors of the bank's books: what the bank signed as the end of its books, kept here apart from the copy of them.

The copy can be made anew from the bank at any time, so it would follow books that somebody rewrote; what is kept here
is only ever added to, one signed line an anchor, on the disk before it is answered. See docs/explanation/books.md.
"""

import asyncio
import os
import threading
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts.anchors import PURPOSE, Anchor, anchor_of, token_of_line
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.signing import Keyring
from holdfast.standin.errors import StoreBroken
from holdfast.standin.reader import CopyReader
from holdfast.telemetry import get_log

FILE = "anchors.jsonl"
KEPT_MAX = 200_000
"""At one an hour, twenty years; some 80 MB. Then the file is put away by hand, and a new one begins."""
SHOWN_MAX = 1000
TOKEN_BYTES_MAX = 4000


class Anchors:
    """The file and what stands in it. Thread-safe."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._path = folder / FILE
        self._keyring = keyring
        self._lock = threading.Lock()
        self._kept: dict[int, Anchor] | None = None

    def verified(self, token: str) -> Anchor:
        """What the bank signed; raises BadToken or BadMessage."""
        if len(token) > TOKEN_BYTES_MAX:
            raise BadMessage("the anchor is too long")
        return anchor_of(self._keyring.verify(PURPOSE, token, by={"primary"}), token)

    def keep(self, anchor: Anchor) -> bool:
        """Put it on the disk, once; False when another hash is kept for the same block. Raises StoreBroken."""
        with self._lock:
            kept = self._read()
            known = kept.get(anchor.block)
            if known is not None:
                return known.hash == anchor.hash
            if len(kept) >= KEPT_MAX:
                raise StoreBroken(f"{self._path.name} holds {KEPT_MAX} anchors; put it away and begin a new one")
            with self._path.open("a", encoding="utf-8") as out:
                out.write(anchor.to_line() + "\n")
                out.flush()
                os.fsync(out.fileno())
            kept[anchor.block] = anchor
            return True

    def newest(self, upto: int, limit: int) -> list[Anchor]:
        """Anchors of blocks up to one, the newest first."""
        with self._lock:
            found = sorted((block for block in self._read() if block <= upto), reverse=True)[:limit]
            return [self._read()[block] for block in found]

    def _read(self) -> dict[int, Anchor]:
        if self._kept is None:
            self._kept = {}
            lines = self._path.read_text(encoding="utf-8").split("\n") if self._path.exists() else []
            for line in lines[:-1]:  # what follows the last line break was never answered
                try:
                    anchor = self.verified(token_of_line(line))
                except (BadMessage, BadToken) as error:
                    raise StoreBroken(f"a line of {self._path.name} is no anchor of the bank: {error}") from error
                self._kept[anchor.block] = anchor
            if lines and lines[-1]:
                self._path.write_text("\n".join([*lines[:-1], ""]), encoding="utf-8")
        return self._kept


class AnchorPages:
    """Handlers of /-/anchors."""

    def __init__(self, anchors: Anchors, copy: CopyReader) -> None:
        self._anchors = anchors
        self._copy = copy

    async def keep(self, request: Request) -> Response:
        """Keep one; says whether the copy has the same block. 409 when another hash is kept for the block."""
        raw = await request.json()
        try:
            anchor = self._anchors.verified(str(raw["token"]))
        except (BadToken, BadMessage) as error:
            return JSONResponse({"error": str(error)}, 400)
        if not await asyncio.to_thread(self._anchors.keep, anchor):
            get_log().error("anchor_differs", block=anchor.block)
            return JSONResponse({"error": f"another hash is kept for block {anchor.block}"}, 409)
        copy = await asyncio.to_thread(self._in_copy, anchor)
        if copy == "other":
            get_log().error("anchor_differs_from_copy", block=anchor.block)
        return JSONResponse({"kept": anchor.block, "copy": copy})

    async def show(self, request: Request) -> Response:
        """The newest anchors up to a block."""
        upto = int(request.query_params.get("upto", 2**62))
        limit = min(int(request.query_params.get("limit", 100)), SHOWN_MAX)
        found = await asyncio.to_thread(self._anchors.newest, upto, limit)
        return JSONResponse({"anchors": [{**one.said(), "token": one.token} for one in found]})

    def _in_copy(self, anchor: Anchor) -> str:
        found = self._copy.rows("blocks_after", anchor.block - 1, 1)
        if not found or found[0][0] != anchor.block:
            return "behind"
        return "same" if bytes(found[0][2]) == anchor.hash else "other"
