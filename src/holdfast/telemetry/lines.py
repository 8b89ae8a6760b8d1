"""What a process warns of is also kept in its building's own folder, where whoever may ask the building reads it.

A file a program and one before it, 1 MB each; a line is a JSON array: an instant that only rises (µs since 1970, also
when the clock is set back), a number that rises by one, and the event as `logs` made it. Who reads remembers the
instant up to which it read each program: nothing is told twice, and a gap between two numbers is so many lines that
nobody can read any more. A full disk loses lines, and nothing else.
"""

import contextlib
import fcntl
import json
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

FOLDER = "lines"
LEVELS = ("warning", "error", "critical")
FILE_BYTES_MAX = 1_000_000
LINE_BYTES_MAX = 12_000
VALUE_CHARS_MAX, TRACEBACK_CHARS_MAX, FIELDS_MAX = 1_000, 6_000, 40
LIMIT_MAX, ANSWER_BYTES_MAX = 1_000, 256_000
PROGRAMS_MAX = 16
PER_SECOND_MAX = 150
"""Lines of one program; more are lost: who logs in a storm is not held up by keeping them, and who reads keeps up."""
EARLY_MAX = 50
"""Lines held until it is known where they are kept."""
LOCK_S_MAX, LOCK_TURNS_MAX, LOCK_TURN_S = 0.05, 5, 0.001
OPENINGS_MAX = 3
BLOCKS_BYTES = (8_192, 65_536, 262_144, FILE_BYTES_MAX * 2)
"""How much of a file's end is read, until it reaches back to what was read before."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
Text = Callable[[int, int, Mapping[str, Any]], bytes]
"""An event's line from its instant (µs), its number and itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. at_us, number: as above; event: the fields as they were logged; size: bytes on the disk."""

    program: str
    at_us: int
    number: int
    event: dict[str, Any]
    size: int

    def to_wire(self) -> list[Any]:
        """As `/-/lines` tells it."""
        return [self.program, self.at_us, self.number, self.event]


@dataclass(frozen=True, slots=True)
class Joined:
    """Lines of a building's programs, the oldest first. more: there are further ones, to be asked for at once."""

    lines: tuple[Line, ...]
    more: bool

    def to_wire(self) -> dict[str, Any]:
        """As `/-/lines` answers."""
        return {"lines": [one.to_wire() for one in self.lines], "more": self.more}


