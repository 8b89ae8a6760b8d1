"""Reading metadata: of transfers, holds and accounts, now and as of a block; and what carries a name with a value."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from holdfast.contracts.metadata import Metadata, metadata_of
from holdfast.ledger.history import NO_END, instant_of
from holdfast.ledger.proving import Proving
from holdfast.ledger.queries import load

FOUND_MAX = 200
"""In one answer of a search."""
_SQL = load("describing")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the books; a search goes on behind it."""

    block: int = 0
    item: int = -1


@dataclass(frozen=True, slots=True)
class Carrier:
    """What carries a name with a value: the id of a transfer or a hold, or an account, as it was described in that
    block; booked at `at`."""

    place: Place
    at: datetime
    id: uuid.UUID | None
    account: int | None


@dataclass(frozen=True, slots=True)
class Description:
    """All named texts of an account from one block on."""

    block: int
    at: datetime
    metadata: dict[str, str]


class Describing(Proving):
    """Reads metadata."""

    def metadata(self, idents: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
        """What the transfers and holds of these ids carry; ids without any are absent."""
        return dict(self._all(_SQL["of_ids"], (list(idents),)))

    def account_metadata(self, account: int, block: int | None = None) -> dict[str, str]:
        """What an account carries as of the end of a block; without one: now."""
        ((found,),) = self._all(_SQL["of_account"], {"account": account, "block": block})
        return dict(found)

    def descriptions(self, account: int, before: int = NO_END, limit: int = 50) -> list[Description]:
        """How an account was described in blocks below one, the newest first."""
        asked: dict[str, object] = {"account": account, "before": before, "limit": min(limit, FOUND_MAX)}
        rows = self._all(_SQL["changes_of_account"], asked)
        return [Description(block, instant_of(at_us), metadata) for block, at_us, metadata in rows]

    def carriers(self, name: str, value: str, after: Place | None = None, limit: int = 50) -> list[Carrier]:
        """What carries this name with this very value, behind a place, in the books' order; at most FOUND_MAX. An
        account stands there for each time that it was described so, also before its newest."""
        begin = after or Place()
        place: dict[str, object] = {"block": begin.block, "item": begin.item}
        rows = self._all(_SQL["found"], {**place, "name": name, "value": value, "limit": min(limit, FOUND_MAX)})
        return [
            Carrier(Place(block, item), instant_of(at_us), ident, account)
            for block, item, ident, account, at_us in rows
        ]


def carried(connection: psycopg.Connection[Any], span: tuple[int, int]) -> dict[tuple[int, int], Metadata]:
    """The metadata of the items of some blocks, by block and place."""
    out: defaultdict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for block, item, name, value in connection.execute(_SQL["carried"], span):
        out[block, item][name] = value
    return {place: metadata_of(named) for place, named in out.items()}
