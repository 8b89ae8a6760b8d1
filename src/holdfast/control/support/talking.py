"""What a customer does in a chat: says something, asks for a person or a call, ends it, says how it was.

Every act may be sent twice: a message carries its id, the others lead to where they have led already. What is refused
raises NotTaken and has changed nothing.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.contracts.support import (
    LINES_SHOWN_MAX,
    SCORES,
    Asking,
    Refused,
    Said,
    State,
    View,
    Who,
    conversation_of,
    plain_words,
)
from holdfast.control.care.models import Customer
from holdfast.control.incidents import record
from holdfast.control.support import answering, hours, queue, sealed, writing
from holdfast.control.support.errors import NotTaken
from holdfast.control.support.models import CallBack, Conversation, Line

LINES_MAX = 200
"""Of the customer, in one conversation."""
A_MINUTE_MAX = 20
FOUND_AGAIN = timedelta(hours=12)
"""Who is logged in finds their last conversation again for so long."""
SEEN_EVERY, STILL_THERE = timedelta(seconds=30), timedelta(minutes=5)


def say(asking: Asking, message: str, typed: str, person: bool, now: datetime) -> View:
    """The customer says something; person: they want a person to read it. Raises NotTaken, ValueError for an id that is
    none."""
    words, refused = plain_words(typed)
    if refused:
        raise NotTaken(refused)
    said = UUID(message)
    try:
        with transaction.atomic():
            one = _found(asking, now)
            if one is None or (one.state == State.ENDED and not one.lines.filter(said=said).exists()):
                one = _begun(asking, UUID(conversation_of(message)), now)
            if not one.lines.filter(said=said).exists():
                _take(one, words, asking.language, said, person, now)
    except IntegrityError:  # the same message came twice at the same moment: the other one was written
        written = asking.conversation or conversation_of(message)
        return read(replace(asking, conversation=written), 0, now)
    return view(one, 0, now)


def _begun(asking: Asking, ident: UUID, now: datetime) -> Conversation:
    """A new conversation, or the one that this message began before."""
    known = writing.locked(ident)
    if known is not None:
        return known
    told = record.told_incidents()
    one = Conversation(
        id=ident,
        made_at=now,
        seen_at=now,
        language=asking.language,
        place=asking.place,
        state=State.HELPER.value,
        incident=told[0] if told else None,
    )
    _know(one, asking.customer)
    one.save(force_insert=True)
    return one


def _know(one: Conversation, customer: int) -> None:
    """Whose it is, as far as the register of customers knows them."""
    if customer:
        known = Customer.objects.filter(id=customer).only("needs_first").first()
        one.customer, one.needs_first = customer, bool(known and known.needs_first)


def _take(  # noqa: PLR0917  # the order is the record's own
    one: Conversation, words: str, language: str, said: UUID, person: bool, now: datetime
) -> None:
    recent = one.lines.filter(who=Who.CUSTOMER, at__gt=now - timedelta(minutes=1)).count()
    if one.customer_lines >= LINES_MAX or recent >= A_MINUTE_MAX:
        raise NotTaken(Refused.OFTEN)
    one.customer_lines += 1
    one.seen_at, one.language = now, language
    if one.state == State.OPEN:
        one.turn_since = one.turn_since or now
    writing.write(one, Who.CUSTOMER, words, now, said=said)
    if one.state != State.HELPER:
        return
    if person:
        _to_the_queue(one, now)
        return
    answer = answering.answer(words, one.language, one.incident, now)
    one.asked = answer.about
    writing.write(one, Who.HELPER, answer.words, now, page=answer.page)


def _to_the_queue(one: Conversation, now: datetime) -> None:
    if Conversation.objects.filter(state=State.WAITING).count() >= queue.WAITING_MAX:
        raise NotTaken(Refused.FULL)
    one.state, one.waiting_since, one.turn_since = State.WAITING.value, now, now
    writing.write(one, Who.NOTICE, "asked_person", now)


def _found(asking: Asking, now: datetime) -> Conversation | None:
    """The conversation that is meant, locked; None when there is none. Raises NotTaken where it is another's."""
    if not asking.conversation:
        return _of_customer(asking.customer, now)
    one = writing.locked(UUID(asking.conversation))
    if one is None:
        return None
    if one.customer is not None and one.customer != asking.customer:
        raise NotTaken(Refused.NOT_YOURS)
    if one.customer is None and asking.customer:
        _know(one, asking.customer)
        writing.write(one, Who.NOTICE, "known", now)
    return one


def _of_customer(customer: int, now: datetime) -> Conversation | None:
    if not customer:
        return None
    theirs = Conversation.objects.filter(customer=customer, made_at__gt=now - FOUND_AGAIN).exclude(state=State.ENDED)
    newest = theirs.order_by("-made_at").values_list("id", flat=True).first()
    return writing.locked(newest) if newest else None


