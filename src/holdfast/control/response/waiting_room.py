"""The waiting room at the front doors as staff see it: who waits, and a rate set by hand."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.approvals.deeds import ORDER_TIMEOUT_S, RESPONDERS, Result
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.calls import Kind
from holdfast.control.place import switchboard
from holdfast.control.staff import log

PER_S_MAX = 1000.0
WHY_MAX = 300
ASK_TIMEOUT_S = 0.8


def order(per_s: float | None, why: str, who: str, role: str) -> Result:
    """Let in so many people a second at the doors, 0 for nobody, None for as many as the bank can serve.

    The staff log has the intent before a door hears of it and the outcome after: a rate that nobody ordered is never
    found at the doors, and an intent without an outcome says that it is not known whether they took it."""
    about = {"per_s": per_s, "why": why}
    log.write(who, role, "waiting room order", about)
    reply = switchboard().order("doors", "/-/waiting", {**about, "by": who}, ORDER_TIMEOUT_S)
    if reply.well:
        said = "as many as the bank can serve" if per_s is None else f"{per_s:g} people a second" if per_s else "nobody"
        result = Result(True, f"the doors let in {said}")
    elif reply.kind is Kind.STALLS:
        result = Result(False, f"no door answered in time ({reply.words}): it may have been done; look who is let in")
    else:
        result = Result(False, f"no door took the order ({reply.words}); nothing was changed")
    log.write(who, role, "waiting room order ended", {**about, "done": result.done, "words": result.words[:WHY_MAX]})
    return result


@allowed(EVERYONE)
def page(request: HttpRequest) -> HttpResponse:
    """GET: who waits now. POST: let in so many a second, as a responder or manager."""
    person = person_of(request)
    may_set = person.role in RESPONDERS
    refused = ""
    if request.method == "POST":
        if not may_set:
            return _page(request, "Only a responder or manager sets this; nothing was changed.", False, 403)
        per_s, refused = read_rate(request.POST.get("how", ""), request.POST.get("per_s", ""))
        why = request.POST.get("why", "").strip()[:WHY_MAX]
        refused = refused or ("" if why else "Write why; nothing was changed.")
        if not refused:
            done = order(per_s, why, person.username, person.role)
            if done.done:
                return HttpResponseRedirect("/waiting-room")
            refused = done.words
    return _page(request, refused, may_set, 422 if refused else 200)


def read_rate(how: str, typed: str) -> tuple[float | None, str]:
    """The rate that was chosen, and what is wrong with it: `open`, `closed`, or `limit` with people a second."""
    if how == "open":
        return None, ""
    if how == "closed":
        return 0.0, ""
    try:
        per_s = float(typed.replace(",", "."))
    except ValueError:
        per_s = 0.0
    if how != "limit" or not 0 < per_s <= PER_S_MAX:
        return None, f"Write how many people a second, above 0 and at most {PER_S_MAX:g}; nothing was changed."
    return per_s, ""


def _page(request: HttpRequest, refused: str, may_set: bool, status: int) -> HttpResponse:
    reply = switchboard().ask("doors", "/-/health", timeout_s=ASK_TIMEOUT_S)
    said = reply.body.get("waiting") if reply.well else None
    context = {"said": said, "trouble": "" if said else reply.words, "refused": refused, "may_set": may_set}
    return render(request, "response/waiting_room.html", context, status=status)
