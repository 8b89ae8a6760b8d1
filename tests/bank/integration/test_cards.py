"""Cards at the primary bank: frozen, used, declined, and what the spare bank did with them meanwhile."""

import json
import time
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from carding import NETWORK, card_of, ident_of, journaled, question, replay, send, told
from django.test import Client
from django.utils import timezone

from holdfast.bank.books import books, reader
from holdfast.bank.cards import telling
from holdfast.bank.cards.models import Card, CardUse
from holdfast.bank.exchange import replay as replaying
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import Fact, JournalException
from holdfast.bank.payments import judging
from holdfast.bank.payments.models import Told
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.guard import watching
from holdfast.ledger.api import Result

pytestmark = pytest.mark.demand("B4", "S1", "S4")


def test_a_card_use_is_booked_once_however_often_it_is_asked(town, keys):
    clearing = bank_facts.own("clearing")
    before = reader().accounts([clearing])[clearing].balance_minor
    body = question(card_of(town.ann))
    first, again = send(town.ann, keys, body), send(town.ann, keys, body)
    assert first.headers["Holdfast-Outcome"] == f"done {ident_of(body).hex}"
    assert told(first) == told(again) == ("approved", "ok")
    assert first.json()["block"] == again.json()["block"] > 0
    assert first.json()["id"] == ident_of(body).hex
    assert town.ann.balance == 95_000
    assert reader().accounts([clearing])[clearing].balance_minor == before + 5_000
    (line,) = [one for one in reader().lines(town.ann.account) if one.kind == "card"]
    assert (line.payee, line.text, line.cause) == (
        "Made-up Grocer",
        "Card ending 0042",
        f"card:{NETWORK}:{body['transaction']}",
    )
    for page in ("/", f"/accounts/{town.ann.account}", "/money"):
        assert "Made-up Grocer" in town.ann.get(page).content.decode(), page


def test_the_same_transaction_with_another_amount_conflicts_and_changes_nothing(town, keys):
    card = card_of(town.ann)
    body = question(card)
    send(town.ann, keys, body)
    other = send(town.ann, keys, body | {"amount_minor": 5_001})
    assert (other.status_code, told(other)) == (422, ("conflict", "other_content"))
    assert other.headers["Holdfast-Outcome"] == f"conflict {ident_of(body).hex}"
    assert town.ann.balance == 95_000


def test_what_no_network_signed_changes_nothing(town, keys):
    body = question(card_of(town.ann))
    blocks = reader().head().block
    assert send(town.ann, keys, body, by="clearing").status_code == 403
    assert send(town.ann, keys, body, by="door").status_code == 403
    assert send(town.ann, keys, body, signed=b"another").status_code == 403
    unsigned = Client().post(
        "/cards/authorisations",
        json.dumps(body),
        content_type="application/json",
        headers={"Holdfast-Row": town.ann.row()},
    )
    assert unsigned.status_code == 403
    assert send(town.ann, keys, body | {"amount_minor": -5}).status_code == 400
    assert reader().head().block == blocks
    assert town.ann.balance == 100_000
    assert not CardUse.objects.filter(id=ident_of(body)).exists()


def test_a_card_that_nobody_has_is_neither_approved_nor_recorded(town, keys):
    blocks = reader().head().block
    nobody = replace(card_of(town.ann), id=uuid.uuid4().hex)
    assert told(send(town.ann, keys, question(nobody))) == ("unknown", "card_unknown")
    assert reader().head().block == blocks


def test_a_use_under_another_cohorts_row_is_sent_on_with_the_cards_cohort(town, keys):
    body = question(card_of(town.ann))
    for cohort in (None, (town.cohort + 1) % 256):
        answer = send(town.ann, keys, body, cohort=cohort, **({"epoch": 0} if cohort is None else {}))
        assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (421, str(town.cohort))
    assert town.ann.balance == 100_000


