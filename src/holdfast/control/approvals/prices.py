"""The bank's price list: shown, changed figure by figure, previewed (who would pay what), proposed by one person."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.money import format_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard

SUBJECT = "prices"
HERE = "/prices"
PREVIEW_TIMEOUT_S = 6.0
ASK_TIMEOUT_S = 2.0
TYPED_MAX = 20
RULES = {
    "interest": "interest to the customer",
    "overdraft": "overdraft interest",
    "service": "fee for the account",
    "uses": "payments out",
}
WORDS = {
    "late_order": "Standing order not paid on its day",
    "loan.instalment_fee": "Loan: with each instalment",
    "loan.late_fee": "Loan: late instalment",
    "loan.late_rate": "Loan: rate on what is late, % a year",
    "loan.early_fee": "Loan: paid back early",
}
FIGURES = {"amount": "", "free_from": ", free from a balance of", "free": ", how many are free"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a list: where it stands, what it is called, how it is now; typed: what was typed for it."""

    key: str
    label: str
    value: str
    typed: str = ""
    wrong: str = ""


def figures_of(body: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(key, label, value) of every figure of a list that can be changed, in the order of the list."""
    for key in ("late_order",):
        yield key, WORDS[key], str(body[key])
    for product, rules in body["products"].items():
        for rule, price in rules.items():
            start, label = f"products.{product}.{rule}", f"{product.capitalize()}: {RULES.get(rule, rule)}"
            for place, tier in enumerate(price.get("tiers", [])):
                if place:
                    yield f"{start}.tiers.{place}.from", f"{label}, tier {place + 1} begins at", str(tier["from"])
                yield f"{start}.tiers.{place}.rate", f"{label}, from {tier['from']}, % a year", str(tier["rate"])
            for name, words in FIGURES.items():
                if name in price:
                    yield f"{start}.{name}", f"{label}{words}", str(price[name])
    for name, value in body["loan"].items():
        yield f"loan.{name}", WORDS[f"loan.{name}"], str(value)


def changed(body: dict[str, Any], typed: dict[str, str]) -> dict[str, Any]:
    """The list with what was typed; an empty field stays as it was. What cannot be meant the bank says."""
    after = copy.deepcopy(body)
    for key, text in typed.items():
        if not text:
            continue
        *path, last = key.split(".")
        place: Any = after
        for step in path:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = int(text) if last == "free" and text.isdecimal() else text.replace(",", ".")
    return after


@allowed(EVERYONE)
def prices(request: HttpRequest) -> HttpResponse:
    """Show the lists; a POST previews a change, or proposes it."""
    known = switchboard().ask("bank", "/-/prices", timeout_s=ASK_TIMEOUT_S)
    lists = known.body.get("lists") if known.well else None
    if not isinstance(lists, list) or not lists:
        return _page(request, {}, [], words="The bank does not answer, so its prices are not known now.")
    if request.method != "POST":
        return _page(request, known.body, _figures(lists[0]["body"], {}))
    person = person_of(request)
    if person.role not in RESPONDERS:
        words = f"This is not for the role {person.role}; nothing was done."
        return _page(request, known.body, _figures(lists[0]["body"], {}), words=words, status=403)
    return _change(request, known.body, lists[0])


def _change(request: HttpRequest, known: dict[str, Any], newest: dict[str, Any]) -> HttpResponse:
    body = newest["body"]
    typed = {key: request.POST.get(key, "").strip()[:TYPED_MAX] for key, _, _ in figures_of(body)}
    day, why = request.POST.get("valid_from", "").strip()[:TYPED_MAX], request.POST.get("why", "").strip()
    after = changed(body, typed)
    said = {"version": day, "valid_from": day, "body": after}
    words = _wrong(day, why, body == after)
    found: dict[str, Any] = {}
    if not words:
        reply = switchboard().order("bank", "/-/prices/preview", said, PREVIEW_TIMEOUT_S)
        found = reply.body if reply.well else {}
        words = "" if reply.well else str(reply.body.get("error") or f"The bank did not answer ({reply.words}).")
    if words:
        return _page(request, known, _figures(body, typed, words), words=words, status=422, day=day, why=why)
    if request.POST.get("step") != "propose":
        shown = _preview(found, known["currency"])
        return _page(request, known, _figures(body, typed), day=day, why=why, preview=shown)
    differences = "; ".join(f"{one.label} {one.value} → {one.typed}" for one in _figures(body, typed) if one.typed)
    of = f"of {found['accounts']} accounts {found['worse']} would pay more or get less, {found['better']} the reverse"
    words, data = f"publish a price list from {day} on: {differences}; {of}", {**said, "before": newest["version"]}
    flow.propose(person_of(request), "prices", SUBJECT, words, why, HERE, data)
    return HttpResponseRedirect(HERE)


def _wrong(day: str, why: str, same: bool) -> str:
    try:
        date.fromisoformat(day)
    except ValueError:
        return "Write the day from which it holds as 2027-01-01. Nothing was done."
    if not why:
        return "A change of prices needs a reason. Nothing was done."
    return "Nothing differs from the newest list. Nothing was done." if same else ""


def _figures(body: dict[str, Any], typed: dict[str, str], words: str = "") -> list[Figure]:
    """All figures, with what is wrong beside the field that the bank's words begin with."""
    place = words.partition(": ")[0]
    return [
        Figure(key, label, value, typed.get(key, ""), words if place == key else "")
        for key, label, value in figures_of(body)
    ]


def _preview(found: dict[str, Any], currency: str) -> dict[str, Any]:
    def amounts(minor: int) -> str:
        return format_amount(int(minor), currency, signed=True) if minor else "0"

    sums = [
        (f"{product.capitalize()}: {RULES.get(rule, rule)}", amounts(before), amounts(after), amounts(after - before))
        for product, rule, before, after in found["sums"]
    ]
    examples = [(one, product, amounts(was), amounts(would)) for one, product, was, would in found["examples"]]
    same = found["accounts"] - found["better"] - found["worse"]
    return {**found, "same": same, "sums": sums, "examples": examples}


def _page(  # noqa: PLR0917  # what the page shows
    request: HttpRequest,
    known: dict[str, Any],
    figures: list[Figure],
    words: str = "",
    status: int = 200,
    day: str = "",
    why: str = "",
    preview: dict[str, Any] | None = None,
) -> HttpResponse:
    today = str(known.get("today", ""))
    return render(
        request,
        "approvals/prices.html",
        {
            "currency": known.get("currency", ""),
            "today": today,
            "lists": known.get("lists", []),
            "figures": figures,
            "words": words,
            "day": day or (str(date.fromisoformat(today) + timedelta(days=30)) if today else ""),
            "why": why,
            "preview": preview,
            "proposals": flow.open_about(SUBJECT),
        },
        status=status,
    )
