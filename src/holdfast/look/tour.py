"""A tour on a page: what is new there, in a few steps, with one button that puts it away for good.

The control room publishes it, the doors hand it to the main bank in a header for who has not seen it, and the page
shows it by this one function. It needs no script, and covers nothing.
"""

import base64
import json
from dataclasses import asdict, dataclass
from html import escape

from holdfast.contracts.community import NEWS, STEPS_MAX

HEADER_BYTES_MAX = 8_000
WORDS = {"en": ("New", "I have seen it"), "nb": ("Nytt", "Jeg har sett det")}
LABELLED_BY = "tour-title"


@dataclass(frozen=True, slots=True)
class Shown:
    """One tour as a page shows it: title and each of the steps by language."""

    number: int
    title: dict[str, str]
    steps: tuple[dict[str, str], ...]


def tour_to_header(tour: Shown) -> str:
    """The tour as a header's value; "" for one that is too long for it."""
    raw = json.dumps(asdict(tour), separators=(",", ":"), ensure_ascii=False).encode()
    value = base64.urlsafe_b64encode(raw).decode()
    return value if len(value) <= HEADER_BYTES_MAX else ""


def tour_from_header(value: str) -> Shown | None:
    """The tour of a header's value; None when absent or broken: a page is never lost for it."""
    if not value or len(value) > HEADER_BYTES_MAX:
        return None
    try:
        raw = json.loads(base64.urlsafe_b64decode(value))
        steps = tuple({str(k): str(v) for k, v in step.items()} for step in raw["steps"][:STEPS_MAX])
        return Shown(int(raw["number"]), {str(k): str(v) for k, v in raw["title"].items()}, steps)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def tour_html(tour: Shown | None, language: str, here: str) -> str:
    """The tour's markup, empty without one; every word escaped. here: the page's own address, to come back to."""
    if tour is None:
        return ""
    new, seen = WORDS[language]
    steps = "".join(f"<li>{escape(step.get(language, ''))}</li>" for step in tour.steps)
    return (
        f'<section class="card narrow tour" aria-labelledby="{LABELLED_BY}" data-tour="{tour.number}">'
        f'<h2 id="{LABELLED_BY}">{new}: {escape(tour.title.get(language, ""))}</h2><ol>{steps}</ol>'
        f'<form method="post" action="{NEWS}"><input type="hidden" name="number" value="{tour.number}">'
        f'<input type="hidden" name="back" value="{escape(here)}">'
        f'<button class="button" name="act" value="put-away">{seen}</button></form></section>'
    )