@pytest.mark.parametrize(
    ("more", "amount_minor", "reason"),
    [
        ({"frozen": True}, 100, "card_frozen"),
        ({"ends": "2020-01"}, 100, "card_ended"),
        ({}, 20_001, "card_use_limit"),
        ({"per_use_minor": 10**9, "per_day_minor": 10**9}, 100_001, "not_enough_money"),
        ({"per_use_minor": 10**9, "per_day_minor": 10**9}, 50_000_001, "amount_limit"),
    ],
)
def test_a_declined_use_is_recorded_before_it_is_told(town, keys, more, amount_minor, reason):
    body = question(card_of(town.ann, **more), amount_minor)
    answer = send(town.ann, keys, body)
    assert told(answer) == ("declined", reason)
    assert answer.headers["Holdfast-Outcome"] == f"refused-own {ident_of(body).hex}"
    assert reader().outcome(ident_of(body)).result is Result.ALREADY_REFUSED
    assert told(send(town.ann, keys, body)) == ("declined", reason)
    assert town.ann.balance == 100_000


def test_a_card_pays_no_more_on_a_day_than_it_may_and_the_next_card_is_not_counted(town, keys):
    first, second = card_of(town.ann), card_of(town.ann)
    assert told(send(town.ann, keys, question(first, 20_000)))[0] == "approved"
    assert told(send(town.ann, keys, question(first, 10_001))) == ("declined", "card_day_limit")
    assert told(send(town.ann, keys, question(first, 10_000)))[0] == "approved"
    assert told(send(town.ann, keys, question(second, 20_000)))[0] == "approved"
    assert town.ann.balance == 50_000


def test_a_declined_use_is_shown_to_the_customer_once_the_register_granted_it(town, keys, door):
    body = question(card_of(town.ann, frozen=True))
    send(town.ann, keys, body)
    assert ident_of(body).hex not in town.ann.get("/money").content.decode()
    telling.settle_card_uses()
    assert Told.objects.filter(payment=ident_of(body)).exists()
    page = town.ann.get("/money").content.decode()
    assert ident_of(body).hex in page
    assert "The card is frozen." in page


def test_a_use_that_the_books_never_answered_is_settled_by_a_refusal(town, keys, door):
    body = question(card_of(town.ann))
    CardUse.objects.create(
        id=ident_of(body),
        card=body["card"],
        customer=town.ann.id,
        debit=town.ann.account,
        credit=bank_facts.own("clearing"),
        amount_minor=body["amount_minor"],
        currency="NOK",
        merchant="Made-up Grocer",
        cause="card:x",
        asked_at=timezone.now(),
        cohort=town.cohort,
        epoch=town.ann.epoch,
        created=timezone.now() - timedelta(seconds=30),
    )
    telling.settle_card_uses()
    assert CardUse.objects.get(id=ident_of(body)).outcome == "refused"
    assert told(send(town.ann, keys, body)) == ("declined", "not_completed")
    assert town.ann.balance == 100_000


def test_while_a_journal_is_missing_a_use_that_would_be_declined_is_left_open(town, keys, door):
    frozen = question(card_of(town.ann, frozen=True))
    assert told(send(town.ann, keys, frozen, forced=FIRST_EPOCH))[0] == "unknown"
    good, refused = question(card_of(town.ann)), question(card_of(town.ann))
    assert told(send(town.ann, keys, good, forced=FIRST_EPOCH))[0] == "approved"
    door.denied.add(ident_of(refused).hex)
    assert told(send(town.ann, keys, refused, forced=FIRST_EPOCH)) == ("declined", "claimed_refused")
    assert town.ann.balance == 95_000


