"""Names and places in PostgreSQL's write-ahead log: segments of 16 MiB, counted on each timeline."""

import re
from collections.abc import Iterable, Iterator

from holdfast.recover.errors import Damaged

SEGMENT_BYTES = 16 << 20
_PER_LOG = 0x1_0000_0000 // SEGMENT_BYTES
SEGMENT = re.compile(r"[0-9A-F]{24}")
HISTORY = re.compile(r"[0-9A-F]{8}\.history")
_LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


def position(lsn: str) -> int:
    """A place such as 0/1A2B3C as a number of bytes; raises Damaged."""
    found = _LSN.fullmatch(lsn)
    if found is None:
        raise Damaged(f"{lsn!r} is no place in a write-ahead log")
    return int(found[1], 16) << 32 | int(found[2], 16)


def segment(timeline: int, number: int) -> str:
    """The name of a segment."""
    return f"{timeline:08X}{number // _PER_LOG:08X}{number % _PER_LOG:08X}"


def number(name: str) -> int:
    """Which segment it is, counted from the beginning of the log, on any timeline."""
    return int(name[8:16], 16) * _PER_LOG + int(name[16:24], 16)


def spanned(timeline: int, lsn_from: str, lsn_to: str) -> Iterator[str]:
    """The segments that hold the log between two places (the second behind the last byte)."""
    last = max(position(lsn_to) - 1, position(lsn_from))
    for one in range(position(lsn_from) // SEGMENT_BYTES, last // SEGMENT_BYTES + 1):
        yield segment(timeline, one)


def gaps(names: Iterable[str], timeline: int, first: int) -> list[str]:
    """The names that are missing on a timeline between the segment `first` and the newest that is there."""
    had = {number(name) for name in names if SEGMENT.fullmatch(name) and int(name[:8], 16) == timeline}
    return [segment(timeline, one) for one in range(first, max(had, default=first - 1) + 1) if one not in had]
