"""Which of what the bank says reaches who follows the status page, and about which components it is. Pure.

A person's notice always goes out. What an incident says by itself goes when it changes for customers: when something
fails, when it fails otherwise, and once when it is over. The steps between are on the page, and in no message.
"""

from collections.abc import Iterable, Sequence

from holdfast.contracts.subscribing import COMPONENTS
from holdfast.control.tell.statement import ServiceLine

OVER = "over"
MEANS = {
    "serving": "spare bank serves",
    "dark": "nobody serves",
    "doors": "nobody is reached",
    "spare_only": "no spare bank",
    "returned": OVER,
    "closed": OVER,
    "normal": OVER,
}
"""What a case of the status page means to who follows it; the others are steps between."""
AN_INCIDENT_MAX = 20
"""Messages by themselves, and the last word; an incident that goes to and fro must not flood anybody."""
IN_MAINTENANCE = ("login", "payments", "salaries", "changes")


def goes_out(case: str, before: Sequence[str]) -> bool:
    """Whether this case is news; before: the cases that the incident's status notices had so far, the oldest first."""
    told: list[str] = []
    for one in before:
        if _is_news(one, told):
            told.append(MEANS[one])
    return _is_news(case, told)


def _is_news(case: str, told: list[str]) -> bool:
    means = MEANS.get(case)
    if means is None or (len(told) >= AN_INCIDENT_MAX and means != OVER):
        return False
    return means != told[-1] if told else means != OVER


def touched(services: Iterable[ServiceLine]) -> list[str]:
    """The components that do not work as usual."""
    bad = {line.key for line in services if line.tone != "calm"}
    return [one for one in COMPONENTS if one in bad]


def together(several: Iterable[Sequence[str]]) -> list[str]:
    """Every component that is among them."""
    found = {name for one in several for name in one}
    return [one for one in COMPONENTS if one in found]
