"""Made-up content of a made-up bank's community, so that its pages are not empty. Nothing is added to a community in
which somebody wrote already."""

import tomllib
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.community import Fate
from holdfast.control.community import names
from holdfast.control.community.models import Idea, Member, Poll, Post, Tour, Vote, Webinar

FOLDER = Path(__file__).parent / "samples"
BY = "made-up"
CUSTOMERS_FROM = 9_000_000_000
"""Numbers of customers who are none: far above those that a bank gives."""


@transaction.atomic
def ensure() -> int:
    """Add the made-up content where there is none; how many posts."""
    if Post.objects.exists() or Webinar.objects.exists() or Poll.objects.exists():
        return 0
    now = timezone.now()
    raw = tomllib.loads((FOLDER / "samples.toml").read_text(encoding="utf-8"))
    for number, name in enumerate(raw["names"]):
        Member.objects.create(customer=CUSTOMERS_FROM + number, name=name, plain_name=names.plain(name), made_at=now)
    made = sum(_idea(one, len(raw["names"]), now) for one in raw["ideas"])
    for one in raw["polls"]:
        Poll.objects.create(
            title=one["title"],
            questions=one["questions"],
            opened_at=now,
            closes_at=now + timedelta(days=one["days"]),
            made_by=BY,
        )
    for one in raw["webinars"]:
        made += _webinar(one, now)
    for one in raw["tours"]:
        Tour.objects.create(title=one["title"], path=one["path"], steps=one["steps"], published_at=now, made_by=BY)
    return made


def _post(kind: str, by: int, language: str, words: str, at: datetime, **more: Any) -> Post:
    said = uuid.uuid4()
    fate = Fate.SHOWN.value
    return Post.objects.create(
        kind=kind, customer=CUSTOMERS_FROM + by, language=language, words=words, at=at, said=said, fate=fate, **more
    )


def _idea(one: dict[str, Any], people: int, now: datetime) -> int:
    at = now - timedelta(days=one["days_ago"])
    post = _post("idea", one["by"], one["language"], one["words"], at, title=one["title"])
    answered_at = at + timedelta(days=2) if "answer" in one else None
    votes = min(one["votes"], people)
    idea = Idea.objects.create(
        post=post, state=one["state"], answer=one.get("answer", {}), answered_at=answered_at, count=votes
    )
    Vote.objects.bulk_create(Vote(idea=idea, customer=CUSTOMERS_FROM + number) for number in range(votes))
    for comment in one.get("comments", ()):
        _post("comment", comment["by"], comment["language"], comment["words"], at + timedelta(days=1), idea=idea)
    return 1 + len(one.get("comments", ()))


def _webinar(one: dict[str, Any], now: datetime) -> int:
    begins = (now + timedelta(days=one["days"])).replace(hour=17, minute=0, second=0, microsecond=0)
    found = Webinar.objects.create(
        words=one["words"],
        spoken=one["spoken"],
        begins_at=begins,
        ends_at=begins + timedelta(minutes=one["minutes"]),
        seats=one["seats"],
        recording=one.get("recording", ""),
        materials=one.get("materials", []),
        made_by=BY,
        made_at=now,
        reminded_at=begins if begins < now else None,
    )
    for asked in one.get("questions", ()):
        _post("question", asked["by"], asked["language"], asked["words"], now, webinar=found, answer=asked["answer"])
    return len(one.get("questions", ()))
