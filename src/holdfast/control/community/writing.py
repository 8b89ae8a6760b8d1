"""What a customer does in the community: suggests, comments, asks, votes, reports a post, appeals.

Every deed may be sent twice: what is written carries its id, a vote and a report exist once. What is refused raises
NotTaken and has changed nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from holdfast.contracts.community import Appeal, Fate, Refused, Who
from holdfast.control.community import checking, names
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Idea, Post, Report, Rule, Vote, Webinar

DAY = timedelta(days=1)
A_DAY_MAX = {"idea": 3, "comment": 20, "question": 10}
REPORTS_A_DAY_MAX, VOTES_MAX = 20, 500
COMMENTS_MAX, QUESTIONS_MAX, IDEAS_MAX = 500, 300, 20_000
"""Of one idea, of one webinar, and in all: beyond that the bank closes something first."""


@dataclass(frozen=True, slots=True)
class Text:
    """What was typed. said: its id; title: of an idea, "" else."""

    said: UUID
    words: str
    title: str = ""


def known(who: Who) -> int:
    """The customer who asks; raises NotTaken for a stranger."""
    if not who.customer:
        raise NotTaken(Refused.STRANGER)
    return who.customer


def first_look() -> bool:
    """Whether new posts are shown only after the bank looked at them."""
    found = Rule.objects.filter(pk=1).first()
    return bool(found and found.first_look)


@transaction.atomic
def suggest(who: Who, text: Text, now: datetime) -> int:
    """A new idea; its number. It has its writer's vote."""
    customer = known(who)
    title = checking.title(text.title)
    words = checking.words(text.words)
    names.member(customer, now)
    if written := Post.objects.filter(said=text.said, customer=customer).first():
        return written.number
    if Post.objects.filter(kind="idea").count() >= IDEAS_MAX:
        raise NotTaken(Refused.OFTEN)
    post = _keep("idea", who, text.said, words, now, title=title)
    idea = Idea.objects.create(post=post, count=1)
    Vote.objects.create(idea=idea, customer=customer)
    return post.number


@transaction.atomic
def comment(who: Who, number: int, text: Text, now: datetime) -> None:
    """Say something to an idea that is shown."""
    customer, words = known(who), checking.words(text.words)
    names.member(customer, now)
    if Post.objects.filter(said=text.said, customer=customer).exists():
        return
    idea = _shown(number)
    if idea.comments.count() >= COMMENTS_MAX:
        raise NotTaken(Refused.OVER)
    _keep("comment", who, text.said, words, now, idea=idea)


@transaction.atomic
def ask(who: Who, number: int, text: Text, now: datetime) -> None:
    """Ask something for a webinar, before it or after."""
    customer, words = known(who), checking.words(text.words)
    names.member(customer, now)
    if Post.objects.filter(said=text.said, customer=customer).exists():
        return
    webinar = Webinar.objects.filter(number=number, called_off=False).first()
    if webinar is None:
        raise NotTaken(Refused.GONE)
    if webinar.questions.count() >= QUESTIONS_MAX:
        raise NotTaken(Refused.OVER)
    _keep("question", who, text.said, words, now, webinar=webinar)


def _keep(  # the order is the record's own
    kind: str,
    who: Who,
    said: UUID,
    words: str,
    now: datetime,
    *,
    title: str = "",
    idea: Idea | None = None,
    webinar: Webinar | None = None,
) -> Post:
    """Write it down, under the lock of its writer, so that two at one moment are counted one after the other."""
    theirs = Post.objects.filter(customer=who.customer, kind=kind, at__gt=now - DAY)
    if theirs.count() >= A_DAY_MAX[kind]:
        raise NotTaken(Refused.OFTEN)
    if Post.objects.filter(said=said).exists():  # another's id
        raise NotTaken(Refused.UNREADABLE)
    return Post.objects.create(
        kind=kind,
        customer=who.customer,
        language=who.language,
        title=title,
        words=words,
        at=now,
        said=said,
        idea=idea,
        webinar=webinar,
        fate=(Fate.WAITS if first_look() else Fate.SHOWN).value,
    )


def _shown(number: int) -> Idea:
    idea = Idea.objects.filter(post=number, post__fate=Fate.SHOWN.value).first()
    if idea is None:
        raise NotTaken(Refused.GONE)
    return idea


@transaction.atomic
def vote(who: Who, number: int, wanted: bool, now: datetime) -> None:
    """Be for an idea, or no more."""
    customer = known(who)
    names.member(customer, now)
    idea = _shown(number)
    theirs = Vote.objects.filter(customer=customer)
    if theirs.filter(idea=idea).exists() is wanted:  # nobody changes that meanwhile: the customer's own row is locked
        return
    if wanted and theirs.count() >= VOTES_MAX:
        raise NotTaken(Refused.OFTEN)
    if wanted:
        Vote.objects.create(idea=idea, customer=customer)
    else:
        theirs.filter(idea=idea).delete()
    Idea.objects.filter(pk=idea.pk).update(count=F("count") + (1 if wanted else -1))


@transaction.atomic
def report(who: Who, number: int, why: str, now: datetime) -> None:
    """Say that a post should not stand there: staff look at it. It stays as it is until they did."""
    customer, words = known(who), checking.reason(why)
    names.member(customer, now)
    post = Post.objects.filter(number=number, fate=Fate.SHOWN.value).first()
    if post is None:
        raise NotTaken(Refused.GONE)
    if post.customer == customer:
        raise NotTaken(Refused.OWN)
    if Report.objects.filter(customer=customer, at__gt=now - DAY).exclude(post=post).count() >= REPORTS_A_DAY_MAX:
        raise NotTaken(Refused.OFTEN)
    Report.objects.bulk_create([Report(post=post, customer=customer, why=words, at=now)], ignore_conflicts=True)


@transaction.atomic
def appeal(who: Who, number: int, typed: str) -> None:
    """The writer of a hidden post asks once that somebody else looks at it."""
    customer, words = known(who), checking.reason(typed)
    if not words:
        raise NotTaken(Refused.EMPTY)
    post = Post.objects.select_for_update().filter(number=number, customer=customer).first()
    if post is None or post.fate != Fate.HIDDEN.value:
        raise NotTaken(Refused.GONE)
    if post.appeal != Appeal.NONE.value:
        raise NotTaken(Refused.DONE)
    Post.objects.filter(number=number).update(appeal=Appeal.OPEN.value, appeal_words=words)
