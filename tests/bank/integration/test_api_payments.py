"""Payments by program: once for each key, judged as on the page, limited by the token, confirmed by the customer."""

import uuid
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from programs import Program, code, payment
from proofs import prove, with_password

from holdfast.bank.api import once
from holdfast.bank.api.models import ApiPayment, ApiToken
from holdfast.bank.books import books
from holdfast.bank.customers.known import accounts_by_number
from holdfast.bank.payments.kids import set_kid_need
from holdfast.bank.payments.models import Intent
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.contracts.ids import api_payment_id
from holdfast.contracts.kid import mod10_digit
from holdfast.ledger.api import Post

pytestmark = pytest.mark.demand("B11", "B4", "G2")


@pytest.fixture
def program(town, register):
    return Program(with_password(town.ann))


def ident(person, key):
    return api_payment_id(person.id, key)


def test_a_key_is_paid_once_and_answered_alike_however_often_it_is_sent(town, program):
    first = program.pay(town.ben, 2_500, "invoice-7")
    assert (first.status_code, first.json()["state"]) == (201, "done")
    assert first.json()["id"] == str(ident(town.ann, "invoice-7"))
    assert first.headers["Holdfast-Outcome"] == f"done {ident(town.ann, 'invoice-7').hex}"
    again = [program.pay(town.ben, 2_500, "invoice-7"), program.pay(town.ben, 2_500, '"invoice-7"')]
    assert [(one.status_code, one.json()) for one in again] == [(201, first.json())] * 2
    assert (town.ann.balance, town.ben.balance) == (97_500, 2_500)
    assert program.get(f"/payments/{first.json()['id']}").json() == first.json()
    assert Intent.objects.get(id=ident(town.ann, "invoice-7")).birth == 0


def test_the_same_key_by_another_token_of_the_customer_is_the_same_payment(town, program):
    first = program.pay(town.ben, 100, "renewed")
    assert Program(town.ann).pay(town.ben, 100, "renewed").json() == first.json()
    other = town.person(1_000)
    assert Program(other).pay(town.ben, 100, "renewed").json()["id"] != first.json()["id"]
    assert town.ben.balance == 200


@pytest.mark.parametrize("key", [None, "", " ", "a b", '"a', "x" * 129, "é"])
def test_without_a_key_that_can_be_one_nothing_is_done(town, program, key):
    headers = {} if key is None else {"Idempotency-Key": key}
    status, said = code(program.ask("POST", "/payments", payment(town.ann, town.ben, 100), headers))
    assert (status, said) == (400, "key-missing" if key is None else "key-wrong")
    assert town.ben.balance == 0


@pytest.mark.parametrize("changed", [{"amount_minor": 101}, {"text": "for dinner"}, {"payee": ""}])
def test_the_same_key_with_other_content_is_told_and_changes_nothing(town, program, changed):
    program.pay(town.ben, 100, "k")
    assert code(program.pay(town.ben, 100, "k", more=changed)) == (422, "key-reused")
    assert town.ben.balance == 100
    assert Intent.objects.get(id=ident(town.ann, "k")).amount_minor == 100


def test_a_key_that_is_under_way_is_told_so_and_its_resent_request_goes_on(town, program):
    once._under_way[ident(town.ann, "slow")] = "the first request"
    try:
        busy = program.pay(town.ben, 100, "slow")
        assert code(busy) == (409, "in-flight")
        assert (busy.headers["Retry-After"], busy.headers["Holdfast-Says"]) == ("1", "in-flight")
        assert town.ben.balance == 0
        assert program.pay(town.ben, 100, "slow", request="the first request").status_code == 201
    finally:
        once._under_way.clear()
    assert town.ben.balance == 100


def test_a_refusal_changes_nothing_is_claimed_and_stands(town, program):
    town.person(0)
    answer = program.pay(town.ben, 100_001, "too-much")
    assert code(answer) == (422, "payment-refused")
    said = answer.json()
    assert (said["state"], said["reason"]) == ("refused", "not_enough_money")
    assert answer.headers["Holdfast-Outcome"] == f"refused-own {ident(town.ann, 'too-much').hex}"
    told = program.get(f"/payments/{said['payment']}")
    assert (told.json()["state"], told.headers["Holdfast-Outcome"]) == ("refused", answer.headers["Holdfast-Outcome"])
    assert program.pay(town.ben, 100_001, "too-much").json() == said
    assert (town.ann.balance, town.ben.balance) == (100_000, 0)


