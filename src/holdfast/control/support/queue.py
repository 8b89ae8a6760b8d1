"""Who waits for a person, in which order and for how long; and chats whose agent dropped out.

The order: a chat that an agent lost, then customers with needs, then who has waited longest. A chat keeps the time at
which its customer asked, so that no hand-over and no lost agent costs them their place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, F, QuerySet

from holdfast.contracts.support import State, Who
from holdfast.control.support import writing
from holdfast.control.support.models import Agent, Conversation

WAITING_MAX = 2_000
CHATS_EACH_MAX = 4
"""Chats that one agent has at a time."""
SILENT = timedelta(seconds=60)
"""An agent without a sign of life for so long has dropped out."""
LEFT = timedelta(hours=4)
"""A customer whose page asked for nothing so long has left; they are not waited for any more."""
MEASURED_MIN, MEASURED_OVER = 5, timedelta(days=2)
CHAT_S_FIRST = 420.0
"""How long a chat lasts, until enough were measured."""
SOON_S = 30.0
SWEPT_MAX = 100


def waiting() -> QuerySet[Conversation]:
    """Everybody who waits, in the order in which they are taken."""
    found = Conversation.objects.filter(state=State.WAITING)
    return found.order_by(F("front").desc(), F("needs_first").desc(), "waiting_since", "id")


def places() -> dict[UUID, int]:
    """How many are ahead of each who waits."""
    return {ident: ahead for ahead, ident in enumerate(waiting().values_list("id", flat=True)[:WAITING_MAX])}


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is at work: agents who take chats, chats that they have, seconds that a chat lasts."""

    agents: int
    open_chats: int
    chat_s: float

    def wait_s(self, ahead: int) -> float | None:
        """For how long somebody waits behind `ahead` others, by what is known; None when nobody takes chats."""
        room = self.agents * CHATS_EACH_MAX
        if room == 0:
            return None
        free = room - self.open_chats
        return SOON_S if ahead < free else (ahead - free + 1) * self.chat_s / room


def desk(now: datetime) -> Desk:
    """The desk at this instant."""
    agents = Agent.objects.filter(here=True, seen_at__gt=now - SILENT).count()
    ended = Conversation.objects.filter(state=State.ENDED, taken_at__isnull=False, ended_at__gt=now - MEASURED_OVER)
    lasted = ended.aggregate(count=Count("id"), mean=Avg(F("ended_at") - F("taken_at")))
    measured = lasted["count"] >= MEASURED_MIN and lasted["mean"] is not None
    chat_s = lasted["mean"].total_seconds() if measured else CHAT_S_FIRST
    return Desk(agents, Conversation.objects.filter(state=State.OPEN).count(), chat_s)


def sweep(now: datetime) -> int:
    """Give chats of agents who dropped out back to the front of the queue, and end those whose customer has left; how
    many. May run anywhere and twice."""
    silent = Agent.objects.filter(seen_at__lt=now - SILENT).values("person_id")
    lost = Conversation.objects.filter(state=State.OPEN, agent__in=silent)
    left = Conversation.objects.exclude(state=State.ENDED).filter(seen_at__lt=now - LEFT)
    done = 0
    for ident in [*lost.values_list("id", flat=True)[:SWEPT_MAX], *left.values_list("id", flat=True)[:SWEPT_MAX]]:
        with transaction.atomic():
            one = writing.locked(ident)
            if one is None or one.state == State.ENDED:
                continue
            if one.seen_at < now - LEFT:
                writing.end(one, "left", now)
            elif one.state == State.OPEN and one.agent_id and _silent(one.agent_id, now):
                give_back(one, now)
            else:
                continue
            done += 1
    Agent.objects.filter(here=True, seen_at__lt=now - SILENT).update(here=False)
    return done


def _silent(agent: str, now: datetime) -> bool:
    return not Agent.objects.filter(person=agent, seen_at__gte=now - SILENT).exists()


def give_back(one: Conversation, now: datetime) -> None:
    """Its agent dropped out: to the front of the queue. The conversation is locked by the caller."""
    one.state, one.front, one.agent = State.WAITING.value, True, None
    one.turn_since = one.turn_since or now
    writing.drop_consent(one)
    writing.write(one, Who.NOTICE, "returned", now)
