"""What a customer has set for themselves holds at the spare bank too: limits, the list of payees, KIDs of firms."""

import time
import uuid

from world import World

from holdfast.contracts.kid import mod10_digit

KID = "1234567" + mod10_digit("1234567")


def limits(world: World, held: dict[str, int], **more: object) -> None:
    """The main bank tells the limits that customer 17 chose."""
    world.bank.say("own_limits", 17, {"held": held, **more})
    world.fed()


def reason(world: World) -> str:
    """Of the last journal entry."""
    return str(world.journal()[-1].body["reason"])


def test_limits_that_the_customer_chose_hold_here(world: World) -> None:
    limits(world, {"per_payment_minor": 2_000, "per_day_minor": 3_000})
    assert world.pay(world.form(amount="20.01")).outcome == "refused-own"
    assert reason(world) == "own_payment_limit"
    assert world.pay(world.form(amount="20.00")).outcome == "done"
    assert world.pay(world.form(amount="10.01")).outcome == "refused-own"
    assert reason(world) == "own_day_limit"
    world.bank.say("own_limits", 17, None)
    world.fed()
    assert world.pay(world.form(amount="20.01")).outcome == "done"


def test_a_raise_begins_at_its_instant_without_another_word_of_the_main_bank(world: World) -> None:
    now_us = time.time_ns() // 1000
    coming = {"coming": {"per_payment_minor": 5_000}}
    limits(world, {"per_payment_minor": 2_000}, **coming, coming_us=now_us + 60_000_000)
    assert world.pay(world.form(amount="50.00")).outcome == "refused-own"
    limits(world, {"per_payment_minor": 2_000}, **coming, coming_us=now_us - 1)
    world.bank.away = True
    assert world.pay(world.form(amount="50.00")).outcome == "done"
    assert world.pay(world.form(amount="50.01")).outcome == "refused-own"


def test_the_list_of_payees_stands_on_the_form_and_opens_it_filled(world: World) -> None:
    world.bank.say("payee", "17:20", {"customer": 17, "account": 20, "name": "Bea <i>Example"})
    world.bank.say("payee", "18:30", {"customer": 18, "account": 30, "name": "Somebody's payee"})
    world.fed()
    page = world.visit("GET", "/pay", cookies=world.session()).text
    assert '<option value="1234.56.00020">Bea &lt;i&gt;Example</option>' in page
    assert "Somebody" not in page
    chosen = world.visit("GET", "/pay?payee=20", cookies=world.session()).text
    assert 'value="Bea &lt;i&gt;Example"' in chosen
    assert 'value="Somebody' not in world.visit("GET", "/pay?payee=30", cookies=world.session()).text


def test_a_firm_that_asks_for_a_kid_gets_a_right_one(world: World) -> None:
    world.bank.say("kid", "20", {"need": "must"})
    world.fed()
    before = len(world.journal())
    for more, words in (
        ({}, "needs the KID"),
        ({"kid": "12345670"}, "no KID"),
        ({"kid": KID, "text": "x"}, "either a KID"),
    ):
        answer = world.pay(world.form(text="") | more)
        assert (answer.status, words in answer.text) == (422, True)
    assert len(world.journal()) == before
    assert world.pay(world.form(text="", kid=KID)).outcome == "done"
    assert world.journal()[-1].payment().text == f"KID {KID}"


def test_the_main_banks_page_that_asks_for_a_proof_can_be_sent_here(world: World) -> None:
    form = world.form(uuid.uuid4(), signer="primary") | {
        "proof": "x",
        "password": "never kept",
        "warned": "",
        "kid": "",
    }
    answer = world.visit("POST", "/pay/confirm", cookies=world.session(), form=form)
    assert answer.outcome == "done"
    assert "never kept" not in str(world.journal()[-1].body)
