"""`make bench-chat`: two hundred customers chat at once, each with a page open; how long a message takes to a screen.

In real processes: a bank of its own is made and removed. Fifty people of support with four chats each answer by what the
console's button does; two of them through the console itself, over HTTP, with a page of the chat open. A screen is the
browser's end of a stream: time is taken when the line has arrived there, in this process, which shares the processors.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say, share

from holdfast.gameday.console import Desk
from holdfast.gameday.processors import used_s
from holdfast.runtime import installing, launching
from holdfast.settings import Installation

PORT_BASE = 18700
CHATS, SECONDS, WARM_S = 200, 60, 5
PAUSE_S = 2.0
"""So that each of two customers writes less often than the desk takes from one in a minute, on a quick machine too."""
PER_S = 10.0
"""Messages in a second in each direction: each customer writes every twenty seconds, and is answered as often."""
TO_SCREEN_MS = "<= 300"
OWN = ("control-chat", "control-web", "door-1", "door-2")
PHRASES = ("I look into it now.", "It takes a few minutes; I stay here.", "Your payment is done, look at the receipt.")


def new_mark() -> str:
    """What a message is known by on a screen: letters only, as the desk lets no number through that could be an account's."""
    return "".join(random.choices("abcdefghjkmnpqrstuvwxyz", k=12))


class Screen:
    """One customer: their cookie, and what has come to their page."""

    def __init__(self, home: Installation, session: aiohttp.ClientSession) -> None:
        self.home, self.session, self.cookie, self.conversation = home, session, "", ""
        self.numbers: list[int] = []
        self.came: dict[str, float] = {}
        self.opened = asyncio.Event()

    async def send(self, words: str, act: str = "say") -> float:
        """Send one message; seconds until it was taken."""
        began = time.monotonic()
        form = {"id": str(uuid.uuid4()), "words": words, "act": act}
        headers = {"Origin": self.home.door_origin, "Cookie": self.cookie, "Accept": "application/json"}
        async with self.session.post(f"{self.home.door_origin}/chat", data=form, headers=headers) as got:
            if got.status != 200:
                raise SystemExit(f"a message was not taken: status {got.status}, {(await got.text())[:200]}")
            self.conversation = (await got.json())["conversation"]
            self.cookie = got.headers["Set-Cookie"].partition(";")[0]
        return time.monotonic() - began

    async def watch(self) -> None:
        """The page's stream, opened again when it ends."""
        while True:
            after = max(self.numbers, default=0)
            url = f"{self.home.door_origin}/chat/stream?after={after}"
            async with self.session.get(
                url, headers={"Cookie": self.cookie}, timeout=aiohttp.ClientTimeout(None)
            ) as got:
                async for raw in got.content:
                    if not raw.startswith(b"data: "):
                        continue
                    self.opened.set()
                    self._take(json.loads(raw[6:]), time.monotonic())
            await asyncio.sleep(1.0)

    def _take(self, news: dict, now: float) -> None:
        for number, markup in news["lines"]:
            if number > max(self.numbers, default=0):
                self.numbers.append(number)
                for mark in markup.split("mark-")[1:]:
                    self.came.setdefault(mark[:12], now)


