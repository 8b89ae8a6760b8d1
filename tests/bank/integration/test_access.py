"""What staff may do about a customer's way in, at the bank: end it, alone; make it easier, by two; choose nothing."""

import time
import uuid

import pytest
from enrolling import PASSWORD, both_steps, first_step, last_fact

from holdfast.bank.books import rows
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import Authenticator, Passkey
from holdfast.bank.mail.models import Mail
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.factors import passkey_key

pytestmark = pytest.mark.demand("B6", "G6")


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(
        verifier=passwords.make_verifier(PASSWORD), email=f"{uuid.uuid4().hex}@access.example"
    )
    town.ann.client.cookies.clear()
    assert both_steps(town.ann).status_code == 303
    return town.ann


@pytest.fixture
def order(call, keys):
    """What the console sends: a deed of sam's and, where there is one, a second person's."""

    def send(customer, deed, second=""):
        said = {"customer": customer, "deed": deed, "asked_by": "sam", "approved_by": second, "at": time.time()}
        return call("/-/access", {"token": keys["control"].sign("customer-access", said)}, by="control")

    return send


def told(person):
    return Mail.objects.filter(customer=person.id).latest("id").body


def test_a_customer_is_found_by_the_username_alone(ann, call):
    assert call("/-/access/find", {"username": f"user{ann.id}"}, by="control").json() == {"customer": ann.id}
    assert call("/-/access/find", {"username": "nobody at all"}, by="control").status_code == 404


def test_one_person_ends_every_session_and_the_customer_is_told(ann, order):
    assert order(ann.id, "sessions").status_code == 200
    assert ann.get("/").status_code == 303
    assert "ended all sessions" in told(ann)
    assert both_steps(ann).status_code == 303


def test_one_person_ends_the_password_and_it_fits_at_neither_bank(ann, order):
    assert order(ann.id, "password").status_code == 200
    assert ann.get("/").status_code == 303
    assert first_step(ann).status_code == 422
    assert Fact.objects.filter(kind="customer", key=str(ann.id)).latest("id").body["verifier"] == ""
    assert "Forgotten your password" in told(ann)


def test_what_was_lost_is_removed_by_two_and_by_nobody_alone_and_set_up_anew(ann, order):
    passkey = Passkey.objects.create(id=uuid.uuid4().hex, customer_id=ann.id, public_key="x", name="Lost")
    for second in ("", "sam", "SAM"):
        assert order(ann.id, "authenticator", second).status_code == 409
    assert Authenticator.objects.filter(customer=ann.id).exists()
    assert order(ann.id, "authenticator", "rita").status_code == 200
    assert not Authenticator.objects.filter(customer=ann.id).exists()
    assert (Passkey.objects.filter(customer=ann.id).count(), last_fact(ann).body) == (0, None)
    assert Fact.objects.filter(kind="passkey", key=passkey_key(passkey.id)).latest("id").body is None
    assert "call us at once" in told(ann)
    ann.client.cookies.clear()
    assert first_step(ann).headers["Location"] == "/security/begin"


def test_nothing_is_done_to_nobody_to_who_is_at_the_spare_bank_or_by_another_order(ann, order):
    assert order(10**15, "sessions").status_code == 409
    assert order(ann.id, "money").status_code == 400
    rows.learn([Row(ann.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert order(ann.id, "password").status_code == 409
    assert Customer.objects.get(id=ann.id).verifier


def test_no_password_is_ended_that_could_never_be_replaced(ann, order):
    Customer.objects.filter(id=ann.id).update(email="")
    answer = order(ann.id, "password")
    assert (answer.status_code, "No address" in answer.json()["error"]) == (409, True)
    assert Customer.objects.get(id=ann.id).verifier
    assert ann.get("/").status_code == 200
