"""Making a bundle: gather the facts, compose both languages, write notice, promises and bundle in one transaction."""

import secrets
import threading
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from holdfast.contracts.told import CODE_DIGITS
from holdfast.control.care.directory import bank_fact
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.maintenance import calendar
from holdfast.control.maintenance.known import planned_by
from holdfast.control.place import installation
from holdfast.control.subscribers import news
from holdfast.control.tell.models import Bundle, Message, Notice, Promise
from holdfast.control.tell.phrases import LANGUAGES, Phrases, phrases
from holdfast.control.tell.spoken import composed, on_banner, shown_with
from holdfast.control.tell.statement import INDICATORS, ON_SPARE, Facts, Statement, banner_of, compose, state_of_case
from holdfast.control.watch.models import Building
from holdfast.guard import BadLimits, aged, read_limits
from holdfast.look import Banner, banner_html

STATUS = "status:"
"""How the names of notices begin that the status page says by itself."""
UPDATE_EVERY = timedelta(minutes=15)
UPDATE_EARLY = timedelta(seconds=45)
FIRST_WORD_WITHIN = timedelta(seconds=60)
CALM_BANNER_FOR = timedelta(minutes=30)
BUNDLE_HOLDS_FOR = timedelta(hours=12)
CODES_MAX = 150_000
"""Ten digits each: what a door takes as one bundle (`edge.bundle.BUNDLE_BYTES_MAX`) holds them."""
CODES_AGE = timedelta(days=60)
SAID_MAX = 12
FEED_MAX = 30
PROMISES_SHOWN_MAX = 5
PAYLOADS_KEPT = 20
made = threading.Event()
"""Set when a bundle was made in this process: whoever brings it to the doors need not look for it."""


def current(now: datetime) -> Incident | None:
    """The incident to speak of: the gravest open one, or one closed so recently that its end is still news."""
    if open_ones := record.told_incidents():
        return open_ones[0]
    return Incident.objects.filter(cause="bank", closed_at__gt=now - CALM_BANNER_FOR).order_by("-number").first()


def gather(incident: Incident | None, now: datetime) -> Facts:
    """The facts at this instant."""
    spare = Building.objects.filter(name="standin").first()
    spare_answers = spare is None or spare.answer == "answers"
    bank = bank_fact("bank")
    currency = str(bank.get("currency") or installation().currency)
    limits = bank_fact("limits") or None
    if incident is None:
        return Facts(now, "normal" if spare_answers else "spare_only", currency, limits=limits)
    if incident.cause == "bank":
        case = state_of_case(incident.phase, spare_answers, bool(incident.affected_cohorts))
    else:
        case = "spare_only" if incident.cause == "standin" else "doors"
        case = "normal" if incident.closed_at else case
    promise = None
    if incident.closed_at is None:
        promise = incident.promises.filter(name="next_update", state="open").order_by("-due_at").first()
    if limits and spare and case in ON_SPARE:
        limits = _limits_until(limits, spare.detail.get("fed_at_us"), promise.due_at if promise else now)
    return Facts(
        now,
        case,
        currency,
        incident.number,
        incident.began_at,
        incident.restored_at,
        incident.returned_at,
        promise.due_at if promise else None,
        incident.spare_proof,
        incident.books_proof,
        incident.bank_block_seen,
        incident.bank_block_seen_at,
        limits,
        planned=planned_by(incident) is not None,
    )


def _for_followers(incident: Incident, facts: Facts, one: Statement) -> dict[str, Any]:
    """Which components a status notice is about, and whether who follows the page gets it: of announced maintenance
    they get its own notices."""
    before = list(
        incident.notices.filter(name__startswith=STATUS).order_by("id").values_list("name", "components", "followers")
    )
    goes = not facts.planned and news.goes_out(facts.case, [name.removeprefix(STATUS) for name, _, _ in before])
    components = news.touched(one.services) or news.together(those for _, those, goes in before if goes)
    return {"components": components, "followers": "due" if goes else ""}


def _limits_until(limits: dict[str, Any], fed_at_us: Any, until: datetime) -> dict[str, Any]:
    """The limits that still hold at an instant: the spare bank's shrink with the age of its data, and what is said
    must be true until the next update."""
    age_s = until.timestamp() - fed_at_us / 1e6 if isinstance(fed_at_us, int) else 0.0
    try:
        spare = aged(read_limits(limits), age_s).spare
    except BadLimits:
        return limits
    held = {"per_payment_minor": spare.per_payment_minor, "per_day_minor": spare.per_day_minor}
    return {**limits, "spare": {**limits["spare"], **held}}


