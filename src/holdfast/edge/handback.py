"""The hand-back (rules 15 and 16): any door drives it, any door begins again where another fell.

Only the door that holds the lease works. Nothing between the steps is stored but the rows: cohorts found
`handing_back` are closed and replayed again, or put back. Invariant: a cohort returns to the primary only after
the journal up to its close was entered, all accounts agree at one block and the books are proved; every other
way out of `handing_back` is the undo, which takes a new epoch.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from holdfast.contracts.epochs import Mode, Row
from holdfast.edge.errors import StepFailed
from holdfast.edge.state import Door
from holdfast.edge.switching import moved
from holdfast.telemetry import get_log

LEASE_S = 3.0
PACE_S = 0.15
REST_SMALL = 200
ROUNDS_MAX = 40
CLOSED_S_MAX = 2.5
REPLAY_S_MAX = 30.0
FIRST_STEP = 8
STEPS = 3
STEP_PAUSE_S = 0.4
log = get_log()

Failure = (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, StepFailed)


async def drive(door: Door) -> None:
    """For ever: carry out open orders and finish what another door left half done."""
    while True:
        await asyncio.sleep(PACE_S)
        try:
            waits = any(row.mode is Mode.HANDING_BACK for row in door.rows)
            if not waits and await door.ask(door.register.open_order) is None:
                continue
            if await door.ask(lambda: door.register.lease("handback", LEASE_S)):
                keeping = asyncio.create_task(_keep_lease(door))
                try:
                    await _work(door)
                finally:
                    keeping.cancel()
        except Failure as error:
            log.warning("hand-back did not go on", error=str(error))


async def _keep_lease(door: Door) -> None:
    """While one call of the hand-back takes its time the lease is kept, so that no other door thinks we fell."""
    while True:
        await asyncio.sleep(LEASE_S / 3)
        await door.ask(lambda: door.register.lease("handback", LEASE_S))


async def _work(door: Door) -> None:
    left = [row for row in door.rows if row.mode is Mode.HANDING_BACK]
    if left:
        await _undo(door, left, "a door fell in the middle of the hand-back")
        return
    order = await door.ask(door.register.open_order)
    if order is None:
        return
    number, what, cohorts, why = order
    wanted = [row for row in door.rows if cohorts is None or row.cohort in cohorts]
    if what == "standin_on":
        result = await _standin_on(door, wanted, why)
    else:
        result = await _hand_back(door, wanted)
    await door.ask(lambda: door.register.end_order(number, result))
    await door.ask(
        lambda: door.register.event("order", f"order {number} ended: {result}", {"order": number, "result": result})
    )


def _words(error: BaseException) -> str:
    return str(error) or f"a step took too long ({type(error).__name__})"


async def _standin_on(door: Door, wanted: Sequence[Row], why: str) -> str:
    changes = [(row, moved(row)) for row in wanted if row.mode is Mode.PRIMARY]
    held = (
        await door.ask(lambda: door.register.swap(changes, "switch", f"by order, to the spare bank: {why}"))
        if changes
        else []
    )
    door.take_rows(held)
    return f"{len(held)} groups went to the spare bank"


async def _hand_back(door: Door, wanted: Sequence[Row]) -> str:
    rows = [row for row in wanted if row.mode is Mode.STANDIN]
    if not rows:
        return "no group was at the spare bank"
    try:
        await _catch_up(door)
        proved = await _prove(door, 0, REPLAY_S_MAX)
    except Failure as error:
        return f"not begun: {_words(error)}"
    words = f"books proved to block {proved['block']}; {len(rows)} groups go back in steps"
    await door.ask(lambda: door.register.event("handback", words, {"block": proved["block"]}))
    returned = 0
    for step in _steps(rows):
        try:
            returned += await _return(door, step, int(proved["block"]))
        except Failure as error:
            await door.refresh()
            await _undo(
                door,
                [door.rows[row.cohort] for row in step if door.rows[row.cohort].mode is Mode.HANDING_BACK],
                _words(error),
            )
            return f"stopped after {returned} of {len(rows)} groups: {_words(error)}"
        await asyncio.sleep(STEP_PAUSE_S)
        await _renew(door)
        await _catch_up(door)
    await door.ask(
        lambda: door.register.event(
            "handback", f"all {returned} groups are back at the main bank", {"returned": returned, "whole": True}
        )
    )
    return f"{returned} groups are back at the main bank"


def _steps(rows: list[Row]) -> list[list[Row]]:
    """A few cohorts first, then the rest in STEPS parts."""
    first, rest = rows[:FIRST_STEP], rows[FIRST_STEP:]
    size = -(-len(rest) // STEPS) if rest else 1
    return [first, *(rest[i : i + size] for i in range(0, len(rest), size))]


async def _renew(door: Door) -> None:
    if not await door.ask(lambda: door.register.lease("handback", LEASE_S)):
        raise StepFailed("another door took over the hand-back")


async def _catch_up(door: Door) -> None:
    """15a: replay while the spare bank still serves, until the rest is small."""
    for _ in range(ROUNDS_MAX):
        await _renew(door)
        position = int((await door.call("standin", "GET", "/-/position", None, 2))["position"])
        answer = await door.call("primary", "POST", "/-/replay", {"to": position}, REPLAY_S_MAX)
        now = int((await door.call("standin", "GET", "/-/position", None, 2))["position"])
        if now - int(answer["replayed_to"]) <= REST_SMALL:
            return
    raise StepFailed(f"the spare bank's journal grows faster than it is entered: {ROUNDS_MAX} rounds were not enough")


async def _prove(door: Door, since: int, wait_s: float) -> dict[str, Any]:
    proof = await door.call("primary", "POST", "/-/prove", {"since": since}, wait_s)
    if proof["findings"]:
        raise StepFailed(f"the books are not proved: {proof['findings'][0].get('words', '')}")
    return proof


async def _return(door: Door, step: list[Row], proved_block: int) -> int:
    """15b to 15e for some cohorts, within CLOSED_S_MAX; raises when a check does not hold."""
    began = time.monotonic()
    handing = [Row(row.cohort, Mode.HANDING_BACK, row.epoch, row.forced) for row in step]
    held = await door.ask(
        lambda: door.register.swap(
            list(zip(step, handing, strict=True)), "handback", f"{len(step)} groups: writes are held"
        )
    )
    door.take_rows(held)

    def left() -> float:
        return max(CLOSED_S_MAX - (time.monotonic() - began), 0.01)

    async with asyncio.timeout(CLOSED_S_MAX):
        closed = await door.call(
            "standin", "POST", "/-/close", {"rows": [[row.cohort, row.epoch] for row in held]}, left()
        )
        position = int(closed["position"])
        answer = await door.call("primary", "POST", "/-/replay", {"to": position}, left())
        if int(answer["replayed_to"]) < position:
            raise StepFailed(f"the journal is entered to {answer['replayed_to']}, not to {position}")
        agreed = await door.call("primary", "POST", "/-/reconcile", {}, left())
        if agreed["differences"]:
            raise StepFailed(
                f"{len(agreed['differences'])} accounts differ between the banks, first {agreed['differences'][0]}"
            )
        proof = await _prove(door, proved_block, left())
    changes = [(row, Row(row.cohort, Mode.PRIMARY, row.epoch + 1)) for row in held]
    held_ms = int((time.monotonic() - began) * 1000)
    words = (
        f"{len(changes)} groups are back at the main bank: journal entered to {position}, "
        f"{agreed['accounts']} accounts agree, "
        f"books proved to block {proof['block']}; writes were held for {held_ms} ms"
    )
    back = await door.ask(
        lambda: door.register.swap(
            changes,
            "handback",
            words,
            {"position": position, "accounts": agreed["accounts"], "block": proof["block"], "held_ms": held_ms},
        )
    )
    door.take_rows(back)
    return len(back)


async def _undo(door: Door, rows: Sequence[Row], why: str) -> None:
    """Rule 16: back to the spare bank under a new epoch; a closed epoch is never opened again."""
    changes = [(row, Row(row.cohort, Mode.STANDIN, row.epoch + 1, row.forced)) for row in rows]
    if changes:
        held = await door.ask(
            lambda: door.register.swap(changes, "undo", f"hand-back undone for {len(changes)} groups: {why}")
        )
        door.take_rows(held)
