"""A runbook followed to its end by the people of the story: `./holdfast incident runbook`, a tick for each of their own
steps, and the machine's steps left to it.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from holdfast.gameday.errors import StoryBroken

if TYPE_CHECKING:
    from holdfast.gameday.scenario import Step
    from holdfast.gameday.story import Story

FOLLOWED_S_MAX = 180.0
NAMED_S_MAX = 90.0
LOOK_S = 0.5
SWITCHES, BY_PEOPLE = "restart part", "spare bank off"
"""The machine's step that is waited for, and the one that the people of the story do by command at its end."""


class Followed:
    """What was seen of it. named_s: from the fault until the cause was named; switched_s: until the machine's step was
    done; None: never."""

    def __init__(self) -> None:
        self.named_s: float | None = None
        self.switched_s: float | None = None


async def follow(story: "Story", step: "Step") -> None:
    """Wait until one of the parts that are rightly named stands first, then follow the runbook of the step's pattern;
    raises StoryBroken when it does not come to its end."""
    incident = await _named(story)
    story.note("people", f"{step.words}: runbook {step.pattern}")
    await _act(story, incident, {"do": "runbook", "name": step.pattern})
    deadline = time.monotonic() + FOLLOWED_S_MAX
    while True:
        run = await _run(story, incident, step.pattern)
        if run is not None and run["ended"]:
            return
        if run is not None:
            await _one_step(story, incident, run)
        if time.monotonic() > deadline:
            raise StoryBroken(f"not within {FOLLOWED_S_MAX:.0f} s: the runbook {step.pattern} is followed to its end")
        await asyncio.sleep(LOOK_S)


async def _one_step(story: "Story", incident: int, run: dict[str, Any]) -> None:
    """Do what is due of the first step that is not done: a tick, a stop, or nothing while a machine is at it."""
    for one in run["steps"]:
        if one["machine"] == SWITCHES and one["state"] == "done" and story.followed.switched_s is None:
            story.followed.switched_s = time.time() - story.fault_at
            story.last_mend_at = time.time()
            story.note("control room", one["result"])
    one = next((one for one in run["steps"] if one["state"] not in ("done", "skipped")), None)
    if one is None:
        return
    about = {"run": run["number"], "step": one["number"]}
    if one["state"] == "failed":
        raise StoryBroken(f"step {one['number']} of {run['name']} failed: {one['result']}")
    if one["state"] == "waiting" and one["machine"] == BY_PEOPLE:
        await _act(story, incident, {"do": "stop", **about})
    elif one["state"] == "stopped":
        await _act(story, incident, {"do": "step", "skip": True, "words": "it is ordered at a terminal", **about})
    elif one["state"] == "open" and not one["machine"]:
        await _act(story, incident, {"do": "step", "words": "looked", **about})


async def _named(story: "Story") -> int:
    deadline = time.monotonic() + NAMED_S_MAX
    while True:
        for one in list(story.watcher.opened.values()):
            first: dict[str, Any] = next(iter(one.get("suspects") or []), {})
            if first.get("component") in story.scenario.suspects and not one.get("closed"):
                story.followed.named_s = time.time() - story.fault_at
                story.note("control room", f"likeliest cause: {first.get('what')}")
                return int(one["number"])
        if time.monotonic() > deadline:
            raise StoryBroken(f"not within {NAMED_S_MAX:.0f} s: the right part is named first")
        await asyncio.sleep(LOOK_S)


async def _act(story: "Story", incident: int, said: dict[str, Any]) -> None:
    port, path = story.installation.console_port, f"/incidents/{incident}/act.json"
    try:
        await story.watcher.call("control", port, "POST", path, {"user": "operator", **said})
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise StoryBroken(f"the control room did not take {said['do']}: {error}") from error


async def _run(story: "Story", incident: int, name: str) -> dict[str, Any] | None:
    port = story.installation.console_port
    try:
        whole = await story.watcher.call("control", port, "GET", f"/incidents/{incident}.json")
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
        return None
    runs = [one for one in whole["response"]["runs"] if one["name"] == name and not one["dry"]]
    return runs[0] if runs else None
