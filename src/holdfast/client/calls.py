"""What can be asked of the API, as a value: who has it can send it, and reads the answer with it."""

import json
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlencode
from uuid import UUID

from holdfast.client.errors import BadAnswer, ProblemTold

PREFIX = "/api/v1"
KEY_HEADER = "Idempotency-Key"
PLAIN: dict[Any, type] = {str: str, int: int, bool: bool, datetime: str, date: str, UUID: str}
"""As what JSON has each kind of value."""
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer_co]):
    """One request. path: below PREFIX, with its places filled in; query, headers: those that are None are left out;
    body: a dataclass of `api`, or None; answers: what the answer is read as."""

    method: str
    path: str
    answers: type[Answer_co]
    query: Mapping[str, object] | None = None
    headers: Mapping[str, str] | None = None
    body: Any = None

    @property
    def address(self) -> str:
        """Path and query."""
        given = {name: _written(value) for name, value in (self.query or {}).items() if value is not None}
        return f"{PREFIX}{self.path}" + (f"?{urlencode(given)}" if given else "")

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again: it reads, or carries a key under which it is done once."""
        return self.method == "GET" or KEY_HEADER in (self.headers or {})

    def sent(self, token: str) -> dict[str, str]:
        """The headers to send, with the token."""
        kind = {"Content-Type": "application/json"} if self.body is not None else {}
        return {"Authorization": f"Bearer {token}", "Accept": "application/json", **kind, **(self.headers or {})}

    def content(self) -> bytes | None:
        """The body to send."""
        return None if self.body is None else json.dumps(asdict(self.body), default=str).encode()

    def read(self, status: int, raw: bytes) -> Answer_co:
        """The answer; raises ProblemTold, or BadAnswer."""
        try:
            said = json.loads(raw)
        except ValueError as error:
            raise BadAnswer(f"{self.method} {self.path} was answered {status} without JSON") from error
        if status >= 400:
            raise ProblemTold(status, said if isinstance(said, dict) else {})
        try:
            found: Answer_co = build(self.answers, said)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadAnswer(f"{self.method} {self.path} was answered with something else: {error}") from error
        return found


def place(value: object) -> str:
    """A value as a part of a path."""
    return quote(str(value), safe="")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def build(kind: Any, raw: Any) -> Any:  # noqa: PLR0911  # one return for each kind of type
    """JSON as this type; members that it does not name are left out. Raises KeyError, ValueError or TypeError."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if raw is None and type(None) in parts:
            return None
        return build(next(one for one in parts if one is not type(None)), raw)
    if origin is list:
        return [build(parts[0], one) for one in raw]
    if origin is dict:
        return {build(parts[0], name): build(parts[1], one) for name, one in raw.items()}
    if origin is Literal:
        return raw
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]  # a class, as it is no instance here
        return kind(**{one.name: build(hints[one.name], raw[one.name]) for one in fields(kind) if one.name in raw})  # type: ignore[operator]
    if not isinstance(raw, PLAIN.get(kind, object)) or (kind is int and isinstance(raw, bool)):
        raise TypeError(f"{raw!r} is not what was expected")
    if kind in (datetime, date):
        return kind.fromisoformat(raw)
    return UUID(str(raw)) if kind is UUID else raw
