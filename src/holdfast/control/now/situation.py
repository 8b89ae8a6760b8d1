"""The situation at this instant, as the screens show it: cards, cohorts, steps. Read from this room's own store."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from holdfast.contracts.money import format_amount
from holdfast.control.care.directory import bank_fact
from holdfast.control.incidents.models import Incident
from holdfast.control.incidents.steps import Scene, Step, steps
from holdfast.control.now import keys
from holdfast.control.place import installation
from holdfast.control.watch.models import Building, Service

FRESH = timedelta(seconds=6)
TAGS = {
    "answers": ("calm", "well"),
    "unwell": ("alarm", "unwell"),
    "refuses": ("alarm", "down"),
    "stalls": ("alarm", "stalled"),
}
CELL_CLASSES = {"p": "", "s": "s", "h": "h"}


@dataclass(frozen=True, slots=True)
class Card:
    """One building on the Now page."""

    title: str
    tone: str
    tag: str
    lines: tuple[str, ...]


def local(instant: datetime | None) -> str:
    """An instant as `14:02:11`, in the bank's zone; a dash for none."""
    return timezone.localtime(instant).strftime("%H:%M:%S") if instant else "–"


def cards() -> list[Card]:
    """The four buildings."""
    rows = {row.name: row for row in Building.objects.all()}
    now = timezone.now()
    return [_doors(rows, now), _bank(rows, now), _spare(rows, now), _own(rows, now)]


def _tag(row: Building | None, now: datetime) -> tuple[str, str]:
    if row is None:
        return "notice", "not seen yet"
    if now - row.at > FRESH:
        return "notice", f"not looked at since {local(row.at)}"
    return TAGS.get(row.answer, ("notice", row.answer))


def _doors(rows: dict[str, Building], now: datetime) -> Card:
    row = rows.get("doors")
    tone, tag = _tag(row, now)
    own = [rows.get("door 1"), rows.get("door 2")]
    answering = sum(1 for door in own if door and door.answer == "answers" and now - door.at < FRESH)
    if tone == "calm" and answering:
        tone, tag = ("calm" if answering == 2 else "notice"), f"{answering} of 2"
    detail = row.detail if row else {}
    return Card(
        "Front doors",
        tone,
        tag,
        (
            f"{detail.get('requests', '–')} requests, {detail.get('retried', '–')} sent again elsewhere",
            f"failed: {detail.get('failed', '–')}",
            waiting_words(detail.get("waiting")),
        ),
    )


def waiting_words(said: Any) -> str:
    """The waiting room in a line: how many wait, how long, how many come in."""
    if not isinstance(said, dict):
        return "waiting room: not known"
    by_hand = said.get("by_hand_per_s")
    rate = "" if by_hand is None else f", by hand at most {by_hand:g} a second" if by_hand else ", closed by hand"
    if not said.get("in_line"):
        return f"waiting room: nobody waits{rate}"
    wait = "no end in sight" if said.get("wait_s") is None else f"{said['wait_s']:.0f} s for who comes now"
    return f"waiting room: {said['in_line']} wait, {wait}, {said.get('let_in_per_s', 0):g} a second come in{rate}"


def _bank(rows: dict[str, Building], now: datetime) -> Card:
    row = rows.get("bank")
    tone, tag = _tag(row, now)
    detail = row.detail if row else {}
    parts = [
        f"{name.removeprefix('bank ')} {rows[name].words}" for name in ("bank web", "bank database") if name in rows
    ]
    state = "; ".join(parts) if parts else (row.words if row else "never answered yet")
    return Card(
        "Bank",
        tone,
        tag,
        (
            f"{state}, since {local(row.since if row else None)}",
            f"last block seen {_n(detail.get('block'))}, at the spare bank {_n(detail.get('standin_block'))}",
            *_rules(detail),
        ),
    )


def _spare(rows: dict[str, Building], now: datetime) -> Card:
    row = rows.get("standin")
    tone, tag = _tag(row, now)
    detail = row.detail if row else {}
    serving = detail.get("serving") or 0
    if tone == "calm":
        tone, tag = ("notice", "serving") if serving else ("calm", "stands ready")
    if detail.get("money_stopped"):
        tone, tag = "alarm", "takes no payments"
    currency = str(bank_fact("bank").get("currency") or "")
    used, limit = detail.get("exposure_minor"), detail.get("exposure_limit_minor")
    exposure = f"exposure {_amount(used, currency)} of {_amount(limit, currency)}"
    worst = f"overspending could cost at most {_amount(detail.get('exposure_worst_minor'), currency)}"
    return Card(
        "Spare bank",
        tone,
        tag,
        (
            f"serves {serving} of 256 groups; {detail.get('payments', '–')} payments taken",
            f"data as of block {_n(detail.get('block'))}; {exposure}",
            worst,
            *_rules(detail),
        ),
    )


def _rules(detail: dict[str, Any]) -> tuple[str, ...]:
    """A line about rules or limits that were told but do not hold, or that failed; none when all is well."""
    trouble = detail.get("rules_trouble")
    return (f"Rules: {trouble}",) if trouble else ()


def _own(rows: dict[str, Building], now: datetime) -> Card:
    newest = max((row.at for row in rows.values()), default=None)
    fresh = newest is not None and now - newest < FRESH
    tone, tag = ("calm", "well") if fresh else ("alarm", "not watching")
    lines = [f"last probe {local(newest)}", "this page reads what the watch wrote", keys.words()]
    if installation().own_authority:
        lines.append("customers see a certificate of your own authority, which the public does not trust")
    return Card("Control room", tone, tag, tuple(lines))


def _n(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "not known"


def _amount(value: Any, currency: str) -> str:
    return f"{currency} {format_amount(value, currency)}".strip() if isinstance(value, int) else "not known"


def cohorts() -> dict[str, Any]:
    """The 256 cells, and the same in words."""
    service = Service.objects.filter(id=1).first()
    modes = service.modes if service else ""
    count = Counter(modes)
    words = f"{count['s']} groups at the spare bank, {count['h']} being handed back, {count['p']} at the bank"
    return {
        "cells": [CELL_CLASSES.get(mode, "") for mode in modes],
        "spare": count["s"],
        "handing": count["h"],
        "bank": count["p"],
        "words": words if modes else "Not known: no door has said yet.",
        "at": local(service.at if service else None),
    }


def spare_bank_is_lost() -> bool:
    """Whether the spare bank does not answer while customers are with it."""
    spare = Building.objects.filter(name="standin").first()
    service = Service.objects.filter(id=1).first()
    away = any(mode != "p" for mode in (service.modes if service else ""))
    return away and spare is not None and spare.answer != "answers"


def steps_of(incident: Incident) -> list[Step]:
    """What to do next for a bank incident; nothing for the others, which end by themselves."""
    if incident.cause != "bank":
        return []
    bank = Building.objects.filter(name="bank").first()
    spare = Building.objects.filter(name="standin").first()
    service = Service.objects.filter(id=1).first()
    closed = incident.closed_at is not None
    waiting = (spare.detail if spare else {}).get("unreplayed")
    return steps(
        Scene(
            phase=incident.phase,
            acknowledged=incident.acknowledged_at is not None,
            bank_well=incident.restored_at is not None or closed,
            bank_words=bank.words if bank else "never seen",
            spare_proved=incident.spare_proof is not None and not incident.spare_proof["findings"],
            books_proof=incident.books_proof,
            journal_waiting=waiting if isinstance(waiting, int) else None,
            away=sum(1 for mode in (service.modes if service else "") if mode != "p"),
            returned=incident.returned_at is not None,
            refunded=incident.refunds_at is not None,
        )
    )
