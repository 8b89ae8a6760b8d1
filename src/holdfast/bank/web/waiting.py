"""A payment that a program asked for and the customer must confirm: taken up in the browser under the same id.

But for its metadata nothing of it is stored: the address carries the payment, signed by this bank with the metadata's
digest, and the form goes on as any other.
"""

import time
import uuid
from typing import Any

from django.http import Http404, HttpRequest

from holdfast.bank.api.limiting import waiting_metadata
from holdfast.bank.books import keyring
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.payments.binding import digest_of
from holdfast.bank.web.pages import customer_of
from holdfast.bank.web.payform import PayForm, check_form
from holdfast.bank.web.words import writing
from holdfast.contracts.api import WAITING_PURPOSE, WAITING_S
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.contracts.metadata import metadata_text
from holdfast.contracts.numbers import plain_number


def waiting_form(request: HttpRequest, accounts: list[OwnAccount]) -> PayForm:
    """The form of the payment that the address carries, checked as one that was typed; 404 when the address carries
    none of this customer's, it has waited too long, or its metadata is kept no more."""
    raw = _read(request.GET.get("waiting", ""))
    if raw is None or raw["customer"] != customer_of(request).customer.id:
        raise Http404
    ident = uuid.UUID(hex=str(raw["id"]))
    metadata = waiting_metadata(ident)
    if digest_of(metadata) != raw.get("metadata", ""):  # another ask under the same id has come since
        raise Http404
    values = {name: str(raw[name]) for name in ("from", "to", "name", "kid", "text")}
    values["amount"] = writing(request).typed(int(raw["amount_minor"]), str(raw["currency"]))
    values["deadline"] = ""
    values["metadata"] = metadata_text(metadata)
    compared = f"{plain_number(values['to'])}|{values['name'].casefold()}"  # the program was told, and meant it
    form = PayForm(ident, "", values, compared)
    check_form(request, form, accounts)
    return form


def _read(token: str) -> dict[str, Any] | None:
    try:
        raw = keyring().verify(WAITING_PURPOSE, token, by={"primary"})
    except BadToken:
        return None
    return raw if -CLOCK_LEEWAY_S <= time.time() - float(raw["at"]) <= WAITING_S else None
