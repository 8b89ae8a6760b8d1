"""How much the books take at once, and how long anybody waits for them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from holdfast.ledger.errors import LedgerError

PREFIX = "HOLDFAST_BOOKS_"


@dataclass(frozen=True, slots=True)
class Limits:
    """batch_posts_max: in one call; tied_posts_max: of these if any is held, linked or reverses (they are judged one by
    one, under the lock that all wait for); gather_posts_max: of single callers in one block; queue_posts_max and
    queue_batches_max: waiting, more are told "busy"; wait_s_max: for an answer, where the caller says nothing else;
    statement_s_max: after which the database gives a call up; connect_s_max: for a connection."""

    batch_posts_max: int = 10_000
    tied_posts_max: int = 1_000
    gather_posts_max: int = 1_000
    queue_posts_max: int = 5_000
    queue_batches_max: int = 50
    wait_s_max: int = 30
    statement_s_max: int = 30
    connect_s_max: int = 2


LEAST = {"batch_posts_max": 1_000, "tied_posts_max": 1_000}
"""A replay and a clearing file are booked by a thousand at once."""


def limits_from(environment: Mapping[str, str] = os.environ) -> Limits:
    """The limits, each as HOLDFAST_BOOKS_<its name in capitals> where that is set; raises LedgerError naming one that
    is not a whole number from its least value to 1000000."""
    found = {}
    for one in fields(Limits):
        told = environment.get(PREFIX + one.name.upper())
        if told is None:
            continue
        least = LEAST.get(one.name, 1)
        if not told.isascii() or not told.isdigit() or not least <= int(told) <= 1_000_000:
            name = f"{PREFIX}{one.name.upper()}"
            raise LedgerError(f"{name} must be a whole number from {least} to 1000000, it is {told!r}")
        found[one.name] = int(told)
    return Limits(**found)
