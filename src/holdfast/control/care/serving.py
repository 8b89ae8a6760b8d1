"""What the bank asks about a customer for the customer: what the control room holds, answered by the process of the
chats in threads of its own."""

from typing import Any

from aiohttp import web

from holdfast.contracts.inbox import customer_from_wire
from holdfast.control.asked import Asked
from holdfast.control.care import held

THREADS, UNDER_WAY_MAX = 1, 20
"""A download may read thousands of lines; the chats go before it."""


class Holding:
    """The bank's question, for the customer who is logged in there."""

    def __init__(self) -> None:
        self._asked = Asked("holding", THREADS, UNDER_WAY_MAX)

    def routes(self) -> list[web.RouteDef]:
        """Every address."""
        return [
            web.post("/-/held/all", self._asked.checked(self._all, "primary")),
            web.post("/-/held/counts", self._asked.checked(self._counts, "primary")),
        ]

    async def _all(self, raw: dict[str, Any]) -> dict[str, Any]:
        customer = customer_from_wire(raw)
        return await self._asked.in_thread(lambda: held.held_about(customer))

    async def _counts(self, raw: dict[str, Any]) -> dict[str, Any]:
        customer = customer_from_wire(raw)
        return await self._asked.in_thread(lambda: held.counted(customer))
