"""What the bank signs of a statement or certificate that it gave out, so that whoever holds it can check it at the
bank's own address, also when both banks are down.

Every such file ends with a line that its format does not mind (a note of a table, a processing instruction of XML, a
comment of PDF) and that carries a token over the figures and over all bytes before that line: the file is unchanged
when they still have that digest. What is printed on paper carries a token over the figures alone, as an address.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

PURPOSE = "paper"
SIGNERS = frozenset({"primary"})
ADDRESS = "/papers/check"
TOKEN_CHARACTERS_MAX = 4000
FILE_BYTES_MAX = 8_000_000
WORDS_MAX = 140
FIGURES_MAX = 60
"""A year's certificate has six of FIGURES for each currency; more of them than ten would not fit in the picture."""
KINDS = ("statement", "year")
FIGURES = (
    "opening",
    "came_in",
    "went_out",
    "closing",
    "interest_received",
    "interest_paid",
    "fees_paid",
    "given_back",
    "owed",
)
_LAST = re.compile(rb"(?:proof=|holdfast-proof )([A-Za-z0-9_.-]{40,4000})[^A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount of a paper, by its name in FIGURES, signed for the account's owner."""

    name: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Paper:
    """account: its number as stored, "" for all of the owner's; lines: entries in it; made_at: when it was true;
    digest: SHA-256 in hex of the bytes before the last line, "" of what is printed."""

    kind: str
    owner: str
    account: str
    first: date
    last: date
    lines: int
    figures: tuple[Figure, ...]
    made_at: datetime
    digest: str = ""

    def to_payload(self) -> dict[str, Any]:
        """What is signed, short, since it is printed as a picture: the instant in whole seconds since 1970 UTC, figures
        by their place in FIGURES."""
        figures = [[FIGURES.index(one.name), one.amount_minor, one.currency] for one in self.figures]
        days = [self.first.isoformat(), self.last.isoformat()]
        at = int(self.made_at.timestamp())
        return {"p": [self.kind, self.owner[:WORDS_MAX], self.account, *days, self.lines, at, figures, self.digest]}


def paper_from_payload(raw: dict[str, Any]) -> Paper:
    """Read what a bank signed; raises KeyError, IndexError, ValueError or TypeError when it has not the agreed form."""
    kind, owner, account, first, last, lines, at, told, digest = raw["p"]
    if kind not in KINDS or len(told) > FIGURES_MAX or any(not 0 <= place < len(FIGURES) for place, _, _ in told):
        raise ValueError("a paper of another kind")
    return Paper(
        kind,
        str(owner),
        str(account),
        date.fromisoformat(first),
        date.fromisoformat(last),
        int(lines),
        tuple(Figure(FIGURES[place], int(minor), str(currency)) for place, minor, currency in told),
        datetime.fromtimestamp(int(at), UTC),
        str(digest),
    )


def digest_of(body: bytes) -> str:
    """What is signed of the bytes of a file."""
    return hashlib.sha256(body).hexdigest()


def split_proof(file: bytes) -> tuple[bytes, str] | None:
    """The bytes before the last line, and the token in it; None where the last line carries none. Line ends after the
    token do not matter."""
    whole = file.rstrip(b"\r\n \x00")
    start = max(whole.rfind(b"\n"), whole.rfind(b"\r")) + 1
    if len(whole) - start > TOKEN_CHARACTERS_MAX + 400:
        return None
    found = _LAST.search(whole[start:])
    return (file[:start], found.group(1).decode()) if found else None
