"""Two of staff close an account for its holders, and what is left is paid to the account that they named."""

import time
import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone
from enrolling import mark

from holdfast.bank import books as bank_books
from holdfast.bank.books import books, rows
from holdfast.bank.customers.models import Account, Customer, Owner
from holdfast.bank.leaving import by_staff
from holdfast.bank.leaving.models import StaffClosing
from holdfast.bank.mail.models import Mail
from holdfast.bank.orders.models import Plan
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_CLOSED
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import Post

pytestmark = pytest.mark.demand("G6", "B1")


@pytest.fixture
def shared(town, register):
    """Ann's account, which Ben holds too, with 10 000 on it; Ben has nothing on his own."""
    Customer.objects.filter(id=town.ann.id).update(email="ann@shared.example")
    Customer.objects.filter(id=town.ben.id).update(email="ben@shared.example")
    Owner.objects.create(account_id=town.ann.account, customer_id=town.ben.id)
    return town.ann


@pytest.fixture
def order(call, keys):
    """What the console sends when sam asked and, where there is one, a second person approved."""

    def send(account, payee, left_minor, second="ruth", ident=None, **more):
        said = {
            "order": (ident or uuid.uuid4()).hex, "number": number(account), "to": number(payee) if payee else "",
            "before_minor": left_minor, "why": "both holders asked", "asked_by": "sam", "approved_by": second,
            "at": time.time(), **more,
        }  # fmt: skip
        return call("/-/closing/close", {"token": keys["control"].sign("account-closing", said)}, by="control")

    return send


def number(account):
    return Account.objects.get(id=account).number


def closed(account):
    state = bank_books.reader().accounts([account])[account]
    return bool(state.flags & FLAG_CLOSED), Account.objects.get(id=account).closed is not None


def move(debit, credit, amount_minor, person):
    row = rows.row(person.cohort)
    books().post(Post(
        id=uuid.uuid4(), debit=debit, credit=credit, amount_minor=amount_minor, currency="NOK", kind="payment",
        value_date=date(2026, 1, 1), cohort=person.cohort, epoch=row.epoch, cause="test",
    ))  # fmt: skip


def paid_out(ident):
    return bank_books.reader().booked([ids.closing_id(ident)]).get(ids.closing_id(ident))


def test_a_shared_account_is_closed_and_what_is_left_is_paid_once(shared, town, order, call):
    ident, left_minor, payee = uuid.uuid4(), shared.balance, town.person(0)
    for _ in range(3):
        answer = order(shared.account, payee.account, left_minor, ident=ident)
        assert (answer.status_code, "closed" in answer.json()["words"]) == (200, True)
    assert (shared.balance, payee.balance, closed(shared.account)) == (0, left_minor, (True, True))
    assert paid_out(ident).amount_minor == left_minor
    for one in (shared, town.ben):
        assert "Two people at the bank closed" in Mail.objects.filter(customer=one.id).latest("id").body
    page = payee.log_in().get(f"/accounts/{payee.account}").content.decode()
    assert "What was left on an account that was closed" in page
    (listed,) = [
        one for one in call("/-/closing", by="control").json()["closings"] if one["to"] == number(payee.account)
    ]
    assert (listed["state"], listed["asked_by"], listed["approved_by"]) == ("closed", "sam", "ruth")
    assert listed["amount_minor"] == left_minor


@pytest.mark.parametrize("second", ["", "sam", " SAM "])
def test_one_alone_closes_nothing(shared, town, order, second):
    before = shared.balance
    answer = order(shared.account, town.ben.account, before, second)
    assert (answer.status_code, "second person" in answer.json()["error"]) == (409, True)
    assert (shared.balance, town.ben.balance, closed(shared.account)) == (before, 0, (False, False))
    assert not StaffClosing.objects.filter(account=shared.account).exists()


