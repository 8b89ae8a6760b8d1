"""One run of the simulation: a town, its faults, the invariants in every state, and the end when faults stop."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from holdfast.bank.errors import BankError
from holdfast.contracts import ids
from holdfast.contracts.epochs import Mode
from holdfast.edge.errors import DoorError
from holdfast.ledger.api import Post
from holdfast.standin.errors import StandinError
from sim.doors import Door
from sim.kernel import Kernel
from sim.people import Faults, People
from sim.primary import Primary
from sim.standin import Standin
from sim.town import (
    ABROAD,
    ACCOUNTS,
    COHORTS,
    LEAST_WORTH,
    LIMIT_MINOR,
    OPENING_MINOR,
    RATES,
    SETTLEMENT,
    SETTLEMENT_EUR,
    Content,
    Town,
    content_of,
)

CHAOS_S = 14.0
SETTLE_S = 90.0


CRASHES = (BankError, StandinError, DoorError, ValueError, KeyError)


class Broken(Exception):
    """An invariant does not hold; the text begins with its name."""


@dataclass
class Ran:
    """What came of one seed."""

    seed: int
    broken: str = ""
    steps: int = 0
    payments: int = 0
    overspent_minor: int = 0
    story: list[str] = field(default_factory=list)


class World:
    """All processes of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.kernel = Kernel(seed)
        self.town = Town(self.kernel)
        self.primary = Primary(self.kernel, self.town)
        self.standin = Standin(self.kernel, self.town)
        self.doors = [Door(self.kernel, name, self.town) for name in ("door-1", "door-2")]
        self.people = People(self.kernel, self.town)
        self.faults = Faults(self.people, self.primary, self.standin, list(self.doors))
        for node in (self.primary, self.standin, *self.doors, self.people):
            self.kernel.nodes[node.name] = node
        self.overspent = 0
        self._seen = (0, 0)

    def run(self) -> None:
        """Play the seed; raises Broken."""
        self._open()
        self.kernel.after_step = self._check
        luck = self.kernel.random
        for account in ACCOUNTS:
            for _ in range(luck.randint(1, 4)):
                to = luck.choice([other for other in ACCOUNTS if other != account])
                self.people.pay_at(luck.uniform(0, CHAOS_S - 3), account, to, luck.choice([20, 90, 150, 250]))
        for _ in range(luck.randint(0, 3)):
            self.people.attack_at(luck.uniform(0, CHAOS_S - 3), luck.choice([1, 3]), luck.choice([2, 4]))
        for _ in range(luck.randint(0, 2)):
            self.town.plan_order(luck.uniform(0, CHAOS_S), luck.choice([1, 3]), luck.choice([2, 4]), 60)
        if luck.random() < 0.5:
            self.people.file_at(luck.uniform(0, CHAOS_S), [(1, 70), (3, 80)])
        self._abroad()
        self.faults.plan(CHAOS_S)
        self.kernel.run(CHAOS_S)
        self._settle()
        self._check_end()

    def _abroad(self) -> None:
        """Payments in euro, to and fro, and lists of rates that come between them."""
        luck = self.kernel.random
        one, other = ABROAD
        for _ in range(luck.randint(0, 6)):
            debit, credit = luck.choice([(one, other), (other, one)])
            self.people.pay_at(luck.uniform(0, CHAOS_S - 3), debit, credit, luck.choice([20, 60, 150, 200]))
        for _ in range(luck.randint(0, 3)):
            self.kernel.at(luck.uniform(0, CHAOS_S), self._new_rate)

    def _new_rate(self) -> None:
        rate = self.kernel.random.choice(RATES)
        self.kernel.tell(f"a list of rates: a krone is {rate} euro")
        self.town.rate = rate
        self.standin.hear_rate()

    def _open(self) -> None:
        self.primary.books.open(self.town.opening())
        posts = [
            Post(UUID(int=account), settlement, account, OPENING_MINOR, currency, "opening", date(2026, 3, 1), cohort,
                 2**62, "deposit", source="journal")
            for accounts, settlement, currency in ((ACCOUNTS, SETTLEMENT, "NOK"), (ABROAD, SETTLEMENT_EUR, "EUR"))
            for account, cohort in accounts.items()
        ]  # fmt: skip
        self.primary.books.post_many(posts)
        for node in (self.primary, self.standin, *self.doors):
            node.start()
        self.kernel.run(0.5)

    def _settle(self) -> None:
        self.faults.stop()
        self.kernel.tell("faults stop")
        end = self.kernel.now + SETTLE_S
        while not self._settled():
            if self.kernel.now >= end:
                raise Broken(f"I8 does not settle: {self._unsettled()}")
            self.kernel.run(self.kernel.now + 1.0)

    def _settled(self) -> bool:
        return not self._unsettled()

    def _unsettled(self) -> str:
        register = self.town.register
        if register is None:
            return "no register"
        if any(row.mode is not Mode.PRIMARY or row.forced for row in register.rows_now):
            return f"rows {register.rows_now}"
        if self.people.waiting:
            return f"{len(self.people.waiting)} people wait for an answer"
        if self.primary.position[0] < self.standin.journal.number:
            return "the journal is not entered"
        slowest = min(self.primary.now(), self.standin.now())  # an order is due by the clock of the bank that runs it
        untold = [p for p in self.town.orders_due(slowest) if not self.town.final(p)]
        return f"orders not told: {untold}" if untold else ""

    # invariants
    def _check(self) -> None:
        state = (len(self.primary.books.blocks), self.standin.journal.synced)
        if state == self._seen and not self.town.dirty:
            return
        self._seen, self.town.dirty = state, False
        accepted = self._accepted()
        self._check_told(accepted)
        self._check_money(accepted)
        for (cohort, epoch), banks in self._writers().items():
            if len(banks) > 1:
                raise Broken(f"I7 cohort {cohort}, epoch {epoch:x}: written by {sorted(banks)}")
        returned, self.town.returned = self.town.returned, []
        for row, position in returned:
            for content, number in accepted.values():
                if number > position:
                    continue
                mine = row.cohort in (ACCOUNTS.get(content[1]), ACCOUNTS.get(content[2]))
                if mine and not self._is_booked(content):
                    raise Broken(f"I10 {content[0].hex[:6]} is not in the books at the return of cohort {row.cohort}")

    def _accepted(self) -> dict[int, tuple[Content, int]]:
        entries = self.standin.journal.durable()
        return {one.number: (content_of(one.payment()), one.number) for one in entries if one.kind == "accept"}

    def _bookings(self, content: Content) -> int:
        """How many transfers stand for this content: under its id, or under that of a journal entry in conflict."""
        books = self.primary.books.transfers
        count = 0
        numbers = [n for n, (one, _) in self._accepted().items() if one == content]
        for ident in [content[0], *(ids.journal_conflict_id(number) for number in numbers)]:
            found = books.get(ident)
            if found is None:
                continue
            item = found[0]
            same = (item.debit, item.credit, item.amount_minor) == content[1:]
            count += same or item.journal_number in numbers
        return count

    def _is_booked(self, content: Content) -> bool:
        return self._bookings(content) > 0

    def _check_told(self, accepted: dict[int, tuple[Content, int]]) -> None:
        taken = {content for content, _ in accepted.values()}
        for content, said in self.town.told.items():
            name = f"{content[0].hex[:6]} ({content[3]} from {content[1]} to {content[2]})"
            if {"done", "refused"} <= said:
                raise Broken(f"I3 {name} was told done and refused")
            bookings = self._bookings(content)
            if "refused" in said and bookings:
                raise Broken(f"I2 {name} was told refused and is booked")
            if "refused" in said and content in taken:
                raise Broken(f"I2 {name} was told refused and is accepted in the journal")
            if "done" in said and not bookings and content not in taken:
                raise Broken(f"I1 {name} was told done and is nowhere durable")
            if bookings > 1:
                raise Broken(f"I4 {name} is booked {bookings} times")

    def _check_money(self, accepted: dict[int, tuple[Content, int]]) -> None:
        books = self.primary.books
        twice = [ident.hex[:6] for ident, times in books.entered.items() if times > 1]
        if twice:
            raise Broken(f"I4 entered more than once: {twice}")
        if sum(state.balance_minor for state in books.accounts_now.values()):
            raise Broken("I4 the balances do not sum to zero")
        unreplayed = [content for content, _ in accepted.values() if not self._is_booked(content)]
        for account in ACCOUNTS:
            out = sum(amount for _, debit, _, amount in unreplayed if debit == account)
            into = sum(amount for _, _, credit, amount in unreplayed if credit == account)  # theirs to spend at once
            left = books.accounts_now[account].balance_minor - out + into
            self.overspent = max(self.overspent, -left)
            if left < -LIMIT_MINOR:
                raise Broken(f"I6 account {account} is overspent by {-left}, beyond {LIMIT_MINOR}")
        self._check_values(unreplayed)

    def _check_values(self, unreplayed: list[Content]) -> None:
        """What is out of a cohort in all currencies stays within its limit; what waits counts as its entry says."""
        for cohort in range(COHORTS):
            out = sum(
                amount * (LEAST_WORTH if debit in ABROAD else 1)
                for _, debit, _, amount in unreplayed
                if (ACCOUNTS | ABROAD).get(debit) == cohort
            )
            if out > LIMIT_MINOR:
                raise Broken(f"I6 cohort {cohort} has {float(out)} out, beyond {LIMIT_MINOR}")
        for one in self.standin.view.judging.entries.values() if self.standin.up else ():
            kept = self.standin.journal.entries[one.number - 1].body["value_minor"]
            if one.value_minor != kept:
                raise Broken(f"I6 entry {one.number} was taken at {kept} and counts as {one.value_minor}")

    def _writers(self) -> dict[tuple[int, int], set[str]]:
        out = {key: set(banks) for key, banks in self.primary.books.wrote.items()}
        for key, banks in self.standin.wrote.items():
            out.setdefault(key, set()).update(banks)
        return out

    def _check_end(self) -> None:
        for content, said in self.town.told.items():
            if "done" in said and not self._is_booked(content):
                raise Broken(f"I1 {content[0].hex[:6]} was told done and is not booked at the end")
        runs: dict[str, int] = {}
        for transfer, _ in self.primary.books.transfers.values():
            if transfer.kind == "order":
                key = f"{transfer.debit}>{transfer.credit}:{transfer.cause if 'order:' in transfer.cause else ''}"
                runs[key] = runs.get(key, 0) + 1
        booked = sum(transfer.kind == "order" for transfer, _ in self.primary.books.transfers.values())
        if booked > len(self.town.orders):
            raise Broken(f"I5 {booked} orders ran, {len(self.town.orders)} were given: {runs}")
        for entry in self.standin.journal.durable():
            if entry.kind == "accept" and not self._is_booked(content_of(entry.payment())):
                raise Broken(f"I10 journal entry {entry.number} is not in the books at the end")


Mutation = Callable[[], AbstractContextManager[object]]


def run_seed(seed: int, tell: bool = False, mutation: Mutation = nullcontext) -> Ran:
    """Play one seed, under a mutation or none; what broke, if anything, in words."""
    with mutation():
        world = World(seed)
        if tell:
            world.kernel.story = []
        ran = Ran(seed)
        try:
            world.run()
        except Broken as error:
            ran.broken = str(error)
        except CRASHES as error:
            ran.broken = f"crash {type(error).__name__}: {error}"
    ran.steps, ran.payments, ran.overspent_minor = world.kernel.steps, len(world.town.payments), world.overspent
    ran.story = world.kernel.story or []
    return ran
