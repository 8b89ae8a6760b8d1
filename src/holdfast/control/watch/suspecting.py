"""From what the control room keeps to a case for the diagnosis: measurements, log lines, calls, changes, differences,
answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from holdfast.control.alerts.judging import CALLEES
from holdfast.control.alerts.opening import PREFIX
from holdfast.control.calls import Kind
from holdfast.control.changes.models import Change, Setting
from holdfast.control.changes.record import RELEASE, differences, standing
from holdfast.control.diagnosis import diagnose, fingerprint, seen_before
from holdfast.control.diagnosis.case import (
    Answer,
    Call,
    Case,
    Complaint,
    Difference,
    LogCount,
    MetricKind,
    Part,
    Series,
)
from holdfast.control.diagnosis.case import Change as Changed
from holdfast.control.diagnosis.recurring import Earlier, Fingerprint
from holdfast.control.diagnosis.suspects import SuspectKind
from holdfast.control.incidents.models import Incident
from holdfast.control.logs.evidence import counts_around
from holdfast.control.metrics.deriving import REACHED_BY
from holdfast.control.metrics.models import Series as Kept
from holdfast.control.metrics.store import STEP_S, Line, window
from holdfast.control.watch.observations import Diagnosed

BEFORE, AFTER = timedelta(minutes=20), timedelta(minutes=3)
CHANGES_BEFORE = timedelta(hours=2)
SPAN = timedelta(seconds=STEP_S)
EARLIER_MAX = 20
SURE_ENOUGH = 0.3
"""Below this probability nobody is told a cause: "not known" is then the better word."""
COMPLAINS = {"bank": "bank-web", "standin": "standin", "doors": "door-1"}
HOSTS = {
    **dict.fromkeys(("bank-db", "bank-web", "bank-worker"), "the bank's server"),
    **dict.fromkeys(("control-db", "control-web", "control-watch"), "the control room's server"),
}
"""What would go together with a server: buildings stand apart, also where one machine holds them all."""
OUTSIDE = ("postbox",)
TOLD_BY = {"bank-db": "bank-worker", "control-db": "control-watch"}
"""Who tells the numbers of a part that cannot be asked (collecting.PART_OF the other way round)."""
METRICS = {
    "requests": (MetricKind.RATE, 1.0),
    "requests failing": (MetricKind.ERRORS, 1.0),
    "requests 95 %": (MetricKind.LATENCY, 0.001),
    "probe": (MetricKind.LATENCY, 0.001),
    "answers probes": (MetricKind.AVAILABILITY, 1.0),
    "processor": (MetricKind.SATURATION, 1.0),
    "disk in use": (MetricKind.SATURATION, 1.0),
    "network loss": (MetricKind.ERRORS, 1.0),
    "memory in use": (MetricKind.SATURATION, 1.0),
    "connections in use": (MetricKind.SATURATION, 1.0),
    "busy connections": (MetricKind.SATURATION, 0.05),
    "waiting for locks": (MetricKind.SATURATION, 0.05),
    "job failures": (MetricKind.ERRORS, 1.0),
    "judgements failing": (MetricKind.ERRORS, 1.0),
    "age of the copy": (MetricKind.LATENCY, 1.0),
}
"""What counts of a part itself: its kind, and what one of ours comes to in the diagnosis' unit."""
CALL_METRICS = {
    "calls": (MetricKind.RATE, 1.0),
    "calls failing": (MetricKind.ERRORS, 1.0),
    "calls 95 %": (MetricKind.LATENCY, 0.001),
    REACHED_BY: (MetricKind.AVAILABILITY, 1.0),
}
"""The same of the way between two parts, as the caller sees it."""
ANY_DOOR = "doors"
"""The address at which any door answers is no part of its own."""
STARTS_WITHIN = timedelta(seconds=60)
PARTS = {
    "bank": "bank-web",
    "bank web": "bank-web",
    "bank database": "bank-db",
    "door 1": "door-1",
    "door 2": "door-2",
    "mail": "postbox",
}
KINDS = {"start": "restart", "decision": "configuration", "key": "key"}


def case_of(incident: Incident, answers: Mapping[str, str], now: datetime) -> Case:
    """All that is kept about the time around an incident's beginning, without the times of earlier ones: what was wrong
    then is nothing to compare with. answers: of the probes, by building or part. Raises django.db's errors."""
    at = incident.began_at
    component = incident.cause.removeprefix(PREFIX) if incident.cause.startswith(PREFIX) else COMPLAINS[incident.cause]
    others = _other_times(incident)
    kept = [one for one in Kept.objects.filter(last_at__gte=at - BEFORE) if one.metric in METRICS or _is_call(one)]
    lines = window([one.pk for one in kept], at - BEFORE, min(now, at + AFTER))
    series, calls, links = [], set(), set()
    for one in kept:
        line = lines.get(one.pk) if one.component != ANY_DOOR else None
        if line is None or not (points := _points(line, others)):
            continue
        if _is_call(one):
            for caller, callee in _ways(one):
                link = f"{caller} to {callee}"
                links.add(link)
                calls |= {Call(caller, link), Call(link, callee)}
                series.append(_series(link, one.metric, CALL_METRICS[one.metric], points))
        else:
            metric = f"{one.metric} ({one.about})" if one.about else one.metric
            series.append(_series(one.component, metric, METRICS[one.metric], points))
    names = {one.component for one in series} - links
    parts = [Part(name, name in OUTSIDE, HOSTS.get(name, ""), told_by=TOLD_BY.get(name, "")) for name in sorted(names)]
    parts += [Part(link, link=True) for link in sorted(links)]
    return Case(
        Complaint(component, "", at.timestamp()),
        tuple(parts),
        tuple(series),
        tuple(sorted(calls, key=lambda call: (call.caller, call.callee))),
        tuple(_changes(at, now, others)),
        tuple(_differences()),
        logs=(*counts_around(at, at - BEFORE, min(now, at + AFTER), others), *_heard(at, min(now, at + AFTER))),
        answers=tuple(
            Answer(PARTS.get(name, name), answer) for name, answer in sorted(answers.items()) if name != ANY_DOOR
        ),
    )


