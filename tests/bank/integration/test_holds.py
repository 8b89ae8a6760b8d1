"""Card uses whose amount may still change: held, posted in part or in full, freed, expired; shown to their owner."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from carding import card_of, ident_of, journaled, question, replay, send, told
from django.db import connection

from holdfast.bank.books import books, reader
from holdfast.bank.cards import authorising, holding, telling
from holdfast.bank.cards.models import CardUse
from holdfast.bank.errors import BankError, StaleEpoch
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange
from holdfast.ledger.api import BooksBusy

pytestmark = pytest.mark.demand("A1", "B4")


def becomes(body, amount_minor, **more):
    """What became of a use that was held."""
    follows = {
        "transaction": uuid.uuid4().hex,
        "amount_minor": amount_minor,
        "final": True,
        "hold": body["transaction"],
    }
    return {**body, **follows, **more}


def states(person):
    one = reader().accounts([person.account])[person.account]
    return one.balance_minor, one.held_minor, one.available_minor


@pytest.fixture
def held(town, keys):
    """A use of 5000 by Ann's card that is held."""
    body = question(card_of(town.ann), final=False)
    assert told(send(town.ann, keys, body)) == ("approved", "ok")
    return body


def test_a_use_that_is_not_final_is_held_for_seven_days_and_asked_again_answered_alike(town, keys, held):
    again = send(town.ann, keys, held)
    assert told(again) == ("approved", "ok")
    assert states(town.ann) == (100_000, 5_000, 95_000)
    hold = reader().hold(ident_of(held))
    assert again.json()["block"] == reader().outcome(hold.id).block > 0
    assert timedelta(days=6.9) < hold.expires - datetime.now(UTC) < timedelta(days=7)
    assert CardUse.objects.get(id=hold.id).outcome == "posted"


def test_what_is_held_cannot_be_paid_out_again(town, held):
    refused = town.ann.post("/pay", town.ann.form(town.ben, "950,01"))
    assert refused.headers["Holdfast-Outcome"].startswith("refused-own")
    assert states(town.ann) == (100_000, 5_000, 95_000)
    assert town.ann.post("/pay", town.ann.form(town.ben, "950,00")).headers["Holdfast-Outcome"].startswith("done")
    assert states(town.ann) == (5_000, 5_000, 0)


@pytest.mark.parametrize("amount", [5_000, 3_200])
def test_a_hold_is_posted_wholly_or_in_part_once(town, keys, held, amount):
    final = becomes(held, amount)
    first, again = send(town.ann, keys, final), send(town.ann, keys, final)
    assert told(first) == told(again) == ("approved", "ok")
    assert first.json()["block"] == again.json()["block"]
    assert states(town.ann) == (100_000 - amount, 0, 100_000 - amount)
    twice = send(town.ann, keys, becomes(held, 10))
    assert told(twice) == ("declined", "hold_ended")
    assert states(town.ann)[0] == 100_000 - amount


def test_a_use_that_came_out_larger_takes_the_holds_place_or_changes_nothing(town, keys, held):
    too_much = send(town.ann, keys, becomes(held, 100_001))
    assert told(too_much) == ("declined", "not_enough_money")
    assert states(town.ann) == (100_000, 5_000, 95_000)
    tip = becomes(held, 5_750)
    assert told(send(town.ann, keys, tip)) == told(send(town.ann, keys, tip)) == ("approved", "ok")
    assert states(town.ann) == (94_250, 0, 94_250)
    assert reader().prove() == []


def test_a_hold_that_the_network_takes_back_is_free_and_counts_no_more(town, keys, held):
    back = becomes(held, 5_000, release=True)
    assert told(send(town.ann, keys, back)) == told(send(town.ann, keys, back)) == ("approved", "ok")
    assert states(town.ann) == (100_000, 0, 100_000)
    assert told(send(town.ann, keys, held)) == ("approved", "ok")
    assert CardUse.objects.get(id=ident_of(held)).outcome == "released"
    assert told(send(town.ann, keys, becomes(held, 5_000))) == ("declined", "hold_ended")


