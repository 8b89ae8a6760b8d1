"""What is held, posted, voided, expired, given back and linked, in any order and repeated: the books do as a simple model in
memory does."""

import random
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace

import pytest

from holdfast.contracts.answers import Reason
from holdfast.ledger.api import Action, Post, Result

pytestmark = pytest.mark.demand("A1")

FAR_US = 4_000_000_000_000_000
GONE_US = 1
AMOUNTS = (1, 40, 250, 900, 3_000)


@dataclass
class Simple:
    """Balances and holds of accounts of which all but the bank's may not fall below zero."""

    bank: int
    balance: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    known: dict[uuid.UUID, tuple[Result, Reason, Post]] = field(default_factory=dict)
    open: dict[uuid.UUID, Post] = field(default_factory=dict)
    ended: dict[uuid.UUID, str] = field(default_factory=dict)
    moved: dict[uuid.UUID, Post] = field(default_factory=dict)
    given_back: defaultdict[uuid.UUID, int] = field(default_factory=lambda: defaultdict(int))

    def against(self, post: Post) -> Reason | None:
        """Why it cannot be booked now."""
        if post.settles:
            return self._against_hold(post)
        if post.action is Action.PENDING and post.expires_us == GONE_US:
            return Reason.HOLD_EXPIRED
        if post.reverses:
            first = self.moved.get(post.reverses)
            if first is None or (first.debit, first.credit) != (post.credit, post.debit):
                return Reason.REVERSED_UNKNOWN
            if self.given_back[post.reverses] + post.amount_minor > first.amount_minor:
                return Reason.REVERSED_ALREADY
        free = self.balance[post.debit] - self.held[post.debit]
        return Reason.NOT_ENOUGH_MONEY if post.debit != self.bank and free < post.amount_minor else None

    def _against_hold(self, post: Post) -> Reason | None:
        hold = self.open.get(post.settles)
        if hold is None:
            how = self.ended.get(post.settles)
            return {None: Reason.HOLD_UNKNOWN, "expired": Reason.HOLD_EXPIRED}.get(how, Reason.HOLD_ENDED)
        larger = post.amount_minor > hold.amount_minor
        other = post.action is Action.VOID and post.amount_minor != hold.amount_minor
        return (
            Reason.HOLD_DIFFERS if larger or other or (hold.debit, hold.credit) != (post.debit, post.credit) else None
        )

    def book(self, post: Post) -> None:
        """Do it."""
        if post.action is Action.TRANSFER:
            self.balance[post.debit] -= post.amount_minor
            self.balance[post.credit] += post.amount_minor
            self.moved[post.id] = post
        if post.action is Action.PENDING:
            self.held[post.debit] += post.amount_minor
            self.open[post.id] = post
        if post.settles:
            hold = self.open.pop(post.settles)
            self.held[hold.debit] -= hold.amount_minor
            self.ended[post.settles] = "posted" if post.action is Action.TRANSFER else "voided"
        if post.reverses:
            self.given_back[post.reverses] += post.amount_minor

    def group(self, posts: list[Post]) -> list[tuple[Result, Reason]]:
        """One linked group (or one post alone): all, or none."""
        if any(post.id in self.known for post in posts):
            return [self._again(post) for post in posts]
        before = self._state()
        for post in posts:
            reason = self.against(post)
            if reason is not None:
                vars(self).update(before)
                said = [(Result.REFUSED, reason if one is post else Reason.LINKED_REFUSED) for one in posts]
                break
            self.book(post)
        else:
            said = [(Result.POSTED, Reason.OK)] * len(posts)
        for post, (result, why) in zip(posts, said, strict=True):
            self.known[post.id] = (result, why, post)
        return said

    def expire(self, hold: Post) -> None:
        """Its time has passed, and the job saw it."""
        del self.open[hold.id]
        self.held[hold.debit] -= hold.amount_minor
        self.ended[hold.id] = "expired"

    def _state(self) -> dict[str, object]:
        return {name: one.copy() for name, one in vars(self).items() if isinstance(one, dict)}

    def _again(self, post: Post) -> tuple[Result, Reason]:
        if post.id not in self.known:
            return Result.REFUSED, Reason.LINKED_REFUSED
        result, reason, first = self.known[post.id]
        refused = result is Result.REFUSED or post.source == "journal"
        same = refused or (post.metadata or {}) == (first.metadata or {})
        if not same or (post.debit, post.credit, post.amount_minor) != (first.debit, first.credit, first.amount_minor):
            return Result.CONFLICT, Reason.OTHER_CONTENT
        return (Result.ALREADY_POSTED, Reason.OK) if result is Result.POSTED else (Result.ALREADY_REFUSED, reason)


