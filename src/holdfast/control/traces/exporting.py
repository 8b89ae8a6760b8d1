"""Spans for a collector outside, as OpenTelemetry's protocol has them: OTLP over HTTP, in JSON
(https://opentelemetry.io/docs/specs/otlp/#otlphttp, https://github.com/open-telemetry/opentelemetry-proto).

Told is what is kept here, in the order in which it came, from the moment at which an address was set. What a collector
does not take is told again next round; what was forgotten here meanwhile is not told any more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Max

from holdfast import __version__
from holdfast.control.response.acting import Actor
from holdfast.control.response.contacts import webhook_refusal
from holdfast.control.staff import log
from holdfast.control.traces.models import Outside, Span
from holdfast.look.webhooks import post_json

PATH = "/v1/traces"
AT_ONCE_MAX, CALLS_MAX = 500, 4
"""Spans of one call, and calls of one round."""
LIMIT_S = 5.0
SERVER, CLIENT, INTERNAL = 2, 3, 1
"""Kinds of spans by their numbers: who answers, who asks, what is done within."""
BAD = 2
"""The status code of a span that failed."""


def keep_outside(actor: Actor, url: str) -> str:
    """Keep the collector's address; "" ends it. The log says that it changed, not what to."""
    url = url.strip()
    if url and (refused := webhook_refusal(url)):
        return f"{refused.replace('A webhook', 'A collector')}; nothing was changed."
    with transaction.atomic():
        newest = Span.objects.aggregate(newest=Max("id"))["newest"] or 0
        Outside.objects.update_or_create(id=1, defaults={"url": url, "told": newest, "trouble": "", "at": None})
        log.write(actor.who, actor.role, "collector of traces changed", {"set": bool(url)})
    return ""


def outside() -> tuple[str, str]:
    """The collector's host, "" for none, and why the last try failed: the whole address may hold a secret."""
    found = Outside.objects.filter(id=1).exclude(url="").first()
    return ("", "") if found is None else (urlsplit(found.url).hostname or "", found.trouble)


def tell_outside(now: datetime) -> int:
    """Tell the collector what it does not know yet; how many spans. Raises django.db's errors, and nothing for a sick
    collector: why it failed stands in its row."""
    told = 0
    for _ in range(CALLS_MAX):
        place = Outside.objects.filter(id=1).exclude(url="").first()
        if place is None:
            break
        spans = list(Span.objects.filter(id__gt=place.told).select_related("trace").order_by("id")[:AT_ONCE_MAX])
        if not spans:
            break
        trouble = post_json(_address(place.url), to_otlp(spans), LIMIT_S).replace("webhook", "collector")
        reached = place.told if trouble else spans[-1].pk
        # Another address set meanwhile begins anew: what was told to the one before does not count for it.
        Outside.objects.filter(id=1, url=place.url, told=place.told).update(told=reached, trouble=trouble, at=now)
        if trouble:
            break
        told += len(spans)
    return told


def to_otlp(spans: Iterable[Span]) -> dict[str, Any]:
    """An ExportTraceServiceRequest: one resource a program."""
    by_program: dict[str, list[Span]] = {}
    for one in spans:
        by_program.setdefault(one.component, []).append(one)
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": program, "service.namespace": "holdfast"})},
                "scopeSpans": [
                    {"scope": {"name": "holdfast", "version": __version__}, "spans": [_span(one) for one in some]}
                ],
            }
            for program, some in by_program.items()
        ]
    }


def _span(one: Span) -> dict[str, Any]:
    asks, answers = " asks " in one.name, one.parent == "" or one.name.endswith("answers")
    return {
        "traceId": one.trace.ident,
        "spanId": one.ident,
        "parentSpanId": one.parent,
        "name": one.name,
        "kind": CLIENT if asks else SERVER if answers else INTERNAL,
        "startTimeUnixNano": str(one.began_us * 1000),
        "endTimeUnixNano": str((one.began_us + one.took_us) * 1000),
        "attributes": _attributes(one.about),
        "status": {"code": BAD} if one.failed else {},
    }


def _attributes(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(one)} for name, one in about.items()]


def _value(one: object) -> dict[str, Any]:
    if isinstance(one, bool):
        return {"boolValue": one}
    if isinstance(one, int):
        return {"intValue": str(one)}
    return {"doubleValue": one} if isinstance(one, float) else {"stringValue": str(one)}


def _address(url: str) -> str:
    """The address that spans are posted to: a collector's own, or the one below it that the protocol names."""
    parts = urlsplit(url)
    return url if parts.path.rstrip("/").endswith(PATH) else parts._replace(path=parts.path.rstrip("/") + PATH).geturl()
