"""Probes from outside, the doors' events and the bank's profile stream, each as observations or facts."""

import socket
import time
from datetime import UTC, datetime
from typing import Any

from holdfast.contracts.epochs import COHORTS_COUNT, Mode, row_from_list
from holdfast.control.calls import Kind, Reply, Switchboard, knock
from holdfast.control.watch.observations import Rows, Sight, Told

PROBE_TIMEOUT_S = 0.8
ROWS_TIMEOUT_S = 1.5
MAIL_TIMEOUT_S = 3.0
EVENTS_WAIT_MS = 1500
DETAIL_KEYS_MAX = 24


def now() -> datetime:
    """This instant, aware."""
    return datetime.now(UTC)


def look(board: Switchboard, building: str) -> Sight:
    """Probe one building."""
    return _sight(building, board.ask(building, "/-/health", timeout_s=PROBE_TIMEOUT_S))


def _sight(building: str, reply: Reply) -> Sight:
    detail = dict(list(reply.body.items())[:DETAIL_KEYS_MAX])
    answer = reply.kind
    words = reply.words
    if building == "standin" and (said := copy_words(detail)):
        answer, words = Kind.UNWELL, said
    elif answer is Kind.ANSWERS and detail.get("ok") is False:
        answer = Kind.UNWELL
    return Sight(building, now(), answer, words, reply.took_ms, detail)


def copy_words(detail: dict[str, Any]) -> str:
    """What is wrong with the spare bank's copy, by its own health; empty when nothing is, or it says nothing."""
    if drift := detail.get("drift"):
        return f"The spare bank's copy differs from the books, and it takes no money: {drift}"
    trouble = detail.get("feed_trouble")
    if isinstance(trouble, dict) and trouble:
        stream, words = next(iter(trouble.items()))
        place = f"block {detail.get('block')}" if stream == "books" else f"profile fact {detail.get('profile')}"
        return f"The spare bank's copy stands still at {place}: {words}"
    return ""


def look_at_parts(board: Switchboard) -> list[Sight]:
    """A bank that is not well, part by part: does its web answer anything, does its PostgreSQL greet?"""
    web = board.ask("bank", "/-/", timeout_s=PROBE_TIMEOUT_S / 2)
    if web.status:
        web = Reply(Kind.ANSWERS, web.status, web.took_ms, "answers")
    home = board.installation
    database = knock(home.socket_in(home.database_folder("bank"), "bank"), PROBE_TIMEOUT_S / 2)
    return [_sight("bank web", web), _sight("bank database", database)]


def look_at_mail(board: Switchboard) -> Sight:
    """Whether the mail provider takes a connection: without it no code to log in arrives, and between outages nobody
    would notice. Nothing is sent."""
    began = time.monotonic()
    try:
        with socket.create_connection(board.installation.mail_place, timeout=MAIL_TIMEOUT_S):
            answer, words = Kind.ANSWERS, "takes connections"
    except TimeoutError:
        answer, words = Kind.STALLS, "stalls"
    except OSError as fault:
        answer, words = Kind.REFUSES, f"refuses connections: {fault.strerror or type(fault).__name__}"
    return Sight("mail", now(), answer, words, (time.monotonic() - began) * 1000, {})


def rows(board: Switchboard) -> Rows | None:
    """Who serves whom, from any door; None when no door answered with the agreed form."""
    reply = board.ask("doors", "/-/rows", timeout_s=ROWS_TIMEOUT_S)
    if not reply.well:
        return None
    try:
        read = [row_from_list(list(row)) for row in reply.body["rows"][:COHORTS_COUNT]]
        generation = int(reply.body.get("generation", 0))
    except (KeyError, TypeError, ValueError):
        return None
    standin = frozenset(row.cohort for row in read if row.mode is Mode.STANDIN)
    handing = frozenset(row.cohort for row in read if row.mode is Mode.HANDING_BACK)
    return Rows(now(), standin, handing, generation)


def events(board: Switchboard, after: int) -> tuple[Reply, list[Told]]:
    """The doors' events after a number; waits for news for EVENTS_WAIT_MS."""
    reply = board.ask(
        "doors", "/-/events", f"after={after}&wait_ms={EVENTS_WAIT_MS}", timeout_s=EVENTS_WAIT_MS / 1000 + 1.5
    )
    raw = reply.body.get("events", []) if reply.well else []
    told = [event for event in map(_event, raw if isinstance(raw, list) else []) if event is not None]
    return reply, sorted((event for event in told if event.number > after), key=lambda event: event.number)


def _event(raw: Any) -> Told | None:
    try:
        data = raw.get("data")
        return Told(
            int(raw["number"]),
            instant(raw["at"]),
            str(raw["door"])[:64],
            str(raw["kind"])[:32],
            str(raw["words"])[:2000],
            data if isinstance(data, dict) else {},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def instant(value: Any) -> datetime:
    """An instant from the wire: ISO text, seconds or microseconds since 1970; raises ValueError."""
    if isinstance(value, str):
        parsed = datetime.fromisoformat(value)
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    seconds = float(value)
    if seconds > 1e14:
        seconds /= 1e6
    if not 0 <= seconds <= time.time() + 86_400:
        raise ValueError("an instant lies outside this century's past")
    return datetime.fromtimestamp(seconds, UTC)