def announce(incident: Incident | None, reason: str, now: datetime, updates: bool = True) -> Bundle:
    """Say it everywhere. `updates` is False when only codes are new: then nothing is promised or kept by it."""
    if updates and incident is not None:
        _promise(incident, now)
    facts = gather(incident, now)
    zone = installation().time_zone
    books = {language: phrases(language, zone) for language in LANGUAGES}
    statements = {language: compose(facts, book) for language, book in books.items()}
    if updates and incident is not None:
        Notice.objects.create(
            incident=incident,
            name=f"{STATUS}{facts.case}",
            made_at=now,
            **_for_followers(incident, facts, statements["en"]),
            words={
                language: {"subject": one.headline, "body": " ".join(filter(None, (one.lead, one.money)))}
                for language, one in statements.items()
            },
        )
    number = next_number()
    banners = {
        language: on_banner(
            banner_of(one, number, facts.incident, books[language]), facts.incident, number, books[language], now
        )
        for language, one in statements.items()
    }
    codes, codes_to = _codes(now)
    payload = {
        "number": number,
        "made_at": now.isoformat(),
        "ends_at": _ends(incident, now).isoformat(),
        "incident": facts.incident,
        "banner": {language: asdict(one) for language, one in banners.items() if one} or None,
        "status": {
            language: _page(statements[language], facts, books[language], number, incident) for language in LANGUAGES
        },
        "status_json": {
            **status_json(statements["en"], facts, incident),
            "scheduled_maintenances": calendar.for_machines(now),
        },
        **_feeds(),
        "calendar": calendar.calendar(now),
        "codes": codes,
    }
    bundle = Bundle.objects.create(
        number=number,
        incident=incident,
        reason=reason[:32],
        made_at=now,
        has_banner=payload["banner"] is not None,
        updates=updates,
        payload=payload,
        next_attempt_at=now,
        codes_to=codes_to,
    )
    for old in Bundle.objects.exclude(state="made").order_by("-number")[PAYLOADS_KEPT : PAYLOADS_KEPT * 2]:
        Bundle.objects.filter(number=old.number).update(payload={})
    transaction.on_commit(made.set)
    return bundle


def next_number() -> int:
    """Larger than every number before, also when this room's database was lost: the clock is its floor."""
    last = Bundle.objects.aggregate(last=Max("number"))["last"] or 0
    return max(last + 1, int(time.time()))


def _ends(incident: Incident | None, now: datetime) -> datetime:
    if incident is not None and incident.closed_at is not None:
        return incident.closed_at + CALM_BANNER_FOR
    return now + BUNDLE_HOLDS_FOR


def _promise(incident: Incident, now: datetime) -> None:
    """What this statement promises: the first word at the opening, then the next update, until it is over."""
    if not incident.promises.filter(name="first_word").exists():
        Promise.objects.create(
            incident=incident, name="first_word", due_at=incident.opened_at + FIRST_WORD_WITHIN, made_at=now
        )
    if incident.closed_at is not None:
        return
    due = now + UPDATE_EVERY
    due += timedelta(seconds=-due.second, microseconds=-due.microsecond)
    Promise.objects.create(incident=incident, name="next_update", due_at=due, made_at=now)


def _page(one: Statement, facts: Facts, book: Phrases, number: int, incident: Incident | None) -> str:
    promised_by = book.say("page", "next_update", next=book.at(facts.next_at, facts.now)) if facts.next_at else ""
    proof = facts.books_proof if facts.case in ("returned", "closed") else facts.spare_proof
    context = {
        "s": one,
        "w": book.words,
        "bank": installation().bank_name,
        "number": number,
        "incident": facts.incident,
        "updated": book.say("page", "updated", at=book.at(facts.now, facts.now)),
        "promised_by": promised_by,
        "promises": _promises(incident, book, facts.now),
        "said": _said(incident, book, facts.now),
        "maintenance": calendar.on_page(one.language, facts.now),
        "zone": book.say("page", "times", zone=book.zone_words()),
        "safety": "proved" if proof and not proof["findings"] else "not-known",
    }
    return render_to_string("tell/status.html", context)


def _promises(incident: Incident | None, book: Phrases, now: datetime) -> list[dict[str, str]]:
    if incident is None:
        return []
    rows = []
    first = list(incident.promises.filter(name="first_word"))
    later = list(incident.promises.exclude(name="first_word").order_by("-id")[:PROMISES_SHOWN_MAX])
    for promise in [*first, *reversed(later)]:
        if promise.state == "open" and promise.name == "next_update" and promise != later[0]:
            continue  # the newest open one says until when; those before it are kept by the same word
        at = book.at(promise.kept_at, now, seconds=True) if promise.kept_at else ""
        key = "late" if promise.state == "broken" and at else promise.state
        tone = {"kept": "calm", "broken": "alarm"}.get(promise.state, "")
        rows.append(
            {
                "words": book.say("promise", promise.name),
                "due": book.at(promise.due_at, now),
                "tone": tone,
                "fate": book.say("promise", key, at=at),
            }
        )
    return rows


