"""A risky payment is made only when the customer proves who they are for this very payment, once."""

import random
import threading
import uuid
from dataclasses import fields, replace

import pytest
from django.db import connections
from enrolling import PASSWORD, enrol, mark, now_code
from proofs import hidden, outcome, pay, prove, with_password
from soft_passkey import SoftPasskey

from holdfast.bank.books import keyring
from holdfast.bank.factors import recovery
from holdfast.bank.factors.models import Passkey
from holdfast.bank.payments import binding
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.factors import CHALLENGE_PURPOSE

pytestmark = pytest.mark.demand("B6")
CHANGES = 100_000
BOUND = ("id", "customer", "debit", "credit", "amount_minor", "currency", "payee", "text")


@pytest.fixture
def rich(town, register):
    return with_password(town.person(90_000_000).log_in())


def asked_page(rich, town, amount="6000", **more):
    """The page that asks for the proof of a payment to somebody new."""
    answer = rich.post("/pay", rich.form(town.ben, amount, **more))
    assert (answer.status_code, mark(answer, "page"), outcome(answer)) == (422, "prove", "none")
    return answer


def test_a_large_payment_to_somebody_new_waits_for_the_password(rich, town):
    answer = asked_page(rich, town)
    assert not Intent.objects.filter(customer=rich.id).exists()
    assert "6,000.00" in answer.content.decode()
    wrong = prove(rich, answer, password="guess")
    assert (mark(wrong, "problem"), town.ben.balance) == ("prove.password_wrong", 0)
    done = prove(rich, wrong)
    assert (outcome(done), town.ben.balance) == ("done", 600_000)
    again = rich.post("/pay", rich.form(town.ben, "6000"))
    assert outcome(again) == "done", "now Ben is known"


def test_nothing_is_asked_of_small_payments_nor_of_larger_ones_to_who_was_paid_before(rich, town):
    assert outcome(rich.post("/pay", rich.form(town.ben, "5000"))) == "done"
    assert outcome(rich.post("/pay", rich.form(town.ben, "15000.01"))) == "done"


def test_an_amount_far_above_the_habit_is_asked_about(rich, town):
    for _ in range(3):
        assert outcome(rich.post("/pay", rich.form(town.ben, "2000"))) == "done"
    assert outcome(rich.post("/pay", rich.form(town.ben, "6000"))) == "done"
    answer = rich.post("/pay", rich.form(town.ben, "18000.01"))
    assert mark(answer, "risk") == "unusual"
    assert outcome(prove(rich, answer)) == "done"


def test_with_an_authenticator_the_code_is_asked_for_and_used_once(rich, town):
    secret, codes = enrol(rich)
    answer = asked_page(rich, town)
    assert 'name="password"' not in answer.content.decode()
    assert mark(prove(rich, answer, password=PASSWORD), "problem") == "prove.code_wrong"
    code = now_code(secret, 1)
    assert outcome(prove(rich, answer, code=code)) == "done"
    other = rich.post("/pay", rich.form(town.person(0), "6000"))
    assert mark(prove(rich, other, code=code), "problem") == "prove.code_wrong"
    assert outcome(prove(rich, other, code=codes[0])) == "done"


def test_with_a_passkey_and_no_app_the_password_alone_pays_nothing(rich, town):
    Passkey.objects.create(id=uuid.uuid4().hex, customer_id=rich.id, public_key="x", name="Key")
    codes = recovery.make_codes(rich.id)
    answer = asked_page(rich, town)
    page = answer.content.decode()
    assert ("Recovery code</label>" in page, 'name="password"' in page) == (True, False)
    assert mark(prove(rich, answer, password=PASSWORD), "problem") == "prove.code_wrong"
    assert (outcome(prove(rich, answer, code=codes[0])), town.ben.balance) == ("done", 600_000)


def test_a_passkey_signs_the_payment_itself(rich, town, keys, bank):
    key = SoftPasskey(bank.door_origin)
    stored = key.stored()
    Passkey.objects.create(id=stored.id, customer_id=rich.id, public_key=stored.public_key, transports=[], name="Key")
    answer = asked_page(rich, town)
    assert f'data-challenge="{hidden(answer)[1]["proof"]}"' in answer.content.decode()
    fresh = keys["door"].sign(CHALLENGE_PURPOSE, {"random": "00", "at": 0.0})
    assert mark(prove(rich, answer, passkey=key.said(fresh)), "problem") == "prove.passkey_wrong"
    other = hidden(asked_page(rich, town))[1]["proof"]
    assert mark(prove(rich, answer, passkey=key.said(other)), "problem") == "prove.passkey_wrong"
    assert outcome(prove(rich, answer, passkey=key.said(hidden(answer)[1]["proof"]))) == "done"


