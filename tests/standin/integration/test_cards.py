"""Cards at the spare bank, through the real process: frozen, used, declined."""

import signal
import time
import uuid
from typing import Any

import pytest
from fakes import DAY, E1, E2, E3, refusal, transfer
from using import NETWORK, card, ident_of, question, say, send, told
from world import ACCOUNTS, Answer, World

from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_FROZEN_OUT, AccountChange
from holdfast.contracts.epochs import pack_epoch


def freeze(world: World, token: str, what: str = "freeze", row: str | None = None, **who: Any) -> Answer:
    return world.visit("POST", f"/cards/{token}/{what}", row, world.session(**who), {})


def test_a_card_use_is_journaled_once_however_often_it_is_asked(town: World) -> None:
    body, before = question(card(town)), len(town.journal())
    first, again = send(town, body), send(town, body)
    entry = town.journal()[before]
    assert told(first) == told(again) == ("approved", "ok")
    assert first.headers["Holdfast-Outcome"] == f"done {ident_of(body).hex}"
    assert first.json() | {"words": ""} == {
        "outcome": "approved",
        "reason": "ok",
        "words": "",
        "id": ident_of(body).hex,
        "block": 0,
        "journal_number": entry.number,
        "bank": "standin",
        "rules_version": entry.body["rules_version"],
        "fresh_block": entry.body["fresh_block"],
    }
    assert len(town.journal()) == before + 1
    payment = entry.payment()
    assert (entry.kind, entry.cohort, entry.body["card"]) == ("accept", 5, body["card"])
    assert (payment.id, payment.debit, payment.credit, payment.amount_minor) == (ident_of(body), 10, 3, 5_000)
    assert (payment.kind, payment.cause, payment.value_date) == ("card", f"card:{NETWORK}:{body['transaction']}", DAY)
    assert town.doors.claims[ident_of(body).hex] == ("taken", E2)
    for page in ("/", "/accounts/10", "/money"):
        assert "Made-up Grocer" in town.visit("GET", page, cookies=town.session()).text, page
    other = send(town, body | {"amount_minor": 5_001})
    assert (other.status, told(other)) == (422, ("conflict", "other_content"))


def test_what_no_network_signed_changes_nothing(town: World) -> None:
    body, before = question(card(town)), len(town.journal())
    assert send(town, body, by="clearing").status == 403
    assert send(town, body, by="primary").status == 403
    assert send(town, body, signed=b"other").status == 403
    assert town.request("POST", "/cards/authorisations", b"{}", {"Holdfast-Row": town.row()}).status == 403
    assert send(town, body | {"amount_minor": 0}).status == 400
    assert send(town, body | {"card": "4111111111111111"}).status == 400
    assert send(town, {}).status == 400
    assert town.request("POST", "/cards/authorisations", b"{}").status == 403
    assert len(town.journal()) == before
    assert ident_of(body).hex not in town.doors.claims


def test_a_card_that_is_not_known_here_is_left_open_and_asks_nobody(town: World) -> None:
    before, asked = len(town.journal()), len(town.doors.asked)
    assert told(send(town, question(uuid.uuid4().hex))) == ("unknown", "card_unknown")
    assert (len(town.journal()), len(town.doors.asked)) == (before, asked)


def test_a_use_under_another_cohorts_row_is_sent_on_and_an_old_row_is_stale(town: World) -> None:
    body, before = question(card(town)), len(town.journal())
    for row in (town.row(None, 0), town.row(9)):
        answer = send(town, body, row)
        assert (answer.status, answer.headers["Holdfast-Cohort"]) == (421, "5")
    assert send(town, body, town.row(epoch=E1)).status == 409
    assert send(town, body, town.row(bank="primary")).status == 409
    assert len(town.journal()) == before


@pytest.mark.parametrize(
    ("more", "amount_minor", "reason"),
    [
        ({"frozen": True}, 100, "card_frozen"),
        ({"ends": "2026-10"}, 100, "card_ended"),
        ({}, 60_001, "card_use_limit"),
        ({"per_use_minor": 10**9, "per_day_minor": 10**9}, 500_001, "spare_limit"),
        ({"per_use_minor": 10**9, "per_day_minor": 10**9}, 10**8, "not_enough_money"),
    ],
)
def test_what_is_declined_is_voided_under_a_claim_and_declined_again(
    town: World, more: dict[str, Any], amount_minor: int, reason: str
) -> None:
    token, before = card(town, **more), len(town.journal())
    body = question(token, amount_minor)
    answer = send(town, body)
    assert told(answer) == ("declined", reason)
    assert answer.headers["Holdfast-Outcome"] == f"checking {ident_of(body).hex}"
    assert [(one.kind, one.body["reason"]) for one in town.journal()[before:]] == [("void", reason)]
    assert town.doors.claims[ident_of(body).hex] == ("taken", E2)
    say(town, token, per_use_minor=10**9, per_day_minor=10**9)
    town.fed()
    assert told(send(town, body)) == ("declined", reason)
    assert told(send(town, body | {"amount_minor": 7})) == ("conflict", "other_content")
    assert len(town.journal()) == before + 1
    page = town.visit("GET", "/money", cookies=town.session())
    assert f'data-payment="{ident_of(body).hex}"' in page.text
    assert 'data-state="refused"' in page.text


