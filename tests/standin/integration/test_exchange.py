"""Exchange while the main bank is away: right balances after those it made, new ones wait, in words, and nothing moves."""

import uuid

import pytest
from fakes import E1, E2, transfer
from world import ACCOUNTS, World

from holdfast.contracts.blocks import AccountChange, Tie

EURO, NUMBER = 12, "1234.56.00012"
POSITION_NOK, POSITION_EUR = 3_000_000_009_163, 3_000_000_003_242
MADE = uuid.UUID(int=77)
"""The exchange that the main bank made before: 1,000.00 NOK for 82.87 EUR."""


@pytest.fixture(scope="module")
def abroad(town: World) -> World:
    """The town in which Ann has an account in euro as well, and exchanged money for it at the main bank."""
    titles = (("own:position:NOK", POSITION_NOK, "NOK"), ("own:position:EUR", POSITION_EUR, "EUR"))
    town.bank.add(
        *(AccountChange(account, code, currency, "credit", -(10**17), 0, 0) for code, account, currency in titles),
        AccountChange(EURO, NUMBER, "EUR", "credit", 0, 0, 5),
    )
    said = {"kind": "exchange", "cause": f"exchange:{MADE.hex}", "tie": Tie(linked=MADE)}
    town.bank.add(
        transfer(10, POSITION_NOK, 100_000, id=MADE, **said),
        transfer(POSITION_EUR, EURO, 8_287, currency="EUR", **said),
    )
    town.bank.say(
        "account", EURO, {"number": NUMBER, "title": "Euro", "product": "current", "cohort": 5, "owners": [17]}
    )
    town.open_customer(17, "ann", 5, [10, 11, EURO])
    town.fed()
    return town


def test_what_was_exchanged_before_is_in_both_balances_with_its_name(abroad: World) -> None:
    overview = abroad.visit("GET", "/", cookies=abroad.session()).text
    assert "9,000.00" in overview and "82.87" in overview
    page = abroad.visit("GET", f"/accounts/{EURO}", cookies=abroad.session()).text
    assert f'data-payment="{MADE.hex}"' not in page and "82.87" in page


@pytest.mark.parametrize(("debit", "to"), [("10", NUMBER), (str(EURO), ACCOUNTS[10][0])])
def test_a_new_one_waits_in_words_and_leaves_no_trace(abroad: World, debit: str, to: str) -> None:
    before, form = len(abroad.journal()), abroad.form(uuid.uuid4(), to=to, name="") | {"from": debit}
    for _ in range(2):
        answer = abroad.pay(form)
        assert (answer.status, answer.outcome) == (422, "") and "Only our main system exchanges money" in answer.text
        assert 'value="10.00"' in answer.text
    assert len(abroad.journal()) == before


def test_in_norwegian_too(abroad: World) -> None:
    cookies = abroad.session() | {"hf_language": "nb"}
    answer = abroad.pay(abroad.form(uuid.uuid4(), to=NUMBER, name=""), cookies=cookies)
    assert "Bare hovedsystemet vårt veksler penger" in answer.text


def test_of_an_older_id_nothing_final_is_said(abroad: World) -> None:
    answer = abroad.pay(abroad.form(uuid.uuid4(), epoch=E1, signer="primary", to=NUMBER, name=""))
    assert (answer.status, answer.outcome, abroad.journal()[-1].kind) == (303, "checking", "void")


def test_the_confirmation_of_an_offer_waits_for_the_main_system(abroad: World) -> None:
    before = len(abroad.journal())
    answer = abroad.visit("POST", "/exchange", abroad.row(epoch=E2), abroad.session(), abroad.form(to=NUMBER))
    assert answer.status == 422 and "has to wait for our main system" in answer.text and answer.outcome == ""
    assert abroad.visit("GET", "/exchange", cookies=abroad.session()).status == 200
    assert len(abroad.journal()) == before


def test_payments_between_accounts_of_one_currency_go_on(abroad: World) -> None:
    assert abroad.pay(abroad.form(uuid.uuid4(), to=ACCOUNTS[11][0], name="")).outcome == "done"
