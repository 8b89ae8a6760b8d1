"""Polls: opened by staff, after an incident or not; one answer a customer; results as counts alone."""

import time
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from holdfast.contracts import community as told
from holdfast.contracts.community import Refused, Who
from holdfast.control.community import names
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Poll, PollAnswer
from holdfast.control.community.writing import known

COUNTS = (Path(__file__).parent / "sql" / "counts.sql").read_text(encoding="utf-8")
GIVEN = (0, 0)
"""Where among the counts it stands how many answered."""
MANY, KEPT_S = 1_000, 5.0
"""The counts of a poll that so many answered are counted anew after so long: counting looks at each answer."""
_kept: dict[int, tuple[float, dict[tuple[int, int], int]]] = {}


def _counts(poll: int) -> dict[tuple[int, int], int]:
    """How many chose what, by (place of the question from 1, choice from 0), and GIVEN."""
    now = time.monotonic()
    at, counts = _kept.get(poll, (0.0, {GIVEN: 0}))
    if counts[GIVEN] >= MANY and now - at < KEPT_S:
        return counts
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"poll": poll})
        counts = {(place, choice): count for place, choice, count in cursor.fetchall()}
    if counts[GIVEN] >= MANY:
        _kept[poll] = (now, counts)
    return counts


def shown(who: Who) -> tuple[told.Poll, ...]:
    """The latest polls, those that are open first."""
    now = timezone.now()
    rows = list(Poll.objects.order_by("-number")[: told.POLLS_SHOWN_MAX])
    mine: set[int] = set()
    if who.customer:
        theirs = PollAnswer.objects.filter(customer=who.customer, poll__in=rows)
        mine = set(theirs.values_list("poll", flat=True))
    made = [view(row, now, row.number in mine) for row in rows]
    return tuple(sorted(made, key=lambda one: not one.is_open))


def view(row: Poll, now: datetime, answered: bool) -> told.Poll:
    """A poll with how many chose what."""
    counts = _counts(row.number)
    questions = []
    for place, question in enumerate(row.questions, start=1):
        choices = tuple(
            told.Choice(words, counts.get((place, number), 0)) for number, words in enumerate(question["choices"])
        )
        questions.append(told.Question(question["words"], choices))
    is_open = row.opened_at <= now < row.closes_at
    incident = row.incident.number if row.incident else 0
    closes_at = row.closes_at.timestamp()
    return told.Poll(row.number, incident, row.title, tuple(questions), closes_at, is_open, answered, counts[GIVEN])


@transaction.atomic
def answer(who: Who, number: int, chosen: list[int], now: datetime) -> None:
    """Answer every question, once. Raises NotTaken."""
    customer = known(who)
    names.member(customer, now)
    poll = Poll.objects.filter(number=number).first()
    if poll is None:
        raise NotTaken(Refused.GONE)
    if not poll.opened_at <= now < poll.closes_at:
        raise NotTaken(Refused.OVER)
    fits = len(chosen) == len(poll.questions) and all(
        0 <= one < len(question["choices"]) for one, question in zip(chosen, poll.questions, strict=False)
    )
    if not fits:
        raise NotTaken(Refused.ANSWERS)
    if PollAnswer.objects.filter(poll=poll, customer=customer).exists():
        raise NotTaken(Refused.DONE)
    PollAnswer.objects.create(poll=poll, customer=customer, chosen=chosen)
