"""What needs two people, who may propose and approve it, and how it is carried out at the building it concerns."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from holdfast.control.approvals.models import Proposal
from holdfast.control.calls import Kind, Reply
from holdfast.control.maintenance import planning
from holdfast.control.place import switchboard
from holdfast.control.tell.composing import release

RESPONDERS = frozenset({"responder", "manager"})
MANAGERS = frozenset({"manager"})
ORDER_TIMEOUT_S = 4.0
BANK_TIMEOUT_S = 6.0
CLOSING_TIMEOUT_S = 120.0
"""Each day's trial balance is made while a day is closed."""


@dataclass(frozen=True, slots=True)
class Result:
    """How carrying it out ended; words are what the building said."""

    done: bool
    words: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of deed. alone: whether one person may go on with a typed reason when there is nobody else."""

    words: str
    approvers: frozenset[str]
    stands_for: timedelta
    alone: bool
    carry_out: Callable[[Proposal], Result]


def _door_order(proposal: Proposal) -> Result:
    body = {
        "what": proposal.what,
        "cohorts": None,
        "why": f"{proposal.subject}: {proposal.why}".rstrip(": "),
        "by": proposal.by,
        "approved_by": "" if proposal.break_glass else proposal.decided_by,
    }
    reply = switchboard().order("doors", "/-/orders", body, ORDER_TIMEOUT_S)
    if not reply.well:
        return Result(False, f"No door took the order ({reply.words}); nothing was done. Look at the doors' card.")
    return Result(True, f"the doors took order {reply.body.get('order', '–')}")


def _signed_for_bank(
    proposal: Proposal, purpose: str, path: str, said: dict[str, Any], timeout_s: float = BANK_TIMEOUT_S
) -> Result:
    token = switchboard().keyring.sign(
        purpose,
        {
            **said,
            "why": proposal.why,
            "asked_by": proposal.by,
            "approved_by": "" if proposal.break_glass else proposal.decided_by,
            "break_glass": proposal.break_glass,
            "at": time.time(),
        },
    )
    return _told(switchboard().order("bank", path, {"token": token}, timeout_s))


def _told(reply: Reply) -> Result:
    """What the bank said to an order."""
    words = str(reply.body.get("words") or reply.body.get("error") or "")
    if reply.well:
        return Result(True, words or "the bank took it")
    if reply.kind is Kind.STALLS:
        return Result(
            False, "The bank did not answer in time: it may have been done. Look before you propose it again."
        )
    return Result(False, words or f"The bank did not take it ({reply.words}); propose it again when it answers.")


def _case_decision(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("number", "decision", "to", "owner")}
    return _signed_for_bank(proposal, "case-decision", "/-/exceptions/decide", said)


def decide_alone(said: dict[str, Any], asked_by: str) -> Result:
    """Have the bank decide a claim that it leaves to one person; it refuses any other."""
    token = switchboard().keyring.sign(
        "case-decision", {**said, "asked_by": asked_by, "approved_by": "", "at": time.time()}
    )
    return _told(switchboard().order("bank", "/-/exceptions/decide", {"token": token}, BANK_TIMEOUT_S))


def _limits(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("before", "after")}
    return _signed_for_bank(proposal, "limits", "/-/limits", said)


def _payroll(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("number", "before_minor", "limit_minor")}
    return _signed_for_bank(proposal, "payroll-limit", "/-/payroll/set", said)


def _close_books(proposal: Proposal) -> Result:
    said = {"day": proposal.data["day"]}
    return _signed_for_bank(proposal, "books-close", "/-/books/close", said, CLOSING_TIMEOUT_S)


def _access(proposal: Proposal) -> Result:
    data = proposal.data
    return change_access(int(data["customer"]), data["deed"], proposal.why, proposal.by, proposal.decided_by)


def change_access(customer: int, deed: str, why: str, asked_by: str, approved_by: str) -> Result:
    """Order the bank to change a customer's way in; approved_by is "" for what one person may do."""
    said: dict[str, Any] = {
        "customer": customer,
        "deed": deed,
        "why": why,
        "asked_by": asked_by,
        "approved_by": approved_by,
    }
    token = switchboard().keyring.sign("customer-access", {**said, "at": time.time()})
    return _told(switchboard().order("bank", "/-/access", {"token": token}, BANK_TIMEOUT_S))


