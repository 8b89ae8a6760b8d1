"""The state of an incident: computed from its phase, which machines see, and from what people said. Pure.

What holds: the state never contradicts the phase. People choose only among the states that the phase allows, and what
they chose counts only while the phase still allows it: nobody says "monitoring" of a fault that is still seen, and an
incident that machines closed is resolved whatever was said before.
"""

WORDS = {
    "detected": "detected, nobody has acknowledged it",
    "acknowledged": "acknowledged",
    "investigating": "investigating",
    "identified": "cause identified",
    "mitigating": "mitigating",
    "monitoring": "monitoring",
    "resolved": "resolved, not reviewed yet",
    "reviewed": "reviewed",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "open": ("investigating", "identified", "mitigating"),
    "repaired": ("mitigating", "monitoring"),
    "handing_back": ("mitigating", "monitoring"),
    "returned": ("monitoring",),
    "closed": (),
}
"""What people may say of an incident in each phase."""
SEVERITIES = {1: "customers cannot use the bank", 2: "customers notice it", 3: "few notice it", 4: "nobody notices it"}
WAKES = 2
"""This severity and graver ones wake whoever is on call."""


def state_of(phase: str, acknowledged: bool, said: str, reviewed: bool) -> str:
    """The state. said: what people chose last, "" for nothing; reviewed: a person signed its review."""
    if phase == "closed":
        return "reviewed" if reviewed else "resolved"
    if said in CHOICES.get(phase, ()):
        return said
    if phase == "returned":
        return "monitoring"
    if phase != "open":
        return "mitigating"
    return "acknowledged" if acknowledged else "detected"


def refusal(phase: str, wanted: str) -> str:
    """Why people cannot say this now; "" when they can."""
    allowed = CHOICES.get(phase, ())
    if wanted in allowed:
        return ""
    if not allowed:
        return "It is closed, so its state stands: resolved, and reviewed when a person signs the review."
    if wanted == "monitoring":
        return "The fault is still seen, so this cannot be monitoring yet; nothing was changed."
    words = ", ".join(allowed)
    return f"{wanted[:20]!r} does not go with what is seen now; it can be: {words}. Nothing was changed."
