"""Following a runbook: each step ticked by a person, or done by a machine after WAIT, in which a person can
stop it.

A machine's step begins to wait when every step before it is done or skipped. It leaves `waiting` once, under its row's
lock, so it is carried out once or stopped, never both. What a machine was doing when its process died is said not to be
known; nothing is done a second time by itself.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.control.approvals.deeds import Result
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.response.acting import RUNBOOK, WORDS_MAX, Actor, acknowledged, held, missing, written
from holdfast.control.response.machines import MACHINES
from holdfast.control.response.models import Run, RunStep
from holdfast.control.response.runbook import Runbook, read_all
from holdfast.control.staff import log

WAIT = timedelta(seconds=30)
"""So long before a machine begins, everybody is told and can stop it."""
CARRYING_OUT_MAX = timedelta(seconds=60)
RUNS_MAX = 30
AT_ONCE_MAX = 5
ENDED = ("done", "skipped")
BY_HAND = ("open", "stopped", "failed")
UNKNOWN_END = "the control room stopped before it heard how this ended: look whether it was done"


def known_runbooks() -> tuple[list[Runbook], list[str]]:
    """Ours and the bank's own, and in words the files that cannot be used."""
    return read_all(installation().folder("control") / "runbooks", MACHINES)


def begin(number: int, actor: Actor, name: str, dry: bool) -> str:
    """Begin to follow a runbook, which acknowledges the incident; a dry run only says what machines would do."""
    found = next((one for one in known_runbooks()[0] if one.name == name), None)
    if found is None:
        return f"There is no runbook {name[:60]!r}; nothing was begun."
    with transaction.atomic():
        incident, now = held(number), timezone.now()
        if incident is None:
            return missing(number)
        if incident.closed_at is not None and not dry:
            return "The incident is closed; nothing was begun."
        if not dry and Run.objects.filter(incident=incident, name=name, ended_at=None).exists():
            return "This runbook is being followed already; nothing was begun."
        if Run.objects.filter(incident=incident).count() >= RUNS_MAX:
            return f"There were {RUNS_MAX} runs of runbooks in this incident already; nothing was begun."
        if not dry:
            acknowledged(incident, actor)
        run = Run.objects.create(
            incident=incident,
            name=name,
            title=found.title,
            dry=dry,
            begun_by=actor.who,
            begun_at=now,
            ended_by=actor.who if dry else "",
            ended_at=now if dry else None,
        )
        for place, step in enumerate(found.steps, 1):
            would = MACHINES[step.run].would(incident) if dry and step.run else ""
            state = "dry" if dry else "open"
            RunStep.objects.create(run=run, number=place, words=step.words, machine=step.run, state=state, result=would)
        kind = "runbook tried dry" if dry else "runbook"
        words = "tried dry, nothing was done:" if dry else "began the runbook:"
        written(incident, actor, kind, f"{actor.name} {words} {found.title}", {"run": run.pk, "name": name})
        if not dry:
            _next(incident, run, actor, now)
    return ""


def tick(number: int, actor: Actor, run: int, step: int, *, skip: bool = False, words: str = "") -> str:
    """A person did a step, or skips it with a reason; a machine's too, when it does not wait or run."""
    words = words.strip()[:WORDS_MAX]
    if skip and not words:
        return "A step is skipped with a reason; nothing was written."
    with transaction.atomic():
        incident, found = held(number), _step(number, run, step)
        if incident is None or found is None:
            return "There is no such step; nothing was written."
        if found.run.ended_at is not None or found.state not in BY_HAND:
            return f"That step is {found.state}; nothing was written."
        found.state = "skipped" if skip else "done"
        said = "skipped" if skip else "did"
        _kept(found, actor.who, words)
        line = f"{actor.name} {said} step {step} of {found.run.title}: {found.words}" + (f" ({words})" if words else "")
        written(incident, actor, f"step {found.state}", line, {"run": run, "step": step})
        _next(incident, found.run, actor, timezone.now())
    return ""


def stop(number: int, actor: Actor, run: int, step: int) -> str:
    """Stop a machine before it begins."""
    with transaction.atomic():
        incident, found = held(number), _step(number, run, step)
        if incident is None or found is None:
            return "There is no such step; nothing was stopped."
        if found.state != "waiting":
            return f"It does not wait any more: it is {found.state}. {found.result}".strip()
        found.state = "stopped"
        _kept(found, actor.who, "stopped before it began")
        words = f"{actor.name} stopped the machine before step {step} of {found.run.title}: {found.machine}"
        written(incident, actor, "step stopped", words, {"run": run, "step": step})
    return ""


