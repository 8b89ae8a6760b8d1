"""What a wire does with requests, as it stands in the installation's wires.json.

`{"wire-doors": {"how": "late", "value": 5.0, "words": ""}, …}`; a wire that is not named passes everything.
"""

import json
from dataclasses import dataclass
from pathlib import Path

WIRES = ("wire-doors", "wire-feed", "wire-spare")


@dataclass(frozen=True)
class Order:
    """how: `pass`; `cut` refuses and resets; `late` holds each answer for value seconds; `fail` resets the share value
    (0 to 1) of the requests; `garble` changes a digit of each booked amount that comes by; `silence` loses each answer,
    `mute` every request, without a word to either side, and not what goes the other way; `poison`: the server dies of
    a request that contains words."""

    how: str = "pass"
    value: float = 0.0
    words: str = ""


def read_orders(path: Path) -> dict[str, Order]:
    """The orders of all wires; what is absent or cannot be read passes."""
    try:
        raw = json.loads(path.read_text())
        return {
            name: Order(str(raw[name]["how"]), float(raw[name]["value"]), str(raw[name].get("words", "")))
            for name in WIRES
            if name in raw
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}
