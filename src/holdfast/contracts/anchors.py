"""An anchor: how the books ended at some moment, signed by the bank and kept outside of it.

Whoever could change the books and all their hashes could make them prove again; they could not make them agree with an
anchor that somebody else keeps. In a file each line is one anchor, as JSON.
"""

import json
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.errors import BadMessage

PURPOSE = "books-anchor"
"""Of the token, signed by the primary bank."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last block's number and hash, when it was committed (microseconds since 1970 UTC), and the signed token that
    says all three."""

    block: int
    hash: bytes
    at_us: int
    token: str

    def said(self) -> dict[str, Any]:
        """What the token says."""
        return {"block": self.block, "hash": self.hash.hex(), "at_us": self.at_us}

    def to_line(self) -> str:
        """One line of a file."""
        return json.dumps({**self.said(), "token": self.token})


def anchor_of(said: dict[str, Any], token: str) -> Anchor:
    """What a verified token says; raises BadMessage when it has not the agreed form."""
    try:
        digest = bytes.fromhex(said["hash"])
        block, at_us = int(said["block"]), int(said["at_us"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadMessage(f"an anchor has not the agreed form: {error!r}") from error
    if len(digest) != 32 or block < 0 or at_us < 0:
        raise BadMessage("an anchor names no block, or no hash")
    return Anchor(block, digest, at_us, token)


def token_of_line(line: str) -> str:
    """The token of one line of a file; raises BadMessage."""
    try:
        found = json.loads(line)["token"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadMessage("a line of the file is no anchor") from error
    if not isinstance(found, str):
        raise BadMessage("a line of the file is no anchor")
    return found