def test_what_was_declined_stays_declined_when_the_books_turn_out_to_hold_it(town: World) -> None:
    token, before = card(town, frozen=True), len(town.journal())
    body = question(token)
    assert told(send(town, body))[0] == "declined"
    town.bank.add(transfer(10, 3, 5_000, id=ident_of(body), kind="card"))
    town.fed()
    assert told(send(town, body)) == ("declined", "card_frozen")
    town.bank.add(
        transfer(3, 10, 5_000, id=ids.card_reversal_id(ident_of(body)), kind="card_reversal", source="journal")
    )
    town.fed()
    assert told(send(town, body)) == ("declined", "card_frozen")
    assert len(town.journal()) == before + 1


def test_what_the_bank_answered_is_answered_alike(town: World) -> None:
    token, before = card(town), len(town.journal())
    booked, refused, reversed_ = question(token), question(token), question(token)
    town.bank.add(
        transfer(10, 3, 5_000, id=ident_of(booked), kind="card"),
        refusal(ident_of(refused), "journal", credit=3, amount_minor=5_000, kind="card", reason="card_frozen"),
        transfer(10, 3, 5_000, id=ident_of(reversed_), kind="card"),
        transfer(3, 10, 5_000, id=ids.card_reversal_id(ident_of(reversed_)), kind="card_reversal"),
    )
    town.fed()
    answer = send(town, booked)
    assert (told(answer), answer.json()["block"]) == (("approved", "ok"), len(town.bank.blocks))
    assert told(send(town, refused)) == ("declined", "card_frozen")
    assert told(send(town, reversed_)) == ("declined", "not_completed")
    assert told(send(town, booked | {"amount_minor": 1})) == ("conflict", "other_content")
    assert len(town.journal()) == before


def test_a_refusal_that_was_told_is_not_turned_and_without_doors_nothing_is_said(town: World) -> None:
    body, before = question(card(town)), len(town.journal())
    town.bank.add(refusal(ident_of(body), credit=3, amount_minor=5_000, kind="card"))
    town.fed()
    town.doors.claims[ident_of(body).hex] = ("refused", E1)
    assert told(send(town, body)) == ("declined", "not_enough_money")
    unfed = question(body["card"])
    town.doors.claims[ident_of(unfed).hex] = ("refused", E1)
    assert told(send(town, unfed)) == ("declined", "claimed_refused")
    town.doors.away = True
    assert send(town, question(body["card"])).status == 503
    town.doors.away = False
    assert len(town.journal()) == before
    untold = question(body["card"])
    town.bank.add(refusal(ident_of(untold), credit=3, amount_minor=5_000, kind="card"))
    town.fed()
    assert told(send(town, untold)) == ("approved", "ok")


def test_a_card_pays_no_more_on_a_day_than_it_may_whoever_booked_it(world: World) -> None:
    token, other = card(world), card(world)
    first = question(token, 50_000)
    assert told(send(world, first))[0] == "approved"
    say_text = world.journal()[-1].payment().text
    world.bank.add(transfer(10, 3, 20_000, kind="card", text=say_text))
    world.fed()
    assert told(send(world, question(token, 30_001))) == ("declined", "card_day_limit")
    world.bank.add(
        transfer(10, 3, 50_000, id=ident_of(first), kind="card", text=say_text, source="journal", journal_number=1)
    )
    world.fed()
    assert told(send(world, question(token, 30_001))) == ("declined", "card_day_limit")
    world.stop()
    world.start()
    assert told(send(world, question(token, 30_000)))[0] == "approved"
    assert told(send(world, question(token, 1))) == ("declined", "card_day_limit")
    assert told(send(world, question(other, 60_000)))[0] == "approved"


def test_the_spare_banks_own_limits_and_frozen_accounts_stop_cards_too(world: World) -> None:
    token = card(world, 20, 18, per_use_minor=10**9, per_day_minor=10**9)
    row = world.row(9)
    assert [told(send(world, question(token, 400_000), row))[0] for _ in range(2)] == ["approved", "approved"]
    assert told(send(world, question(token, 1), row)) == ("declined", "spare_limit")
    assert world.health()["exposure_minor"] == 800_000
    world.bank.add(AccountChange(30, "customer", "NOK", "credit", 0, FLAG_FROZEN_OUT, 7))
    stopped = card(world, 30, 19)
    assert told(send(world, question(stopped), world.row(7))) == ("declined", "account_frozen")


def test_a_new_generation_declines_uses_whose_claims_may_be_lost(world: World) -> None:
    body = question(card(world))
    assert told(send(world, body, world.row(epoch=pack_epoch(2, 0)))) == ("declined", "not_completed")
    assert world.journal()[-1].kind == "void"