@pytest.mark.parametrize(
    "changed", [{"amount": "6000.01"}, {"name": "Ben"}, {"text": "other"}, {"id": str(uuid.uuid4())}]
)
def test_a_proof_is_worth_nothing_for_another_payment(rich, town, changed):
    action, form = hidden(asked_page(rich, town))
    answer = rich.post(action, form | changed | {"password": PASSWORD})
    assert (answer.status_code, mark(answer, "page")) == (422, "prove")
    assert (town.ben.balance, Intent.objects.filter(customer=rich.id).count()) == (0, 0)


def test_a_proof_of_somebody_else_or_of_long_ago_is_worth_nothing(rich, town, monkeypatch):
    action, form = hidden(asked_page(rich, town))
    thief = with_password(town.person(90_000_000).log_in())
    stolen = form | {"from": str(thief.account), "birth": "", "password": PASSWORD}
    assert mark(thief.post(action, stolen), "page") == "prove"
    monkeypatch.setattr(binding, "HOLDS_S", -1)
    assert mark(rich.post(action, form | {"password": PASSWORD}), "page") == "prove"
    assert town.ben.balance == 0


def test_a_double_click_on_the_proof_pays_once_and_both_read_it(rich, town):
    action, form = hidden(asked_page(rich, town))
    said = []

    def send():
        try:
            said.append(outcome(rich.post(action, form | {"password": PASSWORD})))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (said, town.ben.balance) == (["done", "done"], 600_000)


def test_a_stop_page_comes_first_when_it_looks_like_a_scam(rich, town):
    poor = with_password(town.person(1_000_000).log_in())
    answer = poor.post("/pay", poor.form(town.ben, "6000"))
    assert (answer.status_code, mark(answer, "scam")) == (422, "safe_account")
    assert "safe account" in answer.content.decode()
    assert not Intent.objects.filter(customer=poor.id).exists()
    assert outcome(prove(poor, answer)) == "done"


def test_a_name_that_is_somebody_elses_stops_a_large_payment_twice(rich, town):
    form = {**rich.form(town.ben, "6000"), "name": "Cara Cheat"}
    asked = rich.post("/pay", form)
    assert mark(asked, "name-check") == "none"
    form["checked"] = hidden(asked)[1]["checked"]
    assert mark(rich.post("/pay", form), "scam") == "other_name"
    assert outcome(pay(rich, form)) == "done"


def changes(request, luck):
    """Another value of the same kind for one of the bound fields."""
    name = luck.choice(BOUND)
    value = getattr(request, name)
    if isinstance(value, uuid.UUID):
        return replace(request, id=uuid.UUID(int=value.int ^ (1 << luck.randrange(128))))
    if isinstance(value, int):
        return replace(request, **{name: value ^ (1 << luck.randrange(40))})
    place = luck.randrange(len(value) + 1)
    return replace(request, **{name: value[:place] + chr(luck.randrange(32, 0x3000)) + value[place:]})


def test_of_a_hundred_thousand_changed_payments_none_is_accepted(bank):
    seed = random.randrange(10**6)
    luck = random.Random(seed)
    request = Request(uuid.uuid4(), 7, 10, 20, 600_000, "NOK", "NOK", "Ann", "Ben Builder", "rent", 0, 5, 1)
    assert {one.name for one in fields(Request)} >= set(BOUND)
    token = binding.bind(request)
    raw = keyring().verify(binding.PURPOSE, token, by={"primary"})
    assert binding.is_bound(token, binding.content_of(request))
    accepted = sum(binding.agrees(raw, binding.content_of(changes(request, luck)), raw["at"]) for _ in range(CHANGES))
    assert accepted == 0, f"seed {seed}"


def test_of_ten_thousand_changed_tokens_none_is_accepted(bank):
    luck = random.Random(11)
    request = Request(uuid.uuid4(), 7, 10, 20, 600_000, "NOK", "NOK", "Ann", "Ben Builder", "", 0, 5, 1)
    token = binding.bind(request)
    payload = token.split(".")[1]
    for _ in range(10_000):
        place = luck.randrange(len(payload) - 1)  # the last character may carry bits that say nothing
        other = luck.choice([one for one in "abcdefgh01234567-_" if one != payload[place]])
        changed = token.replace(payload, payload[:place] + other + payload[place + 1 :])
        assert not binding.is_bound(changed, binding.content_of(request))
