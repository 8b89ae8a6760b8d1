"""What to do next: computed from what is known, in the order of the work. Pure."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step. state: `done`, `now` (by a person), `running` (by itself), `later`."""

    words: str
    state: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the steps hang on."""

    phase: str
    acknowledged: bool
    bank_well: bool
    bank_words: str
    spare_proved: bool
    books_proof: dict[str, Any] | None
    journal_waiting: int | None
    away: int
    returned: bool
    refunded: bool


def steps(scene: Scene) -> list[Step]:
    """The steps of a bank incident."""
    proof = scene.books_proof
    proved = proof is not None and not proof.get("findings")
    proof_words = "asked by itself when the bank answers"
    if proof is not None:
        proof_words = f"no findings to block {proof.get('block')}" if proved else f"{len(proof['findings'])} findings"
    waiting = (
        "not known"
        if scene.journal_waiting is None
        else f"{scene.journal_waiting} payments wait in the spare bank's journal"
    )
    ready = scene.bank_well and proved
    return [
        Step("Acknowledge the incident", "done" if scene.acknowledged else "now"),
        Step(
            "Prove the spare bank's copy of the books",
            "done" if scene.spare_proved else "running",
            "the safety sentence is said only after this",
        ),
        Step("Repair the bank", "done" if scene.bank_well else "now", scene.bank_words),
        Step("Prove the bank's books", "done" if proved else ("now" if proof else "later"), proof_words),
        Step(
            "Hand customers back", _hand_back_state(scene, ready), f"{scene.away} groups at the spare bank; {waiting}"
        ),
        Step(
            "Recompute charges and refund",
            _after(scene.refunded, scene.returned),
            "by itself, by the rule and its date",
        ),
        Step("Close and tell everyone", "done" if scene.phase == "closed" else "later", "by itself"),
    ]


def _hand_back_state(scene: Scene, ready: bool) -> str:
    if scene.returned:
        return "done"
    if scene.phase == "handing_back":
        return "running"
    return "now" if ready and scene.away else "later"


def _after(done: bool, can: bool) -> str:
    return "done" if done else "running" if can else "later"