def worth_a_look(incident: Incident, now: datetime) -> bool:
    """Whether measurements are asked for the cause. A bank that answers its probes again may still fail customers: then
    it is looked for where nothing was named, or a release or setting changed beside it. What a runbook starts again is
    away because of that, and no new cause. Raises django.db's errors."""
    by_people = Change.objects.exclude(by="")
    if (
        incident.fingerprint is not None
        and by_people.filter(kind="start", at__range=(now - STARTS_WITHIN, now)).exists()
    ):
        return False
    if incident.phase == "open":
        return True
    if incident.phase != "repaired":
        return False
    beside = Change.objects.filter(kind__in=("release", "configuration"), at__gte=incident.began_at - BEFORE)
    return not incident.suspects or beside.exists()


def diagnosed(incident: Incident, answers: Mapping[str, str], now: datetime) -> Diagnosed:
    """Diagnose an open incident, and look for earlier ones like it. answers: of the probes now; how they were at their
    worst since it began counts on. Raises django.db's errors."""
    answers = _worst(incident.answers, answers)
    case = case_of(incident, answers, now)
    found = diagnose(case)
    top = found.top
    known = top.kind is not SuspectKind.NOT_KNOWN and top.confidence >= SURE_ENOUGH
    print_of = fingerprint(case, found)
    return Diagnosed(
        now,
        incident.number,
        [one.to_json() for one in found.suspects],
        top.what if known else "",
        print_of.to_json(),
        tuple(one.words for one in seen_before(print_of, _earlier(incident))),
        dict(answers),
    )


def _worst(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    well = Kind.ANSWERS.value
    return {**before, **{name: said for name, said in now.items() if said != well or name not in before}}


def _earlier(incident: Incident) -> list[Earlier]:
    rows = Incident.objects.filter(closed_at__isnull=False, fingerprint__isnull=False).exclude(number=incident.number)
    return [
        Earlier(row.number, row.began_at.date(), Fingerprint.from_json(row.fingerprint), row.helped)
        for row in rows.order_by("-number")[:500]
    ]


def _is_call(one: Kept) -> bool:
    return one.metric in CALL_METRICS and bool(one.about)


def _ways(one: Kept) -> list[tuple[str, str]]:
    """Who calls whom, of a measurement of calls."""
    if one.metric == REACHED_BY:
        return [(one.about, one.component)]
    return [(one.component, callee) for callee in CALLEES.get(one.about, (one.about,))]


def _series(component: str, metric: str, meant: tuple[MetricKind, float], points: list[tuple[float, float]]) -> Series:
    kind, times = meant
    return Series(component, metric, kind, tuple(at for at, _ in points), tuple(value * times for _, value in points))


def _points(line: Line, others: list[tuple[datetime, datetime]]) -> list[tuple[float, float]]:
    """Its points that lie in no other incident's time."""
    points = zip(line.at, line.values, strict=True)
    return [(at.timestamp(), value) for at, value in points if not any(one <= at <= end for one, end in others)]


def _other_times(incident: Incident) -> list[tuple[datetime, datetime]]:
    """When other incidents lasted that began before this one: up to their end, or to when nothing was seen of them any
    more, and not into its own beginning."""
    at = incident.began_at
    ended = Q(closed_at__gt=at - BEFORE) | Q(closed_at__isnull=True, restored_at__isnull=False)
    before = Incident.objects.filter(ended, began_at__lt=at).exclude(number=incident.number)
    spans = []
    for one in before.order_by("-began_at")[:EARLIER_MAX]:
        end = one.restored_at if one.closed_at is None else one.closed_at
        spans.append((one.began_at - SPAN, min((end or at) + SPAN, at - SPAN)))
    return spans


def _heard(at: datetime, until: datetime) -> list[LogCount]:
    """What customers did when something was not as they wanted it, as the doors heard it, counted like log lines; none
    is ever new, since somebody always mistypes."""
    kept = list(Kept.objects.filter(metric="heard", last_at__gte=at - BEFORE))
    lines = window([one.pk for one in kept], at - BEFORE, until)
    found = []
    for one in kept:
        points = [(when, rate * STEP_S) for when, rate in _points(lines[one.pk], [])] if one.pk in lines else []
        before = round(sum(count for when, count in points if when < at.timestamp()))
        after = round(sum(count for when, count in points if when >= at.timestamp()))
        if before or after:
            spans = BEFORE.total_seconds(), (until - at).total_seconds()
            found.append(LogCount(one.component, f"customers: {one.about}", before, after, *spans, first_seen=0.0))
    return found


def _changes(at: datetime, now: datetime, others: list[tuple[datetime, datetime]]) -> list[Changed]:
    """What changed, without settings that were taken back, and without what was begun anew while another incident
    lasted, which mended that one."""
    rows = Change.objects.filter(at__gte=at - CHANGES_BEFORE, at__lte=now).order_by("-at")[:300]
    found = [
        one
        for one in reversed(standing(rows, at))
        if one.kind != "start" or not any(begin <= one.at <= end for begin, end in others)
    ]
    return [Changed(one.at.timestamp(), one.component, one.words, KINDS.get(one.kind, one.kind)) for one in found]


def _differences() -> list[Difference]:
    return [
        Difference(one.component, one.words, one.since.timestamp(), outdated=one.name in RELEASE)
        for one in differences(Setting.objects.all())
    ]
