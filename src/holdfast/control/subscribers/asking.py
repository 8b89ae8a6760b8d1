"""What somebody does with a subscription: asks for it, confirms it, changes it, ends it. Each may be done twice.

Whoever asks learns nothing about an address: the answer is the same whether it is new, waits, is subscribed already or
got as many messages as it may. Only the owner of the address, who reads what is sent there, comes further.
"""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.subscribing import (
    CHANNELS,
    COMPONENTS,
    KEY_CHARACTERS_MAX,
    MAIL,
    SMS,
    Outcome,
    Shown,
    Wish,
    plain_address,
    plain_code,
)
from holdfast.control.subscribers import limits, sealed, telling
from holdfast.control.subscribers.models import Subscriber
from holdfast.control.tell import gateways
from holdfast.control.tell.models import WAITING, Message

HOLDS = timedelta(hours=24)
"""A confirmation that nobody used ends, and the address is forgotten."""


def channels() -> tuple[str, ...]:
    """By which ways one can subscribe: SMS where the bank has a gateway for them."""
    return CHANNELS if gateways.are_set() else (MAIL,)


def ready() -> Shown:
    """What the form needs to know."""
    return Shown(Outcome.READY, channels())


def ask(wish: Wish, now: datetime) -> Shown:
    """Somebody wants messages to an address: a confirmation goes there."""
    offered = channels()
    if wish.channel not in offered:
        return Shown(Outcome.NO_CHANNEL, offered)
    if not set(wish.components) <= set(COMPONENTS):
        return Shown(Outcome.NO_COMPONENT, offered)
    address = plain_address(wish.channel, wish.address)
    if not address or wish.language not in LANGUAGES:
        return Shown(Outcome.NOT_AN_ADDRESS, offered)
    with transaction.atomic():
        limits.my_turn()
        refused = limits.too_many(wish.channel, wish.network, now)
        if refused is not None:
            return Shown(refused, offered)
        marks = sealed.marks(address, wish.channel)
        enough = limits.has_enough(wish.channel, marks, now)
        limits.note(wish.channel, "" if enough else marks[0], wish.network, now)
        if not enough:
            telling.write_first(_prepared(wish, address, marks, now), now)
    return Shown(Outcome.ASKED, offered)


def _prepared(wish: Wish, address: str, marks: list[str], now: datetime) -> Subscriber:
    """The row of an address: a new one, one that waits with what was chosen last, or a confirmed one as it is: nobody
    but its owner changes that."""
    one = Subscriber.objects.select_for_update().filter(channel=wish.channel, mark__in=marks).first()
    if one is not None and one.state == "confirmed":
        return one
    values = {
        "components": list(wish.components),
        "language": wish.language,
        "asked_at": now,
        "expires_at": now + HOLDS,
        **sealed.columns(wish.channel, sealed.fresh(address)),
    }
    if one is None:
        return Subscriber.objects.create(channel=wish.channel, **values)
    return _changed(one, **values)


def _changed(one: Subscriber, **values: Any) -> Subscriber:
    Subscriber.objects.filter(pk=one.pk).update(**values)
    one.refresh_from_db()
    return one


@transaction.atomic
def confirm(typed: str, now: datetime) -> Shown:
    """Whoever reads the address's messages says yes."""
    code = plain_code(typed)
    found = Subscriber.objects.select_for_update().filter(code_digest=sealed.digest(code), expires_at__gt=now)
    one = found.filter(state="waiting").first() if code else None
    if one is None:
        return Shown(Outcome.UNKNOWN, channels())
    used = sealed.columns(one.channel, replace(sealed.opened(one), code=""))
    return _shown(_changed(one, state="confirmed", confirmed_at=now, expires_at=None, **used), Outcome.CONFIRMED)


def look(key: str) -> Shown:
    """One's own subscription."""
    one = _of(key)
    return Shown(Outcome.UNKNOWN, channels()) if one is None else _shown(one, Outcome.FOUND)


@transaction.atomic
def change(key: str, components: tuple[str, ...], language: str) -> Shown:
    """Other components, another language, from the next message on."""
    one = _of(key, lock=True)
    if one is None or language not in LANGUAGES:
        return Shown(Outcome.UNKNOWN, channels())
    if not set(components) <= set(COMPONENTS):
        return Shown(Outcome.NO_COMPONENT, channels())
    return _shown(_changed(one, components=list(components), language=language), Outcome.CHANGED)


@transaction.atomic
def end(key: str) -> Shown:
    """No more messages, and the address is erased."""
    one = _of(key, lock=True)
    if one is None:
        return Shown(Outcome.UNKNOWN, channels())
    forget([one.pk])
    return Shown(Outcome.ENDED, channels())


def find(typed: str) -> Subscriber | None:
    """The subscription of an address, of whichever channel it is."""
    for channel in CHANNELS:
        address = plain_address(channel, typed)
        if address:
            return Subscriber.objects.filter(channel=channel, mark__in=sealed.marks(address, channel)).first()
    return None


@transaction.atomic
def forget(numbers: list[int]) -> int:
    """Erase subscriptions; what waits to be sent to them is not sent. How many there were."""
    theirs = Message.objects.filter(subscriber__in=numbers, state__in=WAITING)
    theirs.update(state="cancelled", next_attempt_at=None, last_error="the subscription ended before it was sent")
    return Subscriber.objects.filter(pk__in=numbers).delete()[1].get("subscribers.Subscriber", 0)


def _of(key: str, lock: bool = False) -> Subscriber | None:
    """The subscription that a key is for; a waiting one has none yet that anybody was told."""
    if not 0 < len(key) <= KEY_CHARACTERS_MAX or not key.isascii():
        return None
    rows = Subscriber.objects.select_for_update() if lock else Subscriber.objects
    one = rows.filter(key_digest=sealed.digest(key), state="confirmed").first()
    # The digest found the row; that the key is what was sealed with this very address proves that nobody moved it.
    return one if one is not None and hmac.compare_digest(sealed.opened(one).key, key) else None


def _shown(one: Subscriber, outcome: Outcome) -> Shown:
    held = sealed.opened(one)
    known = veiled(one.channel, held.address)
    return Shown(outcome, channels(), held.key, one.channel, known, tuple(one.components), one.language)


def veiled(channel: str, address: str) -> str:
    """An address as its owner knows it again and nobody learns it."""
    if channel == SMS:
        return f"{address[:3]}…{address[-2:]}"
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"
