"""What is asked of the books, what they answer, and how both travel to the database."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import NO_NOTE, Note
from holdfast.contracts.metadata import metadata_trouble
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.ledger.errors import BadTransfer
from holdfast.ledger.notes import Notes

TEXT_MAX = 200
WORDS_MAX = 1000
BIGINT_MAX, INT_MAX = 2**63 - 1, 2**31 - 1
ZERO = uuid.UUID(int=0)
_NUMBERS = {
    "debit": BIGINT_MAX, "credit": BIGINT_MAX, "epoch": BIGINT_MAX, "birth": BIGINT_MAX, "journal_number": BIGINT_MAX,
    "expires_us": BIGINT_MAX, "cohort": INT_MAX,
}  # fmt: skip


class Result(StrEnum):
    """What became of one post."""

    POSTED = "posted"
    ALREADY_POSTED = "already_posted"
    REFUSED = "refused"
    ALREADY_REFUSED = "already_refused"
    STALE = "stale"
    CONFLICT = "conflict"


class Action(StrEnum):
    """What a post asks for: a transfer, money held for a later one, or the end of what is held."""

    TRANSFER = "transfer"
    PENDING = "pending"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be booked once: amount_minor of currency from debit to credit (account ids).

    refuse: record this refusal instead of booking. source `own` is fenced by epoch and birth; `journal` is an
    entry of the spare bank's journal, not fenced, and books over a recorded refusal. over_floor books although
    the account falls below its floor, as a recorded exception.

    action pending: the amount is held, not moved, until expires_us (microseconds since 1970 UTC) at the latest.
    settles: the id of what is held; a transfer posts it, wholly or in part, and what is left is free again; a void
    frees all of it, with the accounts, amount and currency of what was held. reverses: the id of the transfer that this
    one gives back, wholly or in part, with its accounts the other way round. linked: posts of one call with the same
    group are booked all or none; nothing is added to a group later.

    metadata: named texts that stand in the books for ever beside what is booked, and for nobody's eyes in particular
    (contracts/metadata.py); a part of what an id stands for, but for the journal's. A refusal keeps none.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    value_date: date
    cohort: int
    epoch: int
    cause: str
    note: Note | None = None
    birth: int = 0
    refuse: Reason | None = None
    rules_version: str = ""
    source: str = "own"
    journal_number: int = -1
    over_floor: bool = False
    action: Action = Action.TRANSFER
    settles: uuid.UUID | None = None
    reverses: uuid.UUID | None = None
    linked: uuid.UUID | None = None
    expires_us: int = 0
    metadata: Mapping[str, str] | None = None

    @property
    def tied(self) -> bool:
        """Whether it takes the way of what something binds to others, or what carries metadata (sql/post_tied.sql); a
        refusal keeps none."""
        bound = self.settles or self.reverses or self.linked
        carries = bool(self.metadata) and self.refuse is None
        return bound is not None or self.action is not Action.TRANSFER or carries

    def check(self) -> None:
        """Raise BadTransfer for what can never be booked."""
        if not isinstance(self.id, uuid.UUID):
            raise BadTransfer("id is not a UUID")
        if type(self.amount_minor) is not int or not 0 < self.amount_minor <= AMOUNT_MINOR_MAX:
            raise BadTransfer(f"amount_minor must be an integer above 0 and at most {AMOUNT_MINOR_MAX}")
        self._check_numbers()
        if type(self.value_date) is not date:
            raise BadTransfer("value_date is not a date")
        self._check_words()
        if self.source not in ("own", "journal"):
            raise BadTransfer(f"source {self.source!r} is neither own nor journal")
        if self.refuse is not None and not isinstance(self.refuse, Reason):
            raise BadTransfer("refuse is not a reason of contracts.answers")
        if self.metadata is not None and (trouble := metadata_trouble(self.metadata)):
            raise BadTransfer(trouble)
        if self.tied:
            self._check_tie()

    def _check_numbers(self) -> None:
        numbers = (
            self.debit, self.credit, self.cohort, self.epoch, self.birth, self.journal_number, self.expires_us,
        )  # fmt: skip
        if (
            set(map(type, numbers)) == {int}
            and min(numbers) >= -1
            and max(numbers) <= BIGINT_MAX
            and self.cohort <= INT_MAX
        ):
            return
        for name, most in _NUMBERS.items():
            value = getattr(self, name)
            if type(value) is not int or not -1 <= value <= most:
                raise BadTransfer(f"{name} is not a whole number from -1 to {most}")

    def _check_words(self) -> None:
        currency = self.currency
        if not isinstance(currency, str) or len(currency) != 3 or not currency.isascii() or not currency.isupper():
            raise BadTransfer(f"currency {currency!r} is not an ISO 4217 code")
        for name in ("kind", "cause", "rules_version"):
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > TEXT_MAX or "\0" in text:
                raise BadTransfer(f"{name} is no text of at most {TEXT_MAX} characters without a NUL")
        for text in (self.note.payer, self.note.payee, self.note.text) if self.note else ():
            if not isinstance(text, str) or len(text) > WORDS_MAX or "\0" in text:
                raise BadTransfer(
                    f"the words of a transfer are no text of at most {WORDS_MAX} characters without a NUL"
                )

    def _check_tie(self) -> None:
        for name in ("settles", "reverses", "linked"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, uuid.UUID) or value == ZERO):
                raise BadTransfer(f"{name} is not a UUID, or the one of zeros")
        if not isinstance(self.action, Action):
            raise BadTransfer(f"action {self.action!r} is none of {', '.join(Action)}")
        if self.settles and self.reverses:
            raise BadTransfer("a transfer posts what is held, or reverses a transfer, not both")
        if self.action is Action.PENDING and (self.settles or self.reverses or self.over_floor or self.expires_us <= 0):
            raise BadTransfer("what is held needs expires_us, and neither settles, reverses nor falls below a floor")
        if self.action is Action.VOID and (self.settles is None or self.over_floor or self.metadata):
            raise BadTransfer(
                "a void needs settles, the id of what is held, falls below no floor and carries no metadata"
            )


@dataclass(frozen=True, slots=True)
class Posted:
    """The outcome of an id: its result now, and its reason, block and source as first recorded (block 0: none)."""

    id: uuid.UUID
    result: Result
    reason: Reason
    block: int
    source: str
    known_epoch: int


def check_groups(posts: Sequence[Post]) -> None:
    """Raise BadTransfer where an id stands twice in one linked group."""
    seen: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for post in posts:
        if post.linked is not None:
            if (post.linked, post.id) in seen:
                raise BadTransfer(f"id {post.id} stands twice in the group {post.linked}")
            seen.add((post.linked, post.id))


def _numbers(values: Iterable[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Iterable[str | None]) -> str:
    quoted = ("NULL" if one is None else '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values)
    return "{" + ",".join(quoted) + "}"


def _bytes(values: Iterable[bytes | None]) -> str:
    return "{" + ",".join("NULL" if one is None else f'"\\\\x{one.hex()}"' for one in values) + "}"


def _idents(values: Iterable[uuid.UUID | None]) -> str:
    return "{" + ",".join("NULL" if one is None else one.hex for one in values) + "}"


def parameters(posts: Sequence[Post], seal: Notes) -> list[str]:
    """The columns of some posts as PostgreSQL writes arrays: put together here in a third of the driver's time."""
    notes = [post.note for post in posts]
    return [
        _texts(p.id.hex for p in posts),
        _numbers(p.debit for p in posts),
        _numbers(p.credit for p in posts),
        _numbers(p.amount_minor for p in posts),
        _texts(p.currency for p in posts),
        _texts(p.kind for p in posts),
        _texts(p.value_date.isoformat() for p in posts),
        _numbers(p.cohort for p in posts),
        _numbers(p.epoch for p in posts),
        _numbers(p.birth for p in posts),
        _texts(p.cause for p in posts),
        _texts(p.refuse.value if p.refuse else "" for p in posts),
        _texts(p.rules_version for p in posts),
        _texts(p.source for p in posts),
        _numbers(p.journal_number for p in posts),
        _texts("t" if p.over_floor else "f" for p in posts),
        _bytes(n.hash() if n else NO_NOTE for n in notes),
        _bytes(seal.seal(p.id, p.note) if p.note else None for p in posts),
    ]


def tied_parameters(posts: Sequence[Post], seal: Notes) -> list[str]:
    """The columns of posts that something binds or that carry metadata; the first are those of all posts."""
    return [
        *parameters(posts, seal),
        _texts(p.action.value for p in posts),
        _idents(p.settles for p in posts),
        _idents(p.reverses for p in posts),
        _idents(p.linked for p in posts),
        _numbers(p.expires_us for p in posts),
        _texts(json.dumps(dict(p.metadata)) if p.metadata else None for p in posts),
    ]