class Drawing:
    """Draws groups of posts over the accounts of a town."""

    def __init__(self, town, luck: random.Random, model: Simple) -> None:
        self.town, self.luck, self.model = town, luck, model
        self.accounts = (town.bank, town.ann, town.ben)

    def fresh(self, **more: object) -> Post:
        debit, credit = self.luck.sample(self.accounts, 2)
        ident = uuid.UUID(int=self.luck.getrandbits(128), version=4)
        void = more.get("action") is Action.VOID
        named = self.luck.choice((None, None, {"n": "1"}, {"n": "2", "order": "ø"})) if not void else None
        return self.town.post(debit, credit, self.luck.choice(AMOUNTS), id=ident, note=None, metadata=named, **more)

    def one(self) -> Post:
        """A transfer, a hold, what posts or voids one, a reversal; now and then of what is not there."""
        kind = self.luck.choice(("move", "hold", "hold", "post", "post", "void", "back"))
        if kind == "hold":
            until = GONE_US if self.luck.random() < 0.05 else FAR_US
            return self.fresh(action=Action.PENDING, expires_us=until)
        known = list(self.model.moved.values()) if kind == "back" else [*self.model.open.values()]
        if kind == "move" or not known:
            return self.fresh()
        chosen = self.luck.choice(known)
        amount = self.luck.choice((chosen.amount_minor, chosen.amount_minor, *AMOUNTS))
        if kind == "back":
            turned = {"debit": chosen.credit, "credit": chosen.debit, "reverses": chosen.id}
            return replace(self.fresh(), amount_minor=amount, **turned)
        action = Action.VOID if kind == "void" else Action.TRANSFER
        return replace(
            self.fresh(action=action, settles=chosen.id), debit=chosen.debit, credit=chosen.credit, amount_minor=amount
        )

    def group(self) -> list[Post]:
        """A post alone, a linked group, or what was asked before, at times with another amount."""
        if self.model.known and self.luck.random() < 0.15:
            again = replace(self.luck.choice([*self.model.known.values()])[2], linked=None)
            if self.luck.random() < 0.2 and again.action is not Action.VOID:
                return [replace(again, metadata={"n": "1"})]
            return [replace(again, amount_minor=again.amount_minor + 1) if self.luck.random() < 0.2 else again]
        if self.luck.random() < 0.7:
            return [self.one()]
        group = uuid.UUID(int=self.luck.getrandbits(128), version=4)
        posts = [replace(self.one(), linked=group) for _ in range(self.luck.randint(2, 4))]
        ends = [post.settles for post in posts if post.settles]
        return posts if len(ends) == len(set(ends)) else posts[:1]


def let_one_expire(town, drawing: Drawing, model: Simple, by_journal: int = 0) -> None:
    """A hold whose time passes: what comes too late is refused before the job sees it, and after. With the number of an
    entry of the spare bank's journal: that entry posts it all the same before the job sees it."""
    soon = drawing.fresh(action=Action.PENDING, expires_us=time.time_ns() // 1000 + 150_000)
    said = town.books.post(soon)
    if said.reason is Reason.HOLD_EXPIRED:  # a slow machine
        soon = replace(soon, expires_us=GONE_US)
    assert [(said.result, said.reason)] == model.group([soon])
    if soon.id not in model.open:
        return
    while time.time_ns() // 1000 <= soon.expires_us:
        time.sleep(0.002)
    if by_journal:
        more = {"settles": soon.id, "source": "journal", "journal_number": by_journal}
        late = replace(soon, id=drawing.fresh().id, action=Action.TRANSFER, expires_us=0, **more)
        answer = town.books.post(late)
        assert [(answer.result, answer.reason)] == model.group([late]) == [(Result.POSTED, Reason.OK)]
        return
    for expire in (True, False):
        late = replace(soon, id=drawing.fresh().id, action=Action.TRANSFER, settles=soon.id, expires_us=0)
        answer = town.books.post(late)
        assert (answer.result, answer.reason) == (Result.REFUSED, Reason.HOLD_EXPIRED)
        model.known[late.id] = (answer.result, answer.reason, late)
        if expire:
            assert town.books.expire_pendings() >= 1
            model.expire(soon)


def play(town, seed: int, steps: int) -> Simple:
    """Play it in both; each answer and each balance must be the same."""
    luck, model = random.Random(f"bound {seed}"), Simple(town.bank)
    model.balance[town.ann], model.balance[town.bank] = 10_000, -10_000
    drawing = Drawing(town, luck, model)
    for step in range(steps):
        if step % 20 == 0:
            let_one_expire(town, drawing, model)
            let_one_expire(town, drawing, model, step + 1)
        groups, expected, real = [], [], []
        for _ in range(luck.randint(1, 4)):
            group = drawing.group()
            expected += model.group(group)
            groups += group
        real = [(one.result, one.reason) for one in town.books.post_many(groups)]
        assert real == expected
        for account in (town.ann, town.ben):
            state = town.reader.accounts([account])[account]
            assert (state.balance_minor, state.held_minor) == (model.balance[account], model.held[account])
    assert {one.id for one in town.reader.holds([town.ann, town.ben, town.bank])} <= set(model.open)
    booked = {one.id: one.metadata for said, _, one in model.known.values() if said is Result.POSTED and one.metadata}
    assert town.reader.metadata(list(model.known)) == booked
    assert town.reader.prove() == []
    return model


@pytest.mark.parametrize("seed", range(3))
def test_the_books_do_with_what_is_bound_as_a_simple_model_does(town, seed):
    model = play(town, seed, 120)
    assert {"posted", "voided", "expired"} <= set(model.ended.values())
    assert sum(model.given_back.values()) > 0
    assert {reason for _, reason, _ in model.known.values()} >= {Reason.LINKED_REFUSED, Reason.NOT_ENOUGH_MONEY}


@pytest.mark.long
@pytest.mark.parametrize("seed", [int(time.time())])
def test_the_books_do_as_the_model_does_over_thousands_of_steps(town, seed):
    play(town, seed, 4_000)
