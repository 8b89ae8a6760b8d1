"""Who is written to, and what: messages are written down first, in the order in which they are sent."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from holdfast.contracts.told import CODE_DIGITS
from holdfast.contracts.ways import SMS
from holdfast.control.care.models import Customer, Refund
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.maintenance.known import planned_by
from holdfast.control.place import installation
from holdfast.control.subscribers import telling as followers
from holdfast.control.tell import announcing, gateways
from holdfast.control.tell.addressing import language_of, messages, open_ways
from holdfast.control.tell.kinds import OPENED, RESTORED
from holdfast.control.tell.models import WAITING, Message, Notice
from holdfast.control.tell.notices import template
from holdfast.control.tell.phrases import LANGUAGES, Phrases, phrases
from holdfast.control.tell.statement import compose

BATCH_MAX = 2000
CODE_SHOWN = "0" * CODE_DIGITS
"""Stands for each message's own code where nobody is written to yet."""
LASTS = ("open", "repaired", "handing_back")
"""Phases in which an incident of the whole bank still lasts for customers."""
PROOF_WAIT = timedelta(seconds=4)
"""The first message waits so long for the proof of the spare bank's copy, to say what it found."""
RESTORED_FOR = timedelta(days=1)
REPLACED = "a newer notice of the same incident came before its quiet hours ended"
STRANDED_AFTER = timedelta(days=1)


def write_due(now: datetime) -> int:
    """Write the next batch of whatever is due; how many messages. People with needs come first in each."""
    incident = Incident.objects.filter(cause="bank", closed_at__isnull=True, phase__in=LASTS).first()
    proved = True
    if incident is not None:
        proved = incident.spare_proof is not None or now - incident.opened_at > PROOF_WAIT
        written = write_down(incident, OPENED, now) if proved and planned_by(incident) is None else 0
    else:
        closed = Incident.objects.filter(cause="bank", closed_at__gt=now - RESTORED_FOR).order_by("-number").first()
        written = write_down(closed, RESTORED, now) if closed and planned_by(closed) is None else 0
    for notice in Notice.objects.filter(state="writing").order_by("-urgent", "id"):
        written += write_composed(notice.pk, now)
    if not written and proved:  # whom it affects comes first
        written = followers.write_due(now)
    return written


def _untold(who: Q, told: QuerySet[Message], limit: int) -> list[Customer]:
    """Those of them who have no such message yet: people with needs first."""
    found = Customer.objects.filter(who).exclude(id__in=told.values("customer"))
    return list(found.order_by("-needs_first", "id")[:limit])


@transaction.atomic
def write_down(incident: Incident, notice_name: str, now: datetime, limit: int = BATCH_MAX) -> int:
    """Write the next batch of an incident's own messages; returns how many. Nobody gets a second one."""
    # Under the incident's lock, so that what says that it lasts is not written after it was closed.
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if notice_name == OPENED and incident.phase not in LASTS:
        return 0
    told = Message.objects.filter(notice__incident=incident, notice__name=notice_name)
    customers = _untold(Q(cohort__in=incident.affected_cohorts), told, limit)
    if not customers:
        return 0
    words = {
        language: {
            "subject": template(notice_name, language, "subject").strip(),
            "body": template(notice_name, language, "body"),
            "sms": template(notice_name, language, "sms"),
        }
        for language in LANGUAGES
    }
    notice, _ = Notice.objects.get_or_create(
        incident=incident, name=notice_name, defaults={"made_at": now, "words": words}
    )
    values = {language: _values(incident, language, now) for language in LANGUAGES}
    refunds = _refunds(incident, [customer.id for customer in customers]) if notice_name == RESTORED else {}
    rows, ways = [], open_ways()
    for customer in customers:
        language = language_of(customer)
        refund = {"refund": _refund_words(refunds.get(customer.id), phrases(language, installation().time_zone))}
        rows += messages(notice, customer, words[language], {**values[language], **refund}, now, ways)
    _keep(notice, rows, now)
    return len(rows)


@transaction.atomic
def write_composed(number: int, now: datetime, limit: int = BATCH_MAX) -> int:
    """Write the next batch of a notice that a person composed; returns how many. After the last it is `said`."""
    notice = Notice.objects.select_for_update().get(pk=number)
    if notice.state != "writing":
        return 0
    customers = _untold(audience(notice.audience), Message.objects.filter(notice=notice), limit)
    words, ways = {language: _templates(texts) for language, texts in notice.words.items()}, open_ways()
    rows = [row for one in customers for row in messages(notice, one, words[language_of(one)], {}, now, ways)]
    _keep(notice, rows, now)
    _replace(notice, [one.id for one in customers], now)
    if len(customers) < limit:
        notice.state = "said"
        notice.save(update_fields=["state"])
    return len(rows)


def audience(said: dict[str, Any]) -> Q:
    """Whom an audience means: `all`, these `customers`, or those of `cohorts`; of them with `needs_only` those with
    needs."""
    if "customers" in said:
        return Q(id__in=list(said["customers"]))
    who = Q() if said.get("all") is True else Q(cohort__in=list(said.get("cohorts", ())))
    return who & Q(needs_first=True) if said.get("needs_only") else who


def _keep(notice: Notice, rows: list[Message], now: datetime) -> None:
    Message.objects.bulk_create(rows, batch_size=500)
    if rows and notice.incident is not None:
        words = f"{len(rows)} messages written down ({notice.name}), people with needs first"
        record.add(notice.incident, now, "tell", "messages", words)


def _replace(notice: Notice, customers: list[int], now: datetime) -> None:
    """What still waits for the end of their quiet hours, of an earlier notice of the same incident, is old news."""
    if notice.incident_id is None:
        return
    older = Message.objects.filter(notice__incident=notice.incident_id, customer__in=customers, state="created")
    older = older.filter(notice__lt=notice.pk, urgent=False, next_attempt_at__gt=now)
    older.update(state="cancelled", next_attempt_at=None, last_error=REPLACED)


def _templates(texts: dict[str, str]) -> dict[str, str]:
    """A composed notice's texts with places for what is the customer's own; only its mail has them as composed."""
    short = texts.get("sms", "").replace("{", "{{").replace("}", "}}").replace(CODE_SHOWN, "{code}")
    return {"subject": texts["subject"], "body": texts["mail"], "sms": short}


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


def cancel_opened(incident: Incident) -> int:
    """The incident is over: what still says that it lasts is not sent any more. Returns how many."""
    waiting = Message.objects.filter(notice__incident=incident, notice__name=OPENED, state__in=WAITING)
    return waiting.update(state="cancelled", last_error="the incident ended before it was sent", next_attempt_at=None)


def end_stranded(now: datetime) -> int:
    """SMS that waited a day while no gateway was set, since somebody took it away, end as not sent. How many."""
    if gateways.are_set():
        return 0
    stranded = Message.objects.filter(channel=SMS, state__in=WAITING, created_at__lt=now - STRANDED_AFTER)
    return stranded.update(state="permanent", next_attempt_at=None, last_error="no SMS gateway was set for a day")


def counts(incident: Incident | None = None) -> dict[str, int]:
    """Messages by state."""
    rows = Message.objects.filter(notice__incident=incident) if incident else Message.objects.all()
    return {row["state"]: row["n"] for row in rows.values("state").annotate(n=Count("id")).order_by("state")}
