"""What a door asks of the control room about tours, beside its other work: what is published, and what customers who
are here have put away."""

import asyncio

from holdfast.contracts.community import Tours, Who
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.shapes import from_wire
from holdfast.edge import desk
from holdfast.edge.state import Door

EVERY_S, LOOK_S = 20.0, 0.25
AT_ONCE_MAX = 20
"""Customers that are asked about in one look."""
AWAY_S = 5.0
"""After a control room that did not answer."""


async def follow_tours(door: Door) -> None:
    """For ever; a control room that is away leaves pages without tours, and nothing else."""
    loop = asyncio.get_running_loop()
    next_at = 0.0
    while True:
        try:
            if loop.time() >= next_at:
                await _ask(door, 0)
                next_at = loop.time() + EVERY_S
            for _ in range(min(AT_ONCE_MAX, len(door.touring.wanted))):
                customer, _ = door.touring.wanted.popitem(last=False)
                await _ask(door, customer)
        except (desk.DeskAway, desk.Declined, ValueError):
            await asyncio.sleep(AWAY_S)
        await asyncio.sleep(LOOK_S)


async def _ask(door: Door, customer: int) -> None:
    said = await desk.call(door, "community/tours", Who(customer, LANGUAGES[0]).to_wire())
    door.touring.learn(from_wire(Tours, said), customer)
