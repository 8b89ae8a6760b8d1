"""Frozen dataclasses as JSON and back, for what crosses a border between two buildings of ours. Standard library only.

A shape is made of texts, whole numbers, real numbers, truth values, tuples of one kind, mappings from texts, and other
shapes. What is not of the shape is refused with ValueError, never guessed at.
"""

from dataclasses import asdict, fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Shape = TypeVar("Shape")
PLAIN = (str, int, bool)


def to_wire(one: Any) -> dict[str, Any]:
    """A shape as it crosses the border."""
    return asdict(one)


def from_wire(kind: type[Shape], raw: object) -> Shape:
    """The shape that was sent. Raises ValueError for anything else, also for a member that is missing."""
    made: Shape = _read(kind, raw)
    return made


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, raw: Any) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(raw, list | tuple):
        return tuple(_read(parts[0], one) for one in raw)
    if origin is dict and isinstance(raw, dict):
        return {str(name): _read(parts[1], one) for name, one in raw.items()}
    if is_dataclass(kind) and isinstance(raw, dict):
        hints = _hints(kind)  # type: ignore[arg-type]  # a class, as it is no instance here
        missing = {one.name for one in fields(kind)} - raw.keys()
        if missing:
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
        return kind(**{name: _read(hint, raw[name]) for name, hint in hints.items()})  # type: ignore[operator]
    if kind is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if kind in PLAIN and type(raw) is kind:
        return raw
    raise ValueError(f"{type(raw).__name__} where something else was agreed")
