"""An address that does not exist gets no more messages: what the outbox hears about followers' addresses."""

from collections.abc import Collection

from django.db import transaction

from holdfast.control.subscribers.asking import forget
from holdfast.control.subscribers.models import Subscriber

REFUSALS_MAX = 2
"""So many messages in a row whose address was refused for good end a confirmed subscription; a waiting one ends at the
first. One alone may be a mail server's own fault."""


@transaction.atomic
def note(refused: Collection[int], taken: Collection[int]) -> int:
    """The followers whose address was refused for good, and those whose message was taken; how many were ended."""
    if taken:
        Subscriber.objects.filter(pk__in=taken, refusals__gt=0).update(refusals=0)
    gone = []
    for one in Subscriber.objects.select_for_update().filter(pk__in=refused).order_by("pk"):
        one.refusals += 1
        if one.state == "waiting" or one.refusals >= REFUSALS_MAX:
            gone.append(one.pk)
        else:
            one.save(update_fields=["refusals"])
    return forget(gone) if gone else 0