def _said(incident: Incident | None, book: Phrases, now: datetime) -> list[dict[str, str]]:
    said = list(shown_with(incident, now)[:SAID_MAX])
    if incident is not None:
        said += incident.notices.filter(name__startswith=STATUS).order_by("-made_at")[:SAID_MAX]
    notices = sorted(said, key=lambda one: one.made_at, reverse=True)[:SAID_MAX]
    language = str(book.words["language"])
    return [
        {
            "iso": one.made_at.isoformat(),
            "at": book.at(one.made_at, now, seconds=True),
            "words": one.words[language]["body"],
        }
        for one in notices
    ]


def _feeds() -> dict[str, str]:
    """What was said lately, in English, as an Atom feed and as RSS."""
    public = Q(name__startswith=STATUS) | Q(pk__in=composed().values("pk"))
    status = f"{installation().door_origin}/status"
    title, about = f"{installation().bank_name} status", "What the bank says to everybody"
    feeds = {
        "feed_atom": Atom1Feed(title, status, about, feed_url=f"{status}.atom"),
        "feed_rss": Rss201rev2Feed(title, status, about, feed_url=f"{status}.rss"),
    }
    for one in Notice.objects.filter(public).order_by("-made_at")[:FEED_MAX]:
        words, name = one.words["en"], f"{status}#{one.incident_id}-{one.pk}"
        for feed in feeds.values():
            feed.add_item(words["subject"], status, words["body"], unique_id=name, pubdate=one.made_at,
                          updateddate=one.made_at, unique_id_is_permalink=False)  # fmt: skip
    return {name: feed.writeString("utf-8") for name, feed in feeds.items()}


def status_json(one: Statement, facts: Facts, incident: Incident | None) -> dict[str, Any]:
    """The status in Statuspage's form."""
    words = {"calm": "operational", "notice": "degraded_performance", "alarm": "major_outage"}
    body: dict[str, Any] = {
        "page": {
            "name": installation().bank_name,
            "url": f"{installation().door_origin}/status",
            "updated_at": facts.now.isoformat(),
        },
        "status": {"indicator": INDICATORS[one.tone], "description": one.headline},
        "components": [
            {"id": line.key, "name": line.name, "status": words[line.tone], "description": line.words}
            for line in one.services
        ],
        "incidents": [],
    }
    if incident is not None and facts.case not in ("normal", "spare_only"):
        phase = {"open": "investigating", "closed": "resolved"}.get(incident.phase, "monitoring")
        body["incidents"] = [
            {
                "id": str(incident.number),
                "name": one.headline,
                "status": phase,
                "impact": INDICATORS[one.tone],
                "created_at": incident.opened_at.isoformat(),
                "updated_at": facts.now.isoformat(),
                "resolved_at": incident.closed_at.isoformat() if incident.closed_at else None,
                "body": one.lead,
            }
        ]
    return body


def _codes(now: datetime) -> tuple[list[dict[str, str]], int]:
    """The newest codes, joined for each subject and instant of writing, and the id of the newest message."""
    rows = Message.objects.filter(created_at__gt=now - CODES_AGE).order_by("-id")[:CODES_MAX]
    found: dict[tuple[str, str], list[str]] = {}
    last = 0
    for number, code, subject, created_at in rows.values_list("id", "code", "subject", "created_at"):
        last = max(last, number)
        found.setdefault((subject, created_at.isoformat()), []).append(code)
    return [
        {"subject": subject, "sent_at": sent_at, "codes": "".join(codes)} for (subject, sent_at), codes in found.items()
    ], last


def new_code() -> str:
    """Ten digits that nobody can guess, and anybody can type."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def shown_banner(language: str) -> str:
    """The markup of the banner that customers see now, from the newest bundle that a door took."""
    bundle = Bundle.objects.filter(state="taken").order_by("-number").first()
    banner = (bundle.payload.get("banner") or {}).get(language) if bundle else None
    if banner is None or datetime.fromisoformat(bundle.payload["ends_at"]) < timezone.now():  # type: ignore[union-attr]
        return ""
    return banner_html(Banner(**{**banner, "lines": tuple(map(tuple, banner["lines"]))}), installation().door_origin)
