"""The limits of a scenario against what was measured. A limit that a scenario does not name is no expectation."""

from typing import TYPE_CHECKING, Any

from holdfast.contracts.routes import LOGIN_DEADLINE_S, PAYMENT_DEADLINE_S, READ_DEADLINE_S
from holdfast.gameday.crowd import CLIENT_S_MAX, REPEAT_S_MAX
from holdfast.gameday.notes import Request, instant

if TYPE_CHECKING:
    from holdfast.gameday.story import Story

SLOW_WINDOW_S = 15
STEADY_S = 5
PAYS = ("POST /pay", "POST /payments (API)")
OPEN_SLACK_S = 0.25
"""A request begun so shortly after a door was killed may still have met its half-closed connection."""

MOST = {
    "failed": "failed requests",
    "refused": "payments refused",
    "lost": "payments lost",
    "duplicated": "payments duplicated or contradicted",
    "unsettled": "payments without a final answer",
    "findings": "findings in the books",
    "not_running": "programs not running, or banks not level, at the end",
    "standin_serving_s": "spare bank serving, s",
    "slowest_ms": "slowest request, ms",
    "incident_s": "incident opened, s",
    "banner_s": "banner, s",
    "first_message_s": "first message, s",
    "reconciled_after_restored_s": "reconciled after restored, s",
    "slow_requests_left_s": "slow requests left, s",
    "repeat_s": "longest until a repeated request was answered, s",
    "repeated_not_open": "requests repeated that were not open when a door ended",
    "honest_until_s": "last page that says nobody answers, s after the fault",
    "honest_after_mend_s": "last page that says nobody answers, s after the mend",
    "lag_blocks_max": "blocks that the spare bank lacked at the fault",
    "processes_died": "programs that died by themselves",
    "orders_open": "standing orders of the days without an end",
    "orders_twice": "standing orders paid twice",
    "orders_late": "standing orders that the spare bank did not pay on their morning",
    "wrong_value_dates": "payments with the value date of another day",
    "charges_kept": "late charges not given back",
    "days_behind": "days by which the bank's day is wrong at the end",
    "spent_otherwise": "payments at a limit told otherwise than expected",
    "in_need_otherwise": "things that customers in need were told or given otherwise than expected",
    "fates_open": "payments whose fate is open on the customers' own pages",
    "messages_open": "messages without a known fate",
    "needs_after_others": "messages to vulnerable customers that went out after others'",
    "untold": "customers who got no message",
    "journal_bytes_an_entry": "journal on disk, bytes an entry",
    "returned_s": "all customers back at the main bank, s",
    "incidents": "incidents opened",
    "total_losses": "incidents of the whole bank",
    "part_incident_s": "incident of a part opened, s",
    "suspect_place": "place of the right suspect among those named",
    "named_s": "right cause named first, s",
    "switched_s": "installed release runs again, s",
    "rules_shown_s": "limits that were not taken shown in the control room, s",
    "storm_lost": "honest people who did not get in",
    "storm_failed": "honest logins answered neither by the way in nor by a place",
    "storm_out_of_order_s": "let in later than somebody who came later, s",
    "storm_wait_s": "longest wait until inside, s",
    "rules_cleared_s": "and no longer shown once they were set right, s",
}
LEAST = {
    "requests_per_s_min": "requests/s at the fault",
    "payments_per_s_min": "payments/s at the fault",
    "customers_min": "customers",
    "in_flight_min": "requests in flight at the fault",
    "refunded_min": "customers refunded a charge",
    "lag_blocks_min": "blocks that the spare bank lacked at the fault, at least",
    "honest_pages_min": "pages that say nobody answers",
    "repeated_min": "requests repeated",
    "orders_by_spare_min": "standing orders paid by the spare bank",
    "charged_min": "late charges",
    "limit_steps_min": "limits of the spare bank as its data grew older",
    "journal_entries_min": "journal entries",
    "exchanged_before_min": "exchanges made before the fault",
    "exchanged_after_min": "exchanges made after the hand-back",
    "exchange_waits_min": "times that exchange waited for the main bank, in words",
    "helped_min": "customers who were given emergency money",
    "in_time_min": "payments that had to arrive by a day, and did",
    "proofs_min": "confirmations of the outage that a payee could check",
    "looked_min": "customers who saw what happened to their money",
    "needs_told_min": "vulnerable customers whom a message reached",
    "not_judged_min": "payments that the rules failed at, at each bank",
    "poison_refused_min": "times the poison request was refused in the door's own words",
    "storm_honest_min": "honest people in the storm",
    "storm_waited_min": "honest people who were shown a place",
    "storm_capacity_per_s_min": "logins a second measured before the storm",
    "stood_still_min": "blocks at which the spare bank's copy stood still and said so",
}


def expectations(story: "Story", report: dict[str, Any], requests: list[Request]) -> list[dict[str, Any]]:
    """Each limit with what was measured; what could not be measured is not met."""
    measured = _measured(story, report, requests)
    out = []
    limits = {"unsettled": 0, "not_running": 0, **story.scenario.limits}
    if story.days.offset:
        limits |= story.scenario.limits_on_records
    for name, limit in limits.items():
        value = measured.get(name)
        met = value is not None and (value <= limit if name in MOST else value >= limit)
        out.append({"name": MOST.get(name) or LEAST[name], "limit": limit, "measured": value, "met": met})
    return out


