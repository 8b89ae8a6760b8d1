"""Who is written to, and what: messages are written down first, in the order in which they are sent."""

from datetime import datetime
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from holdfast.control.care.models import Customer, Refund
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.tell import announcing
from holdfast.control.tell.models import Message, Notice
from holdfast.control.tell.phrases import LANGUAGES, Phrases, phrases
from holdfast.control.tell.statement import compose
from holdfast.look import MAIL_DOMAIN

FOLDER = Path(__file__).parent / "messages"
BATCH_MAX = 500
OPENED, RESTORED = "opened", "restored"


def template(notice: str, language: str, part: str) -> str:
    """The text of a notice's part (`subject`, `body`), as it stands in its file."""
    return (FOLDER / notice / language / f"{part}.txt").read_text(encoding="utf-8")


def waiting_customers(incident: Incident, notice: str, limit: int = BATCH_MAX) -> list[Customer]:
    """Those affected who have no message of this notice yet: people with needs first."""
    told = Message.objects.filter(notice__incident=incident, notice__name=notice).values("customer")
    affected = Customer.objects.filter(Q(cohort__in=incident.affected_cohorts)).exclude(email="")
    return list(affected.exclude(id__in=told).order_by("-needs_first", "id")[:limit])


def write_down(incident: Incident, notice_name: str, now: datetime) -> int:
    """Write the next batch of messages of a notice; returns how many. Nobody gets a second one."""
    customers = waiting_customers(incident, notice_name)
    if not customers:
        return 0
    words = {
        language: {
            "subject": template(notice_name, language, "subject").strip(),
            "body": template(notice_name, language, "body"),
        }
        for language in LANGUAGES
    }
    notice, _ = Notice.objects.get_or_create(
        incident=incident, name=notice_name, defaults={"made_at": now, "words": words}
    )
    values = {language: _values(incident, language, now) for language in LANGUAGES}
    refunds = _refunds(incident, [customer.id for customer in customers]) if notice_name == RESTORED else {}
    rows = [_message(notice, customer, words, values, refunds.get(customer.id), now) for customer in customers]
    Message.objects.bulk_create(rows, batch_size=250)
    return len(rows)


def _values(incident: Incident, language: str, now: datetime) -> dict[str, str]:
    here = installation()
    book = phrases(language, here.time_zone)
    said = compose(announcing.gather(incident, now), book)
    returned = incident.returned_at or now
    return {
        "began": book.at(incident.began_at, now),
        "returned": book.at(returned, now),
        "can": "; ".join(said.can),
        "cannot": "; ".join(said.cannot) or "–",
        "money": said.money,
        "next": said.following,
        "bank": here.bank_name,
        "incident": str(incident.number),
        "zone": book.zone_words(),
    }


def _refunds(incident: Incident, customers: list[int]) -> dict[int, list[Refund]]:
    found: dict[int, list[Refund]] = {}
    for refund in Refund.objects.filter(incident=incident, customer__in=customers, refunded_minor__gt=0):
        found.setdefault(refund.customer, []).append(refund)
    return found


def _refund_words(refunds: list[Refund] | None, book: Phrases) -> str:
    if not refunds:
        return book.say("mail", "no_refund")
    currency = refunds[0].currency
    return book.say(
        "mail",
        "refund",
        charged=book.money(sum(one.charged_minor for one in refunds), currency),
        refunded=book.money(sum(one.refunded_minor for one in refunds), currency),
    )


def _message(  # noqa: PLR0917  # the order is the record's own
    notice: Notice,
    customer: Customer,
    words: dict[str, Any],
    values: dict[str, dict[str, str]],
    refunds: list[Refund] | None,
    now: datetime,
) -> Message:
    language = customer.language if customer.language in LANGUAGES else LANGUAGES[0]
    book = phrases(language, installation().time_zone)
    code = announcing.new_code()
    needs = f"\n{book.say('mail', 'needs')}\n" if customer.needs_first else ""
    body = words[language]["body"].format_map(
        {
            **values[language],
            "name": " ".join(customer.name.split()),
            "code": code,
            "needs": needs,
            "refund": _refund_words(refunds, book),
        }
    )
    return Message(
        notice=notice,
        customer=customer.id,
        email=customer.email,
        language=language,
        needs_first=customer.needs_first,
        code=code,
        subject=words[language]["subject"],
        body=body,
        message_id=make_msgid(f"{notice.name}.{notice.incident_id}.{customer.id}", MAIL_DOMAIN),
        created_at=now,
        next_attempt_at=now,
    )


def supersede_opened(incident: Incident) -> int:
    """The incident is over: what still says that it lasts is not sent any more. Returns how many."""
    return Message.objects.filter(
        notice__incident=incident, notice__name=OPENED, state__in=("created", "temporary")
    ).update(state="superseded")


def counts(incident: Incident | None = None) -> dict[str, int]:
    """Messages by state."""
    rows = Message.objects.filter(notice__incident=incident) if incident else Message.objects.all()
    return {row["state"]: row["n"] for row in rows.values("state").annotate(n=Count("id")).order_by("state")}
