"""An account is closed when nothing stands in the way, and who ends being a customer is known to neither bank any more."""

import contextlib
import re
import time
import uuid
from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone
from enrolling import PASSWORD, both_steps, first_step, mark, old_login, settle

from holdfast.bank import books as bank_books
from holdfast.bank.accounts import asking
from holdfast.bank.books import books
from holdfast.bank.cards.freezing import open_cards
from holdfast.bank.cards.models import Card
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Account, Customer, Owner
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import Authenticator
from holdfast.bank.factors.passwording import set_password
from holdfast.bank.leaving import closing
from holdfast.bank.mail.models import Mail
from holdfast.bank.payments.models import HeldPayment
from holdfast.bank.privacy import address
from holdfast.contracts import cards
from holdfast.contracts.blocks import FLAG_CLOSED
from holdfast.ledger.api import Post

pytestmark = pytest.mark.demand("B1", "G7")


@pytest.fixture
def ann(town, register):
    """A customer with an empty account and everything to log in with."""
    Customer.objects.filter(id=town.ann.id).update(
        verifier=passwords.make_verifier(PASSWORD), email="ann@leave.example"
    )
    empty(town.ann)
    settle(town.ann)
    return town.ann


def move(debit, credit, amount_minor, person):
    row = bank_books.rows.row(person.cohort)
    post = Post(
        id=uuid.uuid4(), debit=debit, credit=credit, amount_minor=amount_minor, currency="NOK", kind="payment",
        value_date=date(2026, 1, 1), cohort=person.cohort, epoch=row.epoch, cause="test",
    )  # fmt: skip
    books().post(post)


def empty(person):
    move(person.account, 1, person.balance, person)


def flags(person):
    return bank_books.reader().accounts([person.account])[person.account].flags


def close(person):
    return person.post(f"/accounts/{person.account}/close", {})


def last(kind, key):
    return Fact.objects.filter(kind=kind, key=str(key)).latest("id").body


def test_an_empty_account_is_closed_and_takes_and_pays_nothing_any_more(ann, town):
    card = cards.Card(uuid.uuid4().hex, ann.account, ann.id, "0042", "net", False, 20_000, 30_000, "2099-12")
    open_cards([card])
    assert mark(ann.get(f"/accounts/{ann.account}/close"), "closed") == "no"
    assert close(ann).status_code == 303
    assert (flags(ann) & FLAG_CLOSED, mark(ann.get(f"/accounts/{ann.account}/close"), "closed")) == (FLAG_CLOSED, "yes")
    assert (Card.objects.filter(account=ann.account).count(), last("card", card.id)) == (0, None)
    rich = town.person(10_000).log_in()
    answer = rich.post("/pay", rich.form(ann, "10"))
    assert mark(rich.get(answer.headers["Location"]), "state") == "refused"
    assert (ann.balance, rich.balance) == (0, 10_000)
    assert ann.get(f"/accounts/{ann.account}").status_code == 200


def test_what_stands_in_the_way_is_said_and_nothing_is_closed(ann):
    move(1, ann.account, 5_000, ann)
    for path in (f"/accounts/{ann.account}/close", "/leave"):
        page = ann.get(path)
        assert (mark(page, "way"), "50.00" in page.content.decode()) == ("money", True)
        assert ann.post(path, {}).status_code == 422
    assert (flags(ann) & FLAG_CLOSED, Customer.objects.get(id=ann.id).left) == (0, None)
    assert ann.get("/").status_code == 200


def test_money_that_comes_in_while_it_is_closed_opens_it_again(ann, monkeypatch):
    account = Account.objects.get(id=ann.account)
    seen = closing.of_account
    monkeypatch.setattr(
        closing, "of_account", lambda one: (found := seen(one)) or move(1, ann.account, 7, ann) or found
    )
    assert [one.name for one in closing.close_account(account, ann.id)] == ["money"]
    assert (flags(ann) & FLAG_CLOSED, Account.objects.get(id=ann.account).closed) == (0, None)


def died(*_, **__):
    raise OSError("died here")


@pytest.mark.parametrize(
    ("place", "minor"), [("_flag", 0), ("_flag", 7), ("_reopen", 7), ("lock_customer", 0), ("_end_cards", 0)]
)
def test_a_closing_that_fell_half_way_ends_or_is_taken_back(ann, monkeypatch, place, minor):
    account = Account.objects.get(id=ann.account)
    if minor:  # after the last look before the flag
        seen = closing.of_account
        monkeypatch.setattr(closing, "of_account", lambda one: seen(one) or move(1, ann.account, minor, ann) or [])
    with monkeypatch.context() as patched, contextlib.suppress(OSError):
        patched.setattr(closing, place, died)
        closing.close_account(account, ann.id)
    monkeypatch.undo()
    Account.objects.filter(id=ann.account, closing__isnull=False).update(closing=timezone.now() - 2 * closing.LEFT)
    assert closing.close_what_was_left() == 1
    account.refresh_from_db()
    closed = bool(flags(ann) & FLAG_CLOSED)
    assert (closed, account.closed is not None, account.closing) == (not minor, not minor, None)
    assert closing.close_what_was_left() == 0


