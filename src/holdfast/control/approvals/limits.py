"""The limits of both banks, and a change of them proposed by one person."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.money import BadAmount, format_amount, parse_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.care.directory import bank_fact

SUBJECT = "limits"
FIELDS = (
    ("normal", "per_payment_minor", "Main bank, one payment"),
    ("normal", "per_day_minor", "Main bank, one customer a day"),
    ("normal", "payments_per_minute_max", "Main bank, payments a minute"),
    ("spare", "per_payment_minor", "Spare bank, one payment"),
    ("spare", "per_day_minor", "Spare bank, one customer a day"),
    ("spare", "payments_per_minute_max", "Spare bank, payments a minute"),
    ("", "spare_cohort_minor", "Spare bank, at risk for one group"),
    ("", "spare_total_minor", "Spare bank, at risk in all"),
)


@allowed(EVERYONE)
def limits(request: HttpRequest) -> HttpResponse:
    """Show them; a POST proposes a change."""
    before = bank_fact("limits")
    if request.method != "POST":
        return _page(request, before)
    person = person_of(request)
    if person.role not in RESPONDERS:
        return _page(request, before, f"This is not for the role {person.role}; nothing was done.", 403)
    why = request.POST.get("why", "").strip()
    if not before or not why:
        return _page(request, before, "A change needs a reason, and limits that are known; nothing was done.", 422)
    try:
        after = changed(before, {name: request.POST.get(name, "") for name in _names()}, _currency())
    except BadAmount as error:
        return _page(request, before, f"{error} Nothing was done.", 422)
    words = "change the limits: " + "; ".join(_differences(before, after))
    if after == before:
        return _page(request, before, "Nothing differs from the limits that hold.", 422)
    flow.propose(person, "limits", SUBJECT, words, why, "/limits", {"before": before, "after": after})
    return HttpResponseRedirect("/limits")


def _names() -> list[str]:
    return [f"{part}.{field}" for part, field, _ in FIELDS]


def _currency() -> str:
    return str(bank_fact("bank").get("currency") or "")


def _value(body: dict[str, Any], part: str, field: str) -> int:
    return int((body[part] if part else body)[field])


def _shown(value: int, field: str, currency: str) -> str:
    return format_amount(value, currency) if field.endswith("_minor") else str(value)


def changed(before: dict[str, Any], typed: dict[str, str], currency: str) -> dict[str, Any]:
    """The limits as typed, an empty field as it was; raises BadAmount."""
    after = {name: dict(one) if isinstance(one, dict) else one for name, one in before.items()}
    for part, field, _ in FIELDS:
        text = typed[f"{part}.{field}"].strip()
        if text:
            place = after[part] if part else after
            place[field] = parse_amount(text, currency if field.endswith("_minor") else "JPY")
    return after


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    currency = _currency()
    return [
        f"{words} {_shown(_value(before, part, field), field, currency)} → "
        f"{_shown(_value(after, part, field), field, currency)}"
        for part, field, words in FIELDS
        if _value(before, part, field) != _value(after, part, field)
    ]


def _page(request: HttpRequest, body: dict[str, Any], words: str = "", status: int = 200) -> HttpResponse:
    currency = _currency()
    rows = [
        (f"{part}.{field}", label, _shown(_value(body, part, field), field, currency))
        for part, field, label in FIELDS
        if body
    ]
    return render(
        request,
        "approvals/limits.html",
        {"rows": rows, "currency": currency, "words": words, "proposals": flow.open_about(SUBJECT)},
        status=status,
    )
