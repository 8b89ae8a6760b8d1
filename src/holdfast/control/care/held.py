"""Everything that the control room holds about one customer, kind by kind, as it is taken along. Nothing is changed
here.

Each kind names its table and fields; a test looks that no table of this building that names a customer is missing here
or in LEFT_OUT. Names of staff are no part of it, but for who answered in a chat and who looked.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from holdfast.control.care.models import Customer, PhoneCall, Refund
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
from holdfast.control.subscribers import asking
from holdfast.control.support import sealed
from holdfast.control.support.models import CallBack, Conversation, Line, PageLook
from holdfast.control.tell.models import Message

ROWS_MAX = 5_000
"""Of one kind; `more` says where there are more."""
LOOKS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind that name the customer, and what of them is taken along."""

    name: str
    model: type[Model]
    fields: tuple[str, ...]


KINDS = (
    Kind("name_in_the_community", Member, ("name", "made_at")),
    Kind(
        "posts",
        Post,
        (
            "number",
            "kind",
            "idea",
            "webinar",
            "language",
            "title",
            "words",
            "at",
            "fate",
            "why",
            "appeal",
            "appeal_words",
            "answer",
        ),
    ),
    Kind("votes", Vote, ("idea", "idea__post__title")),
    Kind("posts_reported", Report, ("post", "why", "at")),
    Kind("poll_answers", PollAnswer, ("poll", "poll__title", "poll__questions", "chosen")),
    Kind("webinar_seats", Registration, ("webinar", "webinar__words", "webinar__begins_at", "at", "waiting")),
    Kind("tours_put_away", TourSeen, ("tour", "tour__title")),
    Kind("problems_reported", Problem, ("trouble", "words", "language", "at")),
    Kind("chats", Conversation, ("id", "made_at", "ended_at", "language", "place", "state", "asked", "score")),
    Kind("pages_shown_to_support", PageLook, ("at", "by", "bank")),
    Kind("calls_asked_for", CallBack, ("asked_at", "done_at", "outcome")),
    Kind("calls_by_staff", PhoneCall, ("incident", "at", "outcome", "agreed", "again_at")),
    Kind(
        "messages", Message, ("created_at", "channel", "email", "subject", "body", "state", "delivered_at", "seen_at")
    ),
    Kind(
        "refunds_told",
        Refund,
        (
            "incident",
            "account",
            "payment",
            "charged_minor",
            "would_have_been_minor",
            "refunded_minor",
            "currency",
            "why",
        ),
    ),
)
LEFT_OUT = {"care_customer": "name, addresses, needs and choices as the bank itself has them"}
"""Tables that name a customer and are not taken along, with the reason."""


def held_about(customer: int) -> dict[str, Any]:
    """Everything, by kind; as JSON takes it. Raises NotSealed when a line of a chat does not open."""
    kinds: dict[str, list[dict[str, Any]]] = {kind.name: list(_rows(kind, customer)) for kind in KINDS}
    kinds["lines_of_chats"] = _lines(customer)
    kinds["follows_the_status_page"] = _follows(customer)
    told = {
        "kinds": kinds,
        "left_out": LEFT_OUT,
        "more": [name for name, rows in kinds.items() if len(rows) == ROWS_MAX],
    }
    plain: dict[str, Any] = json.loads(json.dumps(told, cls=DjangoJSONEncoder))
    return plain


def counted(customer: int) -> dict[str, Any]:
    """How much there is of each kind, and the last looks of support at the customer's pages, the newest first."""
    counts = {kind.name: kind.model._default_manager.filter(customer=customer).count() for kind in KINDS}
    counts["lines_of_chats"] = Line.objects.filter(conversation__customer=customer).count()
    counts["follows_the_status_page"] = len(_follows(customer))
    looks = PageLook.objects.filter(customer=customer).order_by("-at")[:LOOKS_SHOWN_MAX]
    return {
        "counts": counts,
        "looks": [{"at": one.at.timestamp(), "by": one.by, "bank": one.bank} for one in looks],
    }


def _rows(kind: Kind, customer: int) -> QuerySet[Any, dict[str, Any]]:
    return kind.model._default_manager.filter(customer=customer).order_by("pk").values(*kind.fields)[:ROWS_MAX]


def _lines(customer: int) -> list[dict[str, Any]]:
    """What was said in the customer's chats, by everybody in them."""
    found = Line.objects.filter(conversation__customer=customer).order_by("pk")[:ROWS_MAX]
    return [
        {"chat": one.conversation_id, "number": one.number, "at": one.at, "who": one.who, "by": one.by,
         "words": sealed.unseal(one)}
        for one in found
    ]  # fmt: skip


def _follows(customer: int) -> list[dict[str, Any]]:
    """Subscriptions to the status page are nobody's but an address's: those of the customer's own address and number.
    Only confirmed ones: anybody may have typed the address of one that waits."""
    known = Customer.objects.filter(id=customer).first()
    found = [asking.find(address) for address in (known.email, known.sms) if address] if known else []
    return [
        {"channel": one.channel, "components": one.components, "language": one.language, "since": one.confirmed_at}
        for one in found
        if one is not None and one.state == "confirmed"
    ]
