"""Carries out what the procedures ask for: the register, the banks, the clock. The only place where a door acts."""

import asyncio
import contextlib
import fcntl
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import aiohttp

from holdfast.contracts.epochs import Mode, Row, generation_of
from holdfast.edge.errors import RegisterMissing, StepFailed
from holdfast.edge.handback import carry_out, clean_up, end_forced
from holdfast.edge.procedures import (
    Answer,
    Call,
    Change,
    Claim,
    Effect,
    Failed,
    Lease,
    Note,
    Pause,
    Procedure,
    Refresh,
    Send,
    SetReads,
    Swap,
    Trip,
)
from holdfast.edge.rebuilding import rebuild
from holdfast.edge.register import Register, create
from holdfast.edge.state import Door
from holdfast.telemetry import get_log

T = TypeVar("T")
Sender = Callable[[Send], Awaitable[Answer | Failed]]
LEASE_S = 3.0
PACE_S = 0.15
FORCED_PACE_S = 1.0
REBUILD_PAUSE_S = 0.5
log = get_log()


async def perform(door: Door, procedure: Procedure[T], sender: Sender | None = None) -> T:
    """Run a procedure to its end; what it asks for is done here, one thing after the other."""
    try:
        effect = next(procedure)
        while True:
            try:
                result = await _do(door, effect, sender)
            except StepFailed as error:
                effect = procedure.throw(error)
            else:
                effect = procedure.send(result)
    except StopIteration as ended:
        value: T = ended.value
        return value
    finally:
        procedure.close()


async def _do(door: Door, effect: Effect, sender: Sender | None) -> object:
    match effect:
        case Send() if sender is not None:
            return await sender(effect)
        case Send():
            raise TypeError("only a customer's request is sent")
        case Call():
            return await _call(door, effect)
        case Refresh():
            await door.refresh()
        case Trip(cohort):
            await door.trip(cohort)
        case Change(wait_s):
            await door.wait_for_change(wait_s)
        case Pause(wait_s):
            await asyncio.sleep(wait_s)
        case _:
            return await _write(door, effect)
    return None


async def _write(door: Door, effect: Claim | Swap | Lease | Note | SetReads) -> object:
    """What a procedure asks of the register."""
    match effect:
        case Claim(who, claims):
            return (await door.ask(lambda: door.register.claim(who, claims)))[1]
        case Swap(changes, kind, words, data):
            held = await door.ask(lambda: door.register.swap(changes, kind, words, dict(data)))
            door.take_rows(held)
            return held
        case Lease():
            if not await door.ask(lambda: door.register.lease("handback", LEASE_S)):
                raise StepFailed("another door took over the hand-back")
        case Note(kind, words, data):
            await door.ask(lambda: door.register.event(kind, words, dict(data)))
        case SetReads(cohorts, bank, words):
            await door.ask(lambda: door.register.set_reads(cohorts, bank, words))
            await door.refresh()
    return None


async def _call(door: Door, call: Call) -> object:
    try:
        async with asyncio.timeout(call.wait_s):
            return await door.call(call.bank, call.method, call.path, call.body, call.wait_s)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise StepFailed(str(error) or f"{call.path} took longer than {call.wait_s:g} s") from error


async def drive(door: Door) -> None:
    """For ever: carry out open orders, finish what another door left half done, end a forced return."""
    looked_at_forced = 0.0
    while True:
        await asyncio.sleep(PACE_S)
        try:
            forced = any(row.forced for row in door.rows) and time.monotonic() - looked_at_forced > FORCED_PACE_S
            left = any(row.mode is Mode.HANDING_BACK for row in door.rows)
            if not (left or forced) and await door.ask(door.register.open_order) is None:
                continue
            if not await door.ask(lambda: door.register.lease("handback", LEASE_S)):
                continue
            keeping = asyncio.create_task(_keep_lease(door))
            try:
                await _work(door, left, forced)
            finally:
                keeping.cancel()
            looked_at_forced = time.monotonic() if forced else looked_at_forced
        except (StepFailed, OSError, sqlite3.Error) as error:  # a full disk must not end a front door
            looked_at_forced = time.monotonic()
            log.warning("hand-back did not go on", error=str(error))


async def _keep_lease(door: Door) -> None:
    """While one call of the hand-back takes its time the lease is kept, so that no other door thinks we fell."""
    while True:
        await asyncio.sleep(LEASE_S / 3)
        with contextlib.suppress(sqlite3.Error):  # a lease that lapses lets another door go on; the rows decide
            await door.ask(lambda: door.register.lease("handback", LEASE_S))


async def _work(door: Door, left: bool, forced: bool) -> None:
    await door.refresh()
    if left:
        await perform(door, clean_up(door.known))
        return
    order = await door.ask(door.register.open_order)
    if order is not None:
        number, what, cohorts, why = order
        result = await perform(door, carry_out(door.known, what, cohorts, why, time.monotonic))
        await door.ask(lambda: door.register.end_order(number, result))
        words = f"order {number} ended: {result}"
        await door.ask(lambda: door.register.event("order", words, {"order": number, "result": result}))
    if forced:
        await perform(door, end_forced(door.known, time.monotonic))


async def make_register(door: Door, stop: asyncio.Event) -> None:
    """Rule 17: wait for the spare bank, then make the register anew, one door at a time, if no other was first.

    Two doors at it at once would close each other's new epochs at the spare bank, and it would serve under neither.
    """
    said = ""
    with door.path.with_name("register.lock").open("w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # never waited for here: customers see the honest page
                if not _readable(door.path):
                    _put_aside(door.path)
                    _write_register(door, await perform(door, rebuild()))
            except (StepFailed, OSError) as error:
                if str(error) != said:
                    log.warning("the register is lost and cannot be made anew yet", why=str(error))
                said = str(error)
                await asyncio.sleep(REBUILD_PAUSE_S)
            else:
                return
    raise RegisterMissing("the register was not made anew before this door was ended")


def _readable(path: Path) -> bool:
    try:
        Register(path, "look").close()
    except RegisterMissing:
        return False
    return True


def _put_aside(path: Path) -> None:
    """Keep a register that cannot be read beside the new one."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            broken = path.with_name(path.name + suffix)
            broken.replace(path.with_name(f"register.broken-{int(time.time())}{suffix}"))


def _write_register(door: Door, rows: list[Row]) -> None:
    create(door.path, rows)
    register = Register(door.path, door.name)
    words = (
        f"the register was lost and made anew: all groups at the "
        f"{'main' if rows[0].mode is Mode.PRIMARY else 'spare'} bank, generation {generation_of(rows[0].epoch)}"
    )
    register.event("rebuilt", words, {"mode": rows[0].mode.value})
    register.close()