def test_a_closing_that_is_under_way_is_left_alone(ann):
    Account.objects.filter(id=ann.account).update(closing=timezone.now())
    assert closing.close_what_was_left() == 0
    Account.objects.filter(id=ann.account).update(closing=None)


def test_a_payment_that_became_too_late_and_was_told_stands_in_no_way(ann):
    HeldPayment.objects.create(
        id=uuid.uuid4(), customer=ann.id, debit=ann.account, credit=1, amount_minor=1, currency="NOK",
        credit_currency="NOK", payer="A", payee="B", cohort=ann.cohort, goes_at=timezone.now(), state="late",
        settled=timezone.now(),
    )  # fmt: skip
    assert close(ann).status_code == 303
    assert flags(ann) & FLAG_CLOSED


def test_what_was_asked_for_while_leaving_is_seen_under_the_lock(ann, town, monkeypatch):
    seen, person = closing._close_all, Customer.objects.get(id=ann.id)
    wish = asking.Wish(uuid.uuid4(), "savings", "NOK", "Late")
    partner = Customer.objects.get(id=town.ben.id)
    monkeypatch.setattr(closing, "_close_all", lambda one: seen(one) or (asking.ask(person, wish, partner) and []))
    assert [one.name for one in closing.leave(ann.id)] == ["asked"]
    assert Customer.objects.get(id=ann.id).left is None


def test_nothing_makes_who_left_known_again(ann, town):
    person = Customer.objects.get(id=ann.id)
    token = address.ask(person, "new@leave.example")
    code = re.search(r"^\d{6}$", Mail.objects.filter(customer=ann.id).latest("id").body, re.MULTILINE).group(0)
    assert closing.leave(ann.id) == []
    assert address.prove(token, ann.id, code) == "over"
    set_password(ann.id, passwords.make_verifier(PASSWORD), "")
    assert asking.ask(person, asking.Wish(uuid.uuid4(), "savings", "NOK", "Late"), None) is None
    with transaction.atomic():
        tell_customer(ann.id)
    left = Customer.objects.get(id=ann.id)
    assert (last("customer", ann.id), left.email, left.verifier) == (None, person.email, closing.NO_PASSWORD)


def test_a_shared_account_and_anothers_are_not_closed(ann, town):
    assert town.ben.log_in().post(f"/accounts/{ann.account}/close", {}).status_code == 404
    Owner.objects.create(account_id=ann.account, customer_id=town.ben.id)
    assert close(ann).status_code == 422
    assert flags(ann) & FLAG_CLOSED == 0


@pytest.mark.demand("B6")
def test_who_leaves_is_logged_out_everywhere_and_is_unknown_from_then_on(ann):
    both_steps(ann)
    other = ann.client.cookies["hf_bank"].value
    device = ann.client.cookies["hf_device"].value
    ann.log_in()
    answer = ann.post("/leave", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    for token in (ann.client.cookies["hf_bank"].value, other):
        ann.client.cookies["hf_bank"] = token
        assert ann.get("/").headers["Location"] == "/login"
    ann.client.cookies.clear()
    ann.client.cookies["hf_device"] = device
    wrong = ann.post("/login", {"username": f"user{ann.id}", "password": "never was"})
    right = first_step(ann)
    assert (right.status_code, right.content) == (wrong.status_code, wrong.content)
    assert right.status_code == 422
    told = last("factors", ann.id)
    assert (last("customer", ann.id), told["authenticator"], told["recovery"]) == (None, "", [])
    assert not Authenticator.objects.filter(customer=ann.id).exists()
    assert "ended being a customer" in Mail.objects.filter(customer=ann.id).latest("id").body
    assert flags(ann) & FLAG_CLOSED


def test_an_old_session_confirms_first(ann, keys):
    old_login(ann, keys)
    for path in (f"/accounts/{ann.account}/close", "/leave"):
        assert ann.post(path, {}).status_code == 403
    assert (flags(ann) & FLAG_CLOSED, Customer.objects.get(id=ann.id).left) == (0, None)


@pytest.mark.demand("G6")
def test_two_of_the_bank_end_a_customer_and_one_alone_does_not(ann, call, keys):
    def order(second):
        said = {"customer": ann.id, "deed": "leave", "asked_by": "sam", "approved_by": second, "at": time.time()}
        return call("/-/access", {"token": keys["control"].sign("customer-access", said)}, by="control")

    assert order("").status_code == 409
    move(1, ann.account, 100, ann)
    answer = order("rita")
    assert (answer.status_code, "1.00" in answer.json()["error"]) == (409, True)
    empty(ann)
    assert (order("sam").status_code, Customer.objects.get(id=ann.id).left) == (409, None)
    assert order("rita").status_code == 200
    assert Customer.objects.get(id=ann.id).left is not None
    assert call("/-/access/find", {"username": f"user{ann.id}"}, by="control").status_code == 404
