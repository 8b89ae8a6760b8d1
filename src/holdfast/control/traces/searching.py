"""What somebody looks for among the traces: read from an address, said back in words when it cannot be meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from holdfast.control.logs.searching import BadSearch, instant_of, place_in, written
from holdfast.control.traces.models import Trace
from holdfast.control.traces.store import TRACE
from holdfast.telemetry.traces import SLOW_S

USUAL = timedelta(days=1)
KINDS = {"": "all that are kept", "failed": "failed", "slow": f"slower than {SLOW_S:g} s"}
ORDERS = {"": "newest first", "slowest": "slowest first"}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. before: instant and number of the last trace seen, to go on behind it."""

    kind: str
    component: str
    start: datetime
    end: datetime
    order: str
    trace: str
    before: tuple[datetime, int] | None

    def found(self) -> "QuerySet[Trace]":
        """The traces, in no order, without regard to `before`."""
        if self.trace:
            return Trace.objects.filter(ident=self.trace)
        found = Trace.objects.filter(at__gte=self.start, at__lt=self.end)
        if self.kind == "failed":
            found = found.filter(failed=True)
        if self.kind == "slow":
            found = found.filter(took_us__gt=int(SLOW_S * 1_000_000))
        return found.filter(parts__contains=f" {self.component} ") if self.component else found

    def page(self, length: int) -> list[Trace]:
        """The next traces, and one more where there are further ones; of the slowest there is one page only."""
        found = self.found()
        if self.order == "slowest":
            return list(found.order_by("-took_us", "-id")[:length])
        if self.before is not None:
            at, number = self.before
            found = found.filter(Q(at__lt=at) | Q(at=at, id__lt=number), at__lte=at)
        return list(found.order_by("-at", "-id")[: length + 1])


def read(query: Mapping[str, str], now: datetime) -> Search:
    """From an address' query; without a time the last day. Raises BadSearch."""
    kind, order = query.get("kind", ""), query.get("order", "")
    if kind not in KINDS or order not in ORDERS:
        raise BadSearch("Traces are all, failed or slow, newest first or slowest first.")
    trace = query.get("trace", "").strip().lower()
    if trace and not TRACE.fullmatch(trace):
        raise BadSearch("A trace has 32 digits from 0 to f.")
    end = instant_of(query, "until") or now + timedelta(minutes=1)
    start = instant_of(query, "from") or end - USUAL
    if start >= end:
        raise BadSearch("The beginning must be before the end.")
    component = query.get("component", "")[:48].replace("\x00", "").strip()
    return Search(kind, component, start, end, order, trace, place_in(query.get("before", "")))


def address(**said: object) -> str:
    """The page's address with what is said."""
    told = {name: written(one) for name, one in said.items() if one not in ("", None, 0)}
    return f"/traces?{urlencode(told)}"
