"""What the parts' answers to probes say: suspects ranked from which part answers, refuses or stalls.

The first source of evidence: it is there within a second of a failure, before any metric moved. 'Not known' when none
fits. An answer is one of the words of `control.calls.Kind`; they are written out so that this package stands alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

REFUSES = "refuses"
HOW = {
    "answers": "answers",
    REFUSES: "refuses connections",
    "stalls": "takes calls but stalls",
    "unwell": "answers that it is unwell",
}
BAD = frozenset(HOW) - {"answers"}
SURE_RANK = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Guess:
    """One probable cause by the answers alone: what, how sure (high, medium, low), and what was seen that says so."""

    what: str
    sure: str
    evidence: str

    def to_json(self) -> dict[str, str]:
        """The suspect as stored and shown."""
        return asdict(self)


NOT_KNOWN = Guess("Not known", "low", "Nothing else that is watched moved. Look at the host and at recent changes.")


def rank(seen: Mapping[str, str]) -> list[Guess]:
    """Suspects, likeliest first; the last is always 'not known'.

    seen holds the latest answers of `bank` (its health), `bank web` (any answer at all), `bank database`
    (PostgreSQL's greeting), `standin` and `doors`; what is absent was not looked at.
    """
    suspects = _of_bank(seen)
    if (standin := seen.get("standin", "")) in BAD:
        suspects.append(Guess("The spare bank", "high", f"Its health {HOW[standin]}."))
    if (doors := seen.get("doors", "")) in BAD:
        suspects.append(Guess("The front doors", "high", f"Their internal address {HOW[doors]}."))
    suspects.sort(key=lambda guess: SURE_RANK[guess.sure])
    return [*suspects, NOT_KNOWN]


def _of_bank(seen: Mapping[str, str]) -> list[Guess]:  # noqa: PLR0911  # each refusal ends here
    health, web, database = (seen.get(name, "") for name in ("bank", "bank web", "bank database"))
    if health not in BAD:
        return []
    lines = [f"health {HOW[health]}"]
    lines += [f"web {HOW[web]}"] if web else []
    lines += [f"PostgreSQL {HOW[database]}"] if database else []
    evidence = "Seen: " + ", ".join(lines) + "."
    web_bad, database_bad = web in BAD, database in BAD
    if web_bad and database_bad:
        if web == database == REFUSES:
            return [
                Guess("The bank's server: web and database gone together", "high", evidence),
                Guess("The bank's web and database, each for a reason of its own", "low", evidence),
            ]
        return [
            Guess("The bank's database", "medium", evidence),
            Guess("The bank's server or its network", "medium", evidence),
        ]
    if database_bad:
        return [Guess("The bank's database", "high", evidence)]
    if web_bad:
        return [Guess("The bank's web", "high", evidence)]
    if web and database:
        return [Guess("Inside the bank: both parts answer, together they do not", "medium", evidence)]
    return [Guess("The bank, part not known", "low", evidence)]
