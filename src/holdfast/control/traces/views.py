"""The pages of traces: search; one trace over time; and the collector outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.models import Incident
from holdfast.control.logs.models import Line
from holdfast.control.logs.searching import BadSearch, place_of
from holdfast.control.metrics.models import Trouble
from holdfast.control.response.acting import staff_member
from holdfast.control.traces import exporting
from holdfast.control.traces.collecting import OF
from holdfast.control.traces.drawing import waterfall, where_it_broke
from holdfast.control.traces.models import Span, Trace, TraceCursor
from holdfast.control.traces.searching import KINDS, ORDERS, address, read
from holdfast.control.traces.store import KEPT, SPANS_OF_A_TRACE_MAX, TRACE, TRACES_MAX
from holdfast.telemetry.traces import ONE_IN, SLOW_S

MANAGERS = frozenset({"manager"})
PAGE_TRACES = 100
FIELDS = ("trace", "kind", "component", "from", "until", "order")
LINES_MAX = 50
OF_AN_INCIDENT = 5
LOOKED_AT_MAX = 200
INCIDENT_BEFORE = timedelta(minutes=1)
RULE = f"kept are requests that failed or took more than {SLOW_S:g} s, and one in {ONE_IN} of all"


@allowed(EVERYONE)
def listing(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """Traces that were looked for; without anything said, those of the last day."""
    said = {name: request.GET.get(name, "")[:60] for name in FIELDS}
    host, trouble = exporting.outside()
    context: dict[str, Any] = {
        "said": said,
        "kinds": KINDS.items(),
        "orders": ORDERS.items(),
        "components": sorted(TraceCursor.objects.values_list("program", flat=True)),
        "troubles": Trouble.objects.filter(source__startswith=OF).order_by("source"),
        "rule": RULE,
        "kept": f"at most {TRACES_MAX:,} of {KEPT.days} days",
        "outside": host,
        "outside_trouble": trouble,
        "may_set": person_of(request).role in MANAGERS,
        "words": words,
    }
    try:
        search = read({**said, "before": request.GET.get("before", "")[:40]}, datetime.now(UTC))
    except BadSearch as error:
        return render(request, "traces/listing.html", {**context, "words": str(error)}, status=422)
    found = search.page(PAGE_TRACES)
    more = len(found) > PAGE_TRACES
    last = found[PAGE_TRACES - 1] if more else None
    context |= {
        "search": search,
        "traces": [(one, one.took_us / 1000) for one in found[:PAGE_TRACES]],
        "older": address(**said, before=place_of(last)) if last else "",
        "newest": address(**said) if search.before else "",
    }
    return render(request, "traces/listing.html", context, status=status)


@allowed(EVERYONE)
def one(request: HttpRequest, trace: str) -> HttpResponse:
    """One trace: its spans over time, as bars and as figures, and the log lines that are of it."""
    ident = trace.lower()
    found = Trace.objects.filter(ident=ident).first() if TRACE.fullmatch(ident) else None
    if found is None:
        nothing = {"ident": ident if TRACE.fullmatch(ident) else "", "rule": RULE, "kept": f"{KEPT.days} days"}
        return render(request, "traces/none.html", nothing, status=404)
    context = {
        "trace": found,
        "took_ms": found.took_us / 1000,
        "rows": waterfall(list(found.spans.all()[:SPANS_OF_A_TRACE_MAX])),
        "lines": Line.objects.filter(trace=found.ident).order_by("at", "id")[:LINES_MAX],
        "rule": RULE,
    }
    return render(request, "traces/one.html", context)


@allowed(MANAGERS)
def outside(request: HttpRequest) -> HttpResponse:
    """The address of the collector that is told of every span."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refused = exporting.keep_outside(staff_member(person_of(request)), request.POST.get("url", ""))
    return listing(request, refused, 422) if refused else HttpResponseRedirect("/traces")


def in_time_of(incident: Incident, now: datetime) -> dict[str, Any]:
    """What an incident's page shows of traces: the failed and the slowest requests in its time, and at which programs
    the newest failures began."""
    start, end = incident.began_at - INCIDENT_BEFORE, incident.closed_at or now
    of_it = Trace.objects.filter(at__gte=start, at__lte=end)
    failed = of_it.filter(failed=True).order_by("-at", "-id")
    broke = where_it_broke(Span.objects.filter(trace__in=list(failed.values_list("id", flat=True)[:LOOKED_AT_MAX])))
    return {
        "failed": [(one, one.took_us / 1000) for one in failed[:OF_AN_INCIDENT]],
        "slowest": [(one, one.took_us / 1000) for one in of_it.order_by("-took_us", "-id")[:OF_AN_INCIDENT]],
        "broke": broke.most_common(OF_AN_INCIDENT),
        "all": address(**{"from": start, "until": end + timedelta(seconds=1)}),
    }
