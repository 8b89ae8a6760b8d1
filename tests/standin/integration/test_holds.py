"""Card uses that the main bank holds, at the spare bank: shown, not to be spent, posted once, never doubled."""

import uuid
from typing import Any

import pytest
from fakes import transfer
from feeding import pending, posting, release
from using import NETWORK, card, ident_of, question, send, told
from world import World

from holdfast.contracts.blocks import Pending


def held_use(world: World, amount: int, account: int = 10) -> tuple[dict[str, Any], Pending]:
    """A use that the main bank holds, and its hold, fed."""
    body = question(card(world, account=account), amount, final=False)
    cause = f"card:{NETWORK}:{body['transaction']}"
    hold = pending(amount, ident_of(body), debit=account, credit=3, cause=cause)
    world.bank.add(hold)
    world.fed()
    return body, hold


def becomes(body: dict[str, Any], amount: int, **more: Any) -> dict[str, Any]:
    after = {"transaction": uuid.uuid4().hex, "amount_minor": amount, "final": True, "hold": body["transaction"]}
    return body | after | more


def test_what_the_main_bank_holds_is_shown_and_asked_again_answered_alike(town: World) -> None:
    body, hold = held_use(town, 4_000)
    page = town.visit("GET", "/accounts/10", cookies=town.session())
    assert f'data-hold="{hold.id.hex}"' in page.text
    assert page.mark("data-held-minor") == "4000"
    before = len(town.journal())
    assert told(send(town, body)) == ("approved", "ok")
    assert len(town.journal()) == before
    town.bank.add(release(hold))
    town.fed()
    assert "data-hold" not in town.visit("GET", "/accounts/10", cookies=town.session()).text


def test_what_becomes_of_a_hold_is_journaled_with_it_and_needs_no_cover_of_its_own(town: World) -> None:
    body, hold = held_use(town, 9_000)
    town.bank.add(transfer(10, 20, 990_000, kind="charge"))
    town.fed()
    assert told(send(town, question(body["card"], 2_000))) == ("declined", "not_enough_money")
    final, before = becomes(body, 8_000), len(town.journal())
    assert told(send(town, final)) == told(send(town, final)) == ("approved", "ok")
    (entry,) = town.journal()[before:]
    assert (entry.kind, entry.settles(), entry.payment().amount_minor) == ("accept", hold.id, 8_000)
    page = town.visit("GET", "/accounts/10", cookies=town.session())
    assert hold.id.hex not in page.text
    town.bank.add(posting(hold, 8_000, id=ident_of(final), source="journal", journal_number=entry.number))
    town.until(lambda: town.health()["exposure_minor"] == 0)


@pytest.mark.parametrize("more", [{"release": True, "amount_minor": 4_000}, {"amount_minor": 4_001}])
def test_what_can_wait_for_the_main_bank_is_left_open(town: World, more: dict[str, Any]) -> None:
    body, _ = held_use(town, 4_000)
    before = len(town.journal())
    assert told(send(town, becomes(body, 1) | more)) == ("unknown", "not_completed")
    assert len(town.journal()) == before


def test_a_use_that_was_taken_here_is_not_taken_twice_by_what_becomes_of_it(town: World) -> None:
    body = question(card(town, account=11), 3_000, final=False)
    assert told(send(town, body)) == ("approved", "ok")
    before = len(town.journal())
    assert told(send(town, becomes(body, 3_000))) == ("unknown", "not_completed")
    assert len(town.journal()) == before


def test_a_hold_covers_one_use_and_the_next_waits_for_the_main_bank(town: World) -> None:
    body, _ = held_use(town, 4_000, account=11)
    assert told(send(town, becomes(body, 4_000))) == ("approved", "ok")
    before = len(town.journal())
    assert told(send(town, becomes(body, 4_000))) == ("unknown", "not_completed")
    assert len(town.journal()) == before


def test_a_hold_of_another_account_covers_nothing(town: World) -> None:
    body, _ = held_use(town, 4_000)
    before = len(town.journal())
    assert told(send(town, becomes(body, 4_000, card=card(town, account=11)))) == ("unknown", "not_completed")
    assert len(town.journal()) == before