class Kept:
    """One program's file in a folder; several threads, and for a moment two processes, may write it. text: an event as
    a line's bytes."""

    def __init__(self, place: Path, program: str, per_second_max: int, text: Text) -> None:
        self._program, self._per_second_max, self._text = program, per_second_max, text
        self._path, self._before = _paths(place, program)
        self._lock = threading.Lock()
        self._at_us = self._number = 0
        self._second = self._in_second = 0
        self._left: tuple[int, int] | None = None  # file and size as we left it: else somebody wrote meanwhile

    def add(self, event: Mapping[str, Any]) -> None:
        """Keep one line, or lose it: who logs waits for nobody, and is told of nothing."""
        if not self._lock.acquire(timeout=LOCK_S_MAX):
            return
        try:
            self._number += 1
            if self._has_room():
                with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
                    self._write(event)
        finally:
            self._lock.release()

    def _has_room(self) -> bool:
        second = int(time.monotonic())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        return self._in_second <= self._per_second_max

    def _write(self, event: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        for _ in range(OPENINGS_MAX):
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _wait_for(handle)
                seen = os.fstat(handle)
                if seen.st_ino != _number_of(self._path):
                    continue  # another process began a new file meanwhile
                if seen.st_size >= FILE_BYTES_MAX:
                    self._path.replace(self._before)
                    continue
                self._append(handle, seen, event)
                return
            finally:
                os.close(handle)

    def _append(self, handle: int, seen: os.stat_result, event: Mapping[str, Any]) -> None:
        opening = b""
        if self._left != (seen.st_ino, seen.st_size):
            last = _last(self._path, self._program) or _last(self._before, self._program)
            if last is not None:
                self._at_us, self._number = max(self._at_us, last.at_us), max(self._number, last.number + 1)
            whole = not seen.st_size or os.pread(handle, 1, seen.st_size - 1) == b"\n"
            opening = b"" if whole else b"\n"
        self._left = None
        self._at_us = max(time.time_ns() // 1000, self._at_us + 1)
        raw = opening + self._text(self._at_us, self._number, event)
        if os.write(handle, raw) == len(raw):
            self._left = (seen.st_ino, seen.st_size + len(raw))


class _Kept(Kept):
    """One program's log lines in its building's folder."""

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__(folder / FOLDER, program, PER_SECOND_MAX, _text)


class _Process:
    """Where this process keeps its lines, once it is known."""

    def __init__(self) -> None:
        self.kept: _Kept | None = None
        self.early: deque[dict[str, Any]] = deque(maxlen=EARLY_MAX)
        self.hooked = False


_PROCESS = _Process()


def keep(folder: Path, program: str) -> None:
    """From now on, and what was logged before: keep warnings and worse of this process, and what ends it or a thread of
    it, in its building's folder under the program's name. Raises ValueError for a name that is none."""
    if not NAME.fullmatch(program):
        raise ValueError(f"{program!r} is no program's name")
    _PROCESS.kept = _Kept(folder, program)
    while _PROCESS.early:
        _PROCESS.kept.add(_PROCESS.early.popleft())
    if not _PROCESS.hooked:
        _PROCESS.hooked = True
        _tell_of_ends()


def offer(event: Mapping[str, Any]) -> None:
    """Keep an event that was logged, if it is bad enough; its secrets are cut already."""
    if event.get("level") not in LEVELS:
        return
    if _PROCESS.kept is None:
        _PROCESS.early.append(dict(event))
    else:
        _PROCESS.kept.add(event)


def _tell_of_ends() -> None:
    """Log exceptions that nobody caught, before Python says them as ever."""
    process_before, thread_before = sys.excepthook, threading.excepthook

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            structlog.get_logger().critical("the process ended by an exception", exc_info=(kind, error, trace))
        process_before(kind, error, trace)

    def of_thread(found: threading.ExceptHookArgs) -> None:
        if issubclass(found.exc_type, Exception) and found.exc_value is not None:
            told = (found.exc_type, found.exc_value, found.exc_traceback)
            name = found.thread.name if found.thread else ""
            structlog.get_logger().critical("a thread ended by an exception", thread=name, exc_info=told)
        thread_before(found)

    sys.excepthook, threading.excepthook = of_process, of_thread


def joined(folder: Path, after: Mapping[str, int], limit: int = LIMIT_MAX, kind: str = FOLDER) -> Joined:
    """Lines of all programs that keep them in a building's folder, the oldest first. after: by program the instant
    (µs) up to which its lines are known; a program that is not named is told from its first line. kind: the folder's
    name, where what is kept is no log line."""
    place, found = folder / kind, list[Line]()
    programs = sorted({path.stem for path in place.glob("*.jsonl") if NAME.fullmatch(path.stem)})
    for program in programs[:PROGRAMS_MAX]:
        found.extend(_after(place, program, after.get(program, 0)))
    found.sort(key=lambda line: (line.at_us, line.program))
    told, left = list[Line](), ANSWER_BYTES_MAX
    for line in found[: max(1, min(limit, LIMIT_MAX))]:
        left -= line.size
        if left < 0 and told:
            break
        told.append(line)
    return Joined(tuple(told), len(told) < len(found))


def asked(since: str, limit: str) -> tuple[dict[str, int], int]:
    """The query of `/-/lines`: `since` as `bank-web:1764000000000000,bank-worker:…`, `limit` a number; raises
    ValueError in words."""
    after: dict[str, int] = {}
    for pair in filter(None, since.split(",")):
        program, _, instant = pair.partition(":")
        if not NAME.fullmatch(program) or not (instant.isascii() and instant.isdecimal()) or len(instant) > 18:
            raise ValueError("since is PROGRAM:MICROSECONDS, with commas between")
        after[program] = int(instant)
    if len(after) > PROGRAMS_MAX:
        raise ValueError(f"since names more than {PROGRAMS_MAX} programs")
    if not (limit.isascii() and limit.isdecimal()) or not 1 <= int(limit[:9]) <= LIMIT_MAX:
        raise ValueError(f"limit is a number from 1 to {LIMIT_MAX}")
    return after, int(limit)


def _paths(place: Path, program: str) -> tuple[Path, Path]:
    return place / f"{program}.jsonl", place / f"{program}.before"


def _number_of(path: Path) -> int:
    """A file's number on its disk, 0 where there is none."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_ino
    return 0


def _wait_for(handle: int) -> None:
    """The file's lock; raises BlockingIOError when somebody else has it too long."""
    for _ in range(LOCK_TURNS_MAX):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(LOCK_TURN_S)
    raise BlockingIOError


def _text(at_us: int, number: int, event: Mapping[str, Any]) -> bytes:
    """A line in bounded length: of a traceback the end, of others the beginning; of too many fields the first."""
    fields = {name: _short(name, event[name]) for name in list(event)[:FIELDS_MAX] if not name.startswith("_")}
    raw = _dumped(at_us, number, fields)
    if len(raw) > LINE_BYTES_MAX:
        told = ("timestamp", "level", "event", "building", "trace_id", "exception")
        fields = {name: str(fields[name])[-VALUE_CHARS_MAX:] for name in told if name in fields}
        raw = _dumped(at_us, number, {**fields, "shortened": "the line was too long"})
    return raw


def _dumped(at_us: int, number: int, fields: Mapping[str, Any]) -> bytes:
    return json.dumps([at_us, number, fields], separators=(",", ":")).encode() + b"\n"


def _short(name: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[-TRACEBACK_CHARS_MAX:] if name == "exception" else str(value)[:VALUE_CHARS_MAX]


def _after(place: Path, program: str, after_us: int) -> list[Line]:
    """A program's lines after an instant. The newer file is opened first: when a new one is begun meanwhile, its lines
    are read twice rather than never, and counted once."""
    found: dict[int, Line] = {}
    for path in _paths(place, program):
        reached = False
        with contextlib.suppress(OSError):
            with path.open("rb") as file:
                for size in BLOCKS_BYTES:
                    lines, whole = _end_of(file, size, program)
                    reached = bool(lines) and lines[0].at_us <= after_us
                    if whole or reached:
                        break
            found.update({line.at_us: line for line in lines if line.at_us > after_us})
        if reached:
            break
    return list(found.values())


def _end_of(file: Any, size: int, program: str) -> tuple[list[Line], bool]:
    """The whole lines in the last bytes of a file, and whether that is all of it."""
    length = file.seek(0, os.SEEK_END)
    start = max(0, length - size)
    file.seek(start)
    raw: bytes = file.read(length - start)
    if start:
        raw = raw.partition(b"\n")[2]
    raw = raw[: raw.rfind(b"\n") + 1]  # the last may be under way
    return list(_read(raw, program)), start == 0


def _read(raw: bytes, program: str) -> Iterator[Line]:
    for text in raw.split(b"\n"):
        with contextlib.suppress(ValueError, TypeError):  # a broken line is none
            at_us, number, event = json.loads(text)
            if isinstance(at_us, int) and isinstance(number, int) and isinstance(event, dict):
                yield Line(program, at_us, number, event, len(text))


def _last(path: Path, program: str) -> Line | None:
    with contextlib.suppress(OSError), path.open("rb") as file:
        lines, _ = _end_of(file, BLOCKS_BYTES[1], program)
        return lines[-1] if lines else None
    return None
