"""The bank's day: today, or as many days in the past as an imported bank's records lie."""

from datetime import timedelta

import pytest

from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments import pay


@pytest.fixture
def facts(monkeypatch):
    known = {"business_date": pay.calendar_today().isoformat(), "day_offset": 0}
    told = []
    monkeypatch.setattr(bank_facts, "bank", lambda: known)
    monkeypatch.setattr(pay, "set_bank_fact", lambda kind, body: told.append((kind, body)))
    return known, told


def test_an_imported_banks_day_lies_as_far_in_the_past_as_its_records(facts):
    facts[0]["day_offset"] = -11000
    assert pay.bank_today() == pay.calendar_today() - timedelta(days=11000)


def test_the_day_is_turned_once_and_told(facts):
    known, told = facts
    assert pay.turn_day() is False
    known["business_date"] = (pay.calendar_today() - timedelta(days=1)).isoformat()
    assert pay.turn_day() is True
    assert told == [("bank", {**known, "business_date": pay.calendar_today().isoformat()})]


def test_a_bank_that_was_never_filled_has_no_day_to_turn(facts):
    facts[0].clear()
    assert pay.turn_day() is False
    assert facts[1] == []
