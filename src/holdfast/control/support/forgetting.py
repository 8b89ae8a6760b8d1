"""What of chats is forgotten: all that was said by who is no customer any more, and by everybody after KEPT.

That there was a chat, when, and how it was judged stays for the forecast; it names nobody.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from holdfast.contracts.support import State
from holdfast.control.support.models import CallBack, Conversation, Line, PageLook

KEPT = timedelta(days=400)
"""Long enough for a complaint about what was said."""
AT_ONCE_MAX = 5_000


def forget(customers: Collection[int]) -> None:
    """Nothing that these customers said, or that was said to them, is kept. In the caller's transaction."""
    theirs = Conversation.objects.filter(customer__in=customers)
    Line.objects.filter(conversation__in=theirs).delete()
    CallBack.objects.filter(customer__in=customers).delete()
    PageLook.objects.filter(customer__in=customers).delete()
    ended = {"state": State.ENDED.value, "consent": "", "consent_until": None}
    theirs.update(customer=None, needs_first=False, place="", **ended)


def trim(now: datetime) -> int:
    """Forget what was said longer ago than KEPT; how many lines."""
    with transaction.atomic():
        old = list(Line.objects.filter(at__lt=now - KEPT).order_by("pk").values_list("pk", flat=True)[:AT_ONCE_MAX])
        Line.objects.filter(pk__in=old).delete()
        PageLook.objects.filter(at__lt=now - KEPT).delete()
        past = Conversation.objects.filter(made_at__lt=now - KEPT, customer__isnull=False)
        past.filter(state=State.ENDED).update(customer=None)
    return len(old)
