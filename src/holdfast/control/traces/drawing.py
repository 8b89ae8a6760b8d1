"""A trace over time: its spans in the order in which they were done, each with its bar. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from holdfast.control.traces.models import Span

WIDTH = 1000
"""Of the box in which bars are drawn."""
NARROWEST = 3.0
DEPTH_MAX = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One span as it is shown. depth: how many spans it is within; left, width: its bar; from_ms: after the trace's
    beginning; own_ms: without the spans within it. Times in ms."""

    span: Span
    depth: int
    left: float
    width: float
    from_ms: float
    took_ms: float
    own_ms: float


def waterfall(spans: Sequence[Span]) -> list[Row]:
    """Rows in order: each span, then what was done for it, by its beginning. A span whose parent is not kept stands
    beside the first; a ring of parents, which no honest program makes, is shown flat."""
    if not spans:
        return []
    known = {one.ident for one in spans}
    within: dict[str, list[Span]] = {}
    for one in sorted(spans, key=lambda one: (one.began_us, -one.took_us, one.ident)):
        within.setdefault(one.parent if one.parent in known else "", []).append(one)
    start = min(one.began_us for one in spans)
    whole = max(max(one.began_us + one.took_us for one in spans) - start, 1)
    rows: list[Row] = []
    shown: set[str] = set()
    waiting = [(one, 0) for one in reversed(within.get("", []))]
    while waiting:
        one, depth = waiting.pop()
        if one.ident in shown:
            continue
        shown.add(one.ident)
        rows.append(_row(one, depth, within.get(one.ident, ()), start, whole))
        waiting.extend((inner, min(depth + 1, DEPTH_MAX)) for inner in reversed(within.get(one.ident, [])))
    rows.extend(_row(one, 0, (), start, whole) for one in spans if one.ident not in shown)
    return rows


def _row(one: Span, depth: int, inner: Iterable[Span], start: int, whole: int) -> Row:
    left = (one.began_us - start) / whole * WIDTH
    width = max(one.took_us / whole * WIDTH, NARROWEST)
    return Row(
        one,
        depth,
        round(min(left, WIDTH - width), 1),
        round(width, 1),
        (one.began_us - start) / 1000,
        one.took_us / 1000,
        max(one.took_us - _covered(inner), 0) / 1000,
    )


def _covered(inner: Iterable[Span]) -> int:
    """How many µs the spans cover together, what overlaps counted once."""
    covered, reached = 0, 0
    for one in sorted(inner, key=lambda one: one.began_us):
        begins, ends = max(one.began_us, reached), one.began_us + one.took_us
        covered += max(ends - begins, 0)
        reached = max(reached, ends)
    return covered


def where_it_broke(spans: Iterable[Span]) -> Counter[str]:
    """By program, how many failed spans had no failed span within: there the failures began, as far as is known."""
    failed = [one for one in spans if one.failed]
    parents = {(one.trace_id, one.parent) for one in failed}
    return Counter(one.component for one in failed if (one.trace_id, one.ident) not in parents)
