"""Time, processes and network of the simulation. Everything random comes from one seed, so a run can be repeated.

A task is a generator that belongs to one incarnation of a node: it yields Sleep, Ask or Until and dies with the
node. Messages may be late, lost, repeated, out of order, cut one way, or changed on the way.
"""

import heapq
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

Task = Generator[Any, Any, Any]


class Lost(Exception):
    """No answer came: refused at once (quick), or not within the time."""

    def __init__(self, quick: bool = False) -> None:
        super().__init__("refused" if quick else "no answer in time")
        self.quick = quick


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait, in seconds of the simulation."""

    s: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Call a handler of another node; gives its result, raises Lost."""

    node: str
    handler: str
    arguments: tuple[Any, ...]
    wait_s: float


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until it is true, looked at every step_s, at most wait_s; gives whether it became true."""

    done: Callable[[], bool]
    wait_s: float
    step_s: float = 0.05


@dataclass
class Node:
    """One process. Its handlers are methods named on_…; what it must not lose lies outside it."""

    name: str
    kernel: "Kernel"
    up: bool = True
    paused: bool = False
    life: int = 0
    clock_skew_s: float = 0.0
    held: list[Callable[[], None]] = field(default_factory=list)

    def now(self) -> float:
        """This process's own clock."""
        return self.kernel.now + self.clock_skew_s

    def now_us(self) -> int:
        """The same in microseconds since an arbitrary day."""
        return int((1_000_000_000 + self.now()) * 1e6)

    def start(self) -> None:
        """Begin a new life: read what is durable, spawn the background tasks."""

    def kill(self) -> None:
        """End at once; what was in memory is gone."""
        self.up, self.paused = False, False
        self.life += 1
        self.held.clear()

    def restart(self) -> None:
        """Start again after a kill."""
        if not self.up:
            self.up = True
            self.start()

    def pause(self) -> None:
        """Stop without ending (SIGSTOP)."""
        self.paused = self.up

    def resume(self) -> None:
        """Go on where it was; what was due happens now."""
        if self.paused:
            self.paused = False
            held, self.held = self.held, []
            for work in held:
                self.kernel.at(self.kernel.random.uniform(0, 0.01), work)


class Kernel:
    """The event loop. `at` schedules; `spawn` runs a task of a node."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = 0.0
        self.nodes: dict[str, Node] = {}
        self.calm = False
        self.lose_share = 0.0
        self.repeat_share = 0.0
        self.late_share = 0.0
        self.corrupt_share = 0.0
        self.cut: set[tuple[str, str]] = set()
        self.steps = 0
        self.story: list[str] | None = None
        self.after_step: Callable[[], None] = lambda: None
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def tell(self, words: str) -> None:
        """A line of the story, kept only when a seed is replayed alone."""
        if self.story is not None:
            self.story.append(f"{self.now:8.3f}  {words}")

    def at(self, delay_s: float, work: Callable[[], None]) -> None:
        """Do this in delay_s."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + delay_s, self._count, work))

    def run(self, until: float, steps_max: int = 2_000_000) -> None:
        """Let it happen up to an instant."""
        while self._queue and self._queue[0][0] <= until and self.steps < steps_max:
            at, _, work = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            self.steps += 1
            work()
            self.after_step()
        self.now = max(self.now, until)

    def spawn(self, node: Node, task: Task, done: Callable[[Any, Exception | None], None] | None = None) -> None:
        """Run a task of this life of the node; done gets its result, or what it raised if that was Lost."""
        life = node.life

        def step(value: Any, trouble: Exception | None) -> None:
            if node.life != life or not node.up:
                task.close()
                return
            if node.paused:
                node.held.append(lambda: step(value, trouble))
                return
            try:
                wanted = task.throw(trouble) if trouble else task.send(value)
            except StopIteration as ended:
                if done:
                    done(ended.value, None)
                return
            except Lost as error:
                if done:
                    done(None, error)
                return
            self._carry_out(node, wanted, step)

        self.at(0.0, lambda: step(None, None))

    def _carry_out(self, node: Node, wanted: Any, step: Callable[[Any, Exception | None], None]) -> None:
        match wanted:
            case Sleep(s):
                self.at(s, lambda: step(None, None))
            case Until():
                self._look(wanted, self.now + wanted.wait_s, step)
            case Ask():
                self._ask(node, wanted, step)
            case _:
                raise TypeError(f"a task yielded {wanted!r}")

    def _look(self, until: Until, end: float, step: Callable[[Any, Exception | None], None]) -> None:
        if until.done():
            step(True, None)
        elif self.now >= end:
            step(False, None)
        else:
            self.at(until.step_s, lambda: self._look(until, end, step))

    def _delay(self) -> float:
        late = not self.calm and self.random.random() < self.late_share
        return self.random.uniform(0.2, 2.5) if late else self.random.uniform(0.0005, 0.01)

    def _passes(self, source: str, target: str) -> bool:
        if (source, target) in self.cut:
            return False
        return self.calm or self.random.random() >= self.lose_share

    def _ask(self, node: Node, ask: Ask, step: Callable[[Any, Exception | None], None]) -> None:
        target = self.nodes[ask.node]
        answered = [False]

        def finish(value: Any, trouble: Exception | None) -> None:
            if not answered[0]:
                answered[0] = True
                step(value, trouble)

        def back(value: Any, trouble: Exception | None) -> None:
            if self._passes(ask.node, node.name):
                self.at(self._delay(), lambda: finish(value, trouble))

        def arrive() -> None:
            if not target.up:
                back(None, Lost(quick=True))
            elif target.paused:
                target.held.append(arrive)
            else:
                handler: Callable[..., Task] = getattr(target, "on_" + ask.handler)
                self.spawn(target, handler(*ask.arguments), back)

        self.at(ask.wait_s, lambda: finish(None, Lost()))
        if self._passes(node.name, ask.node):
            self.at(self._delay(), arrive)
            if not self.calm and self.random.random() < self.repeat_share:
                self.at(self._delay(), arrive)
