"""What the chat asks of the control room's desk."""

from typing import Any

from holdfast.contracts.support import Asking, Refused, View, view_from_wire
from holdfast.edge import desk
from holdfast.edge.desk import LIMIT_S, DeskAway
from holdfast.edge.state import Door

__all__ = ["DeskAway", "DeskRefused", "ask", "news"]


class DeskRefused(Exception):
    """The desk did not take it, and changed nothing; `why` says the reason by its name."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why.value)
        self.why = why


async def ask(door: Door, what: str, asking: Asking, **more: object) -> View:
    """One act of a customer, or a look. Raises DeskAway and DeskRefused."""
    raw = await _call(door, what, {**asking.to_wire(), **more}, LIMIT_S)
    try:
        return view_from_wire(raw)
    except (KeyError, ValueError, TypeError) as error:
        raise DeskAway(what) from error


async def news(door: Door, seen: dict[str, list[int]], wait_ms: int) -> list[View]:
    """What is new in these conversations; waits for it. Raises DeskAway."""
    raw = await _call(door, "news", {"seen": seen, "wait_ms": wait_ms}, wait_ms / 1000 + LIMIT_S)
    try:
        return [view_from_wire(one) for one in raw["views"]]
    except (KeyError, ValueError, TypeError) as error:
        raise DeskAway("news") from error


async def _call(door: Door, what: str, body: dict[str, Any], limit_s: float) -> dict[str, Any]:
    try:
        return await desk.call(door, f"chat/{what}", body, limit_s)
    except desk.Declined as declined:
        try:
            raise DeskRefused(Refused(declined.why)) from declined
        except ValueError as error:
            raise DeskAway(what) from error