def test_a_refusal_is_not_told_while_the_spare_banks_journal_is_missing(town, program):
    program.pay(town.ben, 100_001, "k")
    missing = {"epoch": FIRST_EPOCH + 2, "forced": FIRST_EPOCH + 1}
    said = program.get(f"/payments/{ident(town.ann, 'k')}", **missing)
    assert (said.json()["state"], "Holdfast-Outcome" in said.headers) == ("checking", False)
    waits = program.pay(town.ben, 100, "new", **missing)
    assert code(waits) == (503, "journal-missing")
    assert waits.headers["Holdfast-Says"]
    assert not Intent.objects.filter(id=ident(town.ann, "new")).exists()


def test_what_the_customer_must_confirm_is_paid_in_the_browser_under_the_same_id(town, register):
    rich = with_password(town.person(90_000_000).log_in())
    program = Program(rich)
    asked = program.pay(town.ben, 9_000_000, "large")
    assert code(asked) == (403, "confirm-needed")
    assert not Intent.objects.filter(id=asked.json()["payment"]).exists()
    assert not ApiPayment.objects.filter(payment=asked.json()["payment"]).exists()
    place = urlsplit(asked.json()["confirm_at"])
    page = rich.get(f"{place.path}?{place.query}")
    assert (page.status_code, town.ben.balance) == (422, 0)
    paid = prove(rich, page)
    assert paid.headers["Holdfast-Outcome"] == f"done {uuid.UUID(asked.json()['payment']).hex}"
    assert rich.get(f"{place.path}?{place.query}").headers["Location"] == f"/receipt/{asked.json()['payment']}"
    again = program.pay(town.ben, 9_000_000, "large", more={"text": "Other words"}).json()
    assert (again["state"], again["text"]) == ("done", Intent.objects.get(id=again["id"]).text)
    assert again["text"] != "Other words"
    assert town.ben.balance == 9_000_000
    stranger = town.person(1_000).log_in()
    assert stranger.get(f"{place.path}?{place.query}").status_code == 404
    assert rich.get("/pay/confirm?waiting=forged").status_code == 404


def test_a_token_pays_up_to_its_limit_of_the_day_and_not_more(town, register):
    program = Program(town.ann, day_minor=1_000)
    assert program.pay(town.ben, 600, "first").status_code == 201
    over = program.pay(town.ben, 401, "over")
    assert code(over) == (403, "token-limit")
    assert not Intent.objects.filter(id=ident(town.ann, "over")).exists()
    assert program.pay(town.ben, 600, "first").status_code == 201
    assert code(program.pay(town.ben, 999_999, "none"))[0] == 403
    assert program.pay(town.ben, 400, "rest").status_code == 201
    assert town.ben.balance == 1_000
    assert Program(town.ann).pay(town.ben, 401, "other").status_code == 201


def test_a_refused_payment_leaves_the_tokens_limit_as_it_was(town, register):
    poor = town.person(500)
    program = Program(poor, day_minor=1_000)
    assert code(program.pay(town.ben, 900)) == (422, "payment-refused")
    assert program.pay(town.ben, 500).status_code == 201


