"""Shadow: what the bank judged is judged here too, from the data as they were just before it, and compared."""

import json
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from fakes import DAY, FakeBank, refusal, transfer
from world import ACCOUNTS, BANK, LIMITS, vault

from holdfast.contracts.blocks import FLAG_FROZEN_OUT, AccountChange
from holdfast.standin import shadow as module
from holdfast.standin.copy import Copy
from holdfast.standin.reader import CopyReader
from holdfast.standin.shadow import Shadow
from holdfast.standin.view import View

NORMAL = {
    "per_payment_minor": 50_000,
    "per_day_minor": 90_000,
    "payments_per_minute_max": 1_000,
    "payments_per_hour_max": 5_000,
    "new_payee_minor": 20_000,
    "habit_floor_minor": 10_000,
}
TOKEN = "ab" * 16


class Stage:
    """A bank that feeds, a copy that is followed, and its shadow; the thread is not started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bank = FakeBank()
        self.copy = Copy(folder / "copy.sqlite", View(), vault(folder))
        self.view = self.copy.view
        self.shadow = self.fresh()
        self.copy.follow = self.shadow.follow
        own = [AccountChange(n, "own", "NOK", "debit" if n == 1 else "credit", -(10**12), 0, 0) for n in (1, 3)]
        theirs = [AccountChange(n, "c", "NOK", "credit", 0, 0, one[2]) for n, one in ACCOUNTS.items()]
        self.bank.add(*own, *theirs)
        self.bank.add(*(transfer(1, n, 1_000_000, kind="opening", cause="fill") for n in ACCOUNTS))
        self.bank.say("bank", "bank", BANK)
        self.bank.say("limits", "limits", LIMITS | {"normal": NORMAL, "spare": NORMAL})
        for number, (written, title, cohort, owner) in ACCOUNTS.items():
            self.bank.say(
                "account",
                number,
                {"number": written, "title": title, "product": "current", "cohort": cohort, "owners": [owner]},
            )
        for customer, accounts in ((17, [10, 11]), (18, [20]), (19, [30])):
            self.bank.say("customer", customer, {"name": "Payer", "username": f"u{customer}", "accounts": accounts})
        self.facts()
        self.feed()
        self.view.filled = True

    def fresh(self) -> Shadow:
        """A shadow as after a start."""
        return Shadow(
            self.view, CopyReader(self.folder / "copy.sqlite", vault(self.folder)), self.folder / "shadow.json"
        )

    def facts(self) -> None:
        """Apply new facts."""
        new = [fact for fact in self.bank.facts if fact["number"] > self.view.fact_number]
        self.copy.apply_facts(json.dumps({"head": 0, "facts": new}).encode())

    def feed(self) -> None:
        """Apply new blocks, and judge what they brought."""
        blocks = self.bank.blocks[self.view.head.number :]
        self.copy.apply_answer(json.dumps({"head": len(self.bank.blocks), "blocks": blocks}).encode())
        while self.shadow._queue:
            self.shadow.step()

    def told(self, *items: Any) -> dict[str, Any]:
        """Feed one block; what the shadow then says."""
        self.bank.add(*items)
        self.feed()
        return self.shadow.to_wire()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_what_both_accept_and_what_both_refuse_is_the_same_decision(stage: Stage) -> None:
    told = stage.told(
        transfer(10, 20, 15_000),
        transfer(10, 20, 300, kind="order", cause="order:1:2026-11-22"),
        refusal(uuid.uuid4(), amount_minor=10**8),
        refusal(uuid.uuid4(), amount_minor=60_000, reason="amount_limit"),
    )
    assert (told["judged"], told["same"], told["same_share"]) == (4, 4, 1.0)
    assert [(one["bank"], one["spare"], one["count"]) for one in told["by_reason"]] == [
        ("amount_limit", "amount_limit", 1),
        ("not_enough_money", "not_enough_money", 1),
        ("ok", "ok", 2),
    ]
    assert told["disagreements"] == []


def test_each_payment_is_judged_with_the_balance_just_before_it_also_within_a_block(stage: Stage) -> None:
    most = [transfer(10, 20, 20_000) for _ in range(4)]
    told = stage.told(*most, transfer(1, 30, 5, kind="deposit", cause="fill"), transfer(30, 11, 9_000))
    assert (told["judged"], told["same"]) == (5, 5)


def test_a_disagreement_is_kept_with_both_reasons_and_words(stage: Stage) -> None:
    wrongly_refused, wrongly_accepted = transfer(10, 20, 60_000), refusal(uuid.uuid4(), amount_minor=2_000)
    told = stage.told(wrongly_refused, wrongly_accepted, transfer(10, 20, 38_000))
    assert [(one["id"], one["bank"], one["spare"]) for one in told["disagreements"][:2]] == [
        (wrongly_refused.id.hex, "ok", "amount_limit"),
        (wrongly_accepted.id.hex, "not_enough_money", "ok"),
    ]
    assert (
        told["disagreements"][0]["words"]
        == "The bank accepted it, the spare bank would have refused: The amount is above the limit for one payment."
    )
    assert (told["judged"], told["accepted_wrongly_minor"], told["value_minor"]) == (3, 2_000, 100_000)
    assert told["accepted_wrongly_share"] == pytest.approx(0.02)
    assert told["refused_wrongly"] == 2  # the second is above the day's limit after the first


def test_frozen_accounts_new_payees_and_limits_are_those_of_good_times(stage: Stage) -> None:
    told = stage.told(
        transfer(10, 30, 20_001),
        AccountChange(20, "c", "NOK", "credit", 0, FLAG_FROZEN_OUT, 9),
        refusal(uuid.uuid4(), debit=20, credit=30, reason="account_frozen"),
    )
    assert [(one["bank"], one["spare"]) for one in told["by_reason"]] == [
        ("account_frozen", "account_frozen"),
        ("ok", "new_payee_limit"),
    ]


def test_what_nobody_judged_at_the_bank_is_not_compared(stage: Stage) -> None:
    told = stage.told(
        transfer(1, 10, 5, kind="salary", cause="file:m:1"),
        transfer(10, 1, 5, kind="fee", cause="fee"),
        transfer(10, 20, 5, source="journal", journal_number=1),
        transfer(10, 20, 5, cause="fill"),
        refusal(uuid.uuid4(), source="journal"),
        refusal(uuid.uuid4(), reason="not_completed"),
        refusal(uuid.uuid4(), reason="claimed_refused"),
    )
    assert (told["judged"], told["not_judged"]) == (0, 0)


def test_a_card_use_is_judged_by_the_card_that_its_words_name(stage: Stage) -> None:
    stage.bank.say(
        "card",
        TOKEN,
        {
            "account": 10,
            "customer": 17,
            "last4": "1234",
            "network": "n",
            "frozen": False,
            "per_use_minor": 5_000,
            "per_day_minor": 6_000,
            "ends": f"{DAY.year + 2}-01",
            "changed_us": 1,
        },
    )
    stage.facts()
    use = {"kind": "card", "cause": "card:n:1", "text": "Card ending 1234"}
    told = stage.told(
        transfer(10, 3, 5_000, **use),
        transfer(10, 3, 1_001, **use),
        transfer(10, 3, 100, **(use | {"text": "Card ending 9"})),
        refusal(uuid.uuid4(), credit=3, kind="card", reason="card_use_limit", amount_minor=5_001),
    )
    assert [(one["bank"], one["spare"]) for one in told["by_reason"]] == [
        ("card_use_limit", "card_use_limit"),
        ("ok", "card_day_limit"),
        ("ok", "ok"),
    ]
    assert told["not_judged"] == 1


def test_what_finds_the_queue_full_is_dropped_and_counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_MAX", 2)
    told = stage.told(*(transfer(10, 20, 5) for _ in range(3)))
    assert (told["judged"], told["dropped"]) == (0, 3)
    assert stage.told(transfer(10, 20, 5))["judged"] == 1


def test_the_tally_survives_a_restart_and_a_broken_file_begins_anew(stage: Stage) -> None:
    before = stage.told(transfer(10, 20, 60_000), transfer(10, 20, 5))
    stage.shadow.store()
    again = stage.fresh().to_wire()
    for name in ("since_us", "judged", "same", "by_reason", "disagreements"):
        assert again[name] == before[name]
    (stage.folder / "shadow.json").write_text("{")
    assert stage.fresh().to_wire()["judged"] == 0


def test_the_age_is_how_late_the_block_came(stage: Stage) -> None:
    stage.bank.add(transfer(10, 20, 5), at_us=time.time_ns() // 1000 - 7_200 * 10**6)
    stage.feed()
    assert list(stage.shadow.to_wire()["ages"]) == ["up to 1 day"]


def test_its_thread_judges_by_itself_and_costs_little(stage: Stage) -> None:
    stage.shadow.start()
    for _ in range(5):
        stage.bank.add(*(transfer(10, 20, 1) for _ in range(200)))
    blocks = stage.bank.blocks[stage.view.head.number :]
    stage.copy.apply_answer(json.dumps({"head": len(stage.bank.blocks), "blocks": blocks}).encode())
    until = time.monotonic() + 10
    while stage.shadow.to_wire()["judged"] < 1000 and time.monotonic() < until:
        time.sleep(0.02)
    stage.shadow.stop()
    told = stage.shadow.to_wire()
    assert (told["judged"], told["dropped"]) == (1000, 0)
    assert told["spent_s"] < 1.0, "a millisecond a payment would be felt"


def test_the_shares_of_the_value_are_of_values_in_the_banks_own_currency(stage: Stage) -> None:
    stage.bank.say("rate", "EUR", {"rate": "0.08", "until": f"{DAY.year + 1}-01-01"})
    stage.facts()
    stage.bank.add(*(AccountChange(n, "c", "EUR", "credit", -(10**9), 0, 5) for n in (12, 22)))
    told = stage.told(transfer(12, 22, 800, currency="EUR"), refusal(uuid.uuid4(), amount_minor=10_000))
    assert (told["value_minor"], told["accepted_wrongly_minor"]) == (20_000, 10_000)
    assert told["disagreements"][0]["amount_minor"] == 10_000
