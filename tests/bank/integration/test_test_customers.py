"""The bank's own test customers: opened once, told from people's money in the books, handed to the control room alone."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from holdfast.bank.books import reader, rows
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.customers.passwords import password_fits
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import Authenticator, KnownSession
from holdfast.bank.factors.sealing import unseal
from holdfast.bank.journeys import opening
from holdfast.bank.mail.models import Mail
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.test_customers import FIRST, is_test_customer
from holdfast.signing.onetime import code_at

pytestmark = pytest.mark.demand("W2")
BOTH = (FIRST, FIRST + 1)


@pytest.fixture
def opened(bank):
    opening.open_test_customers()
    return list(Customer.objects.filter(id__in=BOTH).order_by("id"))


def newest_block():
    return reader().head().block


def test_two_are_opened_with_test_money_and_the_books_still_prove(opened):
    assert [one.name for one in opened] == ["Test customer 1", "Test customer 2"]
    assert [one.email for one in opened] == ["", ""]
    accounts = list(Account.objects.filter(id__in=BOTH).order_by("id"))
    assert [(one.product, one.number[:4]) for one in accounts] == [("test", "9714"), ("test", "9714")]
    held = reader().accounts([*BOTH, *opening.TEST_MONEY.values()])
    assert [held[one].balance_minor for one in BOTH] == [5_000, 5_000]
    assert held[31].balance_minor == -10_000
    assert held[31].code == "own:test_money"
    assert reader().prove() == []


def test_a_second_time_opens_and_books_nothing(opened):
    before = newest_block()
    assert opening.open_test_customers() is False
    assert (newest_block(), Customer.objects.filter(id__in=BOTH).count()) == (before, 2)


def test_a_bank_that_is_being_filled_is_left_alone(opened, monkeypatch):
    monkeypatch.setattr(opening, "_there", lambda: False)
    monkeypatch.setattr(opening.bank_facts, "bank", dict)
    before = newest_block()
    assert opening.open_test_customers() is False
    assert newest_block() == before


def test_nobody_else_is_a_test_customer(opened, town):
    assert [is_test_customer(one) for one in BOTH] == [True, True]
    assert [is_test_customer(one) for one in (1, town.ann.id, FIRST - 1, FIRST + 2, 10_000_000_001)] == [False] * 5


def test_the_control_room_gets_logins_that_hold_and_those_before_end(opened, call):
    first = call("/-/test-customers", {}, by="control").json()["customers"]
    mails = Mail.objects.count()
    answer = call("/-/test-customers", {}, by="control")
    second = answer.json()["customers"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one["customer"] for one in second] == list(BOTH)
    for old, new in zip(first, second, strict=True):
        verifier = Customer.objects.get(id=new["customer"]).verifier
        assert (password_fits(verifier, new["password"]), password_fits(verifier, old["password"])) == (True, False)
        assert (
            unseal(Authenticator.objects.get(customer=new["customer"]).sealed, new["customer"])
            == (new["authenticator"])
        )
        fact = Fact.objects.filter(kind="customer", key=str(new["customer"])).latest("id")
        assert fact.body["verifier"] == verifier
    assert Mail.objects.count() == mails


@pytest.mark.parametrize("who", ["door", "standin", "runtime"])
def test_no_other_building_gets_them(opened, call, who):
    before = Customer.objects.get(id=FIRST).verifier
    assert call("/-/test-customers", {}, by=who).status_code == 403
    assert Customer.objects.get(id=FIRST).verifier == before


def test_while_the_spare_bank_serves_them_nothing_is_changed(opened, call):
    cohort, before = opened[0].cohort, Customer.objects.get(id=FIRST).verifier
    known = rows.row(cohort)
    rows.learn([Row(cohort, Mode.STANDIN, known.epoch + 1)])
    answer = call("/-/test-customers", {}, by="control")
    assert (answer.status_code, Customer.objects.get(id=FIRST).verifier) == (409, before)
    assert answer.json()["error"] == "The spare bank serves a test customer now; nothing was changed."
    rows.learn([Row(cohort, Mode.PRIMARY, known.epoch + 2)])
    assert known.epoch >= FIRST_EPOCH


def test_a_code_of_the_secret_that_was_handed_over_is_one_of_six_digits(opened, call):
    (one, _) = call("/-/test-customers", {}, by="control").json()["customers"]
    assert len(code_at(one["authenticator"], int(time.time() // 30))) == 6


def test_their_sessions_are_forgotten_after_a_day_and_nobody_elses(opened, town):
    now = timezone.now()
    for number, (customer, hours) in enumerate([(FIRST, 25), (FIRST, 1), (town.ann.id, 25)]):
        seen = now - timedelta(hours=hours)
        KnownSession.objects.create(
            session=f"forgotten {number}", customer_id=customer, began=seen, seen=seen, device="a program"
        )
    assert opening.forget_sessions() == 1
    left = KnownSession.objects.filter(session__startswith="forgotten").order_by("session")
    assert [one.session for one in left] == ["forgotten 1", "forgotten 2"]
