"""Against use as a cannon of messages: how many confirmations go out, to an address, for a network, and in all.

Counted under a lock, so that a flood of requests is counted one by one; at the front doors a network has its share of
requests besides. Addresses and networks are kept a day, and only as marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from holdfast.contracts.subscribing import MAIL, SMS, Outcome
from holdfast.control.subscribers.models import Asked, Subscriber, Turn
from holdfast.control.subscribers.sealed import sealer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GAP = timedelta(minutes=2)
"""Between two confirmations to one address."""
AROUND_BITS = {4: 24, 6: 48}
SUBSCRIBERS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Limit:
    """Confirmations of one channel. network: an hour for the asker's network; around: for the larger one around it
    (/24, of IPv6 /48); address: a day to one address."""

    network: int
    around: int
    address: int
    an_hour: int
    a_day: int


LIMITS: Mapping[str, Limit] = {
    MAIL: Limit(network=10, around=40, address=3, an_hour=1_000, a_day=8_000),
    SMS: Limit(network=3, around=10, address=2, an_hour=60, a_day=300),
}
"""An SMS costs money and wakes people, so there are fewer."""


def my_turn() -> None:
    """Wait until nobody else counts; holds to the end of the transaction."""
    Turn.objects.get_or_create(id=1)
    Turn.objects.select_for_update().get(id=1)


def around(network: str) -> str:
    """The larger network around one; "" for what is no address."""
    try:
        found = ip_address(network)
    except ValueError:
        return ""
    return str(ip_network((found, AROUND_BITS[found.version]), strict=False))


def too_many(channel: str, network: str, now: datetime) -> Outcome | None:
    """Why nothing more is sent for this network now; None when there is room."""
    limit = LIMITS[channel]
    lately = Asked.objects.filter(at__gt=now - HOUR, channel=channel)
    if network and (
        lately.filter(network__in=sealer.marks(network, "network")).count() >= limit.network
        or lately.filter(around__in=sealer.marks(around(network), "around")).count() >= limit.around
    ):
        return Outcome.OFTEN
    full = lately.count() >= limit.an_hour or Asked.objects.filter(at__gt=now - DAY, channel=channel).count() >= (
        limit.a_day
    )
    return Outcome.FULL if full or Subscriber.objects.count() >= SUBSCRIBERS_MAX else None


def has_enough(channel: str, marks: list[str], now: datetime) -> bool:
    """Whether an address got as many confirmations as it may for now; marks: of the address."""
    theirs = Asked.objects.filter(channel=channel, address__in=marks)
    return (
        theirs.filter(at__gt=now - GAP).exists()
        or theirs.filter(at__gt=now - DAY).count() >= LIMITS[channel].address
    )  # fmt: skip


def note(channel: str, address_mark: str, network: str, now: datetime) -> None:
    """It was asked for; address_mark "" when nothing goes to the address."""
    Asked.objects.create(
        at=now,
        channel=channel,
        address=address_mark,
        network=sealer.mark(network, "network"),
        around=sealer.mark(around(network), "around"),
    )


def sweep(now: datetime) -> int:
    """Forget what limits nothing any more, and addresses that nobody confirmed in time; how many of the latter."""
    Asked.objects.filter(at__lt=now - DAY).delete()
    late = list(Subscriber.objects.filter(state="waiting", expires_at__lt=now).values_list("pk", flat=True)[:SWEEP_MAX])
    if late:
        Subscriber.objects.filter(pk__in=late, state="waiting", expires_at__lt=now).delete()
    return len(late)


SWEEP_MAX = 2_000