def test_a_card_pays_again_within_its_day_what_was_taken_back(town, keys):
    card = card_of(town.ann, per_use_minor=20_000, per_day_minor=20_000)
    first = question(card, 20_000, final=False)
    send(town.ann, keys, first)
    assert told(send(town.ann, keys, question(card, 1)))[1] == "card_day_limit"
    send(town.ann, keys, becomes(first, 20_000, release=True))
    assert told(send(town.ann, keys, question(card, 20_000))) == ("approved", "ok")


def test_a_card_frozen_since_still_pays_what_it_held(town, keys, held):
    town.ann.post(f"/cards/{held['card']}/freeze", {})
    assert told(send(town.ann, keys, question(card_of(town.ann)) | {"card": held["card"]}))[0] == "declined"
    assert told(send(town.ann, keys, becomes(held, 5_000))) == ("approved", "ok")


def held_shortly(town, keys, monkeypatch):
    """A use whose hold's time has passed by now; made before that, however slow the machine is."""
    for days in (1e-6, 1e-5, 1e-4):
        monkeypatch.setattr(holding, "hold_days", lambda days=days: days)
        body = question(card_of(town.ann), final=False)
        if told(send(town.ann, keys, body)) == ("approved", "ok"):
            while datetime.now(UTC) <= reader().hold(ident_of(body)).expires:
                time.sleep(0.01)
            return body
    raise AssertionError("nothing was held in time")


def test_what_the_shop_never_took_is_free_after_its_time(town, keys, monkeypatch):
    body = held_shortly(town, keys, monkeypatch)
    assert holding.free_expired() >= 1
    assert states(town.ann) == (100_000, 0, 100_000)
    assert told(send(town.ann, keys, becomes(body, 5_000))) == ("declined", "hold_expired")


@pytest.fixture
def taken(town, journal, call):
    """A use of 5000 by Ann's card that the spare bank booked."""
    body = question(card_of(town.ann), final=False)
    journal.payment("accept", journaled(town, body))
    assert replay(call) == {"posted": 1}
    return body


@pytest.mark.parametrize("amount", [5_000, 1_000, 6_000])
def test_what_becomes_of_a_use_that_the_spare_bank_booked_moves_the_difference_once(town, keys, taken, amount):
    final = becomes(taken, amount)
    assert told(send(town.ann, keys, final)) == told(send(town.ann, keys, final)) == ("approved", "ok")
    assert told(send(town.ann, keys, becomes(taken, 300))) == ("declined", "hold_ended")
    assert told(send(town.ann, keys, becomes(taken, 5_000, release=True))) == ("declined", "hold_ended")
    assert states(town.ann) == (100_000 - amount, 0, 100_000 - amount)
    assert reader().prove() == []


@pytest.mark.parametrize("amount", [5_000, 1_000])
def test_a_use_of_another_account_or_that_this_bank_booked_is_no_hold(town, keys, taken, amount):
    theirs = becomes(taken, amount, card=card_of(town.ben).id)
    assert told(send(town.ben, keys, theirs)) == told(send(town.ben, keys, theirs)) == ("declined", "hold_unknown")
    ours = question(card_of(town.ann))
    send(town.ann, keys, ours)
    assert told(send(town.ann, keys, becomes(ours, amount))) == ("declined", "hold_unknown")
    assert (town.ann.balance, town.ben.balance) == (90_000, 0)


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("amount", [5_000, 1_000, 6_000])
def test_what_became_of_a_booked_use_and_was_refused_stays_refused(town, keys, taken, amount, monkeypatch):
    final = becomes(taken, amount)
    monkeypatch.setattr(authorising, "settle", lambda *_: (_ for _ in ()).throw(StaleEpoch(0)))
    send(town.ann, keys, final)
    monkeypatch.undo()
    monkeypatch.setattr(telling, "OPEN_AGE", timedelta(0))
    telling.settle_card_uses()
    assert told(send(town.ann, keys, final)) == ("declined", "not_completed")
    assert send(town.ann, keys, final | {"amount_minor": 1_001}).status_code == 422
    assert states(town.ann) == (95_000, 0, 95_000)


