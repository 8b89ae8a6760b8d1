"""A payment in another currency counts against the limits by its value when it was taken, and so after whatever follows."""

import uuid

import pytest
from fakes import DAY, refusal, transfer
from world import World

from holdfast.contracts.blocks import AccountChange

EURO, PAYEE, NUMBER = 12, "1234.56.00022", "1234.56.00012"
RATE = {"rate": "0.08", "until": DAY.isoformat()}
"""A euro is 12.50 kroner."""


@pytest.fixture
def abroad(world: World) -> World:
    """Ann has 1,000.00 euro, and Bea an account in euro; nobody was told a rate yet."""
    world.bank.add(
        AccountChange(7, "own:settlement:EUR", "EUR", "debit", -(10**12), 0, 0),
        AccountChange(EURO, NUMBER, "EUR", "credit", 0, 0, 5),
        AccountChange(22, PAYEE, "EUR", "credit", 0, 0, 9),
    )
    world.bank.add(transfer(7, EURO, 100_000, currency="EUR", kind="deposit"))
    for account, number, cohort, owner in ((EURO, NUMBER, 5, 17), (22, PAYEE, 9, 18)):
        body = {"number": number, "title": "Euro", "product": "current", "cohort": cohort, "owners": [owner]}
        world.bank.say("account", account, body)
    world.open_customer(17, "ann", 5, [10, 11, EURO])
    world.fed()
    return world


def tell(world: World, body: dict[str, str] | None = None) -> None:
    world.bank.say("rate", "EUR", body or RATE)
    world.fed()


def pay(world: World, amount: str) -> tuple[str, str, int]:
    """Pay this many euro: the outcome, the reason and the value as the journal has them."""
    form = world.form(uuid.uuid4(), to=PAYEE, amount=amount) | {"from": str(EURO)}
    outcome = world.pay(form).outcome
    body = world.journal()[-1].body
    return outcome, body["reason"], body["value_minor"]


def exposed(world: World) -> int:
    return int(world.health()["exposure_minor"])


def test_a_limit_for_one_payment_is_in_the_banks_own_currency(abroad: World) -> None:
    tell(abroad)
    assert pay(abroad, "400.01") == ("refused-own", "spare_limit", 500_013)
    assert exposed(abroad) == 0
    assert pay(abroad, "400.00") == ("done", "ok", 500_000)
    assert exposed(abroad) == 500_000


def test_both_currencies_of_a_group_fill_one_limit(abroad: World) -> None:
    tell(abroad)
    assert pay(abroad, "400.00")[0] == "done"
    assert abroad.pay(abroad.form(amount="3,000.01")).outcome == "refused-own"
    assert pay(abroad, "240.01") == ("refused-own", "spare_limit", 300_013)
    assert abroad.pay(abroad.form(amount="3,000.00")).outcome == "done"
    assert exposed(abroad) == 800_000


def test_what_was_taken_keeps_its_value_over_new_rates_and_a_kill(abroad: World) -> None:
    tell(abroad)
    assert pay(abroad, "240.00") == ("done", "ok", 300_000)
    tell(abroad, RATE | {"rate": "0.05"})
    assert pay(abroad, "100.00") == ("done", "ok", 200_000)
    assert exposed(abroad) == 500_000
    abroad.stop(9)
    abroad.start()
    assert exposed(abroad) == 500_000


def test_it_leaves_with_its_value_when_its_block_has_come_back(abroad: World) -> None:
    tell(abroad)
    assert pay(abroad, "240.00")[0] == "done"
    entry = abroad.journal()[-1]
    tell(abroad, RATE | {"rate": "0.05"})
    booked = {"id": entry.payment().id, "currency": "EUR", "journal_number": entry.number, "source": "journal"}
    abroad.bank.add(refusal(uuid.uuid4()), transfer(EURO, 22, 24_000, **booked))
    abroad.fed()
    assert exposed(abroad) == 0


def test_by_an_old_rate_it_counts_half_as_much_again_and_by_none_a_hundred_times(abroad: World) -> None:
    assert pay(abroad, "50.01") == ("refused-own", "spare_limit", 500_100)
    assert pay(abroad, "10.00") == ("done", "ok", 100_000)
    tell(abroad, RATE | {"until": "2026-11-21"})
    assert pay(abroad, "80.00") == ("done", "ok", 150_000)
    assert exposed(abroad) == 250_000


def test_what_was_paid_that_day_counts_by_its_value_here_and_by_the_books(abroad: World) -> None:
    tell(abroad)
    abroad.bank.add(transfer(EURO, 22, 50_000, currency="EUR"))  # 6,250.00 kr of 9,000.00 a day
    abroad.fed()
    assert pay(abroad, "220.01") == ("refused-own", "spare_limit", 275_013)
    assert pay(abroad, "220.00") == ("done", "ok", 275_000)
    assert abroad.pay(abroad.form(amount="0.01")).outcome == "refused-own"


def test_what_overspending_could_cost_counts_euro_by_their_value(abroad: World) -> None:
    """Ann's group: 10,000 + 10,000 kr and 1,000 euro, far above 8,000 kr; without a limit in the way it would be all."""
    wide = {"spare_cohort_minor": 7_000_000, "spare_total_minor": 9_000_000, "confirmed": True}
    abroad.bank.say("limits", "limits", abroad.bank.facts[1]["body"] | wide)
    tell(abroad)
    abroad.stop()
    abroad.start()
    kroner = 4 * 1_000_000
    abroad.until(lambda: abroad.health()["exposure_worst_minor"] == kroner + 1_250_000)


def test_a_rate_that_cannot_be_meant_stops_the_profile_and_the_last_good_one_holds(abroad: World) -> None:
    tell(abroad)
    abroad.bank.say("rate", "EUR", {"rate": "0", "until": "2026-12-31"})
    abroad.until(lambda: "next (rate) has not the agreed form" in str(abroad.health()))
    assert pay(abroad, "8.00") == ("done", "ok", 10_000)
