"""Where staff are reached: addresses are checked before they are kept, and shown to nobody but whose they are."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import transaction

from holdfast.control.place import installation
from holdfast.control.response import pushing
from holdfast.control.response.acting import Actor
from holdfast.control.response.models import Contact, PushDevice, SharedWebhook, SmsGateway
from holdfast.control.response.pushing import Device
from holdfast.control.staff import log
from holdfast.control.staff.factors import sealer
from holdfast.control.staff.models import Person
from holdfast.look.texting import gateway_refusal, phone_refusal
from holdfast.signing.sealing import NotSealed

EMAIL_MAX, URL_MAX = 254, 500
DEVICES_MAX, NAME_MAX = 5, 60
GATEWAY_OWNER, DEVICE_OWNER = "sms gateway", "push {}"
"""Of what is sealed in the database."""


def email_refusal(typed: str) -> str:
    """Why mail cannot be sent to this; "" when it can as far as its form says."""
    try:
        address = Address(addr_spec=typed)
    except (ValueError, IndexError, MessageError):
        return f"{typed[:60]!r} is no e-mail address"
    if len(typed) > EMAIL_MAX or not typed.isascii() or not address.username or "." not in address.domain:
        return f"{typed[:60]!r} is no e-mail address"
    return ""


def webhook_refusal(typed: str) -> str:
    """Why this is not told of pages; "" when it can be: an https address, or http on this machine."""
    words = "A webhook is an https address without a name and password in it (http only on this machine)"
    try:
        parts = urlsplit(typed)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return words
    signs_bad = len(typed) > URL_MAX or not typed.isascii() or any(one.isspace() or one < "!" for one in typed)
    if signs_bad or not host or parts.username is not None:
        return words
    return "" if parts.scheme == "https" or (parts.scheme == "http" and _here(host)) else words


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keep(person: Person, actor: Actor, email: str, webhook: str, phone: str = "") -> str:
    """Keep where a person is reached; "" ends a way. The log says that it changed, not what to."""
    email, webhook, phone = email.strip(), webhook.strip(), "".join(phone.split())
    refused = (
        (email and email_refusal(email)) or (webhook and webhook_refusal(webhook)) or (phone and phone_refusal(phone))
    )
    if refused:
        return f"{refused}; nothing was changed."
    with transaction.atomic():
        Contact.objects.update_or_create(person=person, defaults={"email": email, "webhook": webhook, "phone": phone})
        about = {"of": person.username, "mail": bool(email), "webhook": bool(webhook), "sms": bool(phone)}
        log.write(actor.who, actor.role, "contact changed", about)
    return ""


def keep_shared(actor: Actor, url: str) -> str:
    """Keep the address that is told of every page; "" ends it."""
    url = url.strip()
    if url and (refused := webhook_refusal(url)):
        return f"{refused}; nothing was changed."
    with transaction.atomic():
        SharedWebhook.objects.update_or_create(id=1, defaults={"url": url})
        log.write(actor.who, actor.role, "shared webhook changed", {"set": bool(url)})
    return ""


def shared() -> str:
    """The address that is told of every page; "" for none."""
    found = SharedWebhook.objects.filter(id=1).first()
    return found.url if found else ""


def keep_gateway(actor: Actor, url: str) -> str:
    """Keep the gateway by which SMS go out; "" ends it. It is sealed, and shown to nobody."""
    url = url.strip()
    if url and (refused := gateway_refusal(url)):
        return f"{refused}; nothing was changed."
    with transaction.atomic():
        SmsGateway.objects.update_or_create(id=1, defaults={"sealed": sealer.seal(url, GATEWAY_OWNER) if url else ""})
        log.write(actor.who, actor.role, "SMS gateway changed", {"set": bool(url)})
    return ""


def gateway() -> str:
    """The gateway by which SMS go out; "" for none, and for one that no key opens any more."""
    found = SmsGateway.objects.filter(id=1).first()
    if found is None or not found.sealed:
        return ""
    try:
        return sealer.unseal(found.sealed, GATEWAY_OWNER)
    except NotSealed:
        return ""


def gateway_is_set() -> bool:
    """Whether there is a gateway by which SMS go out."""
    return SmsGateway.objects.filter(id=1).exclude(sealed="").exists()


def add_device(person: Person, actor: Actor, device: Device, name: str, now: datetime) -> str:
    """From now on this browser is woken too; one that is known already is known by what it says now."""
    refused = webhook_refusal(device.endpoint) or pushing.device_refusal(device)
    number, _ = pushing.newest_key(installation().keys)
    if refused or device.key != number:
        return "The browser gave no usable subscription; load the page anew and try again. Nothing was changed."
    mark = pushing.mark_of(device.endpoint)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if PushDevice.objects.filter(person=person).exclude(mark=mark).count() >= DEVICES_MAX:
            return f"{DEVICES_MAX} devices are woken for you already; remove one first. Nothing was changed."
        sealed = sealer.seal(json.dumps(asdict(device)), DEVICE_OWNER.format(mark))
        told = {"person": person, "sealed": sealed, "name": name.strip()[:NAME_MAX] or "a browser", "made_at": now}
        PushDevice.objects.update_or_create(mark=mark, defaults=told)
        Contact.objects.get_or_create(person=person)
        log.write(actor.who, actor.role, "device to wake added", {"of": person.username})
    return ""


def remove_device(person: Person, actor: Actor, number: int) -> str:
    """One's own device is woken no more."""
    with transaction.atomic():
        if not PushDevice.objects.filter(person=person, pk=number).delete()[0]:
            return "There is no such device of yours; nothing was changed."
        log.write(actor.who, actor.role, "device to wake removed", {"of": person.username})
    return ""


def devices_of(people: Iterable[str]) -> dict[str, list[tuple[int, Device]]]:
    """The devices of some people, by username, with their numbers; what no key opens any more is left out."""
    found: dict[str, list[tuple[int, Device]]] = {}
    for row in PushDevice.objects.filter(person__in=list(people)).order_by("pk"):
        try:
            device = Device(**json.loads(sealer.unseal(row.sealed, DEVICE_OWNER.format(row.mark))))
        except (NotSealed, ValueError, TypeError):
            continue
        found.setdefault(row.person_id, []).append((row.pk, device))
    return found


def ways_of(person: Person, *, by_sms: bool) -> list[tuple[str, str]]:
    """By which ways and at which addresses a person is reached. by_sms: whether SMS can go out. Devices have no address
    here: which there are is asked when they are told."""
    contact: Contact | None = getattr(person, "contact", None)
    if contact is None:
        return []
    ways = [("mail", contact.email), ("webhook", contact.webhook), ("sms", contact.phone if by_sms else "")]
    return [one for one in ways if one[1]] + ([("push", "")] if person.devices.all() else [])
