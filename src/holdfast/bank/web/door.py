"""Only doors are let in: each request carries a row that a door signed, and the row decides."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from holdfast.bank.books import keyring, rows
from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed
from holdfast.bank.web import answers
from holdfast.bank.web.visit import DoorRow, Visit, set_visit
from holdfast.contracts.answers import BANNER_HEADER, ROW_HEADER, TOUR_HEADER
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import Bank, Mode, Row, row_from_list
from holdfast.contracts.errors import BadToken
from holdfast.contracts.languages import LANGUAGE_COOKIE
from holdfast.ledger.api import LedgerError
from holdfast.telemetry import get_log, traces

ROWS_S_MAX = 0.3
_catching_up = threading.Lock()


def read_row(token: str | None) -> DoorRow:
    """The row of a request's header; raises BadToken when no door signed it lately."""
    if not token:
        raise BadToken("the request came through no door")
    raw = keyring().verify("row", token, by={"door"})
    try:
        row = DoorRow(
            None if raw["cohort"] is None else int(raw["cohort"]),
            Mode(raw["mode"]),
            int(raw["epoch"]),
            int(raw["forced"]),
            Bank(raw["bank"]),
            str(raw.get("request") or secrets.token_hex(16))[:64],
            str(raw.get("network", ""))[:64],
        )
        age_s = abs(time.time() - float(raw["at"]))
    except (KeyError, ValueError, TypeError) as error:
        raise BadToken("the row has not the agreed form") from error
    if age_s > CLOCK_LEEWAY_S:
        raise BadToken("the row was signed too long ago")
    return row


def catch_up(seen: Row) -> None:
    """Store a higher epoch before it is used; when one row moved others did too, so all are learnt in one go."""
    with _catching_up:
        known = rows.row(seen.cohort)
        if known.epoch >= seen.epoch and known.forced == seen.forced:
            return
        found = [seen]
        with contextlib.suppress(CallFailed, ValueError, TypeError):
            told = call("door", "GET", "/-/rows", timeout_s=ROWS_S_MAX).get("rows", [])
            found += [row for row in map(row_from_list, told) if row.cohort != seen.cohort]
        rows.learn(found)


def serves_not(known: Row, row: DoorRow) -> bool:
    """Whether this bank knows that under this very epoch another one takes the cohort's payments."""
    return row.epoch == known.epoch and known.mode is not Mode.PRIMARY


class DoorMiddleware:
    """Refuses what came through no door (403) and what is for the other bank or an older epoch (409)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Judge the row, store a higher epoch, go on; all that is logged of it carries the request's trace."""
        if request.path.startswith("/-/"):
            return self._get_response(request)
        try:
            row = read_row(request.headers.get(ROW_HEADER))
        except BadToken as error:
            get_log().warning("no_door", path=request.path[:200], why=str(error))
            return answers.no_door(request)
        with traces.continued("bank: answers", row.request, request.headers.get(traces.HEADER)) as span:
            response = self._admit(request, row)
            found = request.resolver_match
            span.about["method"], span.about["route"] = request.method or "", (found and found.url_name) or "none"
            span.about["status"], span.failed = response.status_code, response.status_code >= 500
            return response

    def _admit(self, request: HttpRequest, row: DoorRow) -> HttpResponse:
        visit = Visit(
            row,
            request.headers.get(BANNER_HEADER, ""),
            request.headers.get(TOUR_HEADER, ""),
            request.COOKIES.get(LANGUAGE_COOKIE, ""),
            request.headers.get("Accept-Language", ""),
        )
        if row.cohort is None:
            if row.bank is not Bank.PRIMARY:
                return answers.stale(0)
        else:
            known = rows.row(row.cohort)
            shows = request.method in ("GET", "HEAD")  # pages may be shown here while the spare bank takes payments
            if (
                row.bank is not Bank.PRIMARY
                or row.epoch < known.epoch
                or (not shows and (row.mode is not Mode.PRIMARY or serves_not(known, row)))
            ):
                return answers.stale(known.epoch)
            if row.epoch > known.epoch or row.forced != known.forced:
                try:
                    catch_up(Row(row.cohort, row.mode, row.epoch, row.forced))
                except (LedgerError, DatabaseError):
                    return answers.away(request)
        set_visit(request, visit)
        return self._get_response(request)