class Agents:
    """People of support, who answer by what the console's button does, in some threads."""

    def __init__(self, count: int) -> None:
        import django

        django.setup()
        self.threads = ThreadPoolExecutor(4, thread_name_prefix="agent")
        self.of: dict[str, str] = {}
        self.sent: dict[str, float] = {}
        self.lock = threading.Lock()
        self.names = [f"agent-{number}" for number in range(count)]

    def come(self) -> None:
        """Make them, and let each take four chats."""
        from django.utils import timezone

        from holdfast.control.staff.models import Person
        from holdfast.control.support import taking

        for name in self.names:
            person = Person.objects.create(username=name, name=name, role="support", verifier="none")
            taking.be_here(person, True, timezone.now())
            for _ in range(4):
                one, _why = taking.take(person, None, timezone.now())
                if one is not None:
                    self.of[str(one.pk)] = name

    def answer(self, conversation: str) -> None:
        """One answer, checked and kept like every other."""
        from django.utils import timezone

        from holdfast.control.staff.models import Person
        from holdfast.control.support import taking

        mark = new_mark()
        person = Person.objects.get(username=self.of[conversation])
        taking.sign_of_life(person, timezone.now())
        with self.lock:
            self.sent[mark] = time.monotonic()
        words = f"{random.choice(PHRASES)} mark-{mark}"
        checked = taking.answer(person, uuid.UUID(conversation), taking.Draft(uuid.uuid4(), words), timezone.now())
        if checked.problem:
            raise SystemExit(f"an answer was not sent: {checked.problem}")

    def bare(self) -> float:
        """What the machine itself takes for it just now: one row changed and committed; seconds."""
        from django.utils import timezone

        from holdfast.control.support.models import Agent

        began = time.monotonic()
        Agent.objects.filter(person=self.names[0]).update(seen_at=timezone.now())
        return time.monotonic() - began

    def stay(self) -> None:
        """All give a sign of life, as their open pages do."""
        from django.utils import timezone

        from holdfast.control.support.models import Agent

        Agent.objects.filter(person__in=self.names).update(seen_at=timezone.now())


async def the_machine(
    home: Installation, session: aiohttp.ClientSession, agents: Agents, took: dict[str, list[float]], ends: float
) -> None:
    """Beside the chats, twice a second: a page that the door has at hand, and a bare commit. What they take is the
    machine's share of what a message takes, which crosses two processes and waits for a commit as they do."""
    loop = asyncio.get_running_loop()
    while time.monotonic() < ends:
        began = time.monotonic()
        async with session.get(f"{home.door_origin}/genuine") as got:
            await got.read()
        hop = time.monotonic() - began
        took["bare"].append(2 * hop + await loop.run_in_executor(agents.threads, agents.bare))
        await asyncio.sleep(0.5)


