"""Numbers in Prometheus' form: one registry a process, one text a building
(https://prometheus.io/docs/instrumenting/exposition_formats/).

A process that nobody can ask (a worker, a loop) writes its text into a file of its building's folder, and so does one
that can be asked; whoever is asked for the building's numbers joins the files. Each line carries the program it is of.
A program that stopped writing is left out after STALE_S: what is not there says so, what is old would not.
"""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WRITE_EVERY_S = 5.0
STALE_S = 20.0
TEXT_BYTES_MAX = 2_000_000
FILES_MAX = 16
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0, 2.0, 5.0)
"""Buckets of durations, in seconds; the routes' own deadlines (0.8, 1 and 2 s) are among them."""

REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "holdfast_request_seconds",
    "Requests answered, by service and outcome (answered, refused by a rule or for its content, failed)",
    ["service", "outcome"],
    buckets=SECONDS,
    registry=REGISTRY,
)
CALLS = Histogram(
    "holdfast_call_seconds",
    "Calls to another part, by what they were for and result (answered, failed, stalled)",
    ["to", "result"],
    buckets=SECONDS,
    registry=REGISTRY,
)
HEARD = Counter(
    "holdfast_heard",
    "What customers say without a word to us: failed logins, lock-outs, help opened, payments asked about, chats "
    "begun, problems reported",
    ["what"],
    registry=REGISTRY,
)
NOT_JUDGED = Counter(
    "holdfast_not_judged",
    "Judgements by the shared rules that failed: tighter limits stood in for them",
    registry=REGISTRY,
)
UNDER_WAY = Gauge("holdfast_requests_under_way", "Requests being answered now", registry=REGISTRY)
ProcessCollector(registry=REGISTRY)


def outcome_of(status: int) -> str:
    """What a status says: `answered`, `refused` (4xx) or `failed` (5xx)."""
    return "failed" if status >= 500 else "refused" if status >= 400 else "answered"


class _Named(Collector):
    """The registries' metrics, each line with the program it is of."""

    def __init__(self, program: str, registries: Iterable[CollectorRegistry]) -> None:
        self._program, self._registries = program, tuple(registries)

    def collect(self) -> Iterator[Metric]:
        for registry in self._registries:
            for family in registry.collect():
                family.samples = [
                    one._replace(labels={**one.labels, "program": self._program})
                    for one in family.samples
                    if not one.name.endswith("_created")
                ]
                yield family


def exposition(program: str, *more: CollectorRegistry) -> bytes:
    """This process's numbers as text; more: registries of its own."""
    joined = CollectorRegistry()
    joined.register(_Named(program, (REGISTRY, *more)))
    return generate_latest(joined)


def write(folder: Path, program: str, *more: CollectorRegistry) -> None:
    """Put this process's text where its building joins it; raises OSError."""
    place = folder / "metrics"
    place.mkdir(mode=0o700, exist_ok=True)
    draft = place / f".{program}"
    draft.write_bytes(exposition(program, *more))
    draft.replace(place / f"{program}.prom")


def write_for_ever(folder: Path, program: str, *more: CollectorRegistry) -> threading.Thread:
    """Write every few seconds from a thread of its own, which ends with the process. A full disk loses numbers, and
    nothing else: the file grows old and is left out."""

    def loop() -> None:
        while True:
            with contextlib.suppress(OSError):
                write(folder, program, *more)
            time.sleep(WRITE_EVERY_S)

    thread = threading.Thread(target=loop, name="metrics", daemon=True)
    thread.start()
    return thread


def joined(folder: Path) -> bytes:
    """The numbers of all programs of a building that write into its folder, as one text."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    for text in _texts(folder / "metrics"):
        family = ""
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family = line.split(" ", 3)[2]
            head, lines = families.setdefault(family, ([], []))
            if not line.startswith("#"):
                lines.append(line)
            elif line not in head:
                head.append(line)
    return "".join(f"{line}\n" for head, lines in families.values() for line in (*head, *lines)).encode()


def _texts(place: Path) -> Iterator[str]:
    now = time.time()
    for one in sorted(place.glob("[!.]*.prom"))[:FILES_MAX]:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            seen = one.stat()
            if abs(now - seen.st_mtime) <= STALE_S and seen.st_size <= TEXT_BYTES_MAX:
                yield one.read_text()
