"""A storm of logins: first how many the installation serves is measured, then many times as many come, bots among them.

Honest people do as they are told: they wait, look again when the page says so, and log in by password and code or by
passkey. Bots keep no cookies, come from few addresses, and send wrong passwords under people's names.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast.gameday.factors import Factors
from holdfast.gameday.scenario import Step
from holdfast.gameday.visiting import Answer, Visitor, address

if TYPE_CHECKING:
    from holdfast.gameday.story import Story

MEASURED_S, MEASURING = 15.0, 8
"""Seconds of measuring, and people who log in one after the other meanwhile."""
STORM_S = 60.0
BOTS_SHARE = 1 / 3
BOT_ADDRESSES = 6
DRAIN_S_MAX = 1500.0
ASKS_MAX = 500
TYPES_S = (0.5, 2.0)
"""Seconds that a person types; while it is measured nobody does, so that the bank is what is measured."""
AGAIN_S = 2.0
TOLD_EVERY_S = 10.0
LOOK_S = 0.02
PEOPLE_MAX = 20_000
UNANSWERED = (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError)


@dataclass
class Person:
    """One honest person's login. Instants by this machine's monotonic clock, 0 for not yet; place: the first that was
    shown, 0 for none; failed: what was answered to right words that was neither the way in nor a place in the line."""

    came: float = 0.0
    place: int = 0
    placed: float = 0.0
    let_in: float = 0.0
    inside: float = 0.0
    failed: list[str] = field(default_factory=list)


@dataclass
class Storm:
    """What was measured."""

    capacity_per_s: float = 0.0
    wanted_per_s: float = 0.0
    people: list[Person] = field(default_factory=list)
    bots: Counter[str] = field(default_factory=Counter)
    stood_still_s: float = 0.0
    """For how long this program itself did not run, at most: what customers measured then is not the bank's."""

    @property
    def inside(self) -> int:
        """Honest people who got in."""
        return sum(one.inside > 0 for one in self.people)

    def measured(self) -> dict[str, float | None]:
        """By the names of the limits; None where there was no storm."""
        if not self.people:
            names = ("lost", "failed", "out_of_order_s", "honest_min", "waited_min", "wait_s", "capacity_per_s_min")
            return {f"storm_{name}": None for name in names}
        ended = [one.inside - one.came for one in self.people if one.inside]
        return {
            "storm_lost": len(self.people) - self.inside,
            "storm_failed": sum(len(one.failed) for one in self.people),
            "storm_out_of_order_s": round(out_of_order_s(self.people), 1),
            "storm_honest_min": len(self.people),
            "storm_waited_min": sum(one.place > 0 for one in self.people),
            "storm_wait_s": round(max(ended, default=0.0), 1),
            "storm_capacity_per_s_min": round(self.capacity_per_s, 1),
        }


def out_of_order_s(people: list[Person]) -> float:
    """By how much anybody was let in later than somebody who got a place after them, at most, in seconds."""
    waited = sorted((one.placed, one.let_in) for one in people if one.placed and one.let_in)
    latest, worst = float("-inf"), 0.0
    for _, let_in in waited:
        worst = max(worst, latest - let_in)
        latest = max(latest, let_in)
    return worst


class Login:
    """One honest person on the way in."""

    types_s = TYPES_S

    def __init__(
        self, origin: str, person: dict[str, Any], factors: Factors, network: str, luck: random.Random
    ) -> None:
        self.person, self.factors, self.luck = person, factors, luck
        self.visitor = Visitor(origin, network)
        self.seen = Person()

    async def go(self, until: float) -> Person:
        """Log in, waiting as told, at the latest until then."""
        self.seen.came = time.monotonic()
        for _ in range(ASKS_MAX):
            if time.monotonic() > until:
                break
            try:
                if await self._comes_to_form() and await self._logs_in():
                    self.seen.inside = time.monotonic()
                    break
            except UNANSWERED as error:
                self.seen.failed.append(f"no answer: {type(error).__name__}")
                await asyncio.sleep(AGAIN_S)
        return self.seen

    async def _comes_to_form(self) -> bool:
        """Ask for the login; whether its form is there now. Who waits looks again when the page says so."""
        answer = await self.visitor.ask("GET", "/login")
        if answer.shows == "login":
            if self.seen.placed and not self.seen.let_in:
                self.seen.let_in = time.monotonic()
            return True
        await self._waits(answer, "the login page")
        return False

    async def _waits(self, answer: Answer, asked: str) -> None:
        if answer.shows == "waiting" and not self.seen.placed:
            self.seen.placed = time.monotonic()
            self.seen.place = int(answer.page.text.partition('data-place="')[2].partition('"')[0])
        elif answer.shows not in ("waiting", "turned-away"):
            self.seen.failed.append(f"{asked}: {answer.page.status} {answer.shows}")
        await asyncio.sleep(max(answer.again_s, 1.0))

    async def _logs_in(self) -> bool:
        await asyncio.sleep(self.luck.uniform(*self.types_s))
        code = self.factors.code()
        if code:
            answer = await self._send(username=self.person["username"], password=self.person["password"])
            if answer.shows == "login-code":
                code = self.factors.code() or code  # as the app shows it by now
                answer = await self._send(proof=answer.page.hidden()["proof"], code=code)
        else:
            answer = await self._send(passkey=self.factors.passkey(await self.visitor.challenge()))
        if answer.page.status == 303 and answer.location == "/":
            return (await self.visitor.ask("GET", "/")).shows == "overview"
        if answer.page.status != 303:  # 303 elsewhere: to a place in the line
            self.seen.failed.append(
                f"the login: {answer.page.status} {answer.shows} {answer.page.marks.get('problem', '')}"
            )
            await asyncio.sleep(AGAIN_S)
        return False

    async def _send(self, **form: str) -> Answer:
        return await self.visitor.ask("POST", "/login", form)


