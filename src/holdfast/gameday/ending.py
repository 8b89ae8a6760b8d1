"""How a story ends: everybody is handed back, the incident is closed, every program runs, the spare bank is level."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp

from holdfast.gameday.console import Responder
from holdfast.gameday.errors import StoryBroken
from holdfast.settings import ask_supervisor

if TYPE_CHECKING:
    from holdfast.gameday.story import Story

RETURN_S_MAX = 60.0
CLOSE_S_MAX = 45.0
LEVEL_S_MAX = 30.0
ORDER_GAP_S = 1.0
ORDER_S_MAX = 25.0
LOOK_S = 0.2


async def bring_home(story: "Story", in_handback: "asyncio.Task[None]") -> None:
    """Order the hand-back, as often as it takes, until all groups are at the main bank; raises StoryBroken."""
    if story.scenario.hand_back == "responder":
        await _wait(story, lambda: _returned(story), RETURN_S_MAX, "all customers are back at the main bank")
        return
    deadline, ordered_at = time.monotonic() + RETURN_S_MAX, 0.0
    while True:
        away = await story.watcher.groups_away()
        if in_handback.done():
            in_handback.result()
            if away == 0:
                break
        if time.monotonic() > deadline:
            in_handback.cancel()
            raise StoryBroken(f"not within {RETURN_S_MAX:.0f} s: all customers are back at the main bank ({away} away)")
        if away > 0 and story.watcher.bank.get("ok") and _may_order(story, ordered_at):
            ordered_at = time.time()
            story.note("people", await _order_by_command(story))
        await asyncio.sleep(LOOK_S)
    story.note("people", "all customers are at the main bank")


async def close(story: "Story") -> None:
    """Wait until the control room closed the incident, where it lives and had opened one."""
    watcher = story.watcher
    if story.scenario.hand_back == "responder":
        await _wait(story, lambda: bool(watcher.incident.get("closed")), CLOSE_S_MAX, "the incident is closed")
        return
    deadline, ordered_at = time.monotonic() + CLOSE_S_MAX, 0.0
    while (away := await watcher.groups_away()) or (watcher.incident and not watcher.incident.get("closed")):
        if time.monotonic() > deadline:
            phase = watcher.incident.get("phase", "none")
            story.note("control room", f"after {CLOSE_S_MAX:.0f} s: incident {phase}, {away} groups away")
            return
        if away > 0 and watcher.bank.get("ok") and _may_order(story, ordered_at):
            ordered_at = time.time()  # a machine with other work can stall long enough to move customers once more
            story.note("people", await _order_by_command(story))
        await asyncio.sleep(LOOK_S)


async def settle(story: "Story") -> None:
    """Every program runs and the spare bank is level with the bank; what is not so is kept for the report."""
    deadline = time.monotonic() + LEVEL_S_MAX
    while True:
        states = (await asyncio.to_thread(ask_supervisor, story.installation.data, do="status"))["programs"]
        story.died = sum(one["restarts"] for one in states.values()) - story.died_before
        story.not_running = [f"{name} is {one['state']}" for name, one in states.items() if one["state"] != "running"]
        bank, spare = story.watcher.bank, story.watcher.standin
        if not (bank.get("ok") and spare.get("ok") and int(spare["block"]) >= int(bank["block"])):
            story.not_running.append(f"the spare bank is at block {spare.get('block')} of {bank.get('block')}")
        if away := await story.watcher.groups_away():
            story.not_running.append(f"{away} groups are not at the main bank")
        if not story.not_running:
            return
        if time.monotonic() > deadline:
            story.note("people", f"not whole after {LEVEL_S_MAX:.0f} s: {'; '.join(story.not_running)}")
            return
        await asyncio.sleep(LOOK_S)


def _returned(story: "Story") -> bool:
    return any(e["kind"] == "handback" and e["data"].get("whole") for e in story.watcher.events)


async def _wait(story: "Story", done: Callable[[], bool], wait_s: float, words: str) -> None:
    """Wait until it is so; once the control room sees the bank healthy, hand back as its responder."""
    deadline = time.monotonic() + wait_s
    ordered_at = 0.0
    while not done():
        if time.monotonic() > deadline:
            raise StoryBroken(f"not within {wait_s:.0f} s: {words}")
        if story.watcher.incident.get("phase") == "repaired" and _may_order(story, ordered_at):
            ordered_at = time.time()
            async with Responder(story.installation) as responder:
                said = await responder.hand_back(int(story.watcher.incident["number"]))
            story.note("people", f"the responder proposes “Hand customers back”, the manager confirms: {said}")
        await asyncio.sleep(0.1)


def _may_order(story: "Story", ordered_at: float) -> bool:
    """Whether it may be ordered: not yet, or the last order ended without everybody being back, or is long silent."""
    if not ordered_at:
        return True
    ends = [float(e["at"]) for e in story.watcher.events if e["kind"] == "order" and "result" in e["data"]]
    if ends and max(ends) > ordered_at:
        return time.time() - max(ends) > ORDER_GAP_S
    return time.time() - ordered_at > ORDER_S_MAX


async def _order_by_command(story: "Story") -> str:
    """What `./holdfast standin off` sends, without the second that a command takes to start."""
    body = {"what": "hand_back", "cohorts": None, "why": "the main system is well again", "by": "terminal:operator"}
    try:
        answer = await story.watcher.door("POST", "/-/orders", body)
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return f"holdfast standin off: no door took the order ({type(error).__name__})"
    return f"holdfast standin off: order {answer['order']}"
