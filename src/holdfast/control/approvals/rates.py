"""The bank's exchange rates: shown, a new list read from a file, previewed, proposed by one person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard

SUBJECT = "rates"
HERE = "/rates"
ASK_TIMEOUT_S = 2.0
PREVIEW_TIMEOUT_S = 4.0
FILE_BYTES_MAX = 10_000
REQUEST_BYTES_MAX = 60_000
PPM_A_PERCENT = 10_000
TYPED_MAX = 20


@dataclass(frozen=True, slots=True)
class Form:
    """A list as typed or uploaded."""

    rates: str = ""
    margin: str = ""
    day: str = ""
    why: str = ""


@allowed(EVERYONE)
def rates(request: HttpRequest) -> HttpResponse:
    """Show the lists; a POST previews a new one, or proposes it."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > REQUEST_BYTES_MAX:
        return _page(
            request, _known(), Form(), f"The file is larger than {FILE_BYTES_MAX} bytes. Nothing was done.", 413
        )
    known = _known()
    if not known:
        return _page(request, known, Form(), "The bank does not answer, so its rates are not known now.")
    if request.method != "POST":
        newest: dict[str, Any] = next(iter(known["lists"]), {})
        return _page(request, known, Form(margin=percent(newest.get("margin_ppm")), day=str(known["today"])))
    person = person_of(request)
    if person.role not in RESPONDERS:
        return _page(request, known, Form(), f"This is not for the role {person.role}; nothing was done.", 403)
    form, words = _read(request)
    return _page(request, known, form, words, 422) if words else _change(request, known, form)


def _known() -> dict[str, Any]:
    """The bank's answer; empty when it does not answer."""
    reply = switchboard().ask("bank", "/-/rates", timeout_s=ASK_TIMEOUT_S)
    return reply.body if reply.well and isinstance(reply.body.get("lists"), list) else {}


def _read(request: HttpRequest) -> tuple[Form, str]:
    """The form, an uploaded file before typed rates; and what is wrong with the file, in words."""
    text, words = request.POST.get("rates", ""), ""
    upload = request.FILES.get("file")
    if upload is not None:
        try:
            text = upload.read(FILE_BYTES_MAX + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            words = "The file is no text. Nothing was done."
    if len(text.encode()) > FILE_BYTES_MAX:
        text, words = "", f"The rates are more than {FILE_BYTES_MAX} bytes. Nothing was done."
    typed = {name: request.POST.get(name, "").strip()[:TYPED_MAX] for name in ("margin", "day")}
    return Form(text, typed["margin"], typed["day"], request.POST.get("why", "").strip()), words


def _change(request: HttpRequest, known: dict[str, Any], form: Form) -> HttpResponse:
    said = {"rates": form.rates, "margin": form.margin, "day": form.day}
    words = "" if form.why else "New rates need a reason. Nothing was done."
    found: dict[str, Any] = {}
    if not words:
        reply = switchboard().order("bank", "/-/rates/preview", said, PREVIEW_TIMEOUT_S)
        found = reply.body if reply.well else {}
        words = "" if reply.well else str(reply.body.get("error") or f"The bank did not answer ({reply.words}).")
    if not words and request.POST.get("step") == "propose" and flow.open_about(SUBJECT):
        words = "Other rates wait for a second person already; they are confirmed or declined first. Nothing was done."
    if words:
        return _page(request, known, form, words, 422)
    if request.POST.get("step") != "propose":
        return _page(request, known, form, preview=_preview(found))
    was, now = percent(found["margin_before_ppm"]), percent(found["margin_ppm"])
    margin = now if was in ("", now) else f"{was} → {now}"
    summary = f"publish exchange rates of {form.day}, margin {margin} %: {_summary(found)}"
    data = {**said, "before": found["before"]}
    flow.propose(person_of(request), "rates", SUBJECT, summary, form.why, HERE, data)
    return HttpResponseRedirect(HERE)


def _summary(found: dict[str, Any]) -> str:
    """What differs, as the second person reads it."""
    moved = [
        f"{currency} {was or 'new'} → {now or 'no more'}" + (f" ({change} %)" if change else "")
        for currency, was, now, change in found["changes"]
        if was != now
    ]
    same = len(found["changes"]) - len(moved)
    return "; ".join([*moved, f"{same} are the same"])


def _preview(found: dict[str, Any]) -> dict[str, Any]:
    was, now = found["margin_before_ppm"], found["margin_ppm"]
    return {**found, "margin_before": percent(was), "margin_now": percent(now)}


def percent(ppm: object) -> str:
    """Millionths in per cent, `0.75`; "" for none."""
    return f"{int(ppm) / PPM_A_PERCENT:g}" if isinstance(ppm, int) else ""


def _page(  # noqa: PLR0917  # what the page shows
    request: HttpRequest,
    known: dict[str, Any],
    form: Form,
    words: str = "",
    status: int = 200,
    preview: dict[str, Any] | None = None,
) -> HttpResponse:
    lists = [{**one, "margin": percent(one["margin_ppm"])} for one in known.get("lists", [])]
    return render(
        request,
        "approvals/rates.html",
        {
            "known": known,
            "lists": lists,
            "newest": lists[0] if lists else None,
            "form": form,
            "words": words,
            "preview": preview,
            "proposals": flow.open_about(SUBJECT),
        },
        status=status,
    )