def test_what_both_did_not_see_is_not_paid_out(shared, town, order):
    before = shared.balance
    for left_minor, to, more in (
        (before - 1, town.ben.account, {}),
        (before, None, {}),
        (before, shared.account, {}),
        (before, town.ben.account, {"to": "99999999999"}),
        (before, town.ben.account, {"why": "  "}),
        (before, town.ben.account, {"number": "99999999999"}),
    ):
        answer = order(shared.account, to, left_minor, **more)
        assert (answer.status_code, "Nothing was changed" in answer.json()["error"]) == (409, True), more
    for wrong in ({"before_minor": -1}, {"before_minor": "all"}, {"order": "none"}, {"order": None}):
        assert order(shared.account, town.ben.account, before, **wrong).status_code == 400
    assert (shared.balance, town.ben.balance, closed(shared.account)) == (before, 0, (False, False))
    assert not StaffClosing.objects.filter(account=shared.account).exists()


def test_nothing_is_closed_while_the_spare_bank_serves_it(shared, town, order):
    before = shared.balance
    rows.learn([Row(shared.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert order(shared.account, town.ben.account, before).status_code == 409
    assert (shared.balance, closed(shared.account)) == (before, (False, False))


def test_payments_to_come_are_stopped_before_it(shared, town, order, door):
    plan = Plan.objects.create(
        cohort=shared.cohort, debit=shared.account, credit=town.ben.account, amount_minor=5, currency="NOK", payer="A",
        payee="B", text="", kind="rent", rhythm="once", first=timezone.localdate() + timedelta(days=90), number=0,
        state="active", made=timezone.now(), next_due=timezone.localdate() + timedelta(days=90),
    )  # fmt: skip
    assert order(shared.account, town.ben.account, shared.balance).status_code == 200
    assert (Plan.objects.get(id=plan.id).state, closed(shared.account)) == ("ended", (True, True))


@pytest.mark.parametrize("place", ["book", "close_account", "_end"])
def test_what_fell_half_way_is_carried_on_and_nothing_is_paid_twice(shared, town, order, monkeypatch, place):
    ident, left_minor, payee = uuid.uuid4(), shared.balance, town.person(0)

    def died(*_, **__):
        raise OSError("died here")

    with monkeypatch.context() as patched:
        patched.setattr(by_staff, place, died)
        assert order(shared.account, payee.account, left_minor, ident=ident).status_code == 500
    another = order(shared.account, payee.account, shared.balance)
    assert (another.status_code, "already" in another.json()["error"]) == (409, True)
    StaffClosing.objects.filter(order=ident).update(began=timezone.now() - 2 * by_staff.GAP)
    assert by_staff.carry_on_all() == 1
    assert (payee.balance, shared.balance, closed(shared.account)) == (left_minor, 0, (True, True))
    assert by_staff.carry_on_all() == 0


def test_money_that_comes_in_meanwhile_keeps_it_open_and_is_said(shared, town, order, monkeypatch):
    seen, left_minor, payee = by_staff.close_account, shared.balance, town.person(0)
    monkeypatch.setattr(by_staff, "close_account", lambda one: move(1, shared.account, 7, shared) or seen(one))
    answer = order(shared.account, payee.account, left_minor)
    assert (answer.status_code, "stays open" in answer.json()["error"]) == (409, True)
    assert (payee.balance, shared.balance, closed(shared.account)) == (left_minor, 7, (False, False))


def test_staff_see_what_is_left_only_for_the_right_name_and_no_name_comes_back(shared, town, call):
    payee = town.person(0)
    name = Customer.objects.get(id=payee.id).name
    asked = {"number": number(shared.account), "to": number(payee.account), "name": name}
    answer = call("/-/closing/look", asked, by="control")
    assert answer.json() == {
        "number": number(shared.account), "currency": "NOK", "balance_minor": shared.balance, "holders": 2,
    }  # fmt: skip
    for wrong in ({"name": "Somebody Else"}, {"name": ""}, {"to": ""}, {"number": "99999999999"}):
        said = call("/-/closing/look", asked | wrong, by="control")
        assert said.status_code == 409
        assert name not in said.content.decode()


def test_holders_still_cannot_close_a_shared_account_alone(shared):
    answer = shared.post(f"/accounts/{shared.account}/close", {})
    assert (answer.status_code, "joint" in answer.content.decode()) == (422, True)
    assert mark(answer, "closed") == "no"