def must_find(asking: Asking, now: datetime) -> Conversation:
    """The conversation that is meant, locked; in the caller's transaction. Raises NotTaken where there is none of
    theirs."""
    one = _found(asking, now)
    if one is None:
        raise NotTaken(Refused.OVER)
    return one


@transaction.atomic
def ask_person(asking: Asking, now: datetime) -> View:
    """The customer wants a person."""
    one = must_find(asking, now)
    if one.state == State.ENDED:
        raise NotTaken(Refused.OVER)
    if one.state == State.HELPER:
        _to_the_queue(one, now)
    return view(one, 0, now)


@transaction.atomic
def ask_call(asking: Asking, now: datetime) -> View:
    """The customer wants to be called instead of waiting; that takes a number that the bank knows."""
    one = must_find(asking, now)
    if CallBack.objects.filter(conversation=one).exists():
        return view(one, 0, now)
    if one.state == State.ENDED:
        raise NotTaken(Refused.OVER)
    if one.customer is None or not _may_call(one):
        raise NotTaken(Refused.NO_PHONE)
    CallBack.objects.create(conversation=one, customer=one.customer, asked_at=now)
    writing.end(one, "call_back", now)
    return view(one, 0, now)


@transaction.atomic
def end(asking: Asking, now: datetime) -> View:
    """The customer is done."""
    one = must_find(asking, now)
    if one.state != State.ENDED:
        writing.end(one, "ended_by_customer", now)
    return view(one, 0, now)


@transaction.atomic
def rate(asking: Asking, score: int, now: datetime) -> View:
    """How it was, asked once: from 1 to 5. Raises NotTaken where it was answered already, or the chat goes on."""
    one = must_find(asking, now)
    if score not in SCORES:
        raise NotTaken(Refused.UNREADABLE)
    if one.score is not None or one.state != State.ENDED:
        raise NotTaken(Refused.DONE)
    one.score = score
    writing.touch(one)
    return view(one, 0, now)


def read(asking: Asking, after: int, now: datetime) -> View:
    """The conversation as it stands, with the lines behind a number. Raises NotTaken where there is none."""
    with transaction.atomic():
        one = _found(asking, now)
    if one is None:
        raise NotTaken(Refused.OVER)
    seen(one, now)
    return view(one, after, now)


def seen(one: Conversation, now: datetime) -> None:
    """The customer's page asked: they are there."""
    if now - one.seen_at > SEEN_EVERY:
        Conversation.objects.filter(pk=one.pk).update(seen_at=now)


def still_there(idents: Collection[UUID], now: datetime) -> None:
    """The pages of these conversations are open."""
    Conversation.objects.filter(pk__in=idents, seen_at__lt=now - STILL_THERE).update(seen_at=now)


def view(one: Conversation, after: int, now: datetime, places: dict[UUID, int] | None = None) -> View:
    """What the customer may see of it; what its state has no use for is not looked up. places: of who waits, where they
    are known already."""
    waits, ended = one.state == State.WAITING, one.state == State.ENDED
    ahead, wait_s, opening = 0, None, hours.Opening(True, None)
    if waits:
        ahead = (places if places and one.pk in places else queue.places()).get(one.pk, 0)
        wait_s = queue.desk(now).wait_s(ahead)
    if waits or one.state == State.HELPER:
        opening = hours.opening(now)
    found = Line.objects.filter(conversation=one, number__gt=after).order_by("-number")[:LINES_SHOWN_MAX]
    return View(
        str(one.pk),
        State(one.state),
        one.version,
        one.last_number,
        tuple(_told(line) for line in reversed(found)),
        ahead,
        wait_s,
        (now - one.waiting_since).total_seconds() if waits and one.waiting_since else 0.0,
        one.agent.name if one.agent else "",
        opening.open_now,
        opening.changes_at.timestamp() if opening.changes_at else 0.0,
        one.score is not None,
        ended and CallBack.objects.filter(conversation=one).exists(),
        not (ended or one.state == State.OPEN) and _may_call(one),
        one.agent_id or "",
        one.customer is not None,
        one.consent_until.timestamp() if consented(one, now) and one.consent_until else 0.0,
    )


def consented(one: Conversation, now: datetime) -> bool:
    """Whether the agent who has it may see the customer's pages now."""
    lasts = one.consent_until is not None and one.consent_until > now
    return bool(one.state == State.OPEN and one.consent and lasts)


def _may_call(one: Conversation) -> bool:
    return one.customer is not None and Customer.objects.filter(id=one.customer).exclude(phone="").exists()


def _told(line: Line) -> Said:
    by = line.by if line.who == Who.PERSON else ""
    return Said(line.number, Who(line.who), line.at.timestamp(), sealed.unseal(line), by, line.page)


def words_of(one: Conversation, last: int) -> str:
    """The customer's last lines of a conversation, the latest first."""
    theirs = Line.objects.filter(conversation=one, who=Who.CUSTOMER).order_by("-number")[:last]
    return "\n".join(sealed.unseal(line) for line in theirs)