class Stormers:
    """Makes honest people and bots, each with a network of their own or of few."""

    def __init__(self, origin: str, people: list[dict[str, Any]], seed: int) -> None:
        self.origin, self.luck = origin, random.Random(seed)
        self.known = [(one, Factors(one, origin)) for one in people if "passkey" in one]
        self.number = 0

    def login(self) -> Login:
        """The next honest person, in turn among all customers."""
        person, factors = self.known[self.number % len(self.known)]
        self.number += 1
        return Login(self.origin, person, factors, address(256 + self.number), self.luck)

    async def bot(self, told: Counter[str]) -> None:
        """One bot: a wrong password for somebody's name, and nothing kept."""
        visitor = Visitor(self.origin, address(self.luck.randrange(BOT_ADDRESSES) + 10), keeps=False)
        person, _ = self.luck.choice(self.known)
        form = {"username": person["username"], "password": "not-this-one"}
        try:
            answer = await (
                visitor.ask("POST", "/login", form) if self.luck.random() < 0.5 else visitor.ask("GET", "/login")
            )
        except UNANSWERED:
            told["no answer"] += 1
            return
        told[answer.shows or f"{answer.page.status} to {answer.location}"] += 1


async def measure(makes: Stormers) -> float:
    """Logins a second while MEASURING people log in one after the other, each as soon as the one before is in."""
    until, done = time.monotonic() + MEASURED_S, 0

    async def one_after_the_other() -> None:
        nonlocal done
        while time.monotonic() < until:
            login = makes.login()
            login.types_s = (0.0, 0.0)
            seen = await login.go(until + AGAIN_S)
            done += seen.inside > 0 and time.monotonic() <= until

    began = time.monotonic()
    await asyncio.gather(*(one_after_the_other() for _ in range(MEASURING)))
    return done / (min(time.monotonic(), until) - began)


async def rage(story: "Story", step: Step) -> None:
    """The step `login_storm`: measured, then `value` times as many for STORM_S; returns when every honest person is in,
    or DRAIN_S_MAX later."""
    storm, makes = story.storm, Stormers(story.installation.door_origin, story.others, story.seed)
    storm.capacity_per_s = await measure(makes)
    storm.wanted_per_s = max(storm.capacity_per_s, 0.5) * step.value
    story.note(
        "customers", f"measured: {storm.capacity_per_s:.1f} logins a second; {MEASURING} people one after the other"
    )
    story.begin_fault()
    story.note("fault", f"{step.words}: {storm.wanted_per_s:.0f} a second for {STORM_S:.0f} s, a third of them bots")
    began, running = time.monotonic(), set[asyncio.Task[Any]]()
    until, told_at = began + STORM_S + DRAIN_S_MAX, began
    sent = 0
    while (now := time.monotonic()) - began < STORM_S or any(not one.done() for one in running):
        due = int(min(now - began, STORM_S) * storm.wanted_per_s)
        while sent < min(due, PEOPLE_MAX):
            sent += 1
            if makes.luck.random() < BOTS_SHARE:
                running.add(asyncio.create_task(makes.bot(storm.bots)))
            else:
                login = makes.login()
                storm.people.append(login.seen)
                running.add(asyncio.create_task(login.go(until)))
        if now - told_at > TOLD_EVERY_S:
            told_at, running = now, {one for one in running if not one.done()}
            story.note(
                "customers", f"{storm.inside} of {len(storm.people)} honest people are in; bots: {dict(storm.bots)}"
            )
        asleep = time.monotonic()
        await asyncio.sleep(LOOK_S)
        storm.stood_still_s = max(storm.stood_still_s, time.monotonic() - asleep - LOOK_S)
    reasons = Counter(why for one in storm.people for why in one.failed)
    story.note(
        "customers",
        f"{storm.inside} of {len(storm.people)} honest people got in after {time.monotonic() - began:.0f} s; "
        f"bots: {dict(storm.bots)}; answered otherwise: {dict(reasons.most_common(5))}; "
        f"this program itself stood still for up to {storm.stood_still_s:.1f} s",
    )
