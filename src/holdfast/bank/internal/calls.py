"""What doors, the spare bank, the control room and the runtime ask of this bank (docs/reference/wire.md)."""

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.books import keyring, reader
from holdfast.bank.charges.refunding import refund_late_instalments
from holdfast.bank.exchange.facts import bank_facts, read_facts
from holdfast.bank.exchange.feed import read_blocks, standin_cursor
from holdfast.bank.exchange.outages import note_outage
from holdfast.bank.exchange.reconcile import reconcile
from holdfast.bank.exchange.replay import known_mode_counts, replay
from holdfast.bank.exchange.totals import totals
from holdfast.bank.factors.stream import KIND, opened
from holdfast.bank.internal.looking import look
from holdfast.bank.orders.refunding import refund_charges
from holdfast.bank.payments.judging import rules
from holdfast.bank.web.answers import internal_error
from holdfast.contracts.answers import CALLER_HEADER
from holdfast.guard import RULES_VERSION

FACTS_MAX = 5000
SAMPLE_MAX = 100

View = Callable[..., HttpResponse]


class BadCall(Exception):
    """The call's body or query is not as agreed; the text names the field."""


def called_by(*names: str) -> Callable[[View], View]:
    """Only calls signed by one of these buildings are answered; request.META keeps who it was."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any) -> HttpResponse:
            request.META["holdfast.caller"] = keyring().verify_call(
                request.headers.get(CALLER_HEADER), request.path, names, request.body
            )
            try:
                return view(request, *args)
            except BadCall as error:
                return internal_error(400, str(error))

        return guarded

    return wrap


def query_number(request: HttpRequest, name: str, default: int) -> int:
    """A whole number of the query; raises BadCall."""
    text = request.GET.get(name, str(default))
    if not text.isdecimal() or len(text) > 18:
        raise BadCall(f"{name} is not a number")
    return int(text)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The body, a JSON object; raises BadCall."""
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadCall("the body is not JSON") from error
    if not isinstance(found, dict):
        raise BadCall("the body is no JSON object")
    return found


@require_GET
@called_by("standin", "control")
def feed_books(request: HttpRequest) -> HttpResponse:
    """Blocks after a number, by long poll; the spare bank's question also says what it has on disk (but for the copy
    that it makes anew: `rebuild=1`)."""
    after = query_number(request, "after", 0)
    if request.META["holdfast.caller"] == "standin" and "rebuild" not in request.GET:
        standin_cursor.asked(after)
    return JsonResponse(read_blocks(after, query_number(request, "wait_ms", 0), query_number(request, "limit", 500)))


@require_GET
@called_by("standin", "control")
def feed_profile(request: HttpRequest) -> HttpResponse:
    """Profile facts after a number, in order. What opens an account is readable for the spare bank only."""
    limit = min(query_number(request, "limit", 1000), FACTS_MAX)
    found = read_facts(query_number(request, "after", 0), limit)
    if request.META["holdfast.caller"] == "standin":
        for fact in found["facts"]:
            if fact["kind"] == KIND:
                fact["body"] = opened(fact["key"], fact["body"])
    return JsonResponse(found)


@require_GET
@called_by("standin")
def feed_anchor(request: HttpRequest) -> HttpResponse:
    """The hash of one block, null when these books have none of this number."""
    block = query_number(request, "block", 0)
    digest = reader().block_hash(block)
    return JsonResponse({"block": block, "hash": digest.hex() if digest else None})


@require_GET
@called_by("standin")
def feed_balances(request: HttpRequest) -> HttpResponse:
    """The balances of some accounts, and what is held of them, as of the end of a block."""
    block, named = query_number(request, "block", 0), request.GET.get("accounts", "").split(",")
    if len(named) > SAMPLE_MAX or not all(one.isdecimal() and len(one) < 19 for one in named):
        raise BadCall(f"accounts are up to {SAMPLE_MAX} numbers with commas between")
    accounts = [int(one) for one in named]
    held = list(reader().held_at(block, accounts).items())
    return JsonResponse({"block": block, "accounts": reader().balances_at(block, accounts), "held": held})


@require_GET
@called_by("door")
def epochs(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """The highest epoch that these books ever knew, for a register that is made anew (rule 17)."""
    return JsonResponse({"newest": max((row.epoch for row in reader().rows().values()), default=0)})


@require_POST
@called_by("door")
def replay_journal(request: HttpRequest) -> HttpResponse:
    """Enter the spare bank's journal up to a position (none: to its end)."""
    to = json_body(request).get("to")
    if to is not None and not isinstance(to, int):
        raise BadCall("to is not a journal position")
    return JsonResponse(replay(to))


@require_POST
@called_by("door")
def reconcile_books(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """Compare all accounts with the spare bank's."""
    return JsonResponse(reconcile())


@require_POST
@called_by("door", "control", "runtime")
def prove(request: HttpRequest) -> HttpResponse:
    """Prove the books, whole or what came after block `since`; findings, none when all is well."""
    try:
        since = int(json_body(request).get("since", 0))
    except (TypeError, ValueError) as error:
        raise BadCall("since is a block number") from error
    head = reader().head()
    findings = reader().prove(since)
    return JsonResponse({"findings": findings, "block": head.block, "hash": head.hash.hex(), **totals()})


@require_POST
@called_by("control")
def refunds(request: HttpRequest) -> HttpResponse:
    """Keep the outage, recompute charges as if the incident had not happened, and give the differences back."""
    body = json_body(request)
    try:
        incident, by = str(body["incident"]), str(body.get("by", ""))
        since = datetime.fromisoformat(str(body["from"])).astimezone()
        until = date.fromisoformat(str(body["until"])[:10])
        began, ended = (datetime.fromisoformat(str(body[name])).astimezone() for name in ("began", "ended"))
    except (KeyError, ValueError) as error:
        raise BadCall("incident, from, began, ended (ISO instants) and until (ISO date) are needed") from error
    note_outage(incident, began, ended, since.date())
    try:
        refund_late_instalments(incident, since, until, by)
    finally:  # what a standing order cost waits for no loan
        given = refund_charges(incident, since, until, by)
    return JsonResponse({"refunds": given})


@require_GET
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """How the bank is; 503 when its database does not answer within a second."""
    found = look()
    return JsonResponse(
        {
            "ok": found.words == "",
            "database": found.words == "",
            "block": found.block,
            "standin_block": standin_cursor.block,
            "without_standin_share": round(standin_cursor.without_share(), 4),
            "intents_open": found.intents_open,
            "mode_counts": known_mode_counts(),
            "orders_waiting": found.orders_waiting,
            "proved_block": found.proved_block,
            "proof_findings": found.proof_findings,
            "rules_version": RULES_VERSION,
            "rules_trouble": " ".join(filter(None, (bank_facts.rules_trouble(), rules.trouble))) or None,
            "rules_not_judged": rules.not_judged,
            "words": found.words,
        },
        status=503 if found.words else 200,
    )
