"""Compare all accounts with the spare bank's copy, each at the same block."""

import time
from typing import Any

from holdfast.bank.books import reader
from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed

PAGE = 5000
PAGES_MAX = 1000
CATCH_UP_S_MAX = 5.0
LOOK_S = 0.05
LINES = 200
LINE_PAGES_MAX = 50


def reconcile() -> dict[str, Any]:
    """Accounts compared, the differences, and the block; raises CallFailed when the spare bank lags or is away."""
    head = reader().head().block
    _wait_until_fed(head)
    differences: list[dict[str, int]] = []
    accounts = after = 0
    block = head
    ours = dict(_all_balances())
    for _ in range(PAGES_MAX):
        answer = call("standin", "GET", "/-/balances", timeout_s=5.0, after=after, limit=PAGE)
        page = {int(account): int(balance) for account, balance in answer.get("accounts", [])}
        block = int(answer.get("block", 0))
        for account, theirs in page.items():
            if ours.get(account) != theirs:
                at_block = balance_at(account, block)
                if at_block != theirs:
                    differences.append({"account": account, "bank_minor": at_block, "standin_minor": theirs})
        for account in [one for one in ours if after < one <= max(page, default=2**63) and one not in page]:
            at_block = balance_at(account, block)
            if at_block:
                differences.append({"account": account, "bank_minor": at_block, "standin_minor": 0})
        accounts += len(page)
        if len(page) < PAGE:
            break
        after = max(page)
    return {"accounts": accounts, "differences": differences, "block": block}


def _all_balances() -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    after = 0
    for _ in range(PAGES_MAX):
        page = reader().balances(after, PAGE)
        out += page
        if len(page) < PAGE:
            break
        after = page[-1][0]
    return out


def _wait_until_fed(head: int) -> None:
    end = time.monotonic() + CATCH_UP_S_MAX
    while True:
        fed = int(call("standin", "GET", "/-/balances", after=0, limit=1).get("block", 0))
        if fed >= head:
            return
        if time.monotonic() > end:
            raise CallFailed(f"the spare bank has block {fed} of {head} after {CATCH_UP_S_MAX:g} s; reconcile later")
        time.sleep(LOOK_S)


def balance_at(account: int, block: int) -> int:
    """An account's balance as of the end of a block, in minor units on its normal side."""
    before = None
    for _ in range(LINE_PAGES_MAX):
        lines = reader().lines(account, LINES, before)
        for line in lines:
            if line.block <= block:
                return line.balance_after_minor
        if len(lines) < LINES:
            return 0
        before = lines[-1].seq
    raise CallFailed(f"account {account} moves too fast to be compared at block {block}; reconcile again")
