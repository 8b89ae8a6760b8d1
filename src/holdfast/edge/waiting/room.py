"""The waiting room of one door: who goes on, who is let in now, who waits and where.

Open when nothing is wrong: then nobody needs a ticket and nothing is shown. A line begins when logins wait inside a
door for longer than HOLD_S, or when staff set a rate by hand; it ends when everybody in it was called. Who is inside (a
session that holds) is never asked for a ticket, nor who has shown a password and is about to type a code.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.contracts.errors import BadToken
from holdfast.contracts.sessions import BANK_COOKIE, SESSION_PURPOSE, STANDIN_COOKIE, session_from_payload
from holdfast.edge.waiting import ticket as tickets
from holdfast.edge.waiting.calling import History, Moment, Sample, to_call
from holdfast.edge.waiting.front import Front
from holdfast.edge.waiting.limit import paced
from holdfast.edge.waiting.line import Counts, Line
from holdfast.edge.waiting.places import Places
from holdfast.edge.waiting.shares import Shares
from holdfast.edge.waiting.ticket import Ticket
from holdfast.signing import Keyring

TICK_S = 0.1
HOLD_S = 1.0
"""How long somebody waits inside the door, without a page about it."""
HELD_MAX = 200
TURN_S = 180.0
"""Who comes later than this after being called has lost the turn, and gets one of the next."""
NEXT_S = 10.0
TICKETS_AT_ONCE, TICKETS_PER_S = 30.0, 0.5
"""Places in the line that one network may take at one door: a household or an office at once; a network of thousands
takes them one after the other, and its people are told when to ask again."""
ASK_AGAIN_S_LEAST, ASK_AGAIN_S_MOST = 2.0, 15.0
SESSIONS_KEPT_MAX = 4096
BANKS = frozenset({"primary", "standin"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands. number: 1 is next; wait_s: the time until the turn, None while nobody is called; again_s:
    when to look again."""

    number: int
    wait_s: float | None
    again_s: float

    @property
    def ahead(self) -> int:
        """How many are before."""
        return self.number - 1


@dataclass(frozen=True, slots=True)
class LetIn:
    """Goes on. ticket: to be kept by the customer, None when there is none."""

    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits in the line."""

    ticket: Ticket
    place: Place


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The network has taken its share of places; worth asking again after again_s."""

    again_s: float


@dataclass(frozen=True, slots=True)
class Comes:
    """Who asks for a place: from which network, the username that was typed, the cookie that may lead to the front."""

    network: str
    name: str
    front: str


