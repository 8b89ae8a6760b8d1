"""What happened to how a customer logs in: shown on the security page, the newest first, and told by mail.

An event is a key among the words (`event.passkey_added`) with its places, so that it is read in the reader's language.
"""

from collections.abc import Sequence

from django.utils import timezone

from holdfast.bank.customers.models import Customer
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.mail.writing import language_of, recipient_of, write
from holdfast.bank.web.words import writings
from holdfast.bank.web.words.devices import say_device
from holdfast.look import Writing

SHOWN = 20
KEPT = 200


def note(customer: int, event: str, **places: str | int) -> None:
    """Record one event in the transaction that made it true, and write the customer a mail that tells it."""
    one = record(customer, event, **places)
    found = Customer.objects.get(id=customer)
    spoken = writings()[language_of(recipient_of(found))]
    at = spoken.moment(one.at)
    write(recipient_of(found), "security-changed", what=event_words(one, spoken), at=at)


def record(customer: int, event: str, **places: str | int) -> SecurityEvent:
    """Record one event without a mail; the oldest beyond KEPT go."""
    one = SecurityEvent.objects.create(customer_id=customer, event=event, places=places)
    old = SecurityEvent.objects.filter(customer=customer).order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 50]
    SecurityEvent.objects.filter(id__in=list(old)).delete()
    return one


def tell_new_login(customer: Customer, device: str) -> None:
    """Write the customer a mail about a login on a device that is new to them."""
    to = recipient_of(customer)
    spoken = writings()[language_of(to)]
    write(to, "new-login", device=say_device(spoken, device), at=spoken.moment(timezone.now()))


def latest(customer: int) -> Sequence[SecurityEvent]:
    """The newest events."""
    return list(SecurityEvent.objects.filter(customer=customer).order_by("-id")[:SHOWN])


def event_words(one: SecurityEvent, spoken: Writing) -> str:
    """An event as it is read."""
    if not one.event:
        return str(one.words)
    places: dict[str, str | int] = dict(one.places)
    if "device" in places:
        places["device"] = say_device(spoken, str(places["device"]))
    said = spoken.say(one.event, **places)
    return said[:1].upper() + said[1:]
