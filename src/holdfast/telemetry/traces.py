"""What a request did, as spans of a trace, in OpenTelemetry's data model
(https://opentelemetry.io/docs/specs/otel/trace/api/) and carried on as W3C Trace Context has it
(https://www.w3.org/TR/trace-context/).

A span is a stretch of work with a name; the spans that one process made of a request are its part of the trace. Every
part is noted while it runs, which costs some microseconds, and most are forgotten at their end: kept is what was slow
or failed, and one request in ONE_IN, drawn by its id, so that each building that it comes to draws alike and the flag
says so to others. What is kept is written like log lines (lines.py), one line a part, in the folder `traces`.

Nothing of a person is in a span: names are fixed in the code, and a text with a longer number or of another form than
a name is cut.
"""

import json
import os
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar, Token
from pathlib import Path
from types import TracebackType
from typing import Any

from holdfast.telemetry.lines import NAME, Kept

FOLDER = "traces"
HEADER = "traceparent"
SLOW_S = 0.5
ONE_IN = 100
SPANS_MAX = 24
"""Spans of one part; further ones are counted."""
KEPT_PER_SECOND_MAX = 5
"""Parts of one program: in a storm every request is slow, and some of them tell what all do."""
VALUES_MAX, TEXT_CHARS_MAX = 12, 80
PLAIN = re.compile(r"[A-Za-z0-9 _./<>:,()-]*")
LONG_NUMBER = re.compile(r"\d[\d .-]{4,}\d")
CARRIED = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
Value = str | int | float | bool


class Span:
    """One stretch of work, a context manager; an exception that leaves it makes it failed. about: what is to be known
    of it, few and plain values."""

    __slots__ = ("_part", "_token", "about", "began_ns", "ended_ns", "failed", "ident", "name", "parent")

    def __init__(self, part: "Part", name: str, parent: str) -> None:
        self._part = part
        self._token: Token[Span | None] | None = None
        self.name, self.parent = name, parent
        self.ident = os.urandom(8).hex()
        self.about: dict[str, Value] = {}
        self.failed = False
        self.began_ns = self.ended_ns = 0

    @property
    def trace(self) -> str:
        """The id of its trace: 32 hexadecimal digits."""
        return self._part.trace

    def carried(self) -> str:
        """The header `traceparent` for whoever is asked within this span."""
        return f"00-{self._part.trace}-{self.ident}-{'01' if self._part.drawn else '00'}"

    def __enter__(self) -> "Span":
        self.began_ns = time.monotonic_ns()
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended_ns = time.monotonic_ns()
        if self._token is not None:
            _current.reset(self._token)
        if kind is not None:
            self.failed = True
            self.about["error"] = kind.__name__
        self._part.ended(self)


_current: ContextVar[Span | None] = ContextVar("span", default=None)


class Part:
    """What this process does of one trace; a context manager of its first span.

    parent: the span of the other process that asked for it, "" for none; drawn: it is kept whatever comes."""

    __slots__ = ("_began_us", "_root", "database_ns", "database_waits", "drawn", "failed", "left_out", "spans", "trace")

    def __init__(self, name: str, trace: str, parent: str = "", *, drawn: bool) -> None:
        self.trace, self.drawn, self.failed = trace, drawn, False
        self.spans: list[Span] = []
        self.left_out = self.database_ns = self.database_waits = 0
        self._began_us = 0
        self._root = Span(self, name, parent)

    def __enter__(self) -> Span:
        self._began_us = time.time_ns() // 1000
        return self._root.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        root = self._root
        root.__exit__(kind, error, trace)
        if self.drawn or self.failed or root.ended_ns - root.began_ns > SLOW_S * 1e9:
            _keep(self)

    def ended(self, span: Span) -> None:
        """Take a span that is over."""
        self.failed = self.failed or span.failed
        if len(self.spans) < SPANS_MAX or span is self._root:
            self.spans.append(span)
        else:
            self.left_out += 1

    def to_event(self) -> dict[str, Any]:
        """As it is written: instants in µs since 1970, spans as lists [id, parent, name, begin µs, µs, failed, about],
        the first span of this process last."""
        root, root_us = self._root, self._began_us
        if self.database_waits:
            root.about["database waits"] = self.database_waits
            root.about["database ms"] = round(self.database_ns / 1e6, 1)
        spans = [
            [
                one.ident,
                one.parent,
                one.name,
                root_us + (one.began_ns - root.began_ns) // 1000,
                max(one.ended_ns - one.began_ns, 0) // 1000,
                one.failed,
                plain(one.about),
            ]
            for one in self.spans
        ]
        return {"trace_id": self.trace, "drawn": self.drawn, "left_out": self.left_out, "spans": spans}


