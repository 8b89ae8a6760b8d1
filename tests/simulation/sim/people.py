"""Customers, one of them an adversary; the clearing; the responders; and what goes wrong."""

import uuid
from collections.abc import Callable
from typing import Any

from holdfast.contracts import ids
from holdfast.contracts.answers import OUTCOME_HEADER
from holdfast.contracts.epochs import Mode
from holdfast.contracts.journal import Payment
from holdfast.edge.carrying import Without
from holdfast.edge.procedures import Answer
from sim.kernel import Ask, Kernel, Lost, Node, Sleep, Task
from sim.primary import Primary
from sim.standin import Standin
from sim.town import COHORTS, SETTLEMENT, Content, Town, content_of

DOORS = ("door-1", "door-2")
TRIES_MAX = 200


class People(Node):
    """Everybody outside the bank; never killed."""

    def __init__(self, kernel: Kernel, town: Town) -> None:
        super().__init__("people", kernel)
        self.town = town
        self.waiting: list[Payment] = []
        self.births: dict[uuid.UUID, int] = {}
        self.forms: dict[Content, tuple[Any, ...]] = {}
        """What was sent last of each payment."""
        self.unsigned_share = kernel.random.choice([0.0, 0.1, 0.1, 0.5])
        """Ids made by API clients, and forms that lost it: nothing says in which epoch a bank made the id."""

    def _ident(self) -> uuid.UUID:
        return uuid.UUID(int=self.kernel.random.getrandbits(128), version=4)

    def pay_at(self, at: float, debit: int, credit: int, amount: int) -> None:
        """A customer pays once at an instant."""
        payment = self.town.payment("payment", (debit, credit), amount, self._ident(), "form")
        self.kernel.at(at, lambda: self.kernel.spawn(self, self._pay(payment)))

    def attack_at(self, at: float, debit: int, credit: int) -> None:
        """The adversary: all the money to a friend, at both doors at once, with one id and with several."""
        luck, amount = self.kernel.random, 200
        one = self._ident()
        for number in range(luck.randint(2, 6)):
            ident = one if luck.random() < 0.4 else self._ident()
            value = amount if luck.random() < 0.7 else luck.randint(1, 200)
            payment = self.town.payment("payment", (debit, credit), value, ident, "form")
            self.kernel.at(
                at + luck.uniform(0, 0.6),
                lambda p=payment, d=DOORS[number % 2]: self.kernel.spawn(self, self._pay(p, d)),
            )

    def two_tabs_at(self, at: float, debit: int, credit: int, door: str) -> None:
        """A form that one door gave is sent by both at once."""
        payment = self.town.payment("payment", (debit, credit), 200, self._ident(), "form")
        self.kernel.at(at, lambda: self.kernel.spawn(self, self._pay(payment, door, twice=True)))

    def come_back(self) -> None:
        """Some of those who were told a refusal send the very same form again."""
        told = [form for content, form in self.forms.items() if "refused" in self.town.told.get(content, ())]
        for form in self.kernel.random.sample(told, min(len(told), 3)):
            self.kernel.spawn(self, self._once(self.kernel.random.choice(DOORS), form))

    def _pay(self, payment: Payment, first_door: str = "", twice: bool = False) -> Task:
        """Open a form, send it until there is a final answer, from one door or the other; sometimes twice at once."""
        self.waiting.append(payment)
        luck = self.kernel.random
        cohort = payment.cohort
        birth = 0
        for _ in range(TRIES_MAX):
            try:
                row = yield Ask(first_door or luck.choice(DOORS), "row", (cohort,), 1.0)
            except Lost:
                row = None
            if row is not None:
                # A bank signs an id once, when it makes it, so before anybody uses it; some are sent without.
                signed = self.births.setdefault(payment.id, row.epoch)
                birth = 0 if luck.random() < self.unsigned_share else signed
                break
            yield Sleep(0.2)
        what = self.forms[content_of(payment)] = ("/pay", payment, birth, cohort, cohort)
        if twice:
            self.kernel.spawn(self, self._once(DOORS[first_door == DOORS[0]], what))
        if luck.random() < 0.4:
            yield Sleep(luck.uniform(0, 3))  # the form stays open for a while
        patience_s = luck.choice([0.2, 0.2, 0.2, 2.5])
        for attempt in range(TRIES_MAX):
            door = first_door if first_door and attempt == 0 else luck.choice(DOORS)
            if luck.random() < 0.1:
                self.kernel.spawn(self, self._once(luck.choice(DOORS), what))
            yield from self._once(door, what)
            if self.town.final(payment) or payment not in self.waiting:
                break
            yield Sleep(patience_s + luck.uniform(0, 1.3 + patience_s))
        if luck.random() < 0.25:  # the form is sent once more, much later: a reload, or the way back
            self.kernel.at(luck.uniform(0.2, 7), lambda: self.kernel.spawn(self, self._once(luck.choice(DOORS), what)))
        if payment in self.waiting:
            self.waiting.remove(payment)
        again = "refused" in self.town.told.get((payment.id, payment.debit, payment.credit, payment.amount_minor), ())
        if again and luck.random() < 0.5 and not self.kernel.calm:
            self.pay_at(0.1, payment.debit, payment.credit, payment.amount_minor)

    def _once(self, door: str, what: tuple[Any, ...]) -> Task:
        payment = what[1]
        try:
            answer = yield Ask(door, "request", what, 6.0)
        except Lost:
            return
        self._hear(payment, answer, door)

    def _hear(self, payment: Payment, answer: Any, door: str) -> None:
        if answer is Without.REFUSED_BEFORE:
            self.town.tell(payment, "refused", door)
        if not isinstance(answer, Answer):
            return
        outcome = answer.headers.get(OUTCOME_HEADER, "").partition(" ")[0]
        if outcome == "done":
            self.town.tell(payment, "done", f"{answer.bank} through {door}")
        elif outcome.startswith("refused"):
            self.town.tell(payment, "refused", f"{answer.bank} through {door} ({outcome})")
        elif outcome == "conflict" and payment in self.waiting:
            self.waiting.remove(payment)  # the form was used before: answered, and nothing is said of the payment

    def file_at(self, at: float, lines: list[tuple[int, int]]) -> None:
        """The clearing sends a file and repeats it until it is taken; each line here is a file of one line."""
        for number, (account, amount) in enumerate(lines, 1):
            ident = ids.file_line_id("CLEARING", f"F{int(at * 1000)}", number, str(number))
            payment = self.town.payment("salary", (SETTLEMENT, account), amount, ident, f"file:{number}")
            self.kernel.at(at, lambda p=payment: self.kernel.spawn(self, self._send_file(p)))

    def _send_file(self, payment: Payment) -> Task:
        self.waiting.append(payment)
        for _ in range(TRIES_MAX):
            try:
                answer = yield Ask(
                    self.kernel.random.choice(DOORS), "request", ("/clearing/pacs.008", payment, 0, -1), 8.0
                )
            except Lost:
                answer = None
            if isinstance(answer, Answer) and answer.status == 200:
                self.town.tell(payment, "done", f"{answer.bank} (file)")
                break
            yield Sleep(self.kernel.random.uniform(0.5, 2))
        self.waiting.remove(payment)


