"""What is broken? Suspects ranked from which part answers, refuses or stalls; 'not known' when none fits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from holdfast.control.calls import Kind

BAD = (Kind.REFUSES, Kind.STALLS, Kind.UNWELL)
HOW = {
    Kind.ANSWERS: "answers",
    Kind.REFUSES: "refuses connections",
    Kind.STALLS: "takes calls but stalls",
    Kind.UNWELL: "answers that it is unwell",
}
SURE_RANK = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Suspect:
    """One probable cause: what, how sure (high, medium, low), and what was seen that says so."""

    what: str
    sure: str
    evidence: str

    def to_json(self) -> dict[str, str]:
        """The suspect as stored and shown."""
        return asdict(self)


NOT_KNOWN = Suspect("Not known", "low", "Nothing else that is watched moved. Look at the host and at recent changes.")


def rank(seen: Mapping[str, Kind]) -> list[Suspect]:
    """Suspects, likeliest first; the last is always 'not known'.

    seen holds the latest answers of `bank` (its health), `bank web` (any answer at all), `bank database`
    (PostgreSQL's greeting), `standin` and `doors`; what is absent was not looked at.
    """
    suspects = _of_bank(seen)
    if (standin := seen.get("standin")) in BAD and standin is not None:
        suspects.append(Suspect("The spare bank", "high", f"Its health {HOW[standin]}."))
    if (doors := seen.get("doors")) in BAD and doors is not None:
        suspects.append(Suspect("The front doors", "high", f"Their internal address {HOW[doors]}."))
    suspects.sort(key=lambda suspect: SURE_RANK[suspect.sure])
    return [*suspects, NOT_KNOWN]


def _of_bank(seen: Mapping[str, Kind]) -> list[Suspect]:  # noqa: PLR0911  # each refusal ends here
    health, web, database = seen.get("bank"), seen.get("bank web"), seen.get("bank database")
    if health not in BAD or health is None:
        return []
    lines = [f"health {HOW[health]}"]
    lines += [f"web {HOW[web]}"] if web else []
    lines += [f"PostgreSQL {HOW[database]}"] if database else []
    evidence = "Seen: " + ", ".join(lines) + "."
    web_bad, database_bad = web in BAD, database in BAD
    if web_bad and database_bad:
        if web is Kind.REFUSES and database is Kind.REFUSES:
            return [
                Suspect("The bank's server: web and database gone together", "high", evidence),
                Suspect("The bank's web and database, each for a reason of its own", "low", evidence),
            ]
        return [
            Suspect("The bank's database", "medium", evidence),
            Suspect("The bank's server or its network", "medium", evidence),
        ]
    if database_bad:
        return [Suspect("The bank's database", "high", evidence)]
    if web_bad:
        return [Suspect("The bank's web", "high", evidence)]
    if web and database:
        return [Suspect("Inside the bank: both parts answer, together they do not", "medium", evidence)]
    return [Suspect("The bank, part not known", "low", evidence)]
