"""Which tour a page of the main bank shows: one that is published for it and that its customer has not put away.

A page never waits for that. What is not known yet of a customer is asked beside, and the next page shows it. Nothing is
shown while a notice of a fault stands or the spare bank serves, nor when the control room has not answered for a while.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from holdfast.contracts.community import Tour, Tours
from holdfast.look.tour import Shown, tour_to_header

COOKIE = "hf_toured"
"""Numbers of tours that this browser put away: another door knows it at once by that."""
COOKIE_S = 400 * 86_400
IN_COOKIE_MAX = 30
PUBLISHED_S, SEEN_S = 120.0, 600.0
"""What the control room said holds for so long."""
CUSTOMERS_MAX, WANTED_MAX = 20_000, 200


class Touring:
    """What one door knows of tours. Used from its event loop; clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tours: tuple[Tour, ...] = ()
        self._at = float("-inf")
        self._seen: OrderedDict[int, tuple[float, frozenset[int]]] = OrderedDict()
        self.wanted: OrderedDict[int, None] = OrderedDict()
        """Customers of whom it is to be asked what they have seen."""

    def learn(self, told: Tours, customer: int = 0) -> None:
        """What is published, and what a customer has put away."""
        self._tours, self._at = told.tours, self._clock()
        if customer:
            self._seen.pop(customer, None)
            self._seen[customer] = (self._at, frozenset(told.seen))
            while len(self._seen) > CUSTOMERS_MAX:
                self._seen.popitem(last=False)

    def put_away(self, customer: int, number: int) -> None:
        """A customer has seen it."""
        at, seen = self._seen.get(customer, (self._clock(), frozenset()))
        self._seen[customer] = (at, seen | {number})

    def about(self, method: str, path: str) -> bool:
        """Whether anything is published for the page that is asked for, so that it matters who asks."""
        fresh = self._clock() - self._at < PUBLISHED_S
        return method == "GET" and fresh and any(one.path == path for one in self._tours)

    def header(self, customer: int, path: str, cookie: str) -> str:
        """The tour for this page and customer as a header's value, "" for none or while it is not known."""
        if not customer:
            return ""
        known = self._seen.get(customer)
        if known is None or self._clock() - known[0] > SEEN_S:
            if len(self.wanted) < WANTED_MAX:
                self.wanted[customer] = None
            return ""
        away = known[1] | numbers_in(cookie)
        for one in self._tours:
            if one.path == path and one.number not in away:
                return tour_to_header(Shown(one.number, one.title, one.steps))
        return ""


def numbers_in(cookie: str) -> frozenset[int]:
    """Of the tours that a browser put away."""
    parts = cookie[:400].split(".")[:IN_COOKIE_MAX]
    return frozenset(int(one) for one in parts if one.isascii() and one.isdecimal() and len(one) < 10)


def with_number(cookies: Mapping[str, str], number: int) -> str:
    """The cookie's value with one more; the highest numbers stay."""
    kept = sorted(numbers_in(cookies.get(COOKIE, "")) | {number}, reverse=True)[:IN_COOKIE_MAX]
    return ".".join(map(str, kept))