def again(number: int, actor: Actor, run: int, step: int) -> str:
    """Let the machine do a step that was stopped or failed; it waits anew."""
    with transaction.atomic():
        incident, found = held(number), _step(number, run, step)
        if incident is None or found is None:
            return "There is no such step; nothing was begun."
        may = found.machine and found.state in ("stopped", "failed") and found.run.ended_at is None
        if not may or incident.closed_at is not None:
            return "A machine cannot do that step now; nothing was begun."
        _wait(incident, found, actor, timezone.now())
    return ""


def end(number: int, actor: Actor, run: int) -> str:
    """Stop following a runbook; what waits is stopped, what was not done stays so."""
    with transaction.atomic():
        incident, found = held(number), Run.objects.filter(incident_id=number, pk=run, ended_at=None).first()
        if incident is None or found is None:
            return "That runbook is not being followed; nothing was changed."
        RunStep.objects.filter(run=found, state="waiting").update(state="stopped", by=actor.who, at=timezone.now())
        _over(incident, found, actor, f"{actor.name} ended the runbook {found.title} before its end")
    return ""


def carry_out_due(now: datetime) -> int:
    """What has waited long enough, done; how many. Called by the one loop of this room."""
    done = 0
    for pk in RunStep.objects.filter(state="waiting", due_at__lte=now).values_list("pk", flat=True)[:AT_ONCE_MAX]:
        done += _carry_out(pk)
    lost = RunStep.objects.filter(state="running", at__lt=now - CARRYING_OUT_MAX)
    for step in lost.select_related("run__incident")[:AT_ONCE_MAX]:
        _ended(step, Result(False, UNKNOWN_END))
    return done


def _carry_out(pk: int) -> int:
    with transaction.atomic():
        step = (
            RunStep.objects.select_for_update().select_related("run__incident").filter(pk=pk, state="waiting").first()
        )
        if step is None:
            return 0
        incident = Incident.objects.get(pk=step.run.incident_id)
        closed = incident.closed_at is not None
        step.state = "stopped" if closed else "running"
        _kept(step, step.by, "the incident closed before it began" if closed else "")
        if not closed:
            about = {"incident": incident.number, "run": step.run_id, "step": step.number, "deed": step.machine}
            log.write(step.by, RUNBOOK, "machine begins", about)
    if closed:
        return 0
    _ended(step, MACHINES[step.machine].carry_out(incident, step.by))
    return 1


def _ended(step: RunStep, result: Result) -> None:
    actor, now = Actor(step.by, step.by, RUNBOOK), timezone.now()
    with transaction.atomic():
        incident = held(step.run.incident_id)
        if incident is None or not RunStep.objects.filter(pk=step.pk, state="running").exists():
            return
        step.state = "done" if result.done else "failed"
        _kept(step, step.by, result.words[:WORDS_MAX])
        words = f"By itself, step {step.number} of {step.run.title}, {step.machine}: {result.words}"
        written(incident, actor, f"step {step.state}", words, {"run": step.run_id, "step": step.number})
        if result.done:
            _next(incident, step.run, actor, now)


def _next(incident: Incident, run: Run, actor: Actor, now: datetime) -> None:
    """Let the next step wait if a machine does it; end the run when there is none."""
    step = run.steps.exclude(state__in=ENDED).order_by("number").first()
    if step is None:
        _over(incident, run, actor, f"The runbook {run.title} was followed to its end")
    elif step.machine and step.state == "open" and incident.closed_at is None:
        _wait(incident, step, actor, now)


def _wait(incident: Incident, step: RunStep, actor: Actor, now: datetime) -> None:
    step.state, step.due_at = "waiting", now + WAIT
    _kept(step, actor.who, "")
    words = f"In {WAIT.total_seconds():.0f} s by itself, unless stopped: step {step.number} of {step.run.title}, "
    record.add(incident, now, "runbook", "step waits", words + step.machine, {"run": step.run_id, "step": step.number})


def _over(incident: Incident, run: Run, actor: Actor, words: str) -> None:
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now(), ended_by=actor.who)
    written(incident, actor, "runbook ended", words, {"run": run.pk})


def _kept(step: RunStep, by: str, result: str) -> None:
    step.by, step.at, step.result = by, timezone.now(), result
    step.save(update_fields=["state", "due_at", "by", "at", "result"])


def _step(number: int, run: int, step: int) -> RunStep | None:
    held_step = RunStep.objects.select_for_update(of=("self",)).select_related("run")
    return held_step.filter(run__incident_id=number, run_id=run, number=step).first()