def test_of_two_questions_about_a_booked_use_one_is_answered_at_a_time(town, keys, taken, monkeypatch):
    one, other = becomes(taken, 6_000), becomes(taken, 7_000)
    asked = []

    def ask():
        try:
            return send(town.ann, keys, other).status_code
        finally:
            connection.close()

    def first_ask_the_other(*given):
        with ThreadPoolExecutor(1) as pool:
            asked.append(pool.submit(ask).result())
        return moving(*given)

    moving = holding._move_difference
    monkeypatch.setattr(holding, "_move_difference", first_ask_the_other)
    assert told(send(town.ann, keys, one)) == ("approved", "ok")
    assert told(send(town.ann, keys, other)) == ("declined", "hold_ended")
    assert (asked, states(town.ann)) == ([503], (94_000, 0, 94_000))


def test_a_booking_made_by_who_died_before_noting_it_is_not_made_by_another_too(town, keys, taken, monkeypatch):
    monkeypatch.setattr(authorising, "note_use", lambda _: (_ for _ in ()).throw(BooksBusy("died here")))
    assert send(town.ann, keys, becomes(taken, 6_000)).status_code == 503
    monkeypatch.undo()
    assert told(send(town.ann, keys, becomes(taken, 7_000))) == ("declined", "hold_ended")
    assert states(town.ann) == (94_000, 0, 94_000)


def test_a_difference_without_cover_is_refused_again_alike(town, keys, taken):
    final = becomes(taken, 100_001)
    assert told(send(town.ann, keys, final)) == told(send(town.ann, keys, final)) == ("declined", "not_enough_money")
    assert states(town.ann) == (95_000, 0, 95_000)


def test_pages_say_what_is_in_the_account_what_is_reserved_and_what_may_be_spent(town, keys, held):
    page = town.ann.get(f"/accounts/{town.ann.account}").content.decode()
    assert 'data-balance-minor="100000"' in page
    assert f'data-hold="{ident_of(held).hex}"' in page
    assert 'data-held-minor="5000"' in page
    for address in ("/", "/cards", "/money"):
        shown = town.ann.get(address).content.decode()
        assert "Made-up Grocer" in shown or 'data-held-minor="5000"' in shown, address
    send(town.ann, keys, becomes(held, 5_000, release=True))
    assert "data-hold" not in town.ann.get(f"/accounts/{town.ann.account}").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"final": False}, {"hold": ""}, {"release": "yes"}, {"transaction": "same", "hold": "same"}]
)
def test_what_becomes_of_a_hold_has_one_form(town, keys, held, wrong):
    blocks = reader().head().block
    assert send(town.ann, keys, becomes(held, 10) | wrong).status_code == 400
    assert reader().head().block == blocks


@pytest.mark.parametrize("told_days", ["0", "61", "week", "-1", "1.5"])
def test_the_days_of_a_hold_are_a_setting_with_bounds(told_days):
    assert holding.hold_days({}) == 7
    assert holding.hold_days({"HOLDFAST_CARD_HOLD_DAYS": "14"}) == 14
    with pytest.raises(BankError, match="HOLDFAST_CARD_HOLD_DAYS"):
        holding.hold_days({"HOLDFAST_CARD_HOLD_DAYS": told_days})


def test_a_use_that_the_spare_bank_took_posts_its_hold_when_the_journal_is_entered(town, keys, held, journal, call):
    final = becomes(held, 4_000)
    journal.payment("accept", journaled(town, final), settles=ident_of(held).hex)
    assert replay(call) == {"posted": 1}
    assert states(town.ann) == (96_000, 0, 96_000)
    assert replay(call) == {}
    assert told(send(town.ann, keys, final)) == ("approved", "ok")


