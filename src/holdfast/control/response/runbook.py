"""Runbooks as Markdown files, read strictly: what cannot be read is refused in words, with its line.

A file holds `# Title`, `When: …` (for people), `Fits: …` (causes of incidents, comma-separated: `bank`, `part bank-db`,
`part *` for any part, `*` for any incident), then steps `1. …` counted without a hole. Lines of a step that follow its
first are indented. The last line of a step may be `run: NAME`, what a machine does (machines.py).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from holdfast.control.response.errors import BadRunbook

OURS = Path(__file__).parent / "runbooks"
FILE_BYTES_MAX = 40_000
STEPS_MAX = 40
FILES_MAX = 100
LINE_MAX = 500
_STEP = re.compile(r"(\d{1,3})\. (.+)")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_FITS = re.compile(r"\*|part \*|[a-z][a-z0-9 _.:/-]{0,31}")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. run: what a machine does, "" for a step of people."""

    words: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """One runbook. name: of its file, without `.md`; own: the bank's own file, which stands instead of ours."""

    name: str
    title: str
    when: str
    fits: tuple[str, ...]
    steps: tuple[Step, ...]
    own: bool = False


def parse(text: str, name: str, known: Collection[str], own: bool = False) -> Runbook:
    """Read one file's text; raises BadRunbook. known: what machines can do."""
    if not _NAME.fullmatch(name):
        raise BadRunbook(f"{name[:60]!r} is no name of a runbook: small letters, digits and hyphens")
    if len(text.encode()) > FILE_BYTES_MAX:
        raise BadRunbook(f"{name}: it is larger than {FILE_BYTES_MAX} bytes")
    heads: dict[str, str] = {}
    steps: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}, line {number}"
        if len(line) > LINE_MAX:
            raise BadRunbook(f"{where}: it is longer than {LINE_MAX} letters")
        if not line.strip():
            continue
        if not _head(line, heads, where, begun=bool(steps)):
            _step(line, steps, where)
    for wanted in ("title", "when", "fits"):
        if not heads.get(wanted):
            raise BadRunbook(f"{name}: there is no line {'# …' if wanted == 'title' else wanted.capitalize() + ': …'}")
    if not steps:
        raise BadRunbook(f"{name}: there is no step; steps begin with 1.")
    fits = tuple(one.strip() for one in heads["fits"].split(","))
    for one in fits:
        if not _FITS.fullmatch(one):
            raise BadRunbook(f"{name}: Fits: {one[:40]!r} is no cause of an incident")
    return Runbook(name, heads["title"], heads["when"], fits, tuple(_made(one, name, known) for one in steps), own)


def _head(line: str, heads: dict[str, str], where: str, begun: bool) -> bool:
    """Take one of the three lines before the steps; whether it was one."""
    for sign, kind in (("# ", "title"), ("When: ", "when"), ("Fits: ", "fits")):
        if line.startswith(sign):
            if kind in heads or begun:
                raise BadRunbook(f"{where}: {sign.strip()} stands once, before the steps")
            heads[kind] = line.removeprefix(sign).strip()
            return True
    return False


def _step(line: str, steps: list[list[str]], where: str) -> None:
    if found := _STEP.fullmatch(line):
        if int(found[1]) != len(steps) + 1:
            raise BadRunbook(f"{where}: this is step {len(steps) + 1}, not {found[1]}")
        if len(steps) >= STEPS_MAX:
            raise BadRunbook(f"{where}: a runbook has {STEPS_MAX} steps at most")
        steps.append([found[2].strip()])
    elif line.startswith("  ") and steps:
        if steps[-1][-1].startswith("run: "):
            raise BadRunbook(f"{where}: run: is the last line of its step")
        steps[-1].append(line.strip())
    else:
        raise BadRunbook(f"{where}: {line[:40]!r} is neither a step nor a line of one, which is indented")


def _made(lines: list[str], name: str, known: Collection[str]) -> Step:
    run = lines[-1].removeprefix("run: ").strip() if lines[-1].startswith("run: ") else ""
    words = " ".join(lines[:-1] if run else lines)
    if run and (run not in known or not words):
        raise BadRunbook(f"{name}: no machine can do {run[:40]!r}; it can do: {', '.join(sorted(known))}")
    return Step(words, run)


def fitting(runbooks: Collection[Runbook], cause: str) -> list[Runbook]:
    """Those that fit an incident of a cause: those that name it, then those of any part, then those of anything."""

    def closeness(one: Runbook) -> int:
        if cause in one.fits:
            return 0
        if cause.startswith("part ") and "part *" in one.fits:
            return 1
        return 2 if "*" in one.fits else 3

    return sorted((one for one in runbooks if closeness(one) < 3), key=lambda one: (closeness(one), one.name))


def read_all(folder: Path, known: Collection[str]) -> tuple[list[Runbook], list[str]]:
    """All runbooks by name, and in words the files that cannot be used: then ours of that name stands, if there is one.

    folder: the bank's own, which need not exist."""
    found: dict[str, Runbook] = {}
    wrong: list[str] = []
    for place, own in ((OURS, False), (folder, True)):
        for path in sorted(place.glob("*.md"))[:FILES_MAX] if place.is_dir() else []:
            try:
                with path.open("rb") as opened:
                    text = opened.read(FILE_BYTES_MAX + 1).decode()
                found[path.stem] = parse(text, path.stem, known, own)
            except (BadRunbook, OSError, UnicodeDecodeError) as error:
                wrong.append(f"{path.name}: {error}"[:300])
    return list(found.values()), wrong
