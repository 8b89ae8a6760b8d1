"""`make tone-model`: learns from labelled drafts how a dismissive one reads, and says how well. Needs scikit-learn.

Trained on SETS; `final` and `unseen` stay out. Three honest figures for each language: by folds of all sets, where the limit
of each fold is chosen by folds of its rest (nested); the same for the drafts of `learnt` alone, the hardest set; and for each set by
a model that has not seen it. The limit is the least at which, over the folds, misses and good drafts stopped add to the least share:
to catch 95 % and stop 5 % at once is not to be had. --write FILE keeps the model of all sets.
"""

import argparse
import hashlib
import json
import sys
import tomllib
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "src")]

from table import say

from holdfast.guard import hurts_in
from holdfast.guard.tone import LANGUAGES, sentences_of
from holdfast.guard.tone_model import FORMAT, GROUPS, Pieces, pieces_of, whole_of

SETS = ("made", "held", "fresh", "last", "learnt")
FILES = ROOT / "tests" / "guard" / "drafts"
GROUP_WEIGHTS = (1.0, 1.0, 3.0)
STRENGTH = 3.0
SEEN_MIN = 2
FOLDS, FOLDS_INNER = 10, 5
STEPS = 999
DROPPED_BELOW = 8
"""Weights of fewer steps are left out of the file: they change no answer that is not on the edge."""

Labelled = tuple[list[str], np.ndarray, np.ndarray]


def labelled(language: str) -> Labelled:
    """Texts, whether dismissive, and the set of each."""
    rows = [
        (text, kind != "good", name)
        for name in SETS
        for kind, texts in tomllib.loads((FILES / f"{name}.{language}.toml").read_text()).items()
        for text in texts
    ]
    return [row[0] for row in rows], np.array([row[1] for row in rows]), np.array([row[2] for row in rows])


def hash_of_sets() -> str:
    """Of all that is trained on."""
    drawn = hashlib.sha256()
    for name in SETS:
        for language in LANGUAGES:
            drawn.update((FILES / f"{name}.{language}.toml").read_bytes())
    return drawn.hexdigest()


def weighed(text: str, language: str) -> Pieces:
    """What the model sees of a draft."""
    sentences = sentences_of(text)
    return whole_of(sentences, [pieces_of(one, language) for one in sentences])


class Fitted:
    """A model of some drafts."""

    def __init__(self, pieces: list[Pieces], dismissive: np.ndarray) -> None:
        self.terms = []
        for group in range(len(GROUPS)):
            count: dict[str, int] = {}
            for one in pieces:
                for term in one[group]:
                    count[term] = count.get(term, 0) + 1
            self.terms.append({term: i for i, term in enumerate(sorted(t for t, n in count.items() if n >= SEEN_MIN))})
        made = LogisticRegression(C=STRENGTH, max_iter=5_000, tol=1e-8, class_weight="balanced")
        made.fit(self._rows(pieces), dismissive)
        self.weights, self.bias = made.coef_[0], float(made.intercept_[0])

    def _rows(self, pieces: list[Pieces]) -> csr_matrix:
        groups = []
        for group, share in enumerate(GROUP_WEIGHTS):
            terms = self.terms[group]
            at = [(i, terms[term]) for i, one in enumerate(pieces) for term in sorted(one[group]) if term in terms]
            rows, columns = zip(*at, strict=True)
            there = csr_matrix((np.ones(len(at)), (rows, columns)), shape=(len(pieces), len(terms)))
            groups.append(diags([share / np.sqrt(max(len(one[group]), 1)) for one in pieces]) @ there)
        return hstack(groups).tocsr()

    def scores(self, pieces: list[Pieces]) -> np.ndarray:
        """The larger, the more dismissive."""
        return self._rows(pieces) @ self.weights + self.bias

    def said(self, limit: float) -> dict[str, object]:
        """As the file has it, in whole numbers."""
        raised = np.concatenate(
            [
                share * self.weights[start : start + len(terms)]
                for share, terms, start in zip(
                    GROUP_WEIGHTS, self.terms, np.cumsum([0, *map(len, self.terms[:-1])]), strict=True
                )
            ]
        )
        scale = float(np.abs(raised).max() / STEPS)
        rounded = np.rint(raised / scale).astype(int).tolist()
        kept, start = {}, 0
        for group, terms in zip(GROUPS, self.terms, strict=True):
            kept[group] = {
                term: rounded[start + i] for term, i in terms.items() if abs(rounded[start + i]) >= least(group)
            }
            start += len(terms)
        return {"scale": round(scale, 6), "bias": round(self.bias, 4), "limit": round(limit, 4), **kept}


