"""A customer's inbox: the whole text of each notice that was written to them, whatever other ways told them of it."""

from datetime import datetime

from django.db.models import QuerySet

from holdfast.contracts.inbox import SHOWN_MAX, Inbox, Letter
from holdfast.control.tell.models import WHOLE, Message


def read(customer: int, now: datetime, seen: bool) -> Inbox:
    """What stands in it, the newest first; seen: it is shown to the customer, so what is new in it is so no more."""
    rows = list(_theirs(customer).order_by("-id")[: SHOWN_MAX + 1])
    shown = rows[:SHOWN_MAX]
    letters = tuple(
        Letter(one.created_at.timestamp(), one.subject, one.body, one.code, one.seen_at is None) for one in shown
    )
    new = [one.pk for one in shown if one.seen_at is None]
    if seen and new:
        Message.objects.filter(pk__in=new, seen_at=None).update(seen_at=now)
    return Inbox(letters, len(new), len(rows) > SHOWN_MAX)


def unread(customer: int) -> int:
    """How many of the newest were not shown yet."""
    newest = _theirs(customer).order_by("-id").values_list("seen_at", flat=True)[:SHOWN_MAX]
    return sum(1 for seen in newest if seen is None)


def _theirs(customer: int) -> QuerySet[Message]:
    """What was written to them in full. What is cancelled was never said, unless they read it here before; who left has
    messages without words."""
    written = Message.objects.filter(customer=customer, channel__in=WHOLE).exclude(body="")
    return written.exclude(state="cancelled", seen_at=None).only("created_at", "subject", "body", "code", "seen_at")
