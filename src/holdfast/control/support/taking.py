"""What people of support do with a chat: take it, answer, hand it over, give it back, end it.

Who may refuse gives the reason in words, and has changed nothing then; "" is a deed that was done.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from holdfast.contracts.support import State, Who, plain_words
from holdfast.control.care.calling import DONE, OUTCOMES
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.support import queue, writing
from holdfast.control.support.models import Agent, CallBack, Conversation
from holdfast.control.tell.composing import LEAK_WORDS
from holdfast.guard import Hurt, hurts_in, leaks_in

ROLES = frozenset({"support", "manager"})
"""Who answers customers."""
STANDS_MAX = 300
WHOLE_WORDS_MIN = 14
"""In a draft: shorter lines of a chat ask and greet, which the judgement of whole drafts has not learnt."""
NOT_YOURS = "This chat is not yours any more; nothing was sent. What you wrote is below."
HURTS = "It was not sent: words in it hurt. Change them, or say why they stand."
GONE = "That chat is over, or somebody else has it; nothing was changed."


def sign_of_life(person: Person, now: datetime) -> None:
    """The agent is there: every page of the desk says so. Their chats are theirs while this comes within a minute."""
    Agent.objects.filter(person=person).update(seen_at=now)


def be_here(person: Person, here: bool, now: datetime) -> None:
    """Take chats from now on, or no more; those that one has stay."""
    with transaction.atomic():
        Agent.objects.update_or_create(person=person, defaults={"here": here, "seen_at": now})
        log.write(person.username, person.role, "at the support desk" if here else "away from the support desk")


def take(person: Person, ident: UUID | None, now: datetime) -> tuple[Conversation | None, str]:
    """Take a chat, or the one that comes first (ident None); with why not."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if Conversation.objects.filter(agent=person, state=State.OPEN).count() >= queue.CHATS_EACH_MAX:
            return None, f"You have {queue.CHATS_EACH_MAX} chats already; end one first."
        waits = queue.waiting().select_for_update(of=("self",), skip_locked=True)
        one = (waits.filter(pk=ident) if ident else waits).first()
        if one is None:
            return None, GONE if ident else "Nobody waits."
        Agent.objects.update_or_create(person=person, defaults={"here": True, "seen_at": now})
        one.state, one.agent, one.front = State.OPEN.value, person, False
        one.taken_at = one.taken_at or now
        writing.write(one, Who.NOTICE, "taken", now, by=person.name)
        about = {"chat": str(one.pk), "customer": one.customer, "waited_s": _waited_s(one, now)}
        log.write(person.username, person.role, "took a chat", about)
    return one, ""


def _waited_s(one: Conversation, now: datetime) -> int:
    return int((now - one.waiting_since).total_seconds()) if one.waiting_since else 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent is about to send. said: its id, so that it is sent once; mark: of the findings that they saw;
    stands: why these words stand."""

    said: UUID
    typed: str
    mark: str = ""
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """problem: why it was not sent, "" when it was; hurts: what in it hurts, for the agent to change or to stand by."""

    problem: str = ""
    hurts: tuple[Hurt, ...] = ()

    @property
    def mark(self) -> str:
        """Of exactly these findings: a reason given for some does not stand for others."""
        text = "\n".join(f"{one.kind} {one.passage}" for one in self.hurts)
        return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def check(words: str, language: str) -> Checked:
    """What must not be said at all, and what hurts, in a draft: one that is long enough to stand alone is judged as a
    whole, a short line between others by its words. Pure."""
    leaks = leaks_in(words)
    if leaks:
        return Checked(f"It was not sent: “{leaks[0].found[:60]}” is {LEAK_WORDS[leaks[0].kind]}.")
    return Checked(hurts=hurts_in(words, language, whole=len(words.split()) >= WHOLE_WORDS_MIN))


def answer(person: Person, ident: UUID, draft: Draft, now: datetime) -> Checked:
    """Say something to the customer of one's own chat. A draft that hurts goes only with the reason why it stands,
    given for just these words, which is recorded."""
    words, refused = plain_words(draft.typed)
    if refused:
        return Checked(f"It was not sent: it is {refused.value}.")
    with transaction.atomic():
        one = own(person, ident)
        if one is None:
            return Checked(NOT_YOURS)
        if one.lines.filter(said=draft.said).exists():
            return Checked()
        return _answer(person, one, draft, words, now)


def _answer(person: Person, one: Conversation, draft: Draft, words: str, now: datetime) -> Checked:
    checked = check(words, one.language)
    stands = draft.stands.strip()[:STANDS_MAX]
    if checked.problem:
        return checked
    if checked.hurts and not (stands and draft.mark == checked.mark):
        return Checked(HURTS, checked.hurts)
    if checked.hurts:
        about = {"chat": str(one.pk), "hurts": [hurt.kind for hurt in checked.hurts], "stands": stands}
        log.write(person.username, person.role, "words that hurt stand", about)
    one.turn_since = None
    writing.write(one, Who.PERSON, words, now, by=person.name, said=draft.said)
    return Checked()


def own(person: Person, ident: UUID) -> Conversation | None:
    """One's chat that goes on, locked until the caller's transaction ends; None when it is not that."""
    one = writing.locked(ident)
    return one if one is not None and one.agent_id == person.pk and one.state == State.OPEN else None


def hand_over(person: Person, ident: UUID, to: str, now: datetime) -> str:
    """Give one's chat to another agent who is there, or ("" for `to`) back to the front of the queue."""
    with transaction.atomic():
        one = own(person, ident)
        if one is None:
            return GONE
        writing.drop_consent(one)
        if not to:
            one.state, one.front, one.agent = State.WAITING.value, True, None
            writing.write(one, Who.NOTICE, "given_back", now)
        else:
            there = Agent.objects.filter(person=to, here=True, seen_at__gt=now - queue.SILENT)
            found = there.exclude(person=person.pk).select_related("person").first()
            if found is None:
                return "That person is not at the desk just now; nothing was changed."
            one.agent = found.person
            writing.write(one, Who.NOTICE, "handed", now, by=found.person.name)
        about = {"chat": str(ident), "to": to or "the queue"}
        log.write(person.username, person.role, "handed a chat over", about)
    return ""


def end(person: Person, ident: UUID, now: datetime) -> str:
    """The chat is over; the customer is asked once how it was."""
    with transaction.atomic():
        one = own(person, ident)
        if one is None:
            return GONE
        writing.end(one, "ended_by_person", now)
        log.write(person.username, person.role, "ended a chat", {"chat": str(ident)})
    return ""


def call_ended(person: Person, number: int, outcome: str, now: datetime) -> str:
    """Write down how a call that was asked for in a chat ended; one that reached nobody stays on the list."""
    if outcome not in OUTCOMES:
        return "Choose how the call ended; nothing was written."
    with transaction.atomic():
        one = CallBack.objects.select_for_update().filter(pk=number, done_at=None).first()
        if one is None:
            return "That call was made already; nothing was written."
        one.outcome = outcome
        if outcome in DONE:
            one.done_at, one.done_by = now, person.username
        one.save()
        about = {"customer": one.customer, "outcome": outcome}
        log.write(person.username, person.role, "called a customer back", about)
    return ""