class Faults:
    """What goes wrong, drawn from the seed; and the responders who put it right."""

    def __init__(self, people: People, primary: Primary, standin: Standin, doors: list[Node]) -> None:
        self.kernel, self.town, self.people = people.kernel, people.town, people
        self.primary, self.standin, self.doors = primary, standin, doors

    def plan(self, seconds: float) -> None:
        """Draw the network's manners and the faults of one run."""
        luck, kernel = self.kernel.random, self.kernel
        kernel.lose_share = luck.choice([0, 0, 0.02, 0.1])
        kernel.repeat_share = luck.choice([0, 0.05, 0.2])
        kernel.late_share = luck.choice([0, 0.02, 0.1])
        kernel.corrupt_share = luck.choice([0, 0, 0.1])
        works, weights = self._kinds()
        for _ in range(luck.randint(2, 7)):
            work = luck.choices(works, weights)[0]
            kernel.at(luck.uniform(0.5, seconds), work)
        for at in range(1, int(seconds) + 1):
            kernel.at(at + luck.uniform(0, 1), self._hand_back)

    def _kinds(self) -> tuple[list[Callable[[], None]], list[int]]:
        """What may go wrong in this run, and how often: half the runs draw a few kinds only, so that each of these
        comes often and in rows (swarm testing: Groce and others, ISSTA 2012)."""
        luck = self.kernel.random
        kinds = [
            (self._kill_primary, 5), (self._pause_primary, 3), (self._kill_standin, 3), (self._kill_door, 3),
            (self._pause_door, 2), (self._cut, 3), (self._cut_feed, 2), (self._clock, 1), (self._lose_register, 1),
            (self._force, 2), (self._move, 2), (self._storm, 1), (self._burn, 1), (self._tabs, 1), (self._deaf, 1),
        ]  # fmt: skip
        if luck.random() < 0.5:
            kinds = [(kind, 1) for kind, _ in luck.sample(kinds, luck.randint(2, 5))]
        return [kind for kind, _ in kinds], [weight for _, weight in kinds]

    def _later(self, node: Node, words: str, back_s: float) -> None:
        self.kernel.tell(f"fault: {node.name} {words} for {back_s:.1f} s")

    def _kill_primary(self) -> None:
        back = self.kernel.random.uniform(0.3, 6)
        self._later(self.primary, "is killed", back)
        self.primary.kill()
        self.kernel.at(back, self.primary.restart)

    def _pause_primary(self) -> None:
        back = self.kernel.random.uniform(0.5, 5)
        self._later(self.primary, "is stopped", back)
        self.primary.pause()
        self.kernel.at(back, self.primary.resume)

    def _kill_standin(self) -> None:
        back = self.kernel.random.uniform(0.3, 4)
        self.standin.power_loss = self.kernel.random.choice([0, 0, 2])
        self._later(self.standin, f"is killed (the copy loses {self.standin.power_loss} blocks)", back)
        self.standin.kill()
        self.kernel.at(back, self.standin.restart)

    def _kill_door(self) -> None:
        door, back = self.kernel.random.choice(self.doors), self.kernel.random.uniform(0.2, 2)
        self._later(door, "is killed", back)
        door.kill()
        self.kernel.at(back, door.restart)

    def _pause_door(self) -> None:
        """What a door was told before it stopped, it acts on when others have long gone on."""
        door, back = self.kernel.random.choice(self.doors), self.kernel.random.uniform(0.3, 4)
        self._later(door, "is stopped", back)
        door.pause()
        self.kernel.at(back, door.resume)

    def _storm(self) -> None:
        """The feed stops, the adversary spends; the bank falls, the adversary spends; the spare bank falls, and again."""
        luck, kernel = self.kernel.random, self.kernel
        kernel.tell("fault: a storm: feed, bank and spare bank fall one after the other, and the adversary knows it")
        debit = luck.choice([1, 3])
        ways = {("primary", "standin"), ("standin", "primary")}
        kernel.cut |= ways
        kernel.at(luck.uniform(4, 7), lambda: kernel.cut.difference_update(ways))
        for at, fault in ((0.6, self._kill_primary), (2.2, self._kill_standin), (4.8, self._kill_standin)):
            self.people.attack_at(at - 0.5, debit, luck.choice([2, 4]))
            kernel.at(at, fault)
        self.people.attack_at(6.5, debit, 2)

    def _spend_unseen(self) -> int:
        """Money is spent at the main bank, and the spare bank does not hear of it: the account."""
        luck = self.kernel.random
        debit = luck.choice([1, 3])
        self._cut_ways([("primary", "standin"), ("standin", "primary")], luck.uniform(4, 8))
        self.people.pay_at(0.05, debit, luck.choice([2, 4]), 200)
        return debit

    def _tabs(self) -> None:
        """One door alone loses the main bank and trips; what is opened there is sent by both doors at once."""
        luck, debit = self.kernel.random, self._spend_unseen()
        door = luck.choice(DOORS)
        self.kernel.at(0.7, lambda: self._cut_ways([(door, "primary"), ("primary", door)], luck.uniform(1, 4)))
        for _ in range(luck.randint(2, 5)):
            self.people.two_tabs_at(0.8 + luck.uniform(0, 2.5), debit, luck.choice([2, 4]), door)

    def _deaf(self) -> None:
        """The main bank hears, and nobody hears it: what it refused is taken by the spare bank. Then the register is lost;
        sometimes the spare bank as well, and people force customers back."""
        luck, debit = self.kernel.random, self._spend_unseen()
        self.kernel.at(0.6, lambda: self._cut_ways([("primary", door) for door in DOORS], luck.uniform(0.8, 4)))
        for _ in range(luck.randint(1, 3)):
            self.people.pay_at(luck.uniform(0.65, 1.0), debit, luck.choice([2, 4]), 200)
        self.kernel.at(luck.uniform(1.8, 3.5), self._lose_register)
        if luck.random() < 0.6:
            self.kernel.at(luck.uniform(3, 5), self._force)

    def _burn(self) -> None:
        """The feed stops; a little later the main bank falls or freezes, and the register is lost with it."""
        self._cut_feed()
        fall = self.kernel.random.choice([self._kill_primary, self._pause_primary])
        at = self.kernel.random.uniform(0.3, 1.5)
        self.kernel.at(at, fall)
        self.kernel.at(at + self.kernel.random.uniform(0, 0.5), self._lose_register)

    def _cut(self) -> None:
        names = ["primary", "standin", *DOORS]
        one, other = self.kernel.random.sample(names, 2)
        ways = [(one, other)] if self.kernel.random.random() < 0.5 else [(one, other), (other, one)]
        self._cut_ways(ways)

    def _cut_feed(self) -> None:
        """The spare bank's copy grows old, and the journal is not read."""
        self._cut_ways([("primary", "standin"), ("standin", "primary")])

    def _cut_ways(self, ways: list[tuple[str, str]], seconds: float = 0.0) -> None:
        self.kernel.tell(f"fault: cut {ways}")
        self.kernel.cut |= set(ways)
        self.kernel.at(seconds or self.kernel.random.uniform(0.5, 5), lambda: self.kernel.cut.difference_update(ways))

    def _clock(self) -> None:
        node: Node = self.kernel.random.choice([self.primary, self.standin, *self.doors])
        node.clock_skew_s += self.kernel.random.choice([-60.0, 3.0, 600.0])
        self.kernel.tell(f"fault: the clock of {node.name} jumps; it is off by {node.clock_skew_s:.0f} s")

    def _lose_register(self) -> None:
        self.kernel.tell("fault: the register is lost")
        self.town.register = None

    def _move(self) -> None:
        if self.town.register is not None:
            self.town.register.orders.append(("standin_on", [self.kernel.random.randrange(COHORTS)]))

    def _force(self) -> None:
        """Two people force customers back while the spare bank is down for long."""
        if self.standin.up:
            self.standin.kill()
            self.kernel.at(self.kernel.random.uniform(4, 9), self.standin.restart)
        self.kernel.tell("fault: the spare bank is lost, people force customers back")
        self.kernel.at(2.0, lambda: self.town.register and self.town.register.orders.append(("force_primary", None)))

    def _hand_back(self) -> None:
        register = self.town.register
        if register is None or register.orders or not self.primary.up or self.primary.paused:
            return
        away = [row.cohort for row in register.rows_now if row.mode is Mode.STANDIN]
        if away:
            some = away if self.kernel.random.random() < 0.5 else [self.kernel.random.choice(away)]
            register.orders.append(("hand_back", some))
            if not self.kernel.calm:
                self.kernel.at(self.kernel.random.uniform(0.2, 2), self.people.come_back)

    def stop(self) -> None:
        """All faults stop; people hand back what is away, again and again."""
        self.kernel.calm = True
        self.kernel.cut.clear()
        for node in (self.primary, self.standin, *self.doors):
            node.resume()
            self.kernel.at(0.1, node.restart)
        self._again()

    def _again(self) -> None:
        self._hand_back()
        self.kernel.at(1.0, self._again)