def test_a_customer_freezes_and_unfreezes_a_card_and_the_fact_is_told(town, keys):
    card = card_of(town.ann)
    page = town.ann.get("/cards").content.decode()
    assert f'data-card="{card.id}" data-frozen="false"' in page
    assert "0042" in page
    answer = town.ann.post(f"/cards/{card.id}/freeze", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cards")
    assert f'data-card="{card.id}" data-frozen="true"' in town.ann.get("/cards").content.decode()
    assert told(send(town.ann, keys, question(card))) == ("declined", "card_frozen")
    facts = list(Fact.objects.filter(kind="card", key=card.id).order_by("id").values_list("body", flat=True))
    assert [one["frozen"] for one in facts] == [False, True]
    town.ann.post(f"/cards/{card.id}/freeze", {})
    assert Fact.objects.filter(kind="card", key=card.id).count() == 2
    town.ann.post(f"/cards/{card.id}/unfreeze", {})
    assert told(send(town.ann, keys, question(card)))[0] == "approved"
    assert 'href="/cards"' in town.ann.get("/").content.decode()


def test_other_customers_cards_are_not_found_and_not_changed(town):
    card = card_of(town.ben)
    assert card.id not in town.ann.get("/cards").content.decode()
    for path in (f"/cards/{card.id}/freeze", f"/cards/{uuid.uuid4().hex}/freeze", f"/cards/{card.id}/pay"):
        assert town.ann.post(path, {}).status_code == 404
    assert town.ann.post(f"/cards/{card.id}/freeze", {}, {"Origin": "https://elsewhere.test"}).status_code == 403
    assert Client().post(f"/cards/{card.id}/freeze", headers={"Holdfast-Row": town.ann.row()}).status_code in (303, 403)
    assert not Card.objects.get(id=card.id).frozen
    assert Fact.objects.filter(kind="card", key=card.id).count() == 1


def test_a_freeze_at_the_spare_bank_reaches_this_bank_and_the_later_change_wins(town, journal, call, keys):
    card = card_of(town.ann)
    now_us = time.time_ns() // 1000
    body = {"card": card.id, "frozen": True, "customer": town.ann.id, "changed_us": now_us}
    journal.add("card", body, town.cohort)
    assert replay(call) == {}
    assert told(send(town.ann, keys, question(card))) == ("declined", "card_frozen")
    fact = Fact.objects.filter(kind="card", key=card.id).latest("id").body
    assert (fact["frozen"], fact["changed_us"]) == (True, now_us)
    town.ann.post(f"/cards/{card.id}/unfreeze", {})
    journal.add("card", body, town.cohort)  # an older change that comes late
    replay(call)
    assert not Card.objects.get(id=card.id).frozen
    assert Card.objects.get(id=card.id).changed_us > now_us


def test_a_freeze_of_a_card_that_nobody_has_is_passed_over(town, journal, call):
    journal.add("card", {"card": "f" * 32, "frozen": True, "customer": 1, "changed_us": 1}, town.cohort)
    journal.add("card", {}, town.cohort)
    assert replay(call) == {}


def test_a_use_that_the_spare_bank_approved_is_booked_once_at_both_banks(town, journal, call, keys):
    card = card_of(town.ann)
    first, second = question(card), question(card)
    send(town.ann, keys, first)
    for body in (first, second):
        kept = {"payment": journaled(town, body).to_wire(), "reason": "ok", "rules_version": "t", "card": card.id}
        journal.add("accept", kept | {"fresh_block": 1, "birth": 0}, town.cohort)
    assert replay(call) == {"posted": 1, "already": 1}
    assert told(send(town.ann, keys, second)) == ("approved", "ok")
    assert town.ann.balance == 90_000
    used = CardUse.objects.filter(card=card.id).values_list("outcome", "source")
    assert sorted(used) == [("posted", "journal"), ("posted", "journal")]
    assert told(send(town.ann, keys, question(card, 20_000)))[0] == "approved"
    assert told(send(town.ann, keys, question(card, 1))) == ("declined", "card_day_limit")


def test_a_void_of_a_use_that_was_not_booked_is_a_settled_refusal(town, journal, call, keys):
    body = question(card_of(town.ann))
    journal.payment("void", journaled(town, body), "not_enough_money")
    assert replay(call) == {"refused": 1}
    again = send(town.ann, keys, body)
    assert told(again) == ("declined", "not_enough_money")
    assert again.headers["Holdfast-Outcome"] == f"refused-settled {ident_of(body).hex}"
    assert town.ann.balance == 100_000
    assert "Made-up Grocer" in town.ann.get("/money").content.decode()


def test_a_declined_use_that_was_booked_is_given_back_exactly_once(town, journal, call, keys, monkeypatch):
    body = question(card_of(town.ann))
    ident = ident_of(body)
    assert told(send(town.ann, keys, body))[0] == "approved"
    entry = journal.payment("void", journaled(town, body), "spare_limit")
    store = replaying._store
    monkeypatch.setattr(replaying, "_store", lambda _: (_ for _ in ()).throw(replaying.JournalBroken("killed here")))
    assert call("/-/replay", {}).status_code == 500
    monkeypatch.setattr(replaying, "_store", store)
    assert replay(call) == {"reversed": 1}
    assert replay(call) == {}
    assert town.ann.balance == 100_000
    (back,) = [one for one in reader().lines(town.ann.account) if one.kind == "card_reversal"]
    assert (back.id, back.amount_minor, back.source) == (ids.card_reversal_id(ident), 5_000, "journal")
    found = JournalException.objects.get(number=entry.number)
    assert (found.kind, found.payment) == ("reversed", ident)
    assert "given back" in found.words
    answer = send(town.ann, keys, body)
    assert told(answer) == ("declined", "spare_limit")
    assert answer.headers["Holdfast-Outcome"] == f"refused-settled {ident.hex}"
    assert town.ann.balance == 100_000
    assert reader().prove() == []


def test_what_is_given_back_to_a_closed_account_waits_in_suspense_once(town, journal, call, keys, monkeypatch):
    body = question(card_of(town.ann))
    send(town.ann, keys, body)
    suspense = bank_facts.own("suspense")
    before = reader().accounts([suspense])[suspense].balance_minor
    books().change_accounts(
        [AccountChange(town.ann.account, town.ann.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)]
    )
    journal.payment("void", journaled(town, body))
    store = replaying._store
    monkeypatch.setattr(replaying, "_store", lambda _: (_ for _ in ()).throw(replaying.JournalBroken("killed here")))
    assert call("/-/replay", {}).status_code == 500
    monkeypatch.setattr(replaying, "_store", store)
    assert replay(call) == {"reversed": 1}
    assert reader().accounts([suspense])[suspense].balance_minor == before + 5_000
    assert town.ann.balance == 95_000


def test_a_void_of_a_use_booked_with_another_amount_is_left_to_a_person(town, journal, call, keys):
    body = question(card_of(town.ann))
    send(town.ann, keys, body)
    entry = journal.payment("void", journaled(town, body | {"amount_minor": 6_000}))
    assert replay(call) == {"already": 1}
    assert "another amount" in JournalException.objects.get(number=entry.number).words
    assert town.ann.balance == 95_000
    assert told(send(town.ann, keys, body)) == ("approved", "ok")


def test_each_made_up_person_has_one_card_and_no_firm_has(town):
    found = Card.objects.filter(customer__lt=500_000).values_list("customer", flat=True)
    assert sorted(found) == list(range(6, 12))
    card = Card.objects.get(customer=6)
    assert len(card.id) == 32
    assert (len(card.last4), card.network) == (4, NETWORK)
    assert Fact.objects.get(kind="card", key=card.id).body == card.as_known().to_body()


def test_rules_that_break_at_a_card_mean_a_tenth_of_its_limit_and_no_failed_use(town, keys, monkeypatch):
    def broken(_):
        raise ZeroDivisionError("by nothing")

    for name, value in (("trouble", ""), ("not_judged", 0)):
        monkeypatch.setattr(judging.rules, name, value)
    monkeypatch.setattr(watching, "judge_card", broken)
    card = card_of(town.ann)
    assert told(send(town.ann, keys, question(card, 2_001))) == ("declined", "card_use_limit")
    assert town.ann.balance == 100_000
    assert told(send(town.ann, keys, question(card, 2_000))) == ("approved", "ok")
    assert told(send(town.ann, keys, question(card_of(town.ann, frozen=True), 1)))[0] == "declined"
    assert town.ann.balance == 98_000
