"""Lines as SVG, drawn here: a path and its words. Pure; no script and no style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SMALL = (120, 28)
LARGE = (720, 200)
GAP_STEPS_MAX = 2.5
"""A pause longer than so many usual steps breaks the line: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line in a box: its path, the box, and the values at its upper and lower edge."""

    path: str
    width: int
    height: int
    top: float
    bottom: float


def draw(at_s: Sequence[float], values: Sequence[float], size: tuple[int, int] = SMALL) -> Drawing:
    """The line of values over time, the newest at the right edge. Zero is in the box when no value lies below it and
    the values vary by more than a fifth of their height: a share of 0.1 % is not drawn as a mountain."""
    width, height = size
    if not values:
        return Drawing("", width, height, 0.0, 0.0)
    low, high = min(values), max(values)
    if low >= 0 and high - low > high / 5:
        low = 0.0
    span = (high - low) or max(abs(high), 1.0)
    if high == low:
        low, high = low - span / 2, high + span / 2
    start, end = at_s[0], max(at_s[-1], at_s[0] + 1)
    gaps = sorted(later - earlier for earlier, later in pairwise(at_s))
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    parts: list[str] = []
    before = None
    for when, value in zip(at_s, values, strict=True):
        across = (when - start) / (end - start) * width
        down = height - (value - low) / (high - low) * height
        joined = before is not None and when - before <= usual * GAP_STEPS_MAX
        parts.append(f"{'L' if joined else 'M'}{across:.1f} {down:.1f}")
        before = when
    return Drawing(" ".join(parts), width, height, high, low)


UNITS = {"bytes": (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)), "bytes/s": (("MB/s", 1e6), ("kB/s", 1e3))}


def said(value: float, unit: str) -> str:
    """A value as a person reads it: `12.4 ms`, `3.1 %`, `1.2 GB`."""
    if unit == "share":
        return f"{value * 100:.1f} %"
    for name, size in UNITS.get(unit, ()):
        if abs(value) >= size:
            return f"{value / size:.1f} {name}"
    shown = (
        f"{value:,.0f}"
        if abs(value) >= 100 or value == int(value)
        else f"{value:.2f}"
        if abs(value) < 10
        else f"{value:.1f}"
    )
    return f"{shown} {'a second' if unit == '1/s' else unit}".strip()