def _closing(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("order", "number", "to", "before_minor")}
    return _signed_for_bank(proposal, "account-closing", "/-/closing/close", said)


def _name(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("number", "take")}
    return _signed_for_bank(proposal, "name-change", "/-/names/decide", said)


def _prices(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("version", "valid_from", "body", "before")}
    return _signed_for_bank(proposal, "price-list", "/-/prices/set", said)


def _rates(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("rates", "margin", "day", "before")}
    return _signed_for_bank(proposal, "rate-list", "/-/rates/set", said)


def _review(proposal: Proposal) -> Result:
    said = {name: proposal.data[name] for name in ("number", "figures")}
    return _signed_for_bank(proposal, "review-decision", "/-/reviews/decide", said)


def order_review(purpose: str, path: str, said: dict[str, Any]) -> Result:
    """Have the bank begin or drop a review, which one person may: nothing is booked by it."""
    token = switchboard().keyring.sign(purpose, {**said, "at": time.time()})
    return _told(switchboard().order("bank", path, {"token": token}, BANK_TIMEOUT_S))


def _tell_all(proposal: Proposal) -> Result:
    refused = release(int(proposal.data["notice"]), proposal.decided_by, timezone.now())
    return Result(not refused, refused or "it is being sent, people with needs first")


def _maintenance(proposal: Proposal) -> Result:
    """Announce, move or call off maintenance, as the proposal says."""
    data, now, people = proposal.data, timezone.now(), (proposal.by, proposal.decided_by)
    number = int(data["number"])
    if data["do"] == "announce":
        refused = planning.announce(number, proposal.decided_by, now)
    elif data["do"] == "cancel":
        refused = planning.cancel(number, data["changed"], people, now)
    else:
        times = datetime.fromisoformat(data["begins"]), datetime.fromisoformat(data["ends"])
        refused = planning.move(number, times, data["changed"], people, now)
    return Result(not refused, refused or "everybody is being told, people with needs first")


DEEDS: dict[str, Deed] = {
    "hand_back": Deed("hand all customers back to the main bank", RESPONDERS, timedelta(minutes=30), True, _door_order),
    "force_primary": Deed(
        "serve all customers from the main bank without the spare bank's journal",
        RESPONDERS,
        timedelta(minutes=30),
        True,
        _door_order,
    ),
    "limits": Deed("change the limits", MANAGERS, timedelta(days=1), True, _limits),
    "payroll": Deed("change a payroll limit", MANAGERS, timedelta(days=7), False, _payroll),
    "books_close": Deed("close days of the books", MANAGERS, timedelta(days=7), False, _close_books),
    "access": Deed("make a customer's login easier", MANAGERS, timedelta(days=1), False, _access),
    "closing": Deed("close an account for its holders", MANAGERS, timedelta(days=7), False, _closing),
    "name": Deed("decide on a changed name", MANAGERS, timedelta(days=7), False, _name),
    "prices": Deed("publish a price list", MANAGERS, timedelta(days=7), False, _prices),
    "rates": Deed("publish exchange rates", MANAGERS, timedelta(days=1), False, _rates),
    "review": Deed("give what a review computed", MANAGERS, timedelta(days=7), False, _review),
    "tell_all": Deed("send a message to all customers", RESPONDERS, timedelta(hours=12), False, _tell_all),
    "maintenance": Deed("announce maintenance", RESPONDERS, timedelta(hours=12), False, _maintenance),
    "case": Deed("decide a case", RESPONDERS, timedelta(days=7), False, _case_decision),
}
