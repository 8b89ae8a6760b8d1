"""report.json (its keys are stable) and the page a manager would read. What was not measured is absent."""

import json
import os
import platform
import statistics
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import Environment, FileSystemLoader, select_autoescape

from holdfast.gameday.crowd import REPEAT_S_MAX
from holdfast.gameday.expectations import expectations, slow_in_fault
from holdfast.gameday.notes import Request, instant
from holdfast.gameday.story import Story, write_pages

TEMPLATES = Path(__file__).parent / "templates"
SLOW_SHOWN = 5


def _p99(values: list[float]) -> float:
    return (
        round(statistics.quantiles(values, n=100)[98], 1) if len(values) >= 100 else round(max(values, default=0.0), 1)
    )


def machine() -> dict[str, Any]:
    """What this ran on: processor count, memory in GB, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def build(story: Story) -> dict[str, Any]:
    """The report as an object."""
    requests = [r for r in story.crowd.requests if r.status or r.why]
    fault, returned = story.fault_at, _returned(story)
    before = [r.ms for r in requests if r.at < fault and r.status]
    during = [r.ms for r in requests if fault <= r.at <= (returned or time.time()) and r.status]
    failed = [r for r in requests if r.why]
    verdict = story.verdict
    times = _times(story, requests)
    report: dict[str, Any] = {
        "scenario": story.scenario.name,
        "seed": story.seed,
        "machine": machine(),
        "events": [
            {"at_s": round(e["at"] - fault, 3), "building": e["building"], "what": e["what"]}
            for e in sorted(story.events, key=lambda e: e["at"])
        ],
        "customers": {
            "requests": sum(r.hops for r in requests),
            "in_flight_at_fault": _in_flight(requests, fault),
            "failed": len(failed),
            "restarted": story.crowd.restarted,
            "queued": story.queued,
            "slowest_ms": round(max((r.ms for r in requests), default=0.0)),
            "p99_ms_before": _p99(before),
            "p99_ms_during": _p99(during),
            **_counted_apart(story),
        },
        "payments": {
            "acknowledged": verdict.acknowledged,
            "lost": verdict.lost,
            "duplicated": verdict.duplicated + verdict.contradicted,
            "forced": verdict.forced,
            "suspended": verdict.suspended,
            "exchanged": len(verdict.exchanges),
        },
        "books": {"findings": len(verdict.findings), "blocks": verdict.blocks, "transfers": verdict.transfers},
        "times_s": times,
    }
    if failed:
        causes = Counter(f"{r.what}: {r.why}" for r in failed)
        report["failures"] = [{"what": what, "count": count} for what, count in causes.most_common(20)]
    lag = _lag(story)
    if lag is not None:
        report["feed_lag_blocks_at_fault"] = lag
    report["expectations"] = expectations(story, report, requests)
    return report


def _counted_apart(story: Story) -> dict[str, Any]:
    """What a scenario counts apart from failures."""
    out: dict[str, Any] = {}
    if story.crowd.waits:
        out["waited"], out["wait_s_max"] = len(story.crowd.waits), round(max(story.crowd.waits), 3)
    if story.scenario.repeats:
        after = [one.after_s for one in story.crowd.repeated]
        out["repeated"] = len(after)
        out["repeat_s_max"] = round(max((REPEAT_S_MAX if s is None else s for s in after), default=0.0), 3)
    if story.scenario.honest_pages:
        out["honest_pages"] = sum(r.honest for r in story.crowd.requests)
    return out


def _in_flight(requests: list[Request], fault: float) -> int:
    return sum(r.at <= fault <= r.at + r.ms / 1000 for r in requests if r.ms)


def _returned(story: Story) -> float | None:
    whole = [e["at"] for e in story.watcher.events if e["kind"] == "handback" and e["data"].get("whole")]
    return whole[0] if whole else None


def _times(story: Story, requests: list[Request]) -> dict[str, float]:
    """Seconds from the fault, from the clients, the doors and the control room."""
    fault, incident = story.fault_at, story.watcher.incident
    out: dict[str, float] = {}
    trips = [e["at"] for e in story.watcher.events if e["kind"] == "trip"]
    if trips:
        out["detected"] = min(trips) - fault
    served = [
        r.at + r.ms / 1000 for r in requests if r.served_by == "standin" and not r.why and r.at + r.ms / 1000 > fault
    ]
    if served:
        out["standin_serving"] = min(served) - fault
    for name, key in (
        ("incident_opened", "opened"),
        ("banner", "banner"),
        ("first_message", "first_message"),
        ("restored", "restored"),
        ("reconciled", "reconciled"),
    ):
        if incident.get(key):
            out[name] = story.clock.real(instant(incident[key])) - fault
    returned = _returned(story)
    if returned:
        out["returned"] = returned - fault
    return {name: round(value, 3) for name, value in out.items()}


def _lag(story: Story) -> int | None:
    """Blocks that were committed before the fault and that the spare bank did not have."""
    try:
        with psycopg.connect(story.installation.database_url("bank"), connect_timeout=5) as connection:
            found = connection.execute(
                "SELECT max(number) FROM ledger.block WHERE at_us <= %s", (int(story.fault_at * 1e6),)
            ).fetchone()
    except psycopg.Error:
        return None
    if not found or not story.standin_block_at_fault:
        return None
    return max(int(found[0]) - story.standin_block_at_fault, 0)


def write(story: Story, folder: Path) -> dict[str, Any]:
    """Write report.json, report.html and the pages seen; gives the report."""
    folder.mkdir(parents=True, exist_ok=True)
    report = build(story)
    (folder / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False))
    write_pages(story, folder)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape())
    answered = [r for r in story.crowd.requests if r.status]
    slow = sorted(answered, key=lambda r: -r.ms)[:SLOW_SHOWN]
    slow += [r for r in slow_in_fault(story, answered)[-SLOW_SHOWN:] if r not in slow]
    page = environment.get_template("report.html").render(
        report=report,
        scenario=story.scenario,
        incident=story.watcher.incident,
        verdict=story.verdict,
        slow=slow,
        failures=[r for r in story.crowd.requests if r.why][:20],
        made=datetime.now(UTC),
        seen=sorted(story.special_pages),
        all_met=all(e["met"] for e in report["expectations"]),
        fault=story.fault_at,
    )
    (folder / "report.html").write_text(page)
    return report
