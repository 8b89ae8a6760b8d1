"""Accounts that two of staff close for their holders: looked at, ordered, and listed with how each ended."""

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.customers.models import Account
from holdfast.bank.internal.calls import BadCall, called_by, json_body
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.bank.leaving.by_staff import ToClose, close_for_holders, latest, look
from holdfast.contracts.money import AMOUNT_MINOR_MAX


@require_GET
@called_by("control")
def closings(_request: HttpRequest) -> HttpResponse:
    """The newest orders; no name of anybody's but staff's."""
    found = latest()
    wanted = {one.account for one in found} | {one.to for one in found}
    known = {one.id: one for one in Account.objects.filter(id__in=wanted)}
    return JsonResponse(
        {
            "closings": [
                {
                    "number": known[one.account].number,
                    "currency": known[one.account].currency,
                    "to": known[one.to].number if one.to in known else "",
                    "amount_minor": one.amount_minor,
                    "asked_by": one.asked_by,
                    "approved_by": one.approved_by,
                    "state": "under way" if one.ended is None else "closed" if one.closed else "not closed",
                    "words": one.words,
                }
                for one in found
            ]
        }
    )


@require_POST
@called_by("control")
def look_at(request: HttpRequest) -> HttpResponse:
    """What would be closed and paid out; 409 with words where that cannot be."""
    said = json_body(request)
    number, to, name = (str(said.get(key, ""))[:80] for key in ("number", "to", "name"))
    seen = look(number, to, name)
    if isinstance(seen, str) or seen.words:
        words = seen if isinstance(seen, str) else f"Nothing was done. In the way: {seen.words}"
        return JsonResponse({"error": words}, status=409)
    return JsonResponse(
        {
            "number": seen.number,
            "currency": seen.currency,
            "balance_minor": seen.balance_minor,
            "holders": seen.holders,
        }
    )


@require_POST
@called_by("control")
def close(request: HttpRequest) -> HttpResponse:
    """Carry out the order of two people; 409 when it is refused. It may be sent again."""
    said = signed_by_control(request, "account-closing")
    try:
        asked = ToClose(
            uuid.UUID(str(said["order"])),
            str(said["number"]),
            str(said["to"]),
            _amount(said["before_minor"]),
            str(said["why"]),
            str(said["asked_by"]),
            str(said.get("approved_by", "")),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the order to close an account has not the agreed form: {error}") from error
    taken, words = close_for_holders(asked)
    return JsonResponse({"words": words} if taken else {"error": words}, status=200 if taken else 409)


def _amount(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= AMOUNT_MINOR_MAX:
        raise ValueError(f"{value!r} is no amount")
    return value
