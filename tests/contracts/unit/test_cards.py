"""Cards as they cross the borders: facts, networks' questions, derived ids, and which change is the later one."""

import json
import time
from datetime import UTC, date, datetime

import pytest

from holdfast.contracts import ids
from holdfast.contracts.answers import REASON_WORDS, Reason
from holdfast.contracts.cards import Card, card_from_body, last_day_passed, next_change_us, read_card_use
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import Entry, entry_from_wire
from holdfast.contracts.profile import fact_from_wire
from holdfast.contracts.routes import find_route
from holdfast.guard import CardFacts, judge_card

CARD = Card("c" * 32, 10, 17, "0042", "made-up-network", False, 100_000, 150_000, "2027-02", 7)
USE = {
    "network": "made-up-network",
    "transaction": "T-1",
    "card": "c" * 32,
    "amount_minor": 12_500,
    "currency": "NOK",
    "merchant": "Made-up Grocer",
    "merchant_code": "5411",
    "at": "2026-11-22T10:00:00Z",
    "final": True,
}


def test_the_ids_of_a_card_use_and_of_its_reversal_are_fixed_for_ever():
    use = ids.card_use_id("made-up-network", "T-1")
    assert str(use) == "5a5016e2-d8d8-5ea0-945d-d6d49e63c9be"
    assert str(ids.card_reversal_id(use)) == "d052bf90-75c2-549b-92f8-aa3204fab5a4"
    assert len({use, ids.card_use_id("made-up-networkT", "-1"), ids.card_use_id("other", "T-1")}) == 3


def test_a_card_travels_as_a_fact_and_arrives_as_it_was():
    fact = fact_from_wire({"number": 1, "kind": "card", "key": CARD.id, "body": CARD.to_body()})
    assert card_from_body(fact.key, CARD.to_body()) == CARD
    assert CARD.until == "02/27"


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("1234567890123456", {}),
        (CARD.id, {"last4": "12345"}),
        (CARD.id, {"ends": "2027-13"}),
        (CARD.id, {"frozen": "no"}),
        (CARD.id, {"account": None}),
    ],
)
def test_a_fact_that_is_no_card_is_refused(key, change):
    with pytest.raises((KeyError, ValueError, TypeError)):
        card_from_body(key, CARD.to_body() | change)


def test_a_networks_question_is_read_whole():
    use = read_card_use(json.dumps(USE).encode())
    assert (use.id, use.cause) == (ids.card_use_id("made-up-network", "T-1"), "card:made-up-network:T-1")
    assert (use.amount_minor, use.at, use.final) == (12_500, datetime(2026, 11, 22, 10, tzinfo=UTC), True)


@pytest.mark.parametrize(
    "change",
    [
        {"network": ""},
        {"network": "a b"},
        {"transaction": "x" * 65},
        {"card": "4111111111111111"},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 1.5},
        {"amount_minor": True},
        {"amount_minor": 10**16},
        {"currency": "XXX"},
        {"currency": []},
        {"merchant": ""},
        {"merchant": "a\nb"},
        {"merchant_code": "541"},
        {"at": "2026-11-22T10:00:00"},
        {"at": "now"},
        {"final": "yes"},
    ],
)
def test_a_question_with_a_fault_is_refused(change):
    with pytest.raises(BadMessage, match="card use"):
        read_card_use(json.dumps(USE | change).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"[" * 9000, b"{}"])
def test_what_is_no_question_at_all_is_refused(raw):
    with pytest.raises(BadMessage):
        read_card_use(raw)


def test_a_change_made_in_sight_of_another_is_later_even_by_a_clock_that_lags():
    ahead_us = time.time_ns() // 1000 + 10**9
    assert next_change_us(ahead_us) == ahead_us + 1
    assert next_change_us(0) <= time.time_ns() // 1000


def test_a_freeze_travels_in_the_journal():
    entry = Entry(1, bytes(32), "card", 5, 7, 9, {"card": CARD.id, "frozen": True, "customer": 17, "changed_us": 9})
    assert entry_from_wire(entry.to_wire()) == entry


def test_the_addresses_of_cards_say_how_they_may_be_repeated():
    use, freeze = find_route("POST", "/cards/authorisations"), find_route("POST", f"/cards/{CARD.id}/freeze")
    assert (use.name, use.changes, use.signed, use.deadline_s) == ("card-use", True, True, 1.0)
    assert (freeze.name, freeze.changes, freeze.signed) == ("card-freeze", True, False)
    assert find_route("POST", f"/cards/{CARD.id}/pay") is None


@pytest.mark.parametrize(
    ("frozen", "amount_minor", "used_minor", "today", "reason"),
    [
        (False, 100_000, 50_000, date(2027, 2, 28), Reason.OK),
        (False, 100_001, 0, date(2027, 2, 28), Reason.CARD_USE_LIMIT),
        (False, 100_000, 50_001, date(2027, 2, 28), Reason.CARD_DAY_LIMIT),
        (True, 1, 0, date(2027, 2, 28), Reason.CARD_FROZEN),
        (True, 1, 0, date(2027, 3, 1), Reason.CARD_ENDED),
        (False, 1, 0, date(2027, 3, 1), Reason.CARD_ENDED),
    ],
)
def test_a_card_is_judged_by_its_end_its_freeze_and_its_limits(frozen, amount_minor, used_minor, today, reason):
    assert judge_card(CardFacts(CARD, frozen, amount_minor, used_minor, today)) is reason
    assert REASON_WORDS[reason]
    assert last_day_passed(CARD.ends, today) is (reason is Reason.CARD_ENDED)
