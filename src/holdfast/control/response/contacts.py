"""Where staff are reached: addresses are checked before they are kept, and shown to nobody but whose they are."""

from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import transaction

from holdfast.control.response.acting import Actor
from holdfast.control.response.models import Contact, SharedWebhook
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

EMAIL_MAX, URL_MAX = 254, 500


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


def keep(person: Person, actor: Actor, email: str, webhook: str) -> str:
    """Keep where a person is reached; "" ends a way. The log says that it changed, not what to."""
    email, webhook = email.strip(), webhook.strip()
    refused = (email and email_refusal(email)) or (webhook and webhook_refusal(webhook))
    if refused:
        return f"{refused}; nothing was changed."
    with transaction.atomic():
        Contact.objects.update_or_create(person=person, defaults={"email": email, "webhook": webhook})
        about = {"of": person.username, "mail": bool(email), "webhook": bool(webhook)}
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
