"""Guessed passwords at the primary bank: the same answer and the same work for every name, and never at the cost of the
customer whose name it is.
"""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from enrolling import PASSWORD, both_steps, first_step, last_fact, mark, second_step, settle
from structlog.testing import capture_logs

from holdfast.bank.books import rows
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.factors.models import KnownDevice
from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.factors import DEVICE_RENEW_S, factors_from_body
from holdfast.guard.guesses import TRIES_MAX

pytestmark = pytest.mark.demand("B6", "G3")
NETWORKS = itertools.count()
FIVE = TRIES_MAX["name and network"]


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(verifier=passwords.make_verifier(PASSWORD))
    town.ann.client.cookies.clear()
    return town.ann


@pytest.fixture
def verified(monkeypatch):
    """How often a password was looked at."""
    count, real = [], passwords.PasswordHasher.verify

    def verify(self, *given):
        count.append(1)
        return real(self, *given)

    monkeypatch.setattr(passwords.PasswordHasher, "verify", verify)
    return count


def unknown_name(epoch):
    """A name that nobody has, of a cohort that no other test has moved on from this epoch."""
    names = (f"nobody-here-{number}" for number in range(1000))
    return next(one for one in names if rows.row(stranger_cohort(one)).epoch == epoch)


def guess(person, username, network, cohort, typed="wrong"):
    form = {"username": username, "password": typed}
    return person.post("/login", form, network=network, cohort=cohort)


def guess_from_many(person):
    """So often, from so many places, that nobody may guess any more."""
    for _ in range(TRIES_MAX["name"] // FIVE):
        network = f"many{next(NETWORKS)}"
        for _ in range(FIVE):
            assert guess(person, f"user{person.id}", network, person.cohort).status_code == 422
    assert mark(first_step(person), "problem") == "too-many-passwords"


def test_known_and_unknown_names_are_answered_alike_at_the_same_work_up_to_and_behind_the_limit(ann, verified):
    seen = []
    nobody = unknown_name(ann.epoch)
    for username, cohort in ((f"user{ann.id}", ann.cohort), (nobody, stranger_cohort(nobody))):
        network, before = f"alike{next(NETWORKS)}", len(verified)
        answers = [guess(ann, username, network, cohort) for _ in range(FIVE + 2)]
        texts = [one.content.decode().replace(username, "NAME") for one in answers]
        seen.append(([one.status_code for one in answers], texts, len(verified) - before))
    assert seen[0] == seen[1]
    assert seen[0][0] == [422] * FIVE + [429] * 2
    assert seen[0][2] == FIVE


def test_behind_the_limit_a_right_password_is_not_looked_at_and_another_network_goes_on(ann, verified):
    network = f"right{next(NETWORKS)}"
    for _ in range(FIVE):
        guess(ann, f"user{ann.id}", network, ann.cohort)
    before = len(verified)
    answer = guess(ann, f"user{ann.id}", network, ann.cohort, PASSWORD)
    assert (answer.status_code, mark(answer, "problem"), len(verified)) == (429, "too-many-passwords", before)
    assert f'value="user{ann.id}"' in answer.content.decode()
    assert not answer.cookies
    assert guess(ann, f"user{ann.id}", "another", ann.cohort, PASSWORD).status_code == 303


def test_a_known_device_logs_in_whatever_strangers_guessed(ann):
    assert both_steps(ann).status_code == 303
    known = ann.client.cookies["hf_device"].value
    ann.client.cookies.clear()
    guess_from_many(ann)
    ann.client.cookies["hf_device"] = known
    assert both_steps(ann).status_code == 303


def test_a_device_is_vouched_for_anew_only_after_a_day(ann, keys):
    assert both_steps(ann).status_code == 303
    said = keys["primary"].verify("known-device", ann.client.cookies["hf_device"].value, {"primary"})
    again = both_steps(ann)
    assert (again.status_code, "hf_device" in again.cookies) == (303, False)
    old = keys["standin"].sign("known-device", {**said, "at": said["at"] - DEVICE_RENEW_S - 1})
    ann.client.cookies["hf_device"] = old
    renewed = both_steps(ann).cookies["hf_device"].value
    assert keys["primary"].verify("known-device", renewed, {"primary"})["device"] == said["device"]
    assert KnownDevice.objects.filter(customer=ann.id).count() == 1


def test_anothers_device_is_a_strangers(ann, town, keys):
    assert both_steps(ann).status_code == 303
    stranger, device = town.person(0), ann.client.cookies["hf_device"].value
    guess_from_many(stranger)
    stranger.client.cookies["hf_device"] = device
    assert mark(first_step(stranger), "problem") == "too-many-passwords"


def test_a_removed_device_is_a_strangers_at_both_banks(ann):
    assert both_steps(ann).status_code == 303
    page = ann.get("/security")
    device = mark(page, "device")
    assert mark(page, "devices") == "1"
    assert ann.post("/security/devices/remove", {"device": device}).status_code == 303
    assert mark(ann.get("/security"), "devices") == "0"
    assert factors_from_body(last_fact(ann).body).devices_gone == (device,)
    known = ann.client.cookies["hf_device"].value
    ann.client.cookies.clear()
    guess_from_many(ann)
    ann.client.cookies["hf_device"] = known
    assert mark(first_step(ann), "problem") == "too-many-passwords"


def test_nobody_removes_anothers_device(ann, town):
    assert both_steps(ann).status_code == 303
    device = mark(ann.get("/security"), "device")
    other = town.person(0).log_in()
    assert other.post("/security/devices/remove", {"device": device}).status_code == 404
    assert mark(ann.get("/security"), "devices") == "1"


def test_a_password_asks_the_database_one_thing_on_a_known_device(ann):
    assert both_steps(ann).status_code == 303
    with CaptureQueriesContext(connection) as asked:
        assert mark(first_step(ann), "page") == "login-code"
    assert [one["sql"].split()[0] for one in asked] == ["SELECT"]


def test_logins_and_what_is_not_theirs_are_logged_for_who_watches_without_what_was_typed(ann, town):
    name = f"user{ann.id}"
    with capture_logs() as lines:
        guess(ann, name, "somewhere", town.cohort, "a wrong one")
        guess(ann, "nobody-here", "somewhere", stranger_cohort("nobody-here"), "a wrong one")
        settle(ann)
        assert second_step(ann, guess(ann, name, "home", town.cohort, PASSWORD), network="home").status_code == 303
        assert ann.get(f"/accounts/{town.ben.account}").status_code == 404
    said = [
        (one["event"], one["customer"], one.get("why", ""), one.get("network")) for one in lines if "customer" in one
    ]
    assert said == [
        ("login refused", ann.id, "wrong", "somewhere"),
        ("login refused", 0, "wrong", "somewhere"),
        ("logged in", ann.id, "", "home"),
        ("not_found", ann.id, "", None),
    ]
    assert not any(word in str(lines) for word in ("a wrong one", "nobody-here", PASSWORD, name))