def test_a_freeze_holds_at_once_survives_a_kill_and_holds_until_the_fact_is_as_late(world: World) -> None:
    token = card(world)
    page = world.visit("GET", "/cards", cookies=world.session()).text
    assert f'data-card="{token}" data-frozen="false"' in page
    answer = freeze(world, token)
    assert (answer.status, answer.headers["Location"]) == (303, "/cards")
    world.stop(signal.SIGKILL)
    world.start()
    assert f'data-card="{token}" data-frozen="true"' in world.visit("GET", "/cards", cookies=world.session()).text
    assert told(send(world, question(token))) == ("declined", "card_frozen")
    entry = world.journal()[0]
    assert (entry.kind, entry.cohort, entry.epoch) == ("card", 5, E2)
    changed_us = entry.body["changed_us"]
    assert entry.body == {"card": token, "frozen": True, "customer": 17, "changed_us": changed_us}
    say(world, token, frozen=False, changed_us=changed_us - 1)
    world.fed()
    assert told(send(world, question(token))) == ("declined", "card_frozen")
    say(world, token, frozen=False, changed_us=changed_us + 1)
    world.fed()
    assert told(send(world, question(token)))[0] == "approved"


def test_a_freeze_is_journaled_once_and_stands_above_a_clock_that_runs_ahead(world: World) -> None:
    ahead_us = time.time_ns() // 1000 + 10**9
    token = card(world, changed_us=ahead_us)
    for _ in range(2):
        assert freeze(world, token).status == 303
    assert [one.body["changed_us"] for one in world.journal()] == [ahead_us + 1]
    assert told(send(world, question(token))) == ("declined", "card_frozen")
    freeze(world, token, "unfreeze")
    assert told(send(world, question(token)))[0] == "approved"
    assert [one.kind for one in world.journal()] == ["card", "void", "card", "accept"]


def test_a_freeze_of_a_card_that_the_fact_calls_frozen_is_journaled_all_the_same(world: World) -> None:
    """The bank may have opened it again since: the customer's last word must reach it."""
    token = card(world, frozen=True)
    freeze(world, token)
    assert [one.body["frozen"] for one in world.journal()] == [True]


def test_nothing_is_frozen_in_a_closed_epoch_or_under_an_old_row(world: World) -> None:
    token = card(world)
    world.call("door", "POST", "/-/close", {"rows": [[5, E2]]})
    for row in (world.row(), world.row(epoch=E1), world.row(bank="primary"), world.row(epoch=E3, mode="handing_back")):
        assert freeze(world, token, row=row).status == 409
    assert [one.kind for one in world.journal()] == ["close"]
    assert freeze(world, token, row=world.row(epoch=E3)).status == 303
    assert [one.kind for one in world.journal()] == ["close", "card"]


def test_other_customers_cards_are_not_found_and_not_changed(town: World) -> None:
    token, before = card(town, 20, 18), len(town.journal())
    assert token not in town.visit("GET", "/cards", cookies=town.session()).text
    assert freeze(town, token).status == 404
    assert freeze(town, uuid.uuid4().hex).status == 404
    assert freeze(town, token, "sell", town.row(9), customer=18, cohort=9).status == 404
    elsewhere = town.visit(
        "POST",
        f"/cards/{token}/freeze",
        town.row(9),
        town.session(18, 9),
        {},
        {"Origin": "https://elsewhere.test"},
    )
    assert elsewhere.status == 403
    assert len(town.journal()) == before
    assert freeze(town, token, row=town.row(9), customer=18, cohort=9).status == 303
    assert len(town.journal()) == before + 1


def test_a_card_that_is_taken_back_is_gone_and_a_fact_that_is_none_stops_the_feed_only(world: World) -> None:
    token = card(world)
    world.bank.say("card", token, None)
    world.fed()
    assert told(send(world, question(token))) == ("unknown", "card_unknown")
    world.bank.say("card", "no token", {})
    world.until(lambda: "card" in str(world.health()["feed_trouble"]))
    assert world.health()["ok"]


def test_an_account_that_an_owner_froze_pays_nothing_by_card_or_by_hand_until_it_is_opened(town: World) -> None:
    token, form = card(town), town.form(uuid.uuid4())
    to_ann = {"from": "20", "to": ACCOUNTS[10][0], "name": "Ann Example"}
    town.bank.say("frozen", 10, {})
    town.fed()
    try:
        assert told(send(town, question(token))) == ("declined", "customer_frozen")
        assert town.pay(form).outcome == "refused-own"
        assert town.journal()[-1].body["reason"] == "customer_frozen"
        arrives = town.form(uuid.uuid4(), cohort=9) | to_ann
        assert town.pay(arrives, town.row(9), town.session(18, 9)).outcome == "done"
    finally:
        town.bank.say("frozen", 10, None)
        town.fed()
    assert told(send(town, question(token))) == ("approved", "ok")
    assert town.pay(form).outcome == "refused-own"
