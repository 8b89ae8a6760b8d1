"""How often the spare bank would have decided as the bank did: counts, values and the last disagreements. Pure."""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.answers import REASON_WORDS, Reason

DISAGREEMENTS_KEPT = 200
Key = tuple[str, str, str]
"""(age of the data, the bank's reason, ours)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One payment that both judged; at_us: when the bank had booked or refused it; amount_minor: what it comes to in
    the bank's own currency."""

    id: str
    at_us: int
    kind: str
    debit: int
    credit: int
    amount_minor: int
    age: str
    bank: Reason
    spare: Reason

    @property
    def same(self) -> bool:
        """Whether both accept it, or both refuse it, for whatever reason."""
        return (self.bank is Reason.OK) == (self.spare is Reason.OK)

    def words(self) -> str:
        """One sentence about a disagreement."""
        if self.bank is Reason.OK:
            return f"The bank accepted it, the spare bank would have refused: {REASON_WORDS[self.spare]}"
        return f"The bank refused it, the spare bank would have accepted. The bank's reason: {REASON_WORDS[self.bank]}"


class Tally:
    """Sums by age of the data and both reasons since `since_us`; the newest disagreements."""

    def __init__(self, since_us: int) -> None:
        self.since_us = since_us
        self.sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0])
        self.disagreements: deque[dict[str, Any]] = deque(maxlen=DISAGREEMENTS_KEPT)

    def add(self, one: Compared) -> None:
        """Count one."""
        count = self.sums[one.age, one.bank.value, one.spare.value]
        count[0] += 1
        count[1] += one.amount_minor
        if not one.same:
            self.disagreements.append(
                {
                    "id": one.id,
                    "at_us": one.at_us,
                    "kind": one.kind,
                    "debit": one.debit,
                    "credit": one.credit,
                    "amount_minor": one.amount_minor,
                    "age": one.age,
                    "bank": one.bank.value,
                    "spare": one.spare.value,
                    "words": one.words(),
                }
            )

    def agreement(self, age: str | None = None) -> dict[str, Any]:
        """Shares from 0 to 1 over all, or over data of one age; 1 and 0 while nothing was compared.

        accepted_wrongly_share: value that only the spare bank would have let go, of all value judged.
        """
        sums = [(key, count[0], count[1]) for key, count in self.sums.items() if age in (None, key[0])]
        judged, value = sum(one[1] for one in sums), sum(one[2] for one in sums)
        same = sum(count for (_, bank, spare), count, _ in sums if (bank == "ok") == (spare == "ok"))
        accepted = [one for one in sums if one[0][1] != "ok" and one[0][2] == "ok"]
        refused = [one for one in sums if one[0][1] == "ok" and one[0][2] != "ok"]
        return {
            "judged": judged,
            "same": same,
            "same_share": same / judged if judged else 1.0,
            "value_minor": value,
            "accepted_wrongly": sum(one[1] for one in accepted),
            "accepted_wrongly_minor": sum(one[2] for one in accepted),
            "accepted_wrongly_share": sum(one[2] for one in accepted) / value if value else 0.0,
            "refused_wrongly": sum(one[1] for one in refused),
            "refused_wrongly_minor": sum(one[2] for one in refused),
            "refused_wrongly_share": sum(one[1] for one in refused) / judged if judged else 0.0,
        }

    def to_wire(self) -> dict[str, Any]:
        """All of it as JSON."""
        ages = sorted({age for age, _, _ in self.sums})
        return {
            "since_us": self.since_us,
            **self.agreement(),
            "ages": {age: self.agreement(age) for age in ages},
            "by_reason": [
                {"age": age, "bank": bank, "spare": spare, "count": count[0], "value_minor": count[1]}
                for (age, bank, spare), count in sorted(self.sums.items())
            ],
            "disagreements": list(self.disagreements),
        }


def tally_from_wire(raw: dict[str, Any]) -> Tally:
    """A tally as it was stored; raises KeyError, ValueError or TypeError when it was not one."""
    tally = Tally(int(raw["since_us"]))
    for one in raw["by_reason"]:
        key = (str(one["age"]), Reason(one["bank"]).value, Reason(one["spare"]).value)
        tally.sums[key] = [int(one["count"]), int(one["value_minor"])]
    tally.disagreements.extend(dict(one) for one in raw["disagreements"])
    return tally
