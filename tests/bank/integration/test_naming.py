"""A customer is called otherwise: asked for with a reason, decided by two, and the old name reaches them for a while."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from enrolling import mark, old_login

from holdfast.bank.customers.known import accounts_by_number, find_by_numbers
from holdfast.bank.customers.models import Customer, NameChange
from holdfast.bank.exchange.models import Fact
from holdfast.bank.mail.models import Mail
from holdfast.bank.privacy import naming

pytestmark = pytest.mark.demand("G7", "G6")
NEW = "Berit Quillfeather"


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(email="ann@naming.example", name="Ann Example")
    town.ann.name = "Ann Example"
    accounts_by_number.forget()
    return town.ann


@pytest.fixture
def decide(call, keys):
    def send(number, take=True, second="ruth", why="saw the certificate"):
        said = {"number": number, "take": take, "why": why, "asked_by": "sam", "approved_by": second, "at": time.time()}
        return call("/-/names/decide", {"token": keys["control"].sign("name-change", said)}, by="control")

    return send


def ask(person, name=NEW, reason="married"):
    return person.post("/my-data/name", {"name": name, "reason": reason})


def asked(person):
    return NameChange.objects.get(customer=person.id, state="waiting")


def told(person):
    return Fact.objects.filter(kind="customer", key=str(person.id)).latest("id").body


def state_of(person):
    found = Customer.objects.get(id=person.id)
    return found.name, found.former_name


def test_a_name_that_two_decided_on_holds_at_both_banks_and_is_told(ann, call, decide):
    assert ask(ann).status_code == 303
    assert mark(ann.get("/my-data"), "renaming") == "yes"
    (listed,) = [one for one in call("/-/names", by="control").json()["names"] if one["customer"] == ann.id]
    assert (listed["was"], listed["name"], listed["reason"]) == ("Ann Example", NEW, "married")
    for _ in range(2):
        assert decide(listed["number"]).status_code == 200
    assert state_of(ann) == (NEW, "Ann Example")
    assert (told(ann)["name"], told(ann)["former"]["name"]) == (NEW, "Ann Example")
    assert Mail.objects.filter(customer=ann.id, notice="security-changed").count() == 1
    assert NEW in Mail.objects.filter(customer=ann.id).latest("id").body
    assert mark(ann.get("/my-data"), "renaming") == "no"
    assert NEW in ann.get("/my-data").content.decode()


@pytest.mark.parametrize("name", [NEW, "Ann Example"])
def test_payers_write_the_new_name_or_the_old_one_for_a_while(ann, town, decide, name):
    ask(ann)
    decide(asked(ann).number)
    rich = town.person(10_000).log_in()
    ann.name = name
    assert rich.post("/pay", rich.form(ann, "1.00")).status_code == 303
    known = accounts_by_number.get(ann.number)
    assert (known.names, known.former) == ((NEW,), ("Ann Example",))
    assert find_by_numbers([ann.number])[ann.number].known_by == (NEW, "Ann Example")


def test_the_old_name_is_forgotten_at_both_banks_when_its_time_is_over(ann, town, decide):
    ask(ann)
    decide(asked(ann).number)
    assert naming.forget_former() == 0
    Customer.objects.filter(id=ann.id).update(former_until=timezone.now() - timedelta(seconds=1))
    accounts_by_number.forget()
    rich = town.person(10_000).log_in()
    assert rich.post("/pay", rich.form(ann, "1.00")).status_code == 422
    assert naming.forget_former() == 1
    assert (state_of(ann), "former" in told(ann)) == ((NEW, ""), False)
    assert naming.forget_former() == 0


@pytest.mark.parametrize("second", ["", "sam", " SAM "])
def test_one_alone_changes_no_name(ann, decide, second):
    ask(ann)
    assert decide(asked(ann).number, second=second).status_code == 409
    assert decide(asked(ann).number, why=" ").status_code == 409
    assert state_of(ann) == ("Ann Example", "")
    assert asked(ann).name == NEW


def test_what_is_declined_is_told_with_the_reason_and_stays_so(ann, decide):
    ask(ann)
    number = asked(ann).number
    assert decide(number, take=False, why="the paper was of somebody else").status_code == 200
    assert decide(number, take=True).status_code == 409
    assert state_of(ann) == ("Ann Example", "")
    assert "the paper was of somebody else" in Mail.objects.filter(customer=ann.id).latest("id").body
    assert decide(10**9).status_code == 409


def test_what_is_no_name_is_told_and_nothing_is_asked(ann, keys):
    for name, reason in (("", "x"), ("n" * 141, "x"), ("Ann Example", "x"), (NEW, ""), (NEW, "r" * 301)):
        assert ask(ann, name, reason).status_code == 422, name
    assert not NameChange.objects.filter(customer=ann.id).exists()
    assert ask(ann).status_code == 303
    assert ask(ann, "Somebody Else").status_code == 422
    assert NameChange.objects.filter(customer=ann.id).count() == 1
    NameChange.objects.filter(customer=ann.id).update(state="declined")
    for _ in range(naming.ASKED_MAX - 1):
        assert ask(ann).status_code == 303
        NameChange.objects.filter(customer=ann.id).update(state="declined")
    assert ask(ann).status_code == 429
    old_login(ann, keys)
    assert ask(ann).status_code == 403