class _Unseen:
    """A span where there is no trace: it takes what is said of it, and forgets it."""

    __slots__ = ("about", "failed")

    def __init__(self) -> None:
        self.about: dict[str, Value] = {}
        self.failed = False

    def carried(self) -> str:
        """Nothing is carried on."""
        return ""

    def __enter__(self) -> "_Unseen":
        return self

    def __exit__(self, *ended: object) -> None:
        """Nothing is noted."""


def new_trace() -> str:
    """A fresh id of a trace: 32 hexadecimal digits, all drawn at random."""
    return os.urandom(16).hex()


def is_drawn(trace: str) -> bool:
    """Whether this trace is one of those kept whatever comes; the same at every building."""
    return int(trace[-8:], 16) % ONE_IN == 0


def continued(name: str, trace: str, header: str | None) -> Part:
    """This process's part of a trace that another began. trace: its id, from whom it is to be believed; the header
    counts only where it speaks of the same."""
    found = CARRIED.fullmatch(header or "")
    if found is None or found[1] != trace:
        return Part(name, trace, drawn=False)
    return Part(name, trace, found[2], drawn=int(found[3], 16) & 1 == 1)


def span(name: str) -> Span | _Unseen:
    """A span within the current one; nothing is noted where there is none."""
    now = _current.get()
    return _Unseen() if now is None else Span(now._part, name, now.ident)


def add(name: str, began_ns: int, ended_ns: int) -> None:
    """Note a stretch that was measured elsewhere, between two instants of the monotonic clock."""
    now = _current.get()
    if now is not None:
        one = Span(now._part, name, now.ident)
        one.began_ns, one.ended_ns = began_ns, ended_ns
        now._part.ended(one)


def waited_for_the_database(took_s: float) -> None:
    """Count one exchange with a database in the part that is running."""
    now = _current.get()
    if now is not None:
        now._part.database_waits += 1
        now._part.database_ns += int(took_s * 1e9)


def current() -> Span | None:
    """The span that is running here."""
    return _current.get()


def plain(about: Mapping[str, Value]) -> dict[str, Value]:
    """What may be told of a span: numbers, and short texts that can be names; others are cut."""
    return {name: _plain(value) for name, value in list(about.items())[:VALUES_MAX]}


def _plain(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    told = value[:TEXT_CHARS_MAX]
    return told if PLAIN.fullmatch(told) and not LONG_NUMBER.search(told) else "(cut)"


class _Process:
    """Where this process keeps its parts of traces, once it is known."""

    def __init__(self) -> None:
        self.kept: Kept | None = None


_PROCESS = _Process()


def keep(folder: Path, program: str) -> None:
    """From now on, keep this process's parts of traces in its building's folder under the program's name. Raises
    ValueError for a name that is none."""
    if not NAME.fullmatch(program):
        raise ValueError(f"{program!r} is no program's name")
    _PROCESS.kept = Kept(folder / FOLDER, program, KEPT_PER_SECOND_MAX, _text)


def _keep(part: Part) -> None:
    if _PROCESS.kept is not None:
        _PROCESS.kept.add(part.to_event())


def _text(at_us: int, number: int, event: Mapping[str, Any]) -> bytes:
    """A part's line; its length is bounded by the spans' number and their values'."""
    return json.dumps([at_us, number, event], separators=(",", ":")).encode() + b"\n"
