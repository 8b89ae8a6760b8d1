"""A customer's own limits: lowered at once, raised after a day, so that a thief who logs in cannot raise them and pay.

The raise travels with its instant, so both banks begin to hold it at the same time, also while the main bank is away.
"""

from dataclasses import dataclass, replace
from typing import Any

RAISE_AFTER_US = 24 * 3600 * 10**6
NO_LIMIT = 2**62
"""As far as the customer goes: only the bank's limits hold."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What may be paid by hand at once and on one day, in minor units of the bank's currency."""

    per_payment_minor: int = NO_LIMIT
    per_day_minor: int = NO_LIMIT


NO_PAIR = Pair()


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """held: what holds; coming: what holds from coming_us on (microseconds since 1970 UTC; 0: nothing is coming)."""

    held: Pair = NO_PAIR
    coming: Pair = NO_PAIR
    coming_us: int = 0

    def at(self, now_us: int) -> Pair:
        """What holds at an instant."""
        return self.coming if self.coming_us and now_us >= self.coming_us else self.held

    def waits(self, now_us: int) -> bool:
        """Whether a raise was asked for and does not hold yet."""
        return self.coming_us > now_us

    def to_body(self) -> dict[str, Any]:
        """The body of the fact `own_limits`; a limit that is absent is none."""
        body: dict[str, Any] = {"held": _to_body(self.held)}
        if self.coming_us:
            body |= {"coming": _to_body(self.coming), "coming_us": self.coming_us}
        return body


NO_OWN_LIMITS = OwnLimits()


def change(known: OwnLimits, asked: Pair, now_us: int) -> OwnLimits:
    """What holds after the customer asked for these limits at this instant.

    Invariant: at no instant before now_us + RAISE_AFTER_US is a limit above what held when it was asked, whatever was
    asked for in between: `held` becomes the smaller of what holds and what is asked, and each raise waits anew.
    """
    holds = known.at(now_us)
    held = Pair(min(holds.per_payment_minor, asked.per_payment_minor), min(holds.per_day_minor, asked.per_day_minor))
    return OwnLimits(held) if held == asked else OwnLimits(held, asked, now_us + RAISE_AFTER_US)


def raises(known: OwnLimits, asked: Pair, now_us: int) -> bool:
    """Whether it asks for more than holds now, so that the customer must prove anew who they are."""
    holds = known.at(now_us)
    return asked.per_payment_minor > holds.per_payment_minor or asked.per_day_minor > holds.per_day_minor


def without_coming(known: OwnLimits, now_us: int) -> OwnLimits:
    """The same without a raise that waits."""
    return replace(known, coming=NO_PAIR, coming_us=0) if known.waits(now_us) else known


def own_limits_from_body(body: dict[str, Any] | None) -> OwnLimits:
    """Read the fact's body; raises KeyError, ValueError or TypeError when it has not the agreed form."""
    if body is None:
        return NO_OWN_LIMITS
    coming_us = int(body.get("coming_us", 0))
    return OwnLimits(_from_body(body["held"]), _from_body(body["coming"]) if coming_us else NO_PAIR, coming_us)


def _to_body(pair: Pair) -> dict[str, int]:
    told = {"per_payment_minor": pair.per_payment_minor, "per_day_minor": pair.per_day_minor}
    return {name: amount for name, amount in told.items() if amount < NO_LIMIT}


def _from_body(raw: dict[str, Any]) -> Pair:
    once, day = int(raw.get("per_payment_minor", NO_LIMIT)), int(raw.get("per_day_minor", NO_LIMIT))
    if once <= 0 or day <= 0:
        raise ValueError("a customer's own limit is not above zero")
    return Pair(once, day)