async def through_the_console(
    home: Installation, screens: list[Screen], took: dict[str, list[float]], ends: float
) -> None:
    """Two people at the console: one answers by its button, its open page hears what the customer writes."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        desks = [Desk(home, session, name) for name in ("support", "manager")]
        for desk, screen in zip(desks, screens, strict=True):
            await desk.log_in()
            await desk.press(f"/support/{screen.conversation}/take", {})
        for number in range(10_000):
            if time.monotonic() > ends:
                return
            desk, screen = desks[number % 2], screens[number % 2]
            mark = new_mark()
            began = time.monotonic()
            form = {"said": str(uuid.uuid4()), "words": f"I look into it now. mark-{mark}"}
            status, _, _ = await desk.press(f"/support/{screen.conversation}/answer", form)
            if status != 302:
                raise SystemExit(f"the console did not send an answer: status {status}")
            while mark not in screen.came:
                await asyncio.sleep(0.005)
            took["console to screen"].append(screen.came[mark] - began)
            seen = max(screen.numbers)
            listens = asyncio.create_task(_hear(desk, screen.conversation, seen))
            await asyncio.sleep(0.3)
            began = time.monotonic()
            await screen.send("And what about my rent?")
            took["customer to console"].append(await listens - began)
            await asyncio.sleep(PAUSE_S)


async def _hear(desk: Desk, conversation: str, after: int) -> float:
    """When the agent's open page has the customer's line."""
    version = 0
    while True:
        news = json.loads(await desk.look(f"/support/{conversation}/news.json?after={after}&version={version}"))
        if 'data-who="customer"' in news["lines"]:
            return time.monotonic()
        version = news["version"]


async def measure(home: Installation) -> list[Figure]:
    """All at once, for a minute."""
    took: dict[str, list[float]] = defaultdict(list)
    connector = aiohttp.TCPConnector(limit=0)
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as session:
        screens = [Screen(home, session) for _ in range(CHATS + 2)]
        for one in screens:
            took["begun"].append(await one.send("Where is my payment of this morning?", "say-person"))
        say(f"{len(screens)} chats wait")
        agents = Agents(CHATS // 4)
        console, plain = screens[-2:], screens[:-2]  # the last in the queue are left over for the console
        watching = [asyncio.create_task(one.watch()) for one in screens]
        await asyncio.gather(*(one.opened.wait() for one in screens))
        await loop.run_in_executor(agents.threads, agents.come)
        taken = [one for one in plain if one.conversation in agents.of]
        say(f"{len(taken)} chats have somebody who answers")
        until = time.monotonic() + WARM_S + SECONDS
        by_console = asyncio.create_task(through_the_console(home, console, took, until))
        beside = asyncio.create_task(the_machine(home, session, agents, took, until))
        await asyncio.sleep(WARM_S)
        before, began = used_s(home), time.monotonic()
        answers = []
        for number in range(10_000):
            if time.monotonic() > until:
                break
            answers.append(loop.run_in_executor(agents.threads, agents.answer, random.choice(taken).conversation))
            took["taken"].append(await random.choice(taken).send("And what about my rent?"))
            if number % 100 == 0:
                await loop.run_in_executor(agents.threads, agents.stay)
            await asyncio.sleep(max(0.0, began + (number + 1) / PER_S - time.monotonic()))
        await asyncio.gather(*answers)
        took_s, after = time.monotonic() - began, used_s(home)
        await by_console
        await beside
        await asyncio.sleep(3)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    came = {mark: at for one in screens for mark, at in one.came.items()}
    waits = [came[mark] - at for mark, at in agents.sent.items() if mark in came]
    holes = sum(one.numbers != list(range(one.numbers[0], one.numbers[-1] + 1)) for one in screens if one.numbers)
    return [
        Figure("chats open at once, each with a stream", len(screens), ""),
        Figure("answers sent in a second", len(agents.sent) / took_s, "/s"),
        Figure("answer to screen, p50", share([one * 1000 for one in waits], 50), "ms"),
        Figure("answer to screen, p95", share([one * 1000 for one in waits], 95), "ms", TO_SCREEN_MS),
        Figure("answer to screen, p99", share([one * 1000 for one in waits], 99), "ms"),
        Figure("two hops and a commit with nothing in them, p95", share([one * 1000 for one in took["bare"]], 95), "ms"),
        Figure("answer to screen beside that, p95", share(waits, 95) / share(took["bare"], 95), "times"),
        Figure("answers that came to no screen", len(agents.sent) - len(waits), "", "<= 0"),
        Figure("screens with a line missing", holes, "", "<= 0"),
        Figure("by the console's button to screen, p95", share([1000 * one for one in took["console to screen"]], 95),
               "ms", TO_SCREEN_MS),
        Figure("customer to the agent's screen, p95", share([1000 * one for one in took["customer to console"]], 95),
               "ms", TO_SCREEN_MS),
        Figure("a customer's message taken, p95", share([1000 * one for one in took["taken"]], 95), "ms"),
        Figure("a chat begun, p95", share([1000 * one for one in took["begun"]], 95), "ms"),
        *(Figure(f"  {name}", (after[name] - before[name]) / took_s * 100, "% of a core") for name in OWN),
    ]  # fmt: skip


def main() -> int:
    """Make the bank, measure, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT_BASE)
    port = parser.parse_args().port
    data = Path(tempfile.mkdtemp(prefix="holdfast-bench-chat-"))
    (data / installing.DEMO_MARK).touch()
    child, home = launching.launch(data, port)
    os.environ.update(HOLDFAST_DATA=str(data), DJANGO_SETTINGS_MODULE="holdfast.control.django_settings")
    try:
        launching.module(home, "holdfast.bank", "fill", "--customers", "20", "--seed", "1")
        launching.wait_until_served(home)
        say("the installation is up")
        return keep("chat", asyncio.run(measure(home)))
    finally:
        launching.end(child, data)
        installing.remove_demo(data)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