def test_a_use_whose_hold_ended_meanwhile_is_entered_as_any(town, keys, held, journal, call):
    send(town.ann, keys, becomes(held, 5_000, release=True))
    journal.payment("accept", journaled(town, becomes(held, 4_000)), settles=ident_of(held).hex)
    assert replay(call) == {"posted": 1}
    assert states(town.ann) == (96_000, 0, 96_000)


def test_a_use_that_the_spare_bank_took_and_the_main_bank_held_is_there_already(town, held, journal, call):
    journal.payment("accept", journaled(town, held))
    assert replay(call) == {"already": 1}
    assert states(town.ann) == (100_000, 5_000, 95_000)


def test_a_use_that_was_told_declined_and_is_held_is_freed(town, held, journal, call):
    journal.payment("void", journaled(town, held), "card_frozen")
    assert replay(call) == {"reversed": 1}
    assert states(town.ann) == (100_000, 0, 100_000)
    assert CardUse.objects.get(id=ident_of(held)).outcome == "refused"
    assert reader().prove() == []


def test_an_expired_hold_that_the_spare_bank_declined_or_posted_ends_by_its_journal(
    town, keys, journal, call, monkeypatch
):
    declined, paid = (held_shortly(town, keys, monkeypatch) for _ in range(2))
    assert states(town.ann) == (100_000, 10_000, 90_000)
    journal.payment("void", journaled(town, declined), "card_frozen")
    journal.payment("accept", journaled(town, becomes(paid, 4_000)), settles=ident_of(paid).hex)
    assert replay(call) == {"reversed": 1, "posted": 1}
    assert states(town.ann) == (96_000, 0, 96_000)
    assert reader().prove() == []


def test_a_use_whose_id_is_booked_with_other_content_leaves_the_hold(town, keys, held, journal, call):
    final = becomes(held, 4_000)
    send(town.ann, keys, {**question(card_of(town.ann), 700), "transaction": final["transaction"]})
    journal.payment("accept", journaled(town, final), settles=ident_of(held).hex)
    assert replay(call) == {"posted": 1}
    assert states(town.ann) == (95_300, 5_000, 90_300)
    assert reader().prove() == []


def test_a_use_that_posts_the_hold_of_an_account_closed_since_is_suspended(town, held, journal, call):
    closed = AccountChange(town.ann.account, town.ann.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)
    books().change_accounts([closed])
    journal.payment("accept", journaled(town, becomes(held, 4_000)), settles=ident_of(held).hex)
    assert replay(call) == {"suspended": 1}
    assert replay(call) == {}
    assert states(town.ann) == (100_000, 5_000, 95_000)


def test_what_the_spare_bank_posted_of_a_hold_is_not_counted_twice_in_the_cards_day(town, keys, journal, call):
    card = card_of(town.ann, per_use_minor=20_000, per_day_minor=20_000)
    body = question(card, 10_000, final=False)
    send(town.ann, keys, body)
    entry = {"settles": ident_of(body).hex, "card": card.id}
    journal.payment("accept", journaled(town, becomes(body, 10_000)), **entry)
    assert replay(call) == {"posted": 1}
    assert told(send(town.ann, keys, question(card, 10_000))) == ("approved", "ok")
    assert told(send(town.ann, keys, question(card, 1))) == ("declined", "card_day_limit")


def test_of_a_declined_use_that_was_posted_in_part_only_that_part_is_given_back(town, keys, held, journal, call):
    send(town.ann, keys, becomes(held, 400))
    journal.payment("void", journaled(town, held), "card_frozen")
    assert replay(call) == {"reversed": 1}
    assert replay(call) == {}
    assert states(town.ann) == (100_000, 0, 100_000)
    assert reader().prove() == []
