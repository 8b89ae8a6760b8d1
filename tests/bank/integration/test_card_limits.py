"""Limits that customers set for their cards: lower at once, higher with a proof, never above the bank's."""

import re

import pytest
from carding import card_of, question, send, told

from holdfast.bank.cards.limiting import OwnLimits, choose_limits
from holdfast.bank.cards.models import Card
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.mail.models import Mail
from holdfast.bank.web import card_limits

pytestmark = pytest.mark.demand("B4", "B6")


def held(person, card):
    found = re.search(r'data-holds-use="(\d+)" data-holds-day="(\d+)"', page(person, card))
    return tuple(map(int, found.groups()))


def page(person, card):
    return person.get(f"/cards/{card.id}/limits").content.decode()


def choose(person, card, use="", day="", **more):
    return person.post(f"/cards/{card.id}/limits", {"use": use, "day": day, **more})


def test_a_lower_limit_holds_at_once_and_is_told_to_the_spare_bank_and_by_mail(town, keys):
    card = card_of(town.ann)
    Customer.objects.filter(id=town.ann.id).update(email=f"ann{town.ann.id}@mail.example")
    assert held(town.ann, card) == (20_000, 30_000)
    assert choose(town.ann, card, "50.00", "80").status_code == 303
    assert held(town.ann, card) == (5_000, 8_000)
    fact = Fact.objects.filter(kind="card", key=card.id).latest("id").body
    assert (fact["per_use_minor"], fact["per_day_minor"]) == (5_000, 8_000)
    assert SecurityEvent.objects.filter(customer=town.ann.id).latest("id").event == "event.card_limits"
    assert "0042" in Mail.objects.filter(customer=town.ann.id).latest("id").body
    assert told(send(town.ann, keys, question(card, 5_001))) == ("declined", "card_use_limit")
    assert told(send(town.ann, keys, question(card, 5_000))) == ("approved", "ok")
    assert told(send(town.ann, keys, question(card, 3_001))) == ("declined", "card_day_limit")


def test_a_freeze_of_either_bank_leaves_the_customers_own_limits(town):
    card = card_of(town.ann)
    choose(town.ann, card, "50.00")
    town.ann.post(f"/cards/{card.id}/freeze", {})
    fact = Fact.objects.filter(kind="card", key=card.id).latest("id").body
    assert (fact["frozen"], fact["per_use_minor"], fact["per_day_minor"]) == (True, 5_000, 30_000)


@pytest.mark.parametrize(
    ("use", "day", "field"),
    [
        ("201", "", "use"),
        ("", "300.01", "day"),
        ("90", "80", "use"),
        ("-1", "", "use"),
        ("0", "", "use"),
        ("x", "", "use"),
    ],
)
def test_what_is_no_limit_is_said_beside_its_field_and_changes_nothing(town, use, day, field):
    card = card_of(town.ann)
    answer = choose(town.ann, card, use, day)
    text = answer.content.decode()
    assert (answer.status_code, f'id="{field}-wrong"' in text) == (422, True)
    assert f'value="{use or day}"' in text
    assert held(town.ann, card) == (20_000, 30_000)


def test_nobody_sets_the_limits_of_anothers_card(town):
    card = card_of(town.ben)
    assert choose(town.ann, card, "50").status_code == 404
    assert town.ann.get(f"/cards/{card.id}/limits").status_code == 404
    assert Card.objects.get(id=card.id).own_use_minor is None


def test_a_higher_limit_needs_a_proof_however_it_is_asked_for(town):
    card = card_of(town.ann)
    assert choose_limits(card.id, town.ann.id, OwnLimits(5_000, None), proved=False)
    for asked in (OwnLimits(5_001, None), OwnLimits(None, None), OwnLimits(5_001, 10_000)):
        assert not choose_limits(card.id, town.ann.id, asked, proved=False)
    assert Card.objects.get(id=card.id).as_known().per_use_minor == 5_000
    assert choose_limits(card.id, town.ann.id, OwnLimits(None, 10_000), proved=True)
    assert Card.objects.get(id=card.id).as_known().per_day_minor == 10_000


def test_who_logged_in_long_ago_is_asked_who_they_are_before_a_higher_limit(town, monkeypatch):
    card = card_of(town.ann)
    choose(town.ann, card, "50.00")
    monkeypatch.setattr(card_limits, "is_recent", lambda _: False)
    for more in ({}, {"password": "wrong"}):
        answer = choose(town.ann, card, "60.00", **more)
        assert (answer.status_code, 'id="proof-wrong"' in answer.content.decode()) == (422, True)
    assert held(town.ann, card) == (5_000, 30_000)
    assert choose(town.ann, card, "40.00").status_code == 303
