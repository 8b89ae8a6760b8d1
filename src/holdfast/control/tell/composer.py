"""The page on which a person writes to customers: choose, fill in, look at every channel, send."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.contracts.subscribing import COMPONENTS
from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.models import Incident
from holdfast.control.staff import log
from holdfast.control.tell import composing, gateways
from holdfast.control.tell.composing import Composed, Draft
from holdfast.control.tell.kinds import ASKED, KINDS
from holdfast.control.tell.phrases import LANGUAGES, phrases

ROLES = frozenset({"communicator", "manager"})
WHAT = "tell_all"
HERE = "/compose"
SERVICES = phrases(LANGUAGES[0], "UTC").words["service"]
INCIDENTS_MAX = 20
STANDS_CHARACTERS_MAX = 300
TONE = "Words in it hurt. Change them, or say below why they stand; that is recorded."
AUDIENCES = {
    "affected": "Those whom the incident affects",
    "groups": "These groups of customers",
    "all": "All customers (a second person confirms)",
}


@allowed(EVERYONE)
def compose(request: HttpRequest) -> HttpResponse:  # noqa: PLR0911  # each refusal ends here
    """GET shows the form of a kind; POST shows the preview, and with `act` = `send` sends what has no objection."""
    given = request.POST if request.method == "POST" else request.GET
    kind = KINDS.get(given.get("kind", ""))
    if kind is None:
        return _page(request, {"kinds": KINDS.values(), "incidents": _incidents()})
    number = given.get("incident", "")
    incident = Incident.objects.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    asked = {language: {name: given.get(f"{name}-{language}", "") for name in kind.asked} for language in LANGUAGES}
    chosen = [name for name in COMPONENTS if name in given.getlist("component")]
    shown: dict[str, Any] = {
        "kind": kind,
        "components": [(name, SERVICES[name], name in chosen) for name in COMPONENTS],
        "incident": incident,
        "fields": [(name, ASKED[name], [(one, asked[one][name]) for one in LANGUAGES]) for name in kind.asked],
        "audiences": AUDIENCES.items(),
        "given": given,
        "urgent": given.get("urgent") == "yes" if request.method == "POST" else kind.urgent,
        "may": person_of(request).role in ROLES,
    }
    if request.method != "POST":
        return _page(request, shown)
    if person_of(request).role not in ROLES:
        said = f"This is not for the role {person_of(request).role}; nothing was sent."
        return _page(request, {**shown, "problems": [said]}, 403)
    audience, wrong = _audience(given.get("audience", ""), given.get("groups", ""), incident)
    only = {**audience, "needs_only": given.get("needs_only") == "yes"}
    draft = Draft(kind, incident, asked, only, shown["urgent"], tuple(chosen))
    made = composing.compose(draft, timezone.now()) if not wrong else Composed(problems=[wrong])
    if made.problems:
        return _page(request, {**shown, "problems": made.problems, "previews": composing.previews(made.words)}, 422)
    shown |= {"previews": composing.previews(made.words), "reached": composing.reached(draft.audience)}
    shown |= {"by": composing.reached_by(draft.audience), "sms_is_set": gateways.are_set()}
    if made.hurts:
        shown |= {"hurts": _explained(made), "hurts_mark": made.hurts_mark()}
    if given.get("act") != "send":
        return _page(request, shown)
    if made.hurts and not _stands(request, made):
        return _page(request, {**shown, "problems": [TONE]}, 422)
    if composing.needs_second(draft.audience) and not given.get("why", "").strip():
        return _page(request, {**shown, "problems": [f"{composing.SECOND} Say why all must hear it."]}, 422)
    return _send(request, draft, made)


def _send(request: HttpRequest, draft: Draft, made: Composed) -> HttpResponse:
    """Send to those affected, or propose the message to all."""
    person, now = person_of(request), timezone.now()
    notice = composing.keep(draft, made, person.username, now)
    subject = made.words["en"]["subject"]
    about = {"notice": notice.pk, "kind": draft.kind.name, "subject": subject[:200], "audience": notice.audience}
    stands = _stands(request, made)
    if stands:
        about |= {"hurts": [[language, one.kind, one.passage] for language, one in made.hurts], "stands": stands}
    log.write(person.username, person.role, "notice composed", about)
    if not composing.needs_second(draft.audience):
        composing.release(notice.pk, "", now)
        log.write(person.username, person.role, "notice sent", {"notice": notice.pk})
        return HttpResponseRedirect(f"/messages/{notice.pk}")
    words, why = f"send to all customers: {subject}", request.POST.get("why", "").strip()
    if stands:
        why = f"{why} (the check of the tone objects to “{made.hurts[0][1].passage[:100]}”; it stands: {stands})"
    flow.propose(person, WHAT, f"notice {notice.pk}", words, why, HERE, {"notice": notice.pk}, draft.incident)
    return HttpResponseRedirect(HERE)


def _stands(request: HttpRequest, made: Composed) -> str:
    """Why the person lets what hurts stand; "" when nothing hurts, nothing is said, or it was said of other words."""
    given = request.POST.get("stands", "").strip()[:STANDS_CHARACTERS_MAX]
    return given if made.hurts and request.POST.get("hurts_mark") == made.hurts_mark() else ""


def _explained(made: Composed) -> list[dict[str, str]]:
    """The findings for the page: the passage, why it hurts, and what to write instead."""
    return [
        {
            "language": language,
            "kind": one.kind,
            "passage": one.passage,
            "why": one.advice.why,
            "instead": one.advice.instead,
            "example": one.advice.examples[language],
        }
        for language, one in made.hurts
    ]


def _audience(chosen: str, groups: str, incident: Incident | None) -> tuple[dict[str, Any], str]:
    """The audience, or what is wrong with it."""
    if chosen == "all":
        return {"all": True}, ""
    if chosen == "groups":
        found = _groups(groups)
        return ({"cohorts": found}, "") if found else ({}, f"Write groups as 3,17 or 0-31, each below {COHORTS_COUNT}.")
    if chosen == "affected":
        return {"cohorts": incident.affected_cohorts if incident else []}, ""
    return {}, "Choose to whom it goes."


def _groups(text: str) -> list[int]:
    found: set[int] = set()
    for part in text.replace(" ", "").split(",")[:COHORTS_COUNT]:
        first, _, last = part.partition("-")
        ends = (first, last or first)
        if not all(one.isdecimal() and len(one) <= len(str(COHORTS_COUNT)) for one in ends):
            return []
        found.update(range(int(ends[0]), min(int(ends[1]), COHORTS_COUNT) + 1))
    return sorted(found) if found and max(found) < COHORTS_COUNT else []


def _incidents() -> list[Incident]:
    return list(Incident.objects.order_by("-number")[:INCIDENTS_MAX])


def _page(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    waiting = Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:INCIDENTS_MAX]
    return render(request, "tell/compose.html", {"proposals": waiting, **shown}, status=status)