def slow_in_fault(story: "Story", requests: list[Request]) -> list[Request]:
    """Slow requests begun in the time of the fault, in their order."""
    fault = story.fault_at
    until = min(fault + SLOW_WINDOW_S, story.last_mend_at if story.last_mend_at > fault else float("inf"))
    return sorted((r for r in requests if r.ms > stalled_ms(r.what) and fault <= r.at <= until), key=lambda r: r.at)


def stalled_ms(what: str) -> float:
    """From when on a request counts as stalled: as the doors see it (contracts/routes.py)."""
    if what == "POST /login":
        return LOGIN_DEADLINE_S * 1000
    return (PAYMENT_DEADLINE_S if what.startswith("POST") else READ_DEADLINE_S) * 1000


def _measured(story: "Story", report: dict[str, Any], requests: list[Request]) -> dict[str, float | None]:
    """By the names of the limits."""
    times, customers, fault = report["times_s"], report["customers"], story.fault_at
    steady = [r for r in requests if fault - STEADY_S <= r.at < fault and r.status]
    slow = [r.at - fault for r in slow_in_fault(story, requests)]
    known = {"reconciled", "restored"} <= times.keys()
    honest = [r.at for r in requests if r.honest]
    return {
        "failed": customers["failed"],
        "refused": sum(story.crowd.refused.values()),
        "lost": report["payments"]["lost"],
        "duplicated": report["payments"]["duplicated"],
        "unsettled": story.verdict.unsettled,
        "findings": report["books"]["findings"],
        "not_running": len(story.not_running),
        "standin_serving_s": times.get("standin_serving"),
        "slowest_ms": customers["slowest_ms"],
        "incident_s": times.get("incident_opened"),
        "banner_s": times.get("banner"),
        "first_message_s": times.get("first_message"),
        "reconciled_after_restored_s": round(times["reconciled"] - times["restored"], 3) if known else None,
        "slow_requests_left_s": round(max(slow, default=0.0), 3),
        "repeat_s": max((_or(one.after_s, REPEAT_S_MAX) for one in story.crowd.repeated), default=0.0),
        "repeated_not_open": sum(_not_open(one.at, story.broken_at) for one in story.crowd.repeated),
        "repeated_min": len(story.crowd.repeated),
        "honest_until_s": round(max(honest, default=fault) - fault, 3),
        "honest_after_mend_s": round(max(honest) - story.last_mend_at, 3) if honest else 0.0,
        "honest_pages_min": len(honest),
        "returned_s": times.get("returned"),
        **_of_parts(story),
        "named_s": _known(story.followed.named_s),
        "switched_s": _known(story.followed.switched_s),
        **story.days.measured,
        **story.in_need.measured,
        "processes_died": story.died,
        "rules_shown_s": _known(story.faulty_limits.shown_s),
        "rules_cleared_s": _known(story.faulty_limits.cleared_s),
        "not_judged_min": min(story.watcher.not_judged.get(bank, 0) for bank in ("bank", "standin")),
        "poison_refused_min": story.poisoned.refused,
        **story.storm.measured(),
        "stood_still_min": len(story.watcher.stood_still),
        "exchanged_before_min": sum(at < fault for at in story.verdict.exchanges),
        "exchanged_after_min": sum(at > fault + times.get("returned", float("inf")) for at in story.verdict.exchanges),
        "exchange_waits_min": story.crowd.exchange_waits,
        "requests_per_s_min": sum(r.hops for r in steady) / STEADY_S,
        "payments_per_s_min": sum(r.what in PAYS for r in steady) / STEADY_S,
        "customers_min": len(story.crowd.people),
        "in_flight_min": customers["in_flight_at_fault"],
        "refunded_min": len(story.watcher.incident.get("refunds") or []),
        "lag_blocks_min": report.get("feed_lag_blocks_at_fault"),
        "lag_blocks_max": report.get("feed_lag_blocks_at_fault"),
    }


def _of_parts(story: "Story") -> dict[str, float | None]:
    """Incidents that measurements led to: how many in all, when the first of a part, and how soon the right cause."""
    opened = sorted(story.watcher.opened.values(), key=lambda one: int(one["number"]))
    parts = [one for one in opened if str(one["cause"]).startswith("part ")]
    first = min((story.clock.real(instant(one["opened"])) for one in parts), default=None)
    places = [
        place
        for one in opened
        for place, suspect in enumerate(one.get("suspects") or [], 1)
        if suspect.get("component") in story.scenario.suspects
    ]
    return {
        "incidents": len(opened),
        "total_losses": sum(str(one["cause"]) == "bank" for one in opened),
        "part_incident_s": None if first is None else round(first - story.fault_at, 3),
        "suspect_place": min(places, default=None),
    }


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else round(value, 3)


def _not_open(at: float, broken_at: list[float]) -> bool:
    """Whether a request began at no instant at which it can have been open when something was broken."""
    return not any(end - CLIENT_S_MAX <= at <= end + OPEN_SLACK_S for end in broken_at)


def _known(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
