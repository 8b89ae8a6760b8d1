"""A forgotten password: a mailed code, the customer's second factor, one new password, and nothing to be learnt."""

import itertools
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from enrolling import PASSWORD, enrol, first_step, mark, now_code

from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.joining import resetting
from holdfast.bank.joining.models import PasswordReset
from holdfast.bank.mail.models import Mail

pytestmark = pytest.mark.demand("B6")
NEW = "tolv røde båter på land"
NUMBERS = itertools.count(1)


@pytest.fixture
def ann(town, register):
    PasswordReset.objects.all().delete()
    Customer.objects.filter(id=town.ann.id).update(
        verifier=passwords.make_verifier(PASSWORD), email=f"ann{next(NUMBERS)}@forgot.example"
    )
    town.ann.client.cookies.clear()
    return town.ann


def name(person):
    return f"user{person.id}"


def address(person):
    return Customer.objects.get(id=person.id).email


def ask(person, typed, cohort=None):
    return person.post("/login/forgot", {"name": typed}, cohort=cohort)


def begun(person, typed):
    """A reset's token; its mail is written."""
    answer = ask(person, typed)
    assert (answer.status_code, mark(answer, "page")) == (200, "forgot-code")
    resetting.mail_codes()
    return re.search(r'name="reset" value="([0-9a-f]{32})"', answer.content.decode()).group(1)


def mailed(person):
    return Mail.objects.filter(customer=person.id, notice="new-password-code").latest("id")


def mailed_code(person):
    return re.search(r"^(\d{6})$", mailed(person).body, re.MULTILINE).group(1)


def type_code(person, token, code):
    return person.post("/login/forgot/code", {"reset": token, "code": code})


def proof(person, typed=""):
    """What the form for the new password carries, after the right code."""
    answer = type_code(person, begun(person, typed or name(person)), mailed_code(person))
    assert (answer.status_code, mark(answer, "page")) == (200, "forgot-new")
    return re.search(r'name="proof" value="([^"]+)"', answer.content.decode()).group(1)


def choose(person, token, new=NEW, **more):
    return person.post("/login/forgot/new", {"proof": token, "new": new, **more})


def logs_in(person, password):
    person.client.cookies.clear()
    return person.post("/login", {"username": name(person), "password": password}).status_code == 303


@pytest.mark.parametrize("by", [name, lambda person: address(person).upper()])
def test_who_has_the_mailed_code_chooses_a_password_that_holds_at_both_banks_and_ends_every_session(ann, by):
    assert first_step(ann).status_code == 303
    done = choose(ann, proof(ann, by(ann)))
    assert (done.status_code, mark(done, "page")) == (200, "forgot-done")
    assert ann.get("/").status_code == 303
    assert (logs_in(ann, PASSWORD), logs_in(ann, NEW)) == (False, True)
    told = Fact.objects.filter(kind="customer", key=str(ann.id)).latest("id")
    assert told.body["verifier"] == Customer.objects.get(id=ann.id).verifier
    assert SecurityEvent.objects.filter(customer=ann.id).latest("id").event == "event.password_reset"
    assert "forgotten" in Mail.objects.filter(customer=ann.id, notice="security-changed").latest("id").body
    assert name(ann) in mailed(ann).body


def test_asking_is_answered_alike_whoever_is_meant_and_the_mail_says_what_is_so(ann, town):
    Customer.objects.filter(id=town.ben.id).update(email=address(ann))
    asked = [address(ann), "nobody@forgot.example", "nobody", name(ann)]
    before = Mail.objects.count()
    pages = [re.sub(r"[0-9a-f]{32}", "TOKEN", ask(ann, one).content.decode()) for one in asked]
    assert (len(set(pages)), Mail.objects.count()) == (1, before)
    resetting.mail_codes()
    notices = [one.notice for one in Mail.objects.order_by("id")[before:]]
    assert notices == ["new-password-which", "new-password-unknown", "new-password-code"]
    which = Mail.objects.get(notice="new-password-which", customer=ann.id)
    assert {name(ann), name(town.ben)} <= set(which.body.splitlines())
    assert {one.code for one in PasswordReset.objects.all()} == {""}


def test_a_code_is_tried_five_times_holds_fifteen_minutes_and_changes_a_password_once(ann):
    token = begun(ann, name(ann))
    code = mailed_code(ann)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    said = [mark(type_code(ann, token, wrong), "problem") for _ in range(resetting.TRIES_MAX)]
    assert said == ["wrong-code"] * 4 + ["over"]
    assert mark(type_code(ann, token, code), "problem") == "over"
    once = proof(ann)
    assert mark(choose(ann, once), "page") == "forgot-done"
    assert mark(choose(ann, once, "atten grønne hester"), "problem") == "over"
    late = proof(ann)
    PasswordReset.objects.update(created=timezone.now() - resetting.HOLDS - timedelta(seconds=1))
    assert mark(choose(ann, late, "atten grønne hester"), "problem") == "over"
    assert logs_in(ann, NEW)


def test_a_second_factor_is_asked_for_as_at_a_login(ann):
    secret, codes = enrol(ann.log_in())
    ann.client.cookies.clear()
    token = proof(ann)
    for code in ("", "000000"):
        answer = choose(ann, token, code=code)
        assert (answer.status_code, 'id="code-wrong"' in answer.content.decode()) == (422, True)
    assert mark(choose(ann, token, code=codes[0]), "page") == "forgot-done"
    assert now_code(secret)
    assert not logs_in(ann, PASSWORD)


def test_what_is_wrong_is_told_beside_its_field_and_changes_nothing(ann):
    assert ask(ann, "two words").status_code == 422
    token = proof(ann)
    for new in ("short", "password1234", name(ann) * 3):
        answer = choose(ann, token, new)
        assert (answer.status_code, 'id="new-wrong"' in answer.content.decode()) == (422, True)
    for bad in ("", "x.y.z", token[:-4] + "AAAA"):
        assert mark(choose(ann, bad), "problem") == "over"
    for reset in ("", "0" * 32, "\0"):
        assert mark(type_code(ann, reset, "123456"), "problem") == "over"
    assert logs_in(ann, PASSWORD)


def test_a_flood_is_refused_and_a_customer_elsewhere_still_gets_a_code(ann):
    said = [ask(ann, name(ann)).status_code for _ in range(resetting.SAME_MAX + 1)]
    assert said == [200] * resetting.SAME_MAX + [429]
    assert ann.post("/login/forgot", {"name": name(ann)}, network="elsewhere").status_code == 200


def test_the_new_password_waits_for_the_bank_that_serves_the_customer(ann):
    token = proof(ann)
    answer = ann.post("/login/forgot/new", {"proof": token, "new": NEW}, cohort=(ann.cohort + 1) % 256)
    assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (421, str(ann.cohort))
    assert logs_in(ann, PASSWORD)
