"""Cohorts, epochs and rows: who serves whom (protocol.md, States)."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

COHORTS_COUNT = 256
GENERATION_SHIFT = 32


class Mode(StrEnum):
    """Which bank serves a cohort; while `handing_back` nobody takes writes."""

    PRIMARY = "primary"
    STANDIN = "standin"
    HANDING_BACK = "handing_back"


class Bank(StrEnum):
    """The two banks, by the name used on the wire."""

    PRIMARY = "primary"
    STANDIN = "standin"

    def other(self) -> "Bank":
        """The other of the two banks."""
        return Bank.STANDIN if self is Bank.PRIMARY else Bank.PRIMARY


@dataclass(frozen=True, slots=True)
class Row:
    """One cohort's row in the register.

    epoch packs (generation, n) into one integer that only grows; forced is 0, or the epoch whose
    journal is missing (rule 18).
    """

    cohort: int
    mode: Mode
    epoch: int
    forced: int = 0

    def serving(self) -> Bank:
        """The bank that answers reads; while handing back the spare bank still does."""
        return Bank.PRIMARY if self.mode is Mode.PRIMARY else Bank.STANDIN

    def as_list(self) -> list[object]:
        """The row as it travels: [cohort, mode, epoch, forced]."""
        return [self.cohort, self.mode.value, self.epoch, self.forced]


def row_from_list(value: list[object]) -> Row:
    """Read a row as it travels; raises ValueError or TypeError when it is not one."""
    cohort, mode, epoch, forced = value
    return Row(int(str(cohort)), Mode(str(mode)), int(str(epoch)), int(str(forced)))


def pack_epoch(generation: int, n: int) -> int:
    """(generation, n) as one integer; a later generation is larger than every earlier epoch."""
    return (generation << GENERATION_SHIFT) | n


def generation_of(epoch: int) -> int:
    """The generation of the register in which this epoch was made."""
    return epoch >> GENERATION_SHIFT


FIRST_EPOCH = pack_epoch(1, 1)


def cohort_of(component_key: str) -> int:
    """The cohort of a set of accounts that share owners, from the smallest account number among them."""
    return int.from_bytes(hashlib.sha256(component_key.encode()).digest()[:4], "big") % COHORTS_COUNT


def stranger_cohort(username: str) -> int:
    """The cohort under which a login by an unknown name is asked: alike in every way to that of a known name."""
    return cohort_of("stranger:" + username)
