"""What needs two people: decisions on cases and changes of limits, each with both names signed by the control room.

The control room checks that two people were at it; this bank checks it again, so that a fault there books nothing.
"""

import base64
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.books import keyring, rows
from holdfast.bank.cases.asked import Asked, same_person
from holdfast.bank.cases.deciding import decide
from holdfast.bank.cases.listing import cases
from holdfast.bank.cases.models import CLAIMS_FROM
from holdfast.bank.exchange.facts import set_limits
from holdfast.bank.exchange.models import BankFact
from holdfast.bank.internal.calls import BadCall, called_by, json_body, query_number
from holdfast.bank.redress import proofs
from holdfast.bank.redress.models import Claim
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import Mode
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.guard import BadLimits

SETS = ("normal", "spare")
SET_FIELDS = ("per_payment_minor", "per_day_minor", "payments_per_minute_max")
ALONE = "A second person has to approve it; nothing was changed."
SPARE_FIELDS = ("spare_cohort_minor", "spare_total_minor")
T = TypeVar("T")


class Decided(NamedTuple):
    """What two people had seen when they decided on a list, who they were, and why."""

    before: str
    asked_by: str
    approved_by: str
    why: str


@require_GET
@called_by("control")
def exceptions(request: HttpRequest) -> HttpResponse:
    """The cases, in order of their numbers."""
    return JsonResponse(cases(query_number(request, "after", 0), query_number(request, "limit", 200)))


@require_POST
@called_by("control")
def decide_case(request: HttpRequest) -> HttpResponse:
    """Carry out a decision of two people on a case; 409 when it is refused, with nothing changed."""
    said = signed_by_control(request, "case-decision")
    try:
        asked = Asked(
            int(said["number"]),
            str(said["decision"]),
            str(said.get("to", "")),
            str(said["why"]),
            str(said.get("owner", "")),
            str(said["asked_by"]),
            str(said.get("approved_by", "")),
        )
    except (KeyError, ValueError) as error:
        raise BadCall(f"a decision has not the agreed form: {error}") from error
    answer = decide(asked)
    return JsonResponse(answer, status=409 if answer["outcome"] == "refused" else 200)


@require_GET
@called_by("control")
def claim_file(request: HttpRequest) -> HttpResponse:
    """The file that proves a claim, in base64, for those who decide it; 404 for none."""
    number = query_number(request, "number", 0) - CLAIMS_FROM
    claim = Claim.objects.filter(number=number).first()
    raw = proofs.read(claim) if claim else b""
    if claim is None or not raw:
        return JsonResponse({"error": "There is no such file."}, status=404)
    name = f"claim-{claim.number}.{proofs.ENDINGS[claim.file_type]}"
    return JsonResponse({"name": name, "type": claim.file_type, "content": base64.b64encode(raw).decode()})


@require_POST
@called_by("control")
def change_limits(request: HttpRequest) -> HttpResponse:
    """Set the limits if they are still as the two people saw them; one person alone may only lower them."""
    said = signed_by_control(request, "limits")
    try:
        before = dict(said["before"])
        after = _limits(said["after"])
        after |= {name: {**before[name], **after[name]} for name in SETS}  # figures that are not changed here stay
        asked_by, approved_by = str(said["asked_by"]), str(said.get("approved_by", ""))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the limits have not the agreed form: {error}") from error
    alone, broken = same_person(asked_by, approved_by), said.get("break_glass") is True
    refused = _set_limits(before, after, alone=alone, broken=broken)
    return JsonResponse(
        {"error": refused} if refused else {"limits": {**before, **after}}, status=409 if refused else 200
    )


def signed_by_control(request: HttpRequest, purpose: str) -> dict[str, Any]:
    """What the control room signed a short time ago; raises BadCall and BadToken."""
    said = keyring().verify(purpose, str(json_body(request).get("token", "")), by={"control"})
    if abs(time.time() - float(said.get("at", 0))) > CLOCK_LEEWAY_S:
        raise BadCall("it was signed too long ago; nothing was changed")
    return said


def two_people(said: dict[str, Any]) -> Decided | str:
    """Who decided on the list that the control room signed, or in words that they are not two; raises BadCall."""
    try:
        decided = Decided(
            str(said["before"]), str(said["asked_by"]), str(said.get("approved_by", "")), str(said.get("why", ""))
        )
    except KeyError as error:
        raise BadCall(f"the list has not the agreed form: {error}") from error
    return ALONE if same_person(decided.asked_by, decided.approved_by) else decided


def publish_decided(made: T | str, said: dict[str, Any], publish: Callable[[T, str, str, str, str], str]) -> str:
    """Publish what two people decided; why not, in words, "" when it was done. made: a text says why it cannot be."""
    decided = two_people(said)
    if isinstance(made, str):
        return made
    return decided if isinstance(decided, str) else publish(made, *decided)


def _limits(raw: dict[str, Any]) -> dict[str, Any]:
    """Limits as agreed, every figure a whole number above 0; raises KeyError, ValueError or TypeError."""
    out: dict[str, Any] = {name: {field: _figure(raw[name][field]) for field in SET_FIELDS} for name in SETS}
    return out | {field: _figure(raw[field]) for field in SPARE_FIELDS}


def _figure(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= AMOUNT_MINOR_MAX:
        raise ValueError(f"{value!r} is no limit")
    return value


def _flat(limits: dict[str, Any]) -> list[int]:
    return [int(limits[name][field]) for name in SETS for field in SET_FIELDS] + [
        int(limits[field]) for field in SPARE_FIELDS
    ]


def _set_limits(before: dict[str, Any], after: dict[str, Any], *, alone: bool, broken: bool) -> str:
    """Compare and set; why not, in words, "" when it was done."""
    rows.refresh(at_once=True)
    with transaction.atomic():
        held = BankFact.objects.select_for_update().filter(key="limits").first()
        if held is None or held.body != before:
            return "The limits have changed since they were looked at; nothing was changed."
        if alone and not broken:
            return ALONE
        if alone and any(new > old for new, old in zip(_flat(after), _flat(before), strict=True)):
            return "One person alone may only lower limits; nothing was changed."
        spare_changes = any(after[field] != before[field] for field in SPARE_FIELDS)
        if spare_changes and any(row.mode is not Mode.PRIMARY for row in rows.all().values()):
            return "What the spare bank may risk is not changed while it serves customers; nothing was changed."
        try:
            set_limits({**before, **after})
        except BadLimits as error:
            return f"These limits cannot be meant: {error}. Nothing was changed."
    return ""
