"""A new password: with the present one, strong enough, told to the spare bank, and the end of every other session."""

import pytest
from enrolling import PASSWORD, both_steps, mark, old_login, second_step

from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent, WrongCodes

pytestmark = pytest.mark.demand("B6")
NEW = "tolv røde båter på land"


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(verifier=passwords.make_verifier(PASSWORD))
    town.ann.client.cookies.clear()
    assert both_steps(town.ann).status_code == 303
    return town.ann


def change(person, present=PASSWORD, new=NEW):
    return person.post("/security/password", {"present": present, "new": new})


def log_in(person, password):
    person.client.cookies.clear()
    answer = person.post("/login", {"username": f"user{person.id}", "password": password})
    return second_step(person, answer)


def told(person):
    return Fact.objects.filter(kind="customer", key=str(person.id)).latest("id")


def test_a_new_password_holds_from_now_on_at_both_banks_and_ends_every_other_session(ann):
    here = ann.client.cookies["hf_bank"].value
    log_in(ann, PASSWORD)
    elsewhere = ann.client.cookies["hf_bank"].value
    ann.client.cookies["hf_bank"] = here
    assert change(ann).status_code == 303
    assert ann.get("/").status_code == 200
    ann.client.cookies["hf_bank"] = elsewhere
    assert ann.get("/").headers["Location"] == "/login"
    assert (log_in(ann, PASSWORD).status_code, log_in(ann, NEW).status_code) == (422, 303)
    body = told(ann).body
    assert passwords.password_fits(body["verifier"], NEW)
    assert (body["name"], body["accounts"]) == (ann.name, [ann.account])
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.password_changed").count() == 1


@pytest.mark.parametrize(
    ("present", "new", "field"),
    [
        ("wrong", NEW, "present"),
        (PASSWORD, "kort nok?", "new"),
        (PASSWORD, "passwordpassword1", "new"),
        (PASSWORD, "x" * 500, "new"),
    ],
)
def test_what_will_not_do_is_told_beside_its_field_with_nothing_changed(ann, present, new, field):
    before = told(ann).id
    answer = change(ann, present, new)
    page = answer.content.decode()
    assert (answer.status_code, f'id="{field}-wrong"' in page, told(ann).id) == (422, True, before)
    assert new not in page
    assert log_in(ann, PASSWORD).status_code == 303


def test_the_present_password_is_guessed_at_five_times_at_most(ann):
    WrongCodes.objects.filter(customer=ann.id).delete()
    assert [change(ann, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]
    assert change(ann).status_code == 429


def test_it_needs_a_word_of_the_last_five_minutes(ann, keys):
    old_login(ann, keys)
    answer = change(ann)
    assert (answer.status_code, mark(answer, "page")) == (403, "security")
    assert log_in(ann, PASSWORD).status_code == 303
