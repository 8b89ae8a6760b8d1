"""What is forgotten of a customer who left: every tie between them and what stands in the community."""

from collections.abc import Collection

from django.db.models import Q

from holdfast.contracts.community import Fate
from holdfast.control.community.models import (
    Member,
    PollAnswer,
    Post,
    Problem,
    Registration,
    Report,
    TourSeen,
    Vote,
)


def forget(customers: Collection[int]) -> None:
    """Their names, votes, answers, seats and reports go, and what they wrote; an idea that is shown and that others
    vote for or discuss, or that the bank answered, stays without a writer. In the caller's transaction."""
    for kept in (Vote, PollAnswer, Registration, Report, TourSeen, Member, Problem):
        kept.objects.filter(customer__in=customers).delete()
    theirs = Post.objects.filter(customer__in=customers)
    theirs.exclude(kind="idea").delete()
    alive = Q(as_idea__votes__isnull=False) | Q(as_idea__answered_at__isnull=False)
    alive |= Q(as_idea__comments__isnull=False)
    stays = set(theirs.filter(alive, fate=Fate.SHOWN.value).values_list("number", flat=True))
    theirs.exclude(number__in=stays).delete()
    Post.objects.filter(number__in=stays).update(customer=None)
