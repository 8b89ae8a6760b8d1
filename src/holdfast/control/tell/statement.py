"""What is said to everyone, from facts alone: facts → headline, can, cannot, money, next.

No sentence of comfort without its support: the safety sentence needs a proof without findings, and says
how far it reaches; without one it says what is not known and until when. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.control.tell.phrases import Phrases
from holdfast.look import Banner


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one instant. case: `normal`, `spare_only`, `serving`, `repaired`, `handing_back`,
    `returned`, `closed`, `dark` (both banks away) or `doors`. A proof: {at, block, findings: [words]}."""

    now: datetime
    case: str
    currency: str
    incident: int | None = None
    began_at: datetime | None = None
    restored_at: datetime | None = None
    returned_at: datetime | None = None
    next_at: datetime | None = None
    spare_proof: dict[str, Any] | None = None
    books_proof: dict[str, Any] | None = None
    bank_block_seen: int = 0
    bank_block_seen_at: datetime | None = None
    limits: dict[str, Any] | None = None
    planned: bool = False
    """Customers were moved because of maintenance that was announced."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service on the status page; key: the same in every language; tone: calm, notice or alarm."""

    key: str
    name: str
    tone: str
    tag: str
    words: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said, in one language."""

    language: str
    case: str
    tone: str
    headline: str
    lead: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    money: str
    following: str
    services: tuple[ServiceLine, ...]


ON_SPARE = ("serving", "repaired", "handing_back")
TONES = {
    "normal": "calm",
    "spare_only": "calm",
    "closed": "calm",
    "returned": "calm",
    "dark": "alarm",
    "doors": "alarm",
}
INDICATORS = {"calm": "none", "notice": "minor", "alarm": "critical"}


def state_of_case(phase: str, spare_answers: bool, moved: bool) -> str:
    """The case of a bank incident in this phase, given whether the spare bank answers."""
    if phase == "open":
        return "serving" if spare_answers else "dark"
    if phase in ("repaired", "handing_back") and not moved:
        return "returned"
    return phase


def compose(facts: Facts, book: Phrases) -> Statement:
    """The statement in the language of the phrase book."""
    times = _times(facts, book)
    following = book.say("next", "by", **times) if facts.next_at else book.say("next", "none")
    planned = facts.planned and facts.case in book.words["planned_headline"]
    return Statement(
        language=str(book.words["language"]),
        case=facts.case,
        tone=TONES.get(facts.case, "notice"),
        headline=book.say("planned_headline" if planned else "headline", facts.case),
        lead=book.say("planned_lead" if planned else "lead", facts.case, **times),
        can=tuple(_can(facts, book, times)),
        cannot=tuple(_cannot(facts, book)),
        money=_money(facts, book, times),
        following=following,
        services=tuple(_services(facts, book, times)),
    )


def _times(facts: Facts, book: Phrases) -> dict[str, str]:
    named = {
        "began": facts.began_at,
        "restored": facts.restored_at,
        "returned": facts.returned_at,
        "next": facts.next_at,
        "seen": facts.bank_block_seen_at,
    }
    times = {name: book.at(at, facts.now, seconds=name == "seen") if at else "–" for name, at in named.items()}
    times["proved"] = book.at(datetime.fromisoformat(facts.books_proof["at"]), facts.now) if facts.books_proof else "–"
    spare = (facts.limits or {}).get("spare") or {}
    for name in ("per_payment", "per_day"):
        amount = spare.get(f"{name}_minor")
        times[name] = book.money(int(amount), facts.currency) if isinstance(amount, int) else ""
    return times


def _limits_known(times: dict[str, str]) -> bool:
    return bool(times["per_payment"] and times["per_day"])


def _can(facts: Facts, book: Phrases, times: dict[str, str]) -> list[str]:
    if facts.case == "dark":
        return [book.say("can", "status")]
    if facts.case not in ON_SPARE:
        return [book.say("can", "all")]
    pay = book.say("can", "pay", **times) if _limits_known(times) else book.say("can", "pay_unknown")
    return [book.say("can", "login"), pay, book.say("can", "paid"), book.say("can", "money")]


def _cannot(facts: Facts, book: Phrases) -> list[str]:
    if facts.case == "dark":
        return [book.say("cannot", "everything")]
    if facts.case not in ON_SPARE:
        return []
    above = "above" if (facts.limits or {}).get("spare") else "above_unknown"
    return [book.say("cannot", key) for key in (above, "certain", "change")]


def _money(facts: Facts, book: Phrases, times: dict[str, str]) -> str:
    if facts.case in ("normal", "spare_only", "doors"):
        return ""
    books = facts.books_proof
    if facts.case in ("returned", "closed") and books is not None and not books["findings"]:
        return book.say("money", "books", checked=book.at(datetime.fromisoformat(books["at"]), facts.now, seconds=True))
    proof = facts.spare_proof
    if proof is None:
        return book.say("money", "waiting", **times) if facts.next_at else ""
    if proof["findings"]:
        return book.say("money", "findings", **times)
    checked = book.at(datetime.fromisoformat(proof["at"]), facts.now, seconds=True)
    reaches = facts.bank_block_seen_at is not None and int(proof["block"]) >= facts.bank_block_seen
    values = {**times, "checked": checked, "block": str(proof["block"])}
    return book.say("money", "proved" if reaches else "proved_behind", **values)


def _services(facts: Facts, book: Phrases, times: dict[str, str]) -> list[ServiceLine]:
    def line(name: str, tone: str, words: str) -> ServiceLine:
        tag = {"calm": "works", "notice": "limited", "alarm": "stopped"}[tone]
        return ServiceLine(name, book.say("service", name), tone, book.say("service", tag), words)

    def say(key: str) -> str:
        return book.say("service", key, **times)

    daily = ("login", "payments", "salaries", "changes")
    if facts.case in ("dark", "doors"):
        return [line(name, "alarm", say("not_reached")) for name in daily]
    if facts.case in ON_SPARE:
        limits = say("limits") if _limits_known(times) else say("limits_unknown")
        return [
            line("login", "calm", say("on_spare")),
            line("payments", "notice", limits),
            line("salaries", "calm", say("on_spare")),
            line("changes", "alarm", say("waits")),
        ]
    spare = (
        line("spare", "notice", say("repairing")) if facts.case == "spare_only" else line("spare", "calm", say("ready"))
    )
    return [*(line(name, "calm", say("on_main")) for name in daily), spare]


def banner_of(statement: Statement, number: int, incident: int | None, book: Phrases) -> Banner | None:
    """The banner for every page, None when there is nothing that customers must know."""
    if incident is None or statement.case in ("normal", "spare_only"):
        return None
    lines = [(book.say("term", "can"), "; ".join(statement.can))]
    if statement.cannot:
        lines.append((book.say("term", "cannot"), "; ".join(statement.cannot)))
    if statement.money:
        lines.append((book.say("term", "money"), statement.money))
    lines.append((book.say("term", "next"), statement.following))
    return Banner(number, incident, statement.tone, statement.headline, tuple(lines), statement.language)
