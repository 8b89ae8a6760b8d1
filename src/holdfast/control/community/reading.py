"""What a customer may read of the community: what is shown, and their own beside it."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When

from holdfast.contracts import community as told
from holdfast.contracts.community import Fate, Forum, IdeaState, Refused, Who
from holdfast.control.community import polls, writing
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Idea, Member, Post, Report, Vote

ANSWERED_SHOWN_MAX = 10
LEFT = ""
"""In the place of a name that is forgotten."""
ORDERS = {"votes": ("-own_first", "-count", "-pk"), "new": ("-own_first", "-pk")}


def forum(who: Who, order: str) -> Forum:
    """The page of ideas: those that are shown and one's own, in an order of ORDERS."""
    found = _seen_by(who).order_by(*ORDERS.get(order, ORDERS["votes"]))[: told.IDEAS_SHOWN_MAX]
    done = _seen_by(who).filter(state=IdeaState.DONE.value, post__fate=Fate.SHOWN.value).exclude(answer={})
    answered = done.order_by("-answered_at")[:ANSWERED_SHOWN_MAX]
    return Forum(_name(who), writing.first_look(), _ideas(found, who), _ideas(answered, who), (), polls.shown(who))


def one(who: Who, number: int) -> Forum:
    """One idea with its comments. Raises NotTaken where there is none that this customer may see."""
    found = _ideas(_seen_by(who).filter(pk=number), who)
    if not found:
        raise NotTaken(Refused.GONE)
    said = Post.objects.filter(visible(who), idea=number).order_by("-number")[: told.COMMENTS_SHOWN_MAX]
    comments = tuple(reversed(posts(said, who)))
    return Forum(_name(who), writing.first_look(), found, (), comments, ())


def _name(who: Who) -> str:
    if not who.customer:
        return ""
    return Member.objects.filter(customer=who.customer).values_list("name", flat=True).first() or ""


def visible(who: Who, prefix: str = "") -> Q:
    """What is shown, and one's own."""
    shown = Q(**{f"{prefix}fate": Fate.SHOWN.value})
    return shown | Q(**{f"{prefix}customer": who.customer}) if who.customer else shown


def _seen_by(who: Who) -> QuerySet[Idea]:
    """Own ideas that are not shown come first, so that their writers see why."""
    own = Case(When(~Q(post__fate=Fate.SHOWN.value), then=1), default=0, output_field=IntegerField())
    found = Idea.objects.filter(visible(who, "post__")).select_related("post")
    return found.annotate(own_first=own)


def _ideas(found: QuerySet[Idea], who: Who) -> tuple[told.Idea, ...]:
    rows = list(found)
    numbers = [one.pk for one in rows]
    mine = Vote.objects.filter(customer=who.customer, idea__in=numbers) if who.customer else Vote.objects.none()
    voted = set(mine.values_list("idea", flat=True))
    counted = Post.objects.filter(idea__in=numbers, fate=Fate.SHOWN.value).values("idea").annotate(n=Count("number"))
    comments = {row["idea"]: row["n"] for row in counted}
    by_number = {one.number: one for one in posts([row.post for row in rows], who)}
    return tuple(
        told.Idea(
            by_number[row.pk],
            row.state,
            row.count,
            row.pk in voted,
            comments.get(row.pk, 0),
            {str(language): str(words) for language, words in row.answer.items()},
            row.answered_at.timestamp() if row.answered_at else 0.0,
        )
        for row in rows
    )


def posts(found: Iterable[Post], who: Who) -> tuple[told.Post, ...]:
    """Posts as this customer may see them: without numbers of customers, and why one was hidden for its writer."""
    rows = list(found)
    called = Member.objects.filter(customer__in={one.customer for one in rows if one.customer})
    by = {one.customer: one.name for one in called}
    reported: set[int] = set()
    if who.customer:
        reports = Report.objects.filter(customer=who.customer, post__in=[one.number for one in rows])
        reported = set(reports.values_list("post", flat=True))
    return tuple(_told(one, by, who, one.number in reported) for one in rows)


def _told(one: Post, by: dict[int, str], who: Who, reported: bool) -> told.Post:
    mine = bool(who.customer) and one.customer == who.customer
    name = by.get(one.customer, LEFT) if one.customer else LEFT
    made = told.Post(
        one.number, name, one.language, one.title, one.words, one.at.timestamp(), mine, one.fate, "", "none", reported
    )
    return replace(made, why=one.why, appeal=one.appeal) if mine else made