def test_what_the_spare_bank_took_is_told_and_neither_limited_nor_paid_again(town, register):
    program, key = Program(town.ann, day_minor=1), "taken-there"
    books().post(
        Post(id=ident(town.ann, key), debit=town.ann.account, credit=town.ben.account, amount_minor=700, currency="NOK",
             kind="payment", value_date=once.timezone.now().date(), cohort=town.cohort, epoch=town.ann.epoch,
             cause="form")
    )  # fmt: skip
    assert program.pay(town.ben, 700, key).json()["state"] == "done"
    assert code(program.pay(town.ben, 701, key)) == (422, "key-reused")
    assert program.get(f"/payments/{ident(town.ann, key)}").json()["amount_minor"] == 700
    assert town.ben.balance == 700


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from_account": "1"}, "from_account"),
        ({"to_number": "00000000000"}, "to_number"),
        ({"currency": "EUR"}, "currency"),
        ({"kid": "123"}, "kid"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": "100"}, "amount_minor"),
        ({"amount_minor": 1.5}, "amount_minor"),
        ({"text": "a\nb"}, "text"),
        ({"amont": 5}, "amont"),
    ],
)
def test_a_wrong_member_is_told_by_its_name_and_nothing_is_done(town, program, changed, field):
    answer = program.pay(town.ben, 100, "k", more=changed)
    assert code(answer) == (422, "invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not ApiPayment.objects.filter(payment=ident(town.ann, "k")).exists()
    assert town.ben.balance == 0


def test_a_name_that_is_not_the_owners_is_paid_only_when_it_is_meant(town, program):
    assert code(program.pay(town.ben, 100, "k", more={"payee": "Carla Other"})) == (422, "name-other")
    near = program.pay(town.ben, 100, "k", more={"payee": "Ben Bulder"})
    assert (code(near), near.json()["name"]) == ((422, "name-close"), town.ben.name)
    assert town.ben.balance == 0
    assert program.pay(town.ben, 100, "k", more={"payee": "Carla Other", "accept_name": True}).status_code == 201


def test_who_asks_for_a_kid_is_paid_with_a_right_one(town, program):
    set_kid_need(town.ben.account, "must")
    accounts_by_number.forget()
    assert program.pay(town.ben, 100, "k").json()["errors"][0]["code"] == "kid-missing"
    kid = "1234" + mod10_digit("1234")
    assert program.pay(town.ben, 100, "k", more={"kid": kid, "text": ""}).json()["text"] == f"KID {kid}"


def test_a_body_that_is_no_json_is_told(town, program):
    headers = {"Idempotency-Key": "k"}
    assert code(program.ask("POST", "/payments", b"{", headers)) == (400, "unreadable")
    row = {"Holdfast-Row": town.ann.row(), "Authorization": f"Bearer {program.token}", **headers}
    said = program.client.generic("POST", "/api/v1/payments", b"a=1", "application/x-www-form-urlencoded", headers=row)
    assert code(said) == (415, "not-json")


def test_what_the_spare_bank_took_for_a_token_counts_against_its_limit_of_the_day(town, register, journal, call):
    program, key = Program(town.ann, day_minor=1_000), "taken-there-and-replayed"
    token = ApiToken.objects.get(customer=town.ann.id)
    taken = replace(
        town.payment(town.ann.account, town.ben.account, 700, ident(town.ann, key)), cause=f"api:{token.id}"
    )
    entry = journal.payment("accept", taken)
    for _ in range(2):
        assert call("/-/replay", {"to": entry.number}).status_code == 200
    assert code(program.pay(town.ben, 301, "more", epoch=FIRST_EPOCH + 2)) == (403, "token-limit")
    said = program.pay(town.ben, 700, key, more={"payee": "Ben", "text": "by the spare bank"}, epoch=FIRST_EPOCH + 2)
    assert (said.status_code, said.json()["state"]) == (201, "done")
    assert program.pay(town.ben, 300, "rest", epoch=FIRST_EPOCH + 2).status_code == 201
    assert town.ben.balance == 1_000


def queries(asked):
    """What was asked for this request; what is frozen is asked for once a second, by whichever request comes then."""
    return [one["sql"][:90] for one in asked if '"frozen"' not in one["sql"]]


def test_a_payment_by_program_asks_the_database_a_bounded_number_of_things(town, program):
    program.pay(town.ben, 100)
    with CaptureQueriesContext(connection) as asked:
        assert program.pay(town.ben, 100).status_code == 201
    assert len(queries(asked)) <= 12, "\n".join(queries(asked))
    with CaptureQueriesContext(connection) as asked:
        assert program.get("/accounts").status_code == 200
    assert len(queries(asked)) <= 2, "\n".join(queries(asked))
