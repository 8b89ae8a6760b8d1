"""Checks docs/reference/asvs.md, the security matrix: every requirement of ASVS 5.0 once, each claim with its proof.

A line says what a requirement asks in our own words, its level, how it stands, and by what. `proved` needs tests that
are there (`folder/test_module:name`), `design` a reason that a reader can check, the others say what is missing or why
it does not apply. Prints how far the bar is met: level 2 of V1 to V9 and V11 to V16, level 3 of V6 and V7.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "asvs.md"
SECTIONS = {
    "1": (2, 10, 12, 3, 3),
    "2": (3, 3, 5, 2),
    "3": (1, 3, 5, 8, 8, 1, 5),
    "4": (5, 5, 2, 4),
    "5": (1, 6, 3, 3),
    "6": (3, 12, 8, 6, 8, 4, 2, 4),
    "7": (3, 4, 2, 5, 3, 2),
    "8": (4, 4, 3, 2),
    "9": (3, 4),
    "10": (2, 3, 5, 16, 5, 2, 3),
    "11": (4, 5, 5, 4, 2, 2, 2),
    "12": (5, 2, 5),
    "13": (4, 6, 4, 7),
    "14": (2, 8, 3),
    "15": (5, 5, 7, 4),
    "16": (1, 5, 4, 3, 4),
    "17": (2, 8, 2),
}
"""How many requirements each section of a chapter of ASVS 5.0.0 has, in order (OWASP, CC BY-SA 4.0): 345 in all."""
STATES = ("proved", "design", "partly", "missing", "n/a")
GOOD = {"proved", "design", "n/a"}
LINE = re.compile(r"^\| V(\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([a-z/]+) \| ([^|]*) \|$")
PROOF = re.compile(r"\b([a-z]+/test_\w+):(\w+)")
LEVEL_3 = ("6", "7")
OUTSIDE = ("10", "17")


def tests() -> set[str]:
    """Every test as `folder/test_module:name`."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        folder = path.relative_to(ROOT / "tests").parts[0]
        names = re.findall(r"^\s*(?:async )?def test_(\w+)\(", path.read_text(), re.MULTILINE)
        found |= {f"{folder}/{path.stem}:{name}" for name in names}
    return found


def troubles(text: str, known: set[str]) -> list[str]:
    """What is wrong with the page, in words."""
    found, seen = [], []
    for line in text.splitlines():
        if not line.startswith("| V"):
            continue
        match = LINE.match(line)
        if match is None:
            found.append(f"not of the agreed form: {line[:80]}")
            continue
        ident, _, _, state, proof = (one.strip() for one in match.groups())
        seen.append(ident)
        named = [f"{module}:{name}" for module, name in PROOF.findall(proof)]
        found += [f"V{ident}: there is no test {one}" for one in named if one not in known]
        if state not in STATES:
            found.append(f"V{ident}: {state!r} is none of {', '.join(STATES)}")
        if state == "proved" and not named:
            found.append(f"V{ident} says proved and names no test")
        if state in {"design", "n/a", "partly"} and not proof:
            found.append(f"V{ident} says {state} and not why")
    wanted = [
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    ]
    found += [f"V{one} is not there" for one in wanted if one not in seen]
    return found + [f"V{one} is there twice, or unknown" for one in seen if one not in wanted or seen.count(one) > 1]


def bar(text: str) -> tuple[int, int]:
    """(requirements of the bar that are met, requirements of the bar)."""
    met = asked = 0
    for match in filter(None, map(LINE.match, text.splitlines())):
        chapter, level = match[1].partition(".")[0], int(match[2])
        if chapter not in OUTSIDE and level <= (3 if chapter in LEVEL_3 else 2):
            asked += 1
            met += match[4] in GOOD
    return met, asked


def main() -> int:
    """Print what is wrong, or how far the bar is met."""
    text = PAGE.read_text()
    found = troubles(text, tests())
    sys.stdout.write("".join(f"{one}\n" for one in found))
    if not found:
        met, asked = bar(text)
        sys.stdout.write(f"{met} of the bar's {asked} requirements are met; see {PAGE.relative_to(ROOT)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
