"""report.json (its keys are stable) and the page a manager would read. What was not measured is absent."""

import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import Environment, FileSystemLoader, select_autoescape

from holdfast.gameday.crowd import Request
from holdfast.gameday.story import Story, write_pages

TEMPLATES = Path(__file__).parent / "templates"


def _p99(values: list[float]) -> float:
    return (
        round(statistics.quantiles(values, n=100)[98], 1) if len(values) >= 100 else round(max(values, default=0.0), 1)
    )


def _instant(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value)).timestamp()


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
        },
        "payments": {
            "acknowledged": verdict.acknowledged,
            "lost": verdict.lost,
            "duplicated": verdict.duplicated + verdict.contradicted,
            "forced": verdict.forced,
            "suspended": verdict.suspended,
        },
        "books": {"findings": len(verdict.findings), "blocks": verdict.blocks, "transfers": verdict.transfers},
        "times_s": times,
    }
    lag = _lag(story)
    if lag is not None:
        report["feed_lag_blocks_at_fault"] = lag
    report["expectations"] = _expectations(story, report, requests)
    return report


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
            out[name] = _instant(incident[key]) - fault
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


def _expectations(story: Story, report: dict[str, Any], requests: list[Request]) -> list[dict[str, Any]]:
    limits, times = story.scenario.limits, report["times_s"]
    out = []

    def at_most(name: str, limit: float, measured: float | None) -> None:
        out.append(
            {"name": name, "limit": limit, "measured": measured, "met": measured is not None and measured <= limit}
        )

    def at_least(name: str, limit: float, measured: float) -> None:
        out.append({"name": name, "limit": limit, "measured": measured, "met": measured >= limit})

    at_most("failed requests", limits["failed"], report["customers"]["failed"])
    at_most("payments lost", limits["lost"], report["payments"]["lost"])
    at_most("payments duplicated or contradicted", limits["duplicated"], report["payments"]["duplicated"])
    at_most("payments without a final answer", 0, story.verdict.unsettled)
    at_most("findings in the books", limits["findings"], report["books"]["findings"])
    at_most("spare bank serving, s", limits["standin_serving_s"], times.get("standin_serving"))
    at_most("slowest request, ms", limits["slowest_ms"], report["customers"]["slowest_ms"])
    at_most("incident opened, s", limits["incident_s"], times.get("incident_opened"))
    at_most("banner, s", limits["banner_s"], times.get("banner"))
    at_most("first message, s", limits["first_message_s"], times.get("first_message"))
    after = times["reconciled"] - times["restored"] if {"reconciled", "restored"} <= times.keys() else None
    at_most(
        "reconciled after restored, s",
        limits["reconciled_after_restored_s"],
        None if after is None else round(after, 3),
    )
    if "slow_requests_left_s" in limits:
        slow = [r.at - story.fault_at for r in requests if r.ms > 500 and story.fault_at <= r.at <= story.fault_at + 15]
        at_most("slow requests left, s", limits["slow_requests_left_s"], round(max(slow, default=0.0), 3))
    steady = [r for r in requests if story.fault_at - 5 <= r.at < story.fault_at and r.status]
    paid = sum(r.what == "POST /pay" for r in steady) / 5
    at_least("requests/s at the fault", limits["requests_per_s_min"], sum(r.hops for r in steady) / 5)
    at_least("payments/s at the fault", limits["payments_per_s_min"], paid)
    at_least("customers", limits["customers_min"], len(story.crowd.people))
    at_least("requests in flight at the fault", 1, report["customers"]["in_flight_at_fault"])
    refund = story.watcher.incident.get("refunds") or []
    at_least("customers refunded a charge", 1, len(refund))
    return out


def write(story: Story, folder: Path) -> dict[str, Any]:
    """Write report.json, report.html and the pages seen; gives the report."""
    folder.mkdir(parents=True, exist_ok=True)
    report = build(story)
    (folder / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False))
    write_pages(story, folder)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape())
    slow = sorted((r for r in story.crowd.requests if r.status), key=lambda r: -r.ms)[:5]
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