def least(group: str) -> int:
    """The least weight of a group that is kept."""
    return DROPPED_BELOW if group == "letters" else 1


def by_folds(pieces: list[Pieces], dismissive: np.ndarray, folds: int) -> np.ndarray:
    """Scores by models that had not seen the draft."""
    scores = np.zeros(len(pieces))
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=1).split(pieces, dismissive):
        made = Fitted([pieces[i] for i in seen], dismissive[seen])
        scores[unseen] = made.scores([pieces[i] for i in unseen])
    return scores


def limit_of(scores: np.ndarray, dismissive: np.ndarray, listed: np.ndarray) -> float:
    """Where the misses' share and the share of good drafts stopped add to the least; what the lists find is found anyhow."""

    def lost(limit: float) -> float:
        found = listed | (scores >= limit)
        return float(np.mean(~found[dismissive]) + np.mean(found[~dismissive]))

    return min(np.linspace(-3, 3, 241), key=lambda limit: (round(lost(limit), 9), limit))


def told(name: str, found: np.ndarray, dismissive: np.ndarray) -> None:
    """One line."""
    caught, stopped = 100 * np.mean(found[dismissive]), 100 * np.mean(found[~dismissive])
    say(f"{name}: {caught:.0f} % of {dismissive.sum()} caught, {stopped:.0f} % of {(~dismissive).sum()} good stopped")


def judged(language: str, pieces: list[Pieces], dismissive: np.ndarray, sets: np.ndarray, listed: np.ndarray) -> None:
    """Print how well it does with drafts not seen."""
    found = np.zeros(len(pieces), dtype=bool)
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=2).split(pieces, dismissive):
        rest = [pieces[i] for i in seen]
        limit = limit_of(by_folds(rest, dismissive[seen], FOLDS_INNER), dismissive[seen], listed[seen])
        scores = Fitted(rest, dismissive[seen]).scores([pieces[i] for i in unseen])
        found[unseen] = listed[unseen] | (scores >= limit)
    told(f"{language}, folds of all sets", found, dismissive)
    hard = sets == "learnt"
    told(f"{language}, folds, of learnt", found[hard], dismissive[hard])
    for name in SETS:
        out = sets == name
        rest = [pieces[i] for i in np.flatnonzero(~out)]
        limit = limit_of(by_folds(rest, dismissive[~out], FOLDS_INNER), dismissive[~out], listed[~out])
        scores = Fitted(rest, dismissive[~out]).scores([pieces[i] for i in np.flatnonzero(out)])
        told(f"{language}, {name} by a model of the others", listed[out] | (scores >= limit), dismissive[out])


def main() -> int:
    """Learn, print; or keep."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--write", type=Path)
    given = asked.parse_args()
    languages = {}
    for language in LANGUAGES:
        texts, dismissive, sets = labelled(language)
        pieces = [weighed(one, language) for one in texts]
        listed = np.array([bool(hurts_in(one, language, whole=False)) for one in texts])
        if given.write:
            limit = limit_of(by_folds(pieces, dismissive, FOLDS), dismissive, listed)
            languages[language] = Fitted(pieces, dismissive).said(limit)
        else:
            judged(language, pieces, dismissive, sets, listed)
    if given.write:
        said = {"format": FORMAT, "sets": hash_of_sets(), "languages": languages}
        given.write.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
        say(f"{given.write.name}: {given.write.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
