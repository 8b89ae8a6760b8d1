"""One file of the records, line by line: what a field may hold, and complaints about rows that make no sense.

A row is one line; fields are separated by `;`, words stand in double quotes and never hold either sign.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from holdfast.bank.berka.errors import ImportRefused
from holdfast.contracts.money import AMOUNT_MINOR_MAX

NUMBER_MAX = 9_999_999
CENTURY = 1900
FEMALE_MONTHS = 50
MINOR = 100

_QUOTED = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(r"[0-9]{1,7}")
_DAY = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
_AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A row that was left out: file, line (the header is line 1) and why."""

    file: str
    line: int
    why: str

    def as_json(self) -> dict[str, object]:
        """The complaint as it stands in the report."""
        return asdict(self)


class BadRow(ValueError):
    """The row makes no sense; the text says why, as part of a sentence."""


def read_rows(
    folder: Path,
    name: str,
    columns: Sequence[str],
    take: Callable[[int, list[str]], Row],
    complaints: list[Complaint],
) -> list[Row]:
    """What `take(line, fields)` makes of each row of a file; rows it cannot read go to complaints.

    Raises ImportRefused when the file is missing, cannot be read or is not the file it should be.
    """
    path = folder / name
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError as error:
        raise ImportRefused(
            f"{name} is missing in {folder}; the records are whole only with all eight files, nothing was loaded"
        ) from error
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read ({error.strerror}); nothing was loaded") from error
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not _is_header(lines[0], columns):
        raise ImportRefused(
            f"{path} does not begin with the columns {', '.join(columns)}, so it is another file; nothing was loaded"
        )
    out = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        try:
            out.append(take(number, _fields(line, len(columns))))
        except BadRow as error:
            complaints.append(Complaint(name, number, str(error)))
    return out


def _is_header(line: str, columns: Sequence[str]) -> bool:
    try:
        return _fields(line.removeprefix("\ufeff"), len(columns)) == list(columns)
    except BadRow:
        return False


def _fields(line: str, count: int) -> list[str]:
    if not line.isprintable() or "\ufffd" in line:
        raise BadRow("it holds characters that cannot be read")
    parts = line.split(";")
    if len(parts) != count:
        raise BadRow(f"it has {len(parts)} fields instead of {count}")
    out = []
    for part in parts:
        quoted = _QUOTED.fullmatch(part)
        field = quoted.group(1) if quoted else part
        if '"' in field:
            raise BadRow("its quotes do not pair")
        out.append(field.strip())
    return out


def number(text: str, what: str) -> int:
    """A number that names something."""
    if not _NUMBER.fullmatch(text) or not 0 < int(text) <= NUMBER_MAX:
        raise BadRow(f"{what} {text[:40]!r} is not a number from 1 to {NUMBER_MAX}")
    return int(text)


def day(text: str, what: str = "the date") -> date:
    """A date written YYMMDD, of the twentieth century."""
    found = _DAY.fullmatch(text)
    parts = (CENTURY + int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
    try:
        return date(*parts)
    except ValueError:
        raise BadRow(f"{what} {text[:40]!r} is not a day written YYMMDD") from None


def birth_day(text: str) -> date:
    """The day in a birth number, in which women's months are counted from 51."""
    month = int(text[2:4]) if _DAY.fullmatch(text) else 0
    plain = f"{text[:2]}{month - FEMALE_MONTHS:02d}{text[4:]}" if month > FEMALE_MONTHS else text
    try:
        return day(plain)
    except BadRow:
        raise BadRow(f"the birth number {text[:40]!r} holds no day") from None


def balance_minor(text: str) -> int:
    """An amount with its sign, in minor units, exactly."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise BadRow(f"{text[:40]!r} is not an amount")
    minor = int(found.group(2)) * MINOR + int((found.group(3) or "").ljust(2, "0"))
    if minor > AMOUNT_MINOR_MAX:
        raise BadRow(f"the amount {text[:40]} is larger than this bank can book")
    return -minor if found.group(1) else minor


def amount_minor(text: str) -> int:
    """An amount above zero, in minor units, exactly."""
    minor = balance_minor(text)
    if minor <= 0:
        raise BadRow(f"the amount {text[:40]} is not above zero")
    return minor
