"""What every act at the support desk ends in: one more line of a locked conversation, and a new version of it."""

from datetime import datetime
from uuid import UUID

from holdfast.contracts.support import State, Who
from holdfast.control.support.models import Conversation, Line
from holdfast.control.support.sealed import seal


def locked(ident: UUID) -> Conversation | None:
    """The conversation, locked until the caller's transaction ends; None when there is none."""
    return Conversation.objects.select_for_update(of=("self",)).filter(pk=ident).first()


def write(
    one: Conversation,
    who: Who,
    words: str,
    now: datetime,
    *,
    by: str = "",
    page: str = "",
    said: UUID | None = None,
) -> int:
    """Add a line to a locked conversation and keep what the caller changed in it; the line's number. A notice's words
    are the name of what happened."""
    one.last_number += 1
    one.version += 1
    Line.objects.create(
        conversation=one,
        number=one.last_number,
        who=who.value,
        by=by,
        at=now,
        sealed=seal(words, one.pk, one.last_number),
        page=page,
        said=said,
    )
    one.save()
    return one.last_number


def touch(one: Conversation) -> None:
    """Keep what the caller changed in a locked conversation without a line; whoever looks at it sees it anew."""
    one.version += 1
    one.save()


def drop_consent(one: Conversation) -> None:
    """Nobody may see the customer's pages any more; kept with whatever the caller writes."""
    one.consent, one.consent_until = "", None


def end(one: Conversation, why: str, now: datetime) -> None:
    """It is over; why: the name of the notice."""
    drop_consent(one)
    one.state, one.ended_at, one.front, one.turn_since = State.ENDED.value, now, False, None
    write(one, Who.NOTICE, why, now)
