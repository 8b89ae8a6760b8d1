"""The gateways by which customers get SMS: two, of which the first that works is used. Sealed, and shown to nobody."""

from dataclasses import dataclass

from django.db import transaction

from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.staff.factors import sealer
from holdfast.control.staff.models import Person
from holdfast.control.tell.models import SmsProvider
from holdfast.control.tell.notices import template
from holdfast.look.texting import gateway_refusal, send_sms
from holdfast.signing.sealing import NotSealed

OWNER = "customers' sms gateway {}"
ORDERS = (1, 2)
CONFIRMING = "confirm-phone"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that is set; url: as Apprise addresses it, which holds a secret."""

    order: int
    url: str


def keep(person: Person, order: int, url: str) -> str:
    """Keep the first or second gateway; "" ends it. Why not, in words, or ""."""
    url = url.strip()
    if order not in ORDERS:
        return "There is a first gateway and a second one; nothing was changed."
    if url and (refused := gateway_refusal(url)):
        return f"{refused}; nothing was changed."
    with transaction.atomic():
        if url:
            sealed = sealer.seal(url, OWNER.format(order))
            SmsProvider.objects.update_or_create(order=order, defaults={"sealed": sealed})
        else:
            SmsProvider.objects.filter(order=order).delete()
        log.write(person.username, person.role, "customers' SMS gateway changed", {"which": order, "set": bool(url)})
    return ""


def known() -> list[Gateway]:
    """Those that are set, the first to be used first; one that no key opens any more is left out."""
    found = []
    for row in SmsProvider.objects.order_by("order"):
        try:
            found.append(Gateway(row.order, sealer.unseal(row.sealed, OWNER.format(row.order))))
        except NotSealed:
            continue
    return found


def are_set() -> bool:
    """Whether customers can be told by SMS at all."""
    return SmsProvider.objects.exists()


def reseal() -> int:
    """Seal them by the newest key; how many there are. In the caller's transaction."""
    for row in SmsProvider.objects.select_for_update():
        row.sealed = sealer.seal(sealer.unseal(row.sealed, OWNER.format(row.order)), OWNER.format(row.order))
        row.save(update_fields=["sealed"])
    return SmsProvider.objects.count()


def send_code(gateways: list[Gateway], phone: str, language: str, code: str) -> bool:
    """Send the code that confirms a number, by the first gateway that takes it; whether one did. Touches no database,
    and takes seconds."""
    words = template(CONFIRMING, language, "sms").strip().format(bank=installation().bank_name, code=code)
    return any(not send_sms(one.url, phone, words) for one in gateways)
