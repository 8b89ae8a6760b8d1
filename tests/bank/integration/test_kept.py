"""A form sent after its session ended goes on behind the login: seen by nobody else, sent by nobody else, by one press."""

import html
import json
import re
import time
import uuid

import pytest
from enrolling import PASSWORD, enrol, mark, now_code, old_login, proof_of, second_step, settle

from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.factors.models import Authenticator
from holdfast.bank.payments.models import Intent
from holdfast.bank.web import kept
from holdfast.contracts import kept as forms
from holdfast.contracts.sessions import ABSOLUTE_S, IDLE_S, Session

pytestmark = pytest.mark.demand("B1", "B6")


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id__in=(town.ann.id, town.ben.id)).update(verifier=passwords.make_verifier(PASSWORD))
    settle(town.ann)
    settle(town.ben)
    return town.ann


def expire(person, keys):
    """The person's browser holds a session that idled for too long."""
    old_login(person, keys, issued=time.time() - IDLE_S - 1, began=time.time() - IDLE_S - 600)


def hidden(answer):
    """The hidden fields of a page's forms."""
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', answer.content.decode())
    return {name: html.unescape(value) for name, value in found}


def send_late(person, keys, form):
    """Send a payment after the session ended; what the login carries on."""
    expire(person, keys)
    answer = person.post("/pay", form)
    assert (answer.status_code, mark(answer, "page")) == (200, "login")
    return hidden(answer)["kept"]


def log_in(person, token, **more):
    asked = type_password(person, token, **more)
    return second_step(person, asked, kept=token)


def type_password(person, token, **more):
    return person.post("/login", {"username": f"user{person.id}", "password": PASSWORD, "kept": token, **more})


def test_what_was_typed_goes_on_behind_the_login_by_one_press_and_is_paid_once(ann, town, keys):
    form = ann.form(town.ben, "12.50")
    token = send_late(ann, keys, form)
    assert not Intent.objects.filter(id=uuid.UUID(form["id"])).exists()
    shown = log_in(ann, token)
    assert (shown.status_code, mark(shown, "page"), mark(shown, "path")) == (200, "going-on", "/pay")
    assert town.ben.number in shown.content.decode()
    assert town.ben.balance == 0
    fields = hidden(shown)
    assert fields == {name: str(value) for name, value in form.items()}
    for _ in range(2):
        assert ann.post("/pay", fields).status_code == 303
    assert town.ben.balance == 1250


def test_it_is_kept_through_a_wrong_password_and_a_code(ann, town, keys):
    Authenticator.objects.filter(customer=ann.id).delete()
    secret, _ = enrol(ann)
    token = send_late(ann, keys, ann.form(town.ben, "1"))
    wrong = log_in(ann, token, password="wrong")
    assert (wrong.status_code, hidden(wrong)["kept"]) == (422, token)
    asked = type_password(ann, token)
    assert (mark(asked, "page"), hidden(asked)["kept"]) == ("login-code", token)
    done = ann.post("/login", {"proof": proof_of(asked), "code": now_code(secret, 1), "kept": token})
    assert mark(done, "page") == "going-on"


def test_nobody_else_reads_it_and_nobody_else_sends_it(ann, town, keys):
    token = send_late(ann, keys, ann.form(town.ben, "777", text="for the surprise"))
    page = ann.post("/login", {"username": "x", "password": "y", "kept": token}, cohort=None)
    assert page.status_code == 421
    wrong = log_in(ann, token, password="wrong").content.decode()
    assert "surprise" not in wrong and "777" not in wrong
    other = log_in(town.ben, token)
    assert (other.status_code, other.headers["Location"]) == (303, "/")


def test_a_session_that_was_ended_or_never_was_keeps_nothing(ann, town, keys):
    form = ann.form(town.ben, "5")
    ann.client.cookies.clear()
    assert ann.post("/pay", form).headers["Location"] == "/login"
    stranger = Session(uuid.uuid4().hex, ann.id, ann.cohort, ("password",), 1.0, 1.0, ann.epoch)
    ann.client.cookies["hf_bank"] = keys["control"].sign("session", stranger.to_payload())
    assert ann.post("/pay", form).headers["Location"] == "/login"


@pytest.mark.parametrize("path", ["/security/confirm", "/security/passkeys", "/security/sessions/end", "/logout"])
def test_how_one_logs_in_is_never_changed_by_a_form_from_before_the_login(ann, keys, path):
    expire(ann, keys)
    answer = ann.post(path, {"password": PASSWORD, "session": "others"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 400, "x" * 50_000, json.dumps({"path": "/pay"})], ids=["none", "x", "A", "long", "json"]
)
def test_what_is_no_kept_form_is_left_out(ann, token):
    assert log_in(ann, token).headers["Location"] == "/"


def test_it_holds_for_an_hour_and_for_forms_of_a_size(ann, town, keys, monkeypatch):
    token = send_late(ann, keys, ann.form(town.ben, "5"))
    monkeypatch.setattr(forms, "KEPT_S", -1)
    assert log_in(ann, token).headers["Location"] == "/"
    expire(ann, keys)
    large = ann.post("/pay", ann.form(town.ben, "5", text="x" * forms.BYTES_MAX))
    assert large.headers["Location"] == "/login"


def test_passwords_and_codes_are_never_kept(ann, town, keys):
    token = send_late(ann, keys, ann.form(town.ben, "5", password="hunter2", code="123456"))
    taken = kept.take_up(token, ann.id)
    assert not {name for name, _ in taken.fields} & forms.NEVER


@pytest.mark.parametrize(
    ("age_s", "began_s", "renewed", "left_s"),
    [(0, 0, False, IDLE_S), (30, 30, False, IDLE_S - 30), (90, 90, True, IDLE_S), (0, ABSOLUTE_S - 60, True, 60)],
)
def test_a_page_says_how_long_its_session_lasts(age_s, began_s, renewed, left_s):
    session = Session("s", 1, 1, (), 10**6 - began_s, 10**6 - age_s, 1)
    assert session.left_s(renewed, now=10**6) == left_s


def test_every_page_of_a_customer_carries_the_notice_and_its_script(ann):
    page = ann.get("/").content.decode()
    assert re.search(r'data-left-s="(8\d\d|900)" data-idle-s="900"', page)
    assert "/assets/session.js" in page
