"""The test customers' accounts at the spare bank: not there for anybody but the test customers."""

import re
import uuid

import pytest
from crediting import document, line, order, run_from, send
from fakes import E1
from using import Program
from world import World

from holdfast.contracts import blocks
from holdfast.contracts.test_customers import FIRST, may_pay

NUMBERS = {FIRST: "97140000019", FIRST + 1: "97140000108"}
NUMBER, NOBODYS = NUMBERS[FIRST], "97140000205"
UNKNOWN = {
    "en": "We know no account with that number.",
    "nb": "Vi kjenner ingen konto med det nummeret.",
}


@pytest.fixture(scope="module")
def tested(town: World) -> World:
    """A spare bank that knows both test customers."""
    for ident, number in NUMBERS.items():
        town.bank.add(blocks.AccountChange(ident, number, "NOK", "credit", 0, 0, 5))
        body = {"number": number, "title": "Test account", "product": "test", "cohort": 5, "owners": [ident]}
        town.bank.say("account", ident, body)
        town.open_customer(ident, f"test-{ident}", 5, [ident], "Test customer")
    town.fed()
    return town


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_form_says_what_it_says_of_a_number_that_nobody_has(tested: World, language: str) -> None:
    cookies, before = tested.session() | {"hf_language": language}, len(tested.journal())
    form = tested.form(name="", to=NUMBER)
    told = [tested.pay(form | {"to": to}, cookies=cookies) for to in (NUMBER, NOBODYS)]
    assert [one.status for one in told] == [422, 422]
    pages = [re.sub(r"T\d\d:\d\d:\d\d[^\"]*|at \d\d:\d\d:\d\d", "", one.text) for one in told]
    assert pages[0].replace(NUMBER, NOBODYS) == pages[1]
    assert UNKNOWN[language] in told[0].text and "Test" not in told[0].text.partition("<main")[2]
    assert len(tested.journal()) == before


def test_of_an_older_id_it_is_checked_and_the_money_never_goes_there(tested: World) -> None:
    answer = tested.pay(tested.form(uuid.uuid4(), epoch=E1, to=NUMBER))
    entry = tested.journal()[-1]
    assert (answer.outcome, entry.kind, entry.payment().credit == FIRST) == ("checking", "void", False)


def test_a_program_is_told_the_same_as_of_an_unknown_number(tested: World) -> None:
    program = Program(tested)
    told = [program.pay(uuid.uuid4().hex, to_number=to, payee="") for to in (NUMBER, NOBODYS)]
    assert [(one.status, one.json()["state"]) for one in told] == [(202, "checking")] * 2
    assert [(one.kind, one.payment().credit) for one in tested.journal()[-2:]] == [("void", 2)] * 2


def test_credits_and_orders_to_it_do_not_reach_it(tested: World) -> None:
    said = send(tested, document("T1", [line(1, NUMBER)])).json()
    assert (said["accepted"], said["suspended"]) == (0, 1)
    ident = order(tested, 901, credit=FIRST)
    run_from(tested, -1)
    tested.fed()
    tested.until(lambda: any(one.kind == "void" and one.payment().id == ident for one in tested.journal()))
    assert all(one.payment().credit != FIRST for one in tested.journal() if one.kind == "accept")


def test_test_customers_pay_only_each_other() -> None:
    assert may_pay(FIRST, FIRST + 1) and may_pay(17, 20)
    assert not (may_pay(FIRST, 20) or may_pay(17, FIRST) or may_pay(0, FIRST))
