"""A notice that a person composes: filled in, looked at, checked, and only then handed to the writer of messages.

What is refused is refused before anything is sent, in words that name what is wrong.
"""

import hashlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.contracts.ways import PUSH, SMS
from holdfast.control.care.models import Customer
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.subscribers import news
from holdfast.control.tell import mailing
from holdfast.control.tell.addressing import open_ways
from holdfast.control.tell.kinds import ASKED, Kind
from holdfast.control.tell.mailing import CODE_SHOWN
from holdfast.control.tell.models import Notice
from holdfast.control.tell.notices import template
from holdfast.control.tell.phrases import LANGUAGES, phrases
from holdfast.control.tell.sms import PARTS_MAX, length, to_sms
from holdfast.guard import Hurt, hurts_in, leaks_in

ASKED_CHARACTERS_MAX = 1200
SUBJECT_CHARACTERS_MAX = 150
LANGUAGE_WORDS = {"en": "English", "nb": "Norwegian"}
LEAK_WORDS = {
    "link": "a link, which messages never carry",
    "address": "an address",
    "host": "the name of a machine or a site",
    "folder": "the name of a folder",
    "version": "a version",
    "software": "the name of software",
    "trace": "a program's error text",
    "card": "what looks like a card number",
    "account": "what looks like an account or identity number",
    "length": "too much text",
}
Words = Mapping[str, Mapping[str, str]]
"""By language and part: subject, body (for pages), mail (with places for what is the customer's own), sms."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person filled in. asked: by language and place; audience: as in Notice; components: of the status page,
    that it is about; empty for those that the incident touches."""

    kind: Kind
    incident: Incident | None
    asked: Mapping[str, Mapping[str, str]]
    audience: Mapping[str, Any]
    urgent: bool
    components: tuple[str, ...] = ()


@dataclass(slots=True)
class Composed:
    """A draft filled in: words is empty while something is missing; problems: why it cannot be sent, for its writer;
    hurts: by language, what in the person's own words hurts, with which it is sent only when they say why it stands."""

    words: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    hurts: list[tuple[str, Hurt]] = field(default_factory=list)

    def hurts_mark(self) -> str:
        """A mark of exactly these findings, so that a reason given for some does not stand for others; "" without."""
        said = "\n".join(f"{language} {one.kind} {one.passage}" for language, one in self.hurts)
        return hashlib.sha256(said.encode()).hexdigest()[:16] if said else ""


def compose(draft: Draft, now: datetime) -> Composed:
    """Fill the templates of every language and check what came of it."""
    made = Composed(problems=_missing(draft, now))
    if made.problems:
        return made
    for language in LANGUAGES:
        values = {**facts(draft.incident, language, now), **_asked(draft, language)}
        made.words[language] = _fill(draft.kind, language, values)
    for language, words in made.words.items():
        for check in CHECKS:
            made.problems += [f"{LANGUAGE_WORDS[language]}: {one}" for one in check(words)]
        own = "\n".join(_asked(draft, language).values())
        made.hurts += [(language, one) for one in hurts_in(own, language, whole=False)]
    return made


def facts(incident: Incident | None, language: str, now: datetime) -> dict[str, str]:
    """What is known and may be said without anybody writing it; what is not known is absent."""
    here = installation()
    book = phrases(language, here.time_zone)
    known = {"bank": here.bank_name, "zone": book.zone_words()}
    if incident is None:
        return known
    known |= {"incident": str(incident.number), "began": book.at(incident.began_at, now)}
    over = incident.returned_at or incident.closed_at
    if over is not None:
        known["returned"] = book.at(over, now)
    promise = incident.promises.filter(name="next_update", state="open", due_at__gt=now).order_by("-due_at").first()
    if promise is not None:
        known["next"] = book.say("next", "by", next=book.at(promise.due_at, now))
    return known


def places(kind: str) -> set[str]:
    """The names of the places in a kind's templates, but for the customer's own."""
    texts = (template(kind, language, part) for language in LANGUAGES for part in ("subject", "body", "sms"))
    named = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    return named - {"code"}


FACT_WORDS = {
    "incident": "the incident that it speaks of",
    "began": "when the incident began",
    "returned": "when customers were back: it is not over, so it cannot be said that it is",
    "next": "the time of the next update: nothing is promised on the incident",
}


def _missing(draft: Draft, now: datetime) -> list[str]:
    known = facts(draft.incident, LANGUAGES[0], now)
    lacking = [FACT_WORDS.get(name, name) for name in draft.kind.facts if not known.get(name)]
    for language in LANGUAGES:
        given = _asked(draft, language)
        lacking += [f"“{ASKED[name]}” in {LANGUAGE_WORDS[language]}" for name in draft.kind.asked if not given[name]]
    problems = [f"It lacks {one}." for one in lacking]
    if not _reaches(draft.audience):
        problems.append("It says nobody to send it to: no group of customers is known to be affected.")
    return problems


def _asked(draft: Draft, language: str) -> dict[str, str]:
    given = draft.asked.get(language, {})
    return {name: str(given.get(name, "")).strip()[:ASKED_CHARACTERS_MAX] for name in draft.kind.asked}


def _reaches(audience: Mapping[str, Any]) -> bool:
    return audience.get("all") is True or bool(audience.get("cohorts") or audience.get("customers"))


