"""`make bench-tone`: how many dismissive drafts are caught and how many good ones stopped, by set and language.

The sets stand in tests/guard/drafts. The bars hold for `unseen` alone, which nobody who made the checker had seen; `final`
was looked at while it was made, and from the others its model has learnt, so that their figures flatter it
(docs/explanation/tone.md; `make tone-model JUDGE=1` says what it does with drafts held back). `as a piece`: by the words
that hurt anywhere, as the composer of notices and short lines of a chat are read.
"""

import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "src")]

from table import Figure, keep, share

from holdfast.guard import hurts_in
from holdfast.guard.tone import LANGUAGES

UNSEEN = "unseen"
SETS = ("made", "held", "fresh", "last", "learnt", "final", UNSEEN)
CAUGHT, STOPPED = ">= 95", "<= 5"


def _figures(name: str, language: str, spent_ms: list[float], whole: bool = True) -> list[Figure]:
    given = tomllib.loads((ROOT / "tests" / "guard" / "drafts" / f"{name}.{language}.toml").read_text())
    found: dict[bool, list[bool]] = {True: [], False: []}
    for kind, texts in given.items():
        for text in texts:
            began = time.perf_counter()
            found[kind == "good"].append(bool(hurts_in(text, language, whole)))
            spent_ms.append((time.perf_counter() - began) * 1000)
    barred = whole and name == UNSEEN
    return [
        Figure(
            f"{name} {language}{'' if whole else ' as a piece'}, {words} of {len(found[good])}",
            100 * sum(found[good]) / len(found[good]),
            "%",
            bar if barred else "",
        )
        for good, words, bar in ((False, "dismissive caught", CAUGHT), (True, "good stopped", STOPPED))
    ]


def main() -> int:
    """Print and write."""
    spent_ms: list[float] = []
    figures = [one for name in SETS for language in LANGUAGES for one in _figures(name, language, spent_ms)]
    figures += [one for language in LANGUAGES for one in _figures(UNSEEN, language, spent_ms, whole=False)]
    return keep("tone", [*figures, Figure("a draft, 95 % within", share(spent_ms, 95), "ms")])


sys.exit(main())