class Room:
    """One door's part of the waiting room; used from its event loop. keys: the installation's folder of keys; clock:
    monotonic seconds."""

    def __init__(self, folder: Path, keyring: Keyring, keys: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._keyring, self.clock = keyring, clock
        self.line = Line(folder, clock)
        self.places = Places(clock)
        self.history = History(TURN_S + 30)
        self.shares = Shares(TICKETS_AT_ONCE, TICKETS_PER_S, clock)
        self.front = Front(keys, clock)
        self.turned_away = self.let_in = self.given = 0
        self._held = 0
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._last = clock()
        self._left_over = 0.0
        self.pace_per_s = self.places.limit.capacity_per_s
        self._paced_at, self._done = clock(), 0

    async def keep(self) -> None:
        """For ever: call people from the line."""
        while True:
            self.tick()
            await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """Call as many as this door can serve now."""
        now, counts = self.clock(), self.line.look()
        passed_s, self._last = now - self._last, now
        self._learn_pace(now)
        if counts.in_line > 0:
            places = self.places
            share, posts = self.history.share(now), self.history.posts_each(now)
            left_over = self._left_over
            moment = Moment(passed_s, self.pace_per_s, places.inside_s, share, posts, counts.in_line, left_over)
            count, self._left_over = to_call(moment, HOLD_S)
            counts = self.line.call(count) if count else counts
            self.front.called(count)
        self.history.add(Sample(now, counts.called, counts.came, counts.finished))

    def _learn_pace(self, now: float) -> None:
        """Once a second: how many logins this door finishes."""
        gap_s = now - self._paced_at
        if gap_s < 1.0:
            return
        places, done = self.places, self.places.done
        most = places.limit.capacity_per_s
        self.pace_per_s = paced(self.pace_per_s, (done - self._done) / gap_s, full=places.was_full, most_per_s=most)
        self._paced_at, self._done, places.was_full = now, done, places.waiting > 0

    def is_inside(self, cookies: dict[str, str]) -> bool:
        """Whether one of these cookies is a session that a bank signed and that is not over; the bank looks closer."""
        for name in (BANK_COOKIE, STANDIN_COOKIE):
            token = cookies.get(name, "")
            if token and self._holds(token):
                return True
        return False

    def _holds(self, token: str) -> bool:
        now, until = time.time(), self._sessions.get(token)
        if until is not None:
            return now < until
        try:
            session = session_from_payload(self._keyring.verify(SESSION_PURPOSE, token, BANKS))
        except (BadToken, KeyError, ValueError, TypeError):
            return False
        left_s = session.left_s(renewed=False)
        self._sessions[token] = now + left_s
        while len(self._sessions) > SESSIONS_KEPT_MAX:
            self._sessions.popitem(last=False)
        return left_s > 0 and not session.over()

    async def admit(self, token: str, network: str, name: str = "", front: str = "") -> LetIn | Waits | TurnedAway:
        """What becomes of somebody who is outside. token: the ticket that was brought, empty for none; name: the
        username that was typed; front: the cookie that may lead to a place near the front. May hold for HOLD_S when the
        turn is that near."""
        counts, ticket = self.line.look(), tickets.read(self._keyring, token)
        if ticket is None and counts.is_open:
            return LetIn()
        return await self._admit(counts, ticket, Comes(network, name, front))

    async def queue(self, token: str, network: str, name: str, front: str = "") -> LetIn | Waits | TurnedAway:
        """A place in the line for who found none inside the door, also when nobody else waits yet; who came through the
        line already stays let in, for as long anew."""
        ticket = tickets.read(self._keyring, token)
        if ticket is not None and ticket.is_let_in():
            return LetIn(replace(ticket, let_in=time.time(), name=name or ticket.name))
        return (
            self._new(Comes(network, name, front))
            if ticket is None
            else self._waits(replace(ticket, name=name or ticket.name))
        )

    async def _admit(self, counts: Counts, ticket: Ticket | None, one: Comes) -> LetIn | Waits | TurnedAway:
        name = one.name
        if ticket is None or ticket.number < counts.base:
            name = name or (ticket.name if ticket else "")
            said = self._new(replace(one, name=name))
            if isinstance(said, TurnedAway):
                return said
            ticket = said.ticket
        elif ticket.is_let_in():
            return LetIn(ticket)
        elif ticket.let_in or ticket.number <= self.history.called_before(self.clock() - TURN_S):
            if counts.is_open:
                return self._take_turn(ticket, name)
            ticket = self._one_of_the_next(ticket, counts)
        elif ticket.number > counts.issued:  # the file was put back from older days
            ticket = replace(ticket, number=self.line.take())
        ticket = replace(ticket, name=name or ticket.name)
        if await self._is_called(ticket):
            return self._take_turn(ticket, name)
        return self._waits(ticket)

    def _new(self, one: Comes) -> Waits | TurnedAway:
        again_s = self.shares.take(one.network)
        if again_s > 0:
            self.turned_away += 1
            return TurnedAway(max(again_s, ASK_AGAIN_S_LEAST))
        self.given += 1
        number = self._near_front(one.front) or self.line.take()
        return self._waits(Ticket(number, time.time(), 0.0, one.name[: tickets.NAME_CHARACTERS_MAX]))

    def _near_front(self, front: str) -> int:
        """A place some seconds from the turn, shared with who has it already, for who may have one; 0 for nobody else,
        and while the line is shorter than that. In their stead one fewer is called."""
        near = self._near(self.line.look())
        if not near or not self.front.take(front):
            return 0
        self._left_over -= 1.0
        self.line.owe()
        return near

    def _near(self, counts: Counts) -> int:
        """The place whose turn is some seconds from now; 0 when it was not given out yet."""
        per_s = counts.by_hand if counts.by_hand >= 0 else self.history.per_s(self.clock())
        behind = counts.called + max(1, math.ceil(per_s * NEXT_S))
        return behind if behind <= counts.issued else 0

    def _one_of_the_next(self, ticket: Ticket, counts: Counts) -> Ticket:
        """Who missed the turn: a place near the front, shared with who has it already."""
        return Ticket(self._near(counts) or self.line.take(), time.time(), 0.0, ticket.name)

    def _take_turn(self, ticket: Ticket, name: str) -> LetIn:
        self.let_in += 1
        self.line.note(came=1)
        return LetIn(replace(ticket, let_in=time.time(), name=(name or ticket.name)[: tickets.NAME_CHARACTERS_MAX]))

    async def _is_called(self, ticket: Ticket) -> bool:
        """Whether its turn has come, or comes while it is held."""
        counts = self.line.look()
        if ticket.number <= counts.called:
            return True
        per_s = counts.by_hand if counts.by_hand >= 0 else self.pace_per_s
        near = ticket.number - counts.called <= max(per_s, 0.0) * HOLD_S
        if not near or self._held >= HELD_MAX:
            return False
        self._held += 1
        try:
            until = self.clock() + HOLD_S
            while self.clock() < until:
                await asyncio.sleep(TICK_S / 2)
                if ticket.number <= self.line.look().called:
                    return True
        finally:
            self._held -= 1
        return False

    def _waits(self, ticket: Ticket) -> Waits:
        return Waits(ticket, self.place_of(ticket.number))

    def place_of(self, number: int) -> Place:
        """Where a number stands now, and when its turn will be as the line has moved lately."""
        counts, now = self.line.look(), self.clock()
        place = max(number - counts.called, 1)
        per_s = self.history.per_s(now)
        if counts.by_hand >= 0:
            per_s = min(per_s, counts.by_hand) if per_s else counts.by_hand
        elif not per_s:
            per_s = self.pace_per_s
        wait_s = place / per_s if per_s > 0 else None
        again_s = ASK_AGAIN_S_MOST if wait_s is None else min(max(wait_s / 4, ASK_AGAIN_S_LEAST), ASK_AGAIN_S_MOST)
        return Place(place, wait_s, again_s)
