"""Compare all accounts with the spare bank's copy, each at the same block."""

import time
from typing import Any

from holdfast.bank.books import reader
from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed

PAGE = 5000
PAGES_MAX = 1000
LAST_ACCOUNT = 2**63 - 1
CATCH_UP_S_MAX = 5.0
LOOK_S = 0.05
LOOKED_UP_AT_ONCE = 500


def reconcile() -> dict[str, Any]:
    """Accounts compared, the differences, and the block; raises CallFailed when the spare bank lags or is away.

    Page by page of account numbers, so that a million accounts are never held at once; what differs at first sight,
    because it moved after the compared block, is looked up as of that block.
    """
    head = reader().head().block
    _wait_until_fed(head)
    differences: list[dict[str, int]] = []
    accounts, after, block = 0, 0, head
    for _ in range(PAGES_MAX):
        answer = call("standin", "GET", "/-/balances", timeout_s=5.0, after=after, limit=PAGE)
        theirs = {int(account): int(balance) for account, balance in answer.get("accounts", [])}
        block = int(answer.get("block", 0))
        upto = max(theirs) if len(theirs) == PAGE else LAST_ACCOUNT
        differences += _differing(_ours(after, upto), theirs, block)
        if "held" in answer:  # a spare bank of the release before holds nothing
            theirs_held = {int(account): int(held) for account, held in answer["held"]}
            differences += _held_differing(reader().held_between(after, upto), theirs_held, block)
        accounts += len(theirs)
        if upto == LAST_ACCOUNT:
            return {"accounts": accounts, "differences": differences, "block": block}
        after = upto
    raise CallFailed(f"the spare bank has more than {PAGES_MAX * PAGE} accounts")


def _ours(after: int, upto: int) -> dict[int, int]:
    """Our balances of the accounts above one number and not above another."""
    found: dict[int, int] = {}
    for _ in range(PAGES_MAX):
        page = reader().balances(after, PAGE)
        found.update(one for one in page if one[0] <= upto)
        if len(page) < PAGE or page[-1][0] >= upto:
            return found
        after = page[-1][0]
    raise CallFailed(f"the bank has more than {PAGES_MAX * PAGE} accounts between two of the spare bank's")


def _differing(ours: dict[int, int], theirs: dict[int, int], block: int) -> list[dict[str, int]]:
    """Accounts whose balance as of the block is not the one that the spare bank has; an account not there has 0."""
    doubtful = [account for account, balance in theirs.items() if ours.get(account) != balance]
    doubtful += [account for account in ours if account not in theirs]
    differences = []
    for start in range(0, len(doubtful), LOOKED_UP_AT_ONCE):
        part = doubtful[start : start + LOOKED_UP_AT_ONCE]
        at_block = dict(reader().balances_at(block, part))
        differences += [
            {"account": one, "bank_minor": at_block.get(one, 0), "standin_minor": theirs.get(one, 0)}
            for one in part
            if at_block.get(one, 0) != theirs.get(one, 0)
        ]
    return differences


def _held_differing(ours: dict[int, int], theirs: dict[int, int], block: int) -> list[dict[str, int]]:
    """Accounts of which another amount is held than as of the block; one that is not named has nothing held."""
    doubtful = sorted(one for one in ours.keys() | theirs.keys() if ours.get(one) != theirs.get(one))
    differences = []
    for start in range(0, len(doubtful), LOOKED_UP_AT_ONCE):
        part = doubtful[start : start + LOOKED_UP_AT_ONCE]
        at_block = reader().held_at(block, part)
        differences += [
            {"account": one, "bank_held_minor": at_block.get(one, 0), "standin_held_minor": theirs.get(one, 0)}
            for one in part
            if at_block.get(one, 0) != theirs.get(one, 0)
        ]
    return differences


def _wait_until_fed(head: int) -> None:
    end = time.monotonic() + CATCH_UP_S_MAX
    while True:
        fed = int(call("standin", "GET", "/-/balances", after=0, limit=1).get("block", 0))
        if fed >= head:
            return
        if time.monotonic() > end:
            raise CallFailed(f"the spare bank has block {fed} of {head} after {CATCH_UP_S_MAX:g} s; reconcile later")
        time.sleep(LOOK_S)
