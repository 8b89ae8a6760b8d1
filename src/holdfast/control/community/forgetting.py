"""What is forgotten of a customer who left: every tie between them and what stands in the community."""

from collections.abc import Collection

from django.db.models import Count, F, Q

from holdfast.contracts.community import Fate
from holdfast.control.community.models import (
    Idea,
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
    list(Member.objects.select_for_update().filter(customer__in=customers).order_by("customer"))  # no vote meanwhile
    voted = Vote.objects.filter(customer__in=customers).values("idea").annotate(n=Count("pk")).order_by("idea")
    for row in list(voted):
        Idea.objects.filter(pk=row["idea"]).update(count=F("count") - row["n"])
    for kept in (Vote, PollAnswer, Registration, Report, TourSeen, Member, Problem):
        kept.objects.filter(customer__in=customers).delete()
    theirs = Post.objects.filter(customer__in=customers)
    theirs.exclude(kind="idea").delete()
    alive = Q(as_idea__votes__isnull=False) | Q(as_idea__answered_at__isnull=False)
    alive |= Q(as_idea__comments__isnull=False)
    stays = set(theirs.filter(alive, fate=Fate.SHOWN.value).values_list("number", flat=True))
    theirs.exclude(number__in=stays).delete()
    Post.objects.filter(number__in=stays).update(customer=None)
