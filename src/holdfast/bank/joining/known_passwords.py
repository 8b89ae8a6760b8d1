"""Passwords that others know: the 20,000 commonest of leaked ones, and any larger list that is given to the bank.

The first list comes with Django (BSD-3; by Royce Williams, from leaks). As ours have 15 characters at least, what
people make of the short ones is refused too: one again and again, two joined, with digits and signs around.

The second is a file of SHA-1 digests, one a line in upper case hex, in order, with or without `:count` after each: the
form in which lists of leaked passwords are given out (“Pwned Passwords, ordered by hash”). It is searched by halves and
may have any size. SHA-1 is the list's choice and protects nothing here.
"""

import gzip
import hashlib
import os
import re
from functools import cache
from pathlib import Path
from typing import BinaryIO

from django.contrib.auth import password_validation

LIST = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
PART_MIN = 4
LINE_MAX = 80
AROUND = re.compile(r"^[\d\W_]+|[\d\W_]+$")
BETWEEN = re.compile(r"[\W_]+")


@cache
def common_passwords() -> frozenset[str]:
    """The commonest passwords, in lower case."""
    with gzip.open(LIST, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip().casefold() for line in lines)


def is_common(password: str) -> bool:
    """Whether this is one of the commonest passwords, or what is easily made of one or two of them."""
    plain, known = password.casefold(), common_passwords()
    if plain in known:
        return True
    core = BETWEEN.sub("", AROUND.sub("", plain))
    if core in known or _repeats(core) in known:
        return True
    halves = ((core[:at], core[at:]) for at in range(PART_MIN, len(core) - PART_MIN + 1))
    return any(first in known and second in known for first, second in halves)


def _repeats(text: str) -> str:
    """The shortest part of which the text is made by repeating it; the text itself when it repeats none."""
    lengths = range(PART_MIN, len(text) // 2 + 1)
    parts = (text[:one] for one in lengths if len(text) % one == 0)
    return next((part for part in parts if part * (len(text) // len(part)) == text), text)


def is_leaked(password: str, file: Path) -> bool:
    """Whether the file of leaked passwords holds this one; False where there is no such file."""
    wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with file.open("rb") as lines:
            low, high = 0, os.fstat(lines.fileno()).st_size
            while low < high:
                middle = (low + high) // 2
                begins, line = _line_from(lines, middle)
                if not line or line[: len(wanted)] >= wanted:
                    high = middle
                else:
                    low = begins + len(line)
            return _line_from(lines, low)[1].startswith(wanted)
    except FileNotFoundError:
        return False


def _line_from(lines: BinaryIO, place: int) -> tuple[int, bytes]:
    """Where the first line begins that begins at this place or after it, and the line; empty at the end."""
    lines.seek(max(place - 1, 0))
    if place:
        lines.readline(LINE_MAX)
    return lines.tell(), lines.readline(LINE_MAX)
