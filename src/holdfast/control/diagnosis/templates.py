"""Log lines as templates, by the Drain paper's fixed-depth tree, and which templates are new or surge.

P. He, J. Zhu, Z. Zheng, M. R. Lyu: Drain, an online log parsing approach with fixed depth tree, ICWS 2017. A line's
words lead down a tree: first how many they are, then the first few of them; at the leaf the line joins the most alike
group, whose template keeps a place-holder where its lines differ, or begins a group of its own. Numbers, ids, amounts,
addresses and quoted words are masked first, so that they neither split a template nor stand in it.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from holdfast.control.diagnosis.case import LogCount, finite

ANY = "<*>"
LINE_CHARS_MAX = 1_000
LINES_MAX = 20_000
WORDS_LOOKED_AT_MAX = 60
DEPTH_WORDS = 2
CHILDREN_MAX = 60
GROUPS_MAX = 2_000
ALIKE_MIN = 0.5
TOO_MANY = "(lines of other patterns: the list of patterns is full)"
MASKS = tuple(
    (re.compile(pattern, re.IGNORECASE), mask)
    for pattern, mask in (
        (r"\b[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}", "<mail>"),
        (r"\b[a-z]{2,12}://\S+", "<url>"),
        (r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", "<id>"),
        (r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", "<time>"),
        (r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", "<address>"),
        (r"\"[^\"]{0,200}\"|'[^']{0,200}'|“[^”]{0,200}”", "<text>"),
        (r"\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", "<id>"),
        (r"(?<![\w<])[-+]?\d[\d., \u00a0]*\d\b|\d+", "<number>"),
    )
)
LEFT_OUT = frozenset({"level", "event", "timestamp", "building", "trace_id", "logger"})
NEW_LINES_MIN = 2
SURGE_SCORE = 4.0
SURGE_STRONG = 12.0


def line_of(event: Mapping[str, object]) -> str:
    """One structured log event (telemetry.logs) as a line of text: level, event, its other fields by name; of a
    traceback the last line, which names the exception. Instants, traces and the building's name are left out."""
    level, said = str(event.get("level", "")), str(event.get("event", ""))
    fields = []
    for name in sorted(event.keys() - LEFT_OUT):
        value = str(event[name])[:LINE_CHARS_MAX]
        fields.append(f"Traceback: {_last_line(str(event[name]))}" if name == "exception" else f"{name}={value}")
    return " ".join([f"{level}: {said}" if level else said, *fields])[:LINE_CHARS_MAX]


def _last_line(text: str) -> str:
    return text.rstrip()[-LINE_CHARS_MAX:].rpartition("\n")[2].strip()


def masked(line: str) -> str:
    """The line with everything that is of one request only taken out, in bounded length."""
    text = line[:LINE_CHARS_MAX]
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text


@dataclass(slots=True)
class Group:
    """Lines of one template. first_seen, last_seen: seconds since 1970."""

    words: list[str]
    first_seen: float
    last_seen: float
    count: int = 0

    @property
    def template(self) -> str:
        """The words, with a place-holder where lines differ."""
        return " ".join(self.words)


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)


class Templates:
    """The templates of one component's log; memory bounded by GROUPS_MAX groups, after which lines of yet other
    patterns are counted together. Not thread-safe."""

    def __init__(self) -> None:
        self._roots: dict[int, _Node] = {}
        self._other: Group | None = None
        self._groups = 0

    def learn(self, line: str, at: float) -> Group:
        """Count a line; the group that it belongs to."""
        words = masked(line).split()[:WORDS_LOOKED_AT_MAX]
        leaf = self._leaf(words)
        group = _most_alike(leaf.groups, words)
        if group is None:
            group = self._begin(leaf, words, at)
        elif group is not self._other:
            group.words = [kept if kept == word else ANY for kept, word in zip(group.words, words, strict=True)]
        group.count += 1
        group.first_seen, group.last_seen = min(group.first_seen, at), max(group.last_seen, at)
        return group

    def _leaf(self, words: list[str]) -> _Node:
        node = self._roots.setdefault(len(words), _Node())
        for word in words[:DEPTH_WORDS]:
            key = ANY if "<" in word or any(letter.isdigit() for letter in word) else word
            if key not in node.children and len(node.children) >= CHILDREN_MAX:
                key = ANY
            if key not in node.children:
                if self._groups >= GROUPS_MAX:
                    return _Node()
                node.children[key] = _Node()
            node = node.children[key]
        return node

    def _begin(self, leaf: _Node, words: list[str], at: float) -> Group:
        if self._groups >= GROUPS_MAX:
            self._other = self._other or Group([TOO_MANY], at, at)
            return self._other
        group = Group(words, at, at)
        leaf.groups.append(group)
        self._groups += 1
        return group


def _most_alike(groups: list[Group], words: list[str]) -> Group | None:
    """The group that shares most words at their places, when it shares enough; of equals the one with fewer
    place-holders, as in the paper."""
    best, best_key = None, (ALIKE_MIN, 0)
    for group in groups:
        same = sum(kept == word for kept, word in zip(group.words, words, strict=True))
        key = (same / len(words) if words else 1.0, -group.words.count(ANY))
        if key[0] >= ALIKE_MIN and (best is None or key > best_key):
            best, best_key = group, key
    return best


def count(component: str, lines: Iterable[tuple[float, str]], at: float, since: float, until: float) -> list[LogCount]:
    """The templates of a component's lines between two instants, counted before the trigger and after it, the most
    frequent since then first. lines: (seconds since 1970, text); beyond the first LINES_MAX they are not counted."""
    templates = Templates()
    found: dict[int, tuple[Group, list[int]]] = {}
    for time, line in sorted(islice((one for one in lines if since <= one[0] < until), LINES_MAX)):
        group = templates.learn(line, time)
        found.setdefault(id(group), (group, [0, 0]))[1][time >= at] += 1
    counts = [
        LogCount(component, group.template, before, after, max(at - since, 0.0), max(until - at, 0.0), group.first_seen)
        for group, (before, after) in found.values()
    ]
    return sorted(counts, key=lambda one: (-one.after, one.template))


@dataclass(frozen=True, slots=True)
class News:
    """Why a template is worth a look. strength: 0..1."""

    words: str
    strength: float


def surge(one: LogCount, at: float) -> News | None:
    """Whether a template is new since shortly before the trigger, or comes far more often; None when neither.

    The score is how far the count since the trigger stands above what the time before makes expect, in square roots of
    the expected count (Poisson), one line added so that a single line is no surge.
    """
    before, after = max(finite(one.before) or 0.0, 0.0), max(finite(one.after) or 0.0, 0.0)
    before_s, after_s = finite(one.before_s) or 0.0, finite(one.after_s) or 0.0
    first = finite(one.first_seen)
    if before == 0 and after >= NEW_LINES_MIN and (first is None or first >= at - before_s):
        return News(f"New since the complaint, {after:.0f} times", min(1.0, 0.5 + after / 20))
    if before_s <= 0 or after_s <= 0:
        return None
    expected = before / before_s * after_s
    score = (after - expected) / math.sqrt(expected + 1)
    if score < SURGE_SCORE:
        return None
    return News(f"{after:.0f} times instead of the usual {expected:.1f}", min(1.0, score / SURGE_STRONG))