def _fill(kind: Kind, language: str, values: dict[str, str]) -> dict[str, str]:
    """The texts; `mail` is a template of its own, in which only the customer's places are left open."""
    subject = " ".join(template(kind.name, language, "subject").format_map(values).split())
    body = template(kind.name, language, "body").format_map(values).strip()
    shut = {"text": body, "bank": values["bank"]}
    shut = {name: text.replace("{", "{{").replace("}", "}}") for name, text in shut.items()}
    own = {name: "{" + name + "}" for name in ("name", "needs", "code")}
    mail = template(kind.frame, language, "body").format_map({**shut, **own})
    short = template(kind.name, language, "sms").strip().format_map({**values, "code": CODE_SHOWN})
    return {"subject": subject, "body": body, "mail": mail, "sms": to_sms(" ".join(short.split()))}


def _leaks(words: Mapping[str, str]) -> list[str]:
    text = "\n".join((words["subject"], words["body"], words["sms"].replace(CODE_SHOWN, "")))
    return [f"“{one.found[:60]}” is {LEAK_WORDS[one.kind]}." for one in leaks_in(text)]


def _lengths(words: Mapping[str, str]) -> list[str]:
    found = []
    if len(words["subject"]) > SUBJECT_CHARACTERS_MAX:
        found.append(f"The subject has {len(words['subject'])} characters, {SUBJECT_CHARACTERS_MAX} at most.")
    if (size := length(words["sms"])).parts > PARTS_MAX:
        found.append(
            f"The SMS takes {size.parts} parts ({size.characters} characters), {PARTS_MAX} at most: write less."
        )
    return found


CHECKS: list[Callable[[Mapping[str, str]], list[str]]] = [_lengths, _leaks]
"""What each language's text passes before it can be sent; each gives its objections in words. The tone is no such
check, since a person may decide that words stand (`Composed.hurts`)."""


def previews(words: Words) -> list[dict[str, Any]]:
    """What each channel would show, by language, for the page; the customer's own places as an example."""
    made = []
    for language, texts in words.items():
        first = texts["body"].partition("\n\n")[0]
        mail = texts["mail"].format_map({"name": "Kari Nordmann", "needs": "", "code": CODE_SHOWN})
        said = {"mail": mail, "banner": first, "page": texts["body"], "social": f"{texts['subject']}. {first}"}
        pushed = f"{texts['subject']} {texts['sms']}"
        short = {"sms": texts["sms"], "sms_length": length(texts["sms"]), "push_characters": len(pushed)}
        made.append({"language": language, "subject": texts["subject"], **said, **short})
    return made


def reached(audience: Mapping[str, Any]) -> tuple[int, int]:
    """How many customers an audience means now, and how many of them have needs."""
    found = Customer.objects.filter(mailing.audience(dict(audience)))
    return found.count(), found.filter(needs_first=True).count()


def reached_by(audience: Mapping[str, Any]) -> dict[str, int]:
    """By how many of them each channel is used now; the inbox is everybody's."""
    ways, found = open_ways(), Customer.objects.filter(mailing.audience(dict(audience)))
    counts = {"mail": found.exclude(email="").count()}
    counts |= {way: found.filter(channels__contains=[way]).count() if way in ways else 0 for way in (SMS, PUSH)}
    return counts | {"inbox": found.count()}


SECOND = "A message to all customers needs a second person; nothing was sent."


def needs_second(audience: Mapping[str, Any]) -> bool:
    """Whether it is a message to all, however that is written."""
    everybody = audience.get("all") is True or len(set(audience.get("cohorts", ()))) >= COHORTS_COUNT
    return everybody and not audience.get("needs_only")


@transaction.atomic
def keep(draft: Draft, made: Composed, by: str, now: datetime) -> Notice:
    """Write a checked notice down as a draft: nothing is said or sent by that."""
    return Notice.objects.create(
        incident=draft.incident,
        name=draft.kind.name,
        made_at=now,
        words=made.words,
        state="draft",
        audience=dict(draft.audience),
        urgent=draft.urgent,
        made_by=by,
        components=_components(draft),
    )


def _components(draft: Draft) -> list[str]:
    """What who follows the status page hears that it is about; empty for everything."""
    if draft.components or draft.incident is None:
        return list(draft.components)
    told = draft.incident.notices.exclude(followers="").values_list("components", flat=True)
    return news.together(told)


@transaction.atomic
def release(number: int, approved_by: str, now: datetime) -> str:
    """Say it: the writer writes messages down, and the desk brings it to the doors. "" when it was done, otherwise why
    not, in words."""
    notice = Notice.objects.select_for_update().filter(pk=number).first()
    if notice is None or notice.state != "draft":
        return "There is no such draft, or it was sent already; nothing was sent."
    alone = approved_by.casefold() in {"", notice.made_by.casefold()}
    if alone and needs_second(notice.audience):
        return SECOND
    notice.state, notice.approved_by, notice.made_at = "writing", approved_by, now
    notice.followers = "" if "customers" in notice.audience else "due"  # what is for named customers is not public
    notice.save(update_fields=["state", "approved_by", "made_at", "followers"])
    if notice.incident is not None:
        by = notice.made_by + (f", approved by {approved_by}" if approved_by else "")
        words = f"Said to customers: {notice.words['en']['subject']}"
        record.add(notice.incident, now, f"staff: {by}", "notice", words)
    return ""
