"""The words of a transfer as the books keep them: sealed, bound to the transfer, apart from the hash in its block.

The block holds only the salted hash of the words; salt and words are sealed together, so that who has the database and
not the key cannot even try names against the hash.
"""

import uuid
from collections.abc import Iterator
from typing import Any, Protocol

import psycopg

from holdfast.contracts.blocks import Note
from holdfast.ledger.errors import WordsClosed
from holdfast.signing.sealing import NotSealed

BETWEEN = "\0"
"""No word of a transfer holds it (Post.check)."""
BATCH = 2000
NO_END = 2**62
WORDS_AS_BOOKED = "words are those that were booked"
_WORDS = (
    "SELECT t.block, t.id, t.note_hash, n.sealed FROM ledger.transfer t JOIN ledger.note n USING (id) "
    "WHERE t.block > %(since)s AND t.block <= %(upto)s "
    "UNION ALL SELECT p.block, p.id, p.note_hash, n.sealed FROM ledger.pending p JOIN ledger.note n USING (id) "
    "WHERE p.block > %(since)s AND p.block <= %(upto)s ORDER BY 1"
)


class Sealing(Protocol):
    """What seals and opens, by keys apart from the database (signing.sealing.Sealer)."""

    def seal_bytes(self, secret: bytes, owner: str) -> bytes:
        """The secret as it is stored."""

    def unseal_bytes(self, stored: bytes, owner: str) -> bytes:
        """What was sealed for this owner; raises NotSealed."""


class Notes:
    """Seals and opens the words of transfers."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def seal(self, transfer: uuid.UUID, note: Note) -> bytes:
        """The words as they are stored; raises WordsClosed without keys."""
        text = BETWEEN.join((note.salt.hex(), note.payer, note.payee, note.text))
        try:
            return self._sealing.seal_bytes(text.encode("utf-8"), transfer.hex)
        except NotSealed as error:
            raise WordsClosed(str(error)) from error

    def open(self, transfer: uuid.UUID, sealed: bytes) -> Note:
        """What was sealed for this transfer; raises WordsClosed when no key opens it."""
        try:
            salt, payer, payee, text = self._sealing.unseal_bytes(sealed, transfer.hex).decode("utf-8").split(BETWEEN)
        except (NotSealed, ValueError) as error:
            raise WordsClosed(f"the words of transfer {transfer} cannot be opened: {error}") from error
        return Note(bytes.fromhex(salt), payer, payee, text)

    def changed(self, connection: psycopg.Connection[Any], since: int = 0, upto: int = 0) -> Iterator[dict[str, Any]]:
        """A finding {invariant, block, account, words} for each transfer whose words do not open, or are not those that
        were booked. since, upto: only of the blocks above one and up to another (0: to the end)."""
        with connection.cursor(name="words") as reading:
            reading.itersize = BATCH
            span = {"since": since, "upto": upto or NO_END}
            for block, transfer, note_hash, sealed in reading.execute(_WORDS, span):
                try:
                    whole = self.open(transfer, sealed).hash() == bytes(note_hash)
                except WordsClosed:
                    whole = False
                if not whole:
                    words = f"the words of transfer {transfer} were changed"
                    yield {"invariant": WORDS_AS_BOOKED, "block": block, "account": None, "words": words}
