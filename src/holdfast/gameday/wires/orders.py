"""What a wire does with requests, as it stands in the installation's wires.json.

`{"wire-doors": {"how": "late", "value": 5.0}, …}`; a wire that is not named passes everything.
"""

import json
from dataclasses import dataclass
from pathlib import Path

WIRES = ("wire-doors", "wire-feed")


@dataclass(frozen=True)
class Order:
    """how: `pass`; `cut` refuses and resets; `late` holds each answer for value seconds; `fail` resets the share value
    (0 to 1) of the requests."""

    how: str = "pass"
    value: float = 0.0


def read_orders(path: Path) -> dict[str, Order]:
    """The orders of all wires; what is absent or cannot be read passes."""
    try:
        raw = json.loads(path.read_text())
        return {name: Order(str(raw[name]["how"]), float(raw[name]["value"])) for name in WIRES if name in raw}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
