"""Addresses of subscribers are sealed before the database sees them, and found by their marks (signing/sealing.py)."""

import hashlib
import json
import secrets
import time
from dataclasses import asdict, dataclass

from django.db import transaction

from holdfast.contracts.subscribing import CODE_LENGTH, CODE_SIGNS
from holdfast.control.place import installation
from holdfast.control.subscribers.models import Subscriber
from holdfast.signing.sealing import LOOK_S, NotSealed, Sealer

FILE = "control-subscribers.keys"
KEY_BYTES = 24
STEP = 500
sealer = Sealer(lambda: installation().keys / "control" / FILE, b"holdfast subscriber 1")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sealed. key: changes and ends the subscription, nobody can guess it; code: confirms it, "" once used."""

    address: str
    key: str
    code: str


def fresh(address: str) -> Secrets:
    """For an address that was not known: 192 random bits of key, 78 of code."""
    return Secrets(address, secrets.token_urlsafe(KEY_BYTES), new_code())


def new_code() -> str:
    """A code that nobody can guess within a day, and anybody can type."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))


def digest(shown: str) -> str:
    """Of a key or a code: what the database knows of it."""
    return hashlib.sha256(shown.encode()).hexdigest()


def columns(channel: str, held: Secrets) -> dict[str, str]:
    """What stands in the row of these secrets."""
    mark = sealer.mark(held.address, channel)
    return {
        "mark": mark,
        "sealed": sealer.seal(json.dumps(asdict(held)), _owner(channel, mark)),
        "key_digest": digest(held.key),
        "code_digest": digest(held.code) if held.code else "",
    }


def opened(one: Subscriber) -> Secrets:
    """The secrets of a row; raises NotSealed."""
    try:
        return Secrets(**json.loads(sealer.unseal(one.sealed, _owner(one.channel, one.mark))))
    except (ValueError, TypeError) as error:
        raise NotSealed(f"what is sealed of subscriber {one.pk} is not of the form") from error


def marks(address: str, channel: str) -> list[str]:
    """By what an address is found, under every key that is known."""
    return sealer.marks(address, channel)


def _owner(channel: str, mark: str) -> str:
    return f"{channel} {mark}"


def reseal(wait_s: float = 2 * LOOK_S) -> int:
    """Make a new key and seal every address by it, while people subscribe; how many. Raises NotSealed when one does not
    open: then no key is forgotten. May be run again."""
    sealer.add()
    time.sleep(wait_s)
    done, after = 0, 0
    while True:
        with transaction.atomic():
            rows = list(Subscriber.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:STEP])
            if not rows:
                break
            after = rows[-1].pk
            for one in rows:
                Subscriber.objects.filter(pk=one.pk).update(**columns(one.channel, opened(one)))
            done += len(rows)
    sealer.drop_old()
    return done
