"""Becoming a customer: proof of the address, a first account, and nothing to be learnt about who is a customer."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from enrolling import mark, now_code

from holdfast.bank.books import installation, reader
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.joining import registering
from holdfast.bank.joining.models import Registration
from holdfast.bank.mail.models import Mail
from holdfast.contracts.epochs import cohort_of

pytestmark = pytest.mark.demand("B6")
NUMBERS = itertools.count(1)
PASSWORD = "tjue blå sykler"


class Visitor:
    """Somebody who is no customer yet, with a network and an address of their own."""

    def __init__(self, town):
        number = next(NUMBERS)
        self.row = town.ann.row
        self.client, self.network = Client(), f"visitor{number}"
        self.form = {
            "name": "Nora Newcomer",
            "born": "24.12.1990",
            "email": f"nora{number}@mail.example",
            "username": f"nora{number:03d}",
            "password": PASSWORD,
        }

    def post(self, path, form, cohort=None):
        row = self.row(cohort=cohort, network=self.network)
        headers = {"Holdfast-Row": row, "Origin": installation().door_origin}
        return self.client.post(path, form, headers=headers)

    def add_authenticator(self, made):
        """Set the second factor up, as everybody must before anything else."""
        where = "/security/begin/authenticator"
        assert self.post(where, {}, cohort=made.cohort).headers["Location"] == where
        page = self.client.get(where, headers={"Holdfast-Row": self.row(cohort=made.cohort)})
        code = now_code(mark(page, "secret").replace(" ", ""))
        assert mark(self.post(where, {"code": code}, cohort=made.cohort), "page") == "recovery"

    def overview(self, made):
        """The first page, once this visitor is the customer made and logged in."""
        row = self.row(cohort=made.cohort)
        return self.client.get("/", headers={"Holdfast-Row": row}).content.decode()

    def begin(self, **more):
        answer = self.post("/register", {**self.form, **more})
        assert (answer.status_code, mark(answer, "page")) == (200, "register-code")
        return re.search(r'name="registration" value="([0-9a-f]{32})"', answer.content.decode()).group(1)

    def mailed(self):
        """The last mail to this visitor."""
        return Mail.objects.filter(email=self.form["email"]).latest("id")

    def code(self):
        return re.search(r"^(\d{6})$", self.mailed().body, re.MULTILINE).group(1)

    def finish(self, token, code, **more):
        return self.post("/register/code", {"registration": token, "email": self.form["email"], "code": code, **more})

    def customers(self):
        return Customer.objects.filter(email=self.form["email"])


@pytest.fixture
def nora(town):
    Registration.objects.all().delete()
    return Visitor(town)


def other_code(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_who_proves_an_address_is_a_customer_with_an_account_and_is_told_to_the_spare_bank(nora):
    done = nora.finish(nora.begin(), nora.code())
    assert (done.status_code, mark(done, "page")) == (200, "registered")
    made = nora.customers().get()
    account = Account.objects.get(owner__customer=made.id)
    assert (made.username, made.name, made.cohort) == (nora.form["username"], "Nora Newcomer", account.cohort)
    assert (account.cohort, account.currency) == (cohort_of(account.number), "NOK")
    assert reader().accounts([account.id])[account.id].balance_minor == 0
    told = Fact.objects.get(kind="customer", key=str(made.id)).body
    assert (told["verifier"], told["accounts"]) == (made.verifier, [account.id])
    assert Fact.objects.get(kind="account", key=str(account.id)).body["owners"] == [made.id]
    assert SecurityEvent.objects.get(customer=made.id).event == "event.registered"
    assert Registration.objects.get().verifier == ""


def test_a_new_customer_logs_in_and_sees_the_account(nora):
    nora.finish(nora.begin(), nora.code())
    made = nora.customers().get()
    form = {"username": made.username, "password": PASSWORD}
    answer = nora.post("/login", form, cohort=made.cohort)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/security/begin")
    assert nora.overview(made) == ""
    nora.add_authenticator(made)
    page = nora.overview(made)
    assert 'data-page="overview"' in page
    assert "Everyday account" in page


def test_a_known_address_is_answered_alike_after_the_same_work_and_its_owner_is_told(nora, town, monkeypatch):
    hashed, real = [], passwords.PasswordHasher.hash
    monkeypatch.setattr(passwords.PasswordHasher, "hash", lambda *given: hashed.append(1) or real(*given))
    known = Visitor(town)
    Customer.objects.filter(id=town.ann.id).update(email=known.form["email"].upper())
    pages = [one.post("/register", one.form).content.decode() for one in (known, nora)]
    plain = [
        re.sub(r"[0-9a-f]{32}", "TOKEN", page).replace(one.form["email"], "ADDRESS")
        for page, one in zip(pages, (known, nora), strict=True)
    ]
    assert (plain[0] == plain[1], len(hashed)) == (True, 2)
    told = Mail.objects.filter(customer=town.ann.id).latest("id")
    assert (told.notice, nora.mailed().notice) == ("known-address", "confirm-address")
    token = re.search(r"[0-9a-f]{32}", pages[0]).group(0)
    for code in ("", "000000", nora.code()):
        answer = known.finish(token, code)
        assert (answer.status_code, mark(answer, "problem")) == (422, "wrong-code")
    assert known.customers().get().id == town.ann.id


def test_a_code_is_tried_five_times_and_then_even_the_right_one_is_none(nora):
    token, code = nora.begin(), nora.code()
    said = [mark(nora.finish(token, other_code(code)), "problem") for _ in range(registering.TRIES_MAX)]
    assert said == ["wrong-code"] * 4 + ["over"]
    assert mark(nora.finish(token, code), "problem") == "over"
    assert nora.customers().count() == 0


def test_a_code_holds_fifteen_minutes(nora):
    token, code = nora.begin(), nora.code()
    Registration.objects.update(created=timezone.now() - registering.HOLDS - timedelta(seconds=1))
    assert mark(nora.finish(token, code), "problem") == "over"
    assert nora.customers().count() == 0


def test_a_code_of_another_registration_and_no_token_at_all_open_nothing(nora, town):
    other = Visitor(town)
    token = nora.begin()
    other.begin()
    nora_code = nora.code()
    if other.code() != nora_code:
        assert mark(nora.finish(token, other.code()), "problem") == "wrong-code"
    for token in ("", "0" * 32, "x" * 400, "\0"):
        assert mark(nora.finish(token, nora_code), "problem") == "over"
    assert nora.customers().count() == 0


def test_a_taken_name_is_told_only_behind_the_right_code_and_another_one_does(nora, town):
    taken = f"user{town.ann.id}"
    token = nora.begin(username=taken)
    code = nora.code()
    assert mark(nora.finish(token, other_code(code)), "problem") == "wrong-code"
    answer = nora.finish(token, code)
    assert (answer.status_code, mark(answer, "problem")) == (422, "name-taken")
    assert f'value="{code}"' in answer.content.decode()
    assert nora.customers().count() == 0
    assert mark(nora.finish(token, code, username="no"), "problem") == "name-taken"
    assert mark(nora.finish(token, code, username="nora.again"), "page") == "registered"
    assert nora.customers().get().username == "nora.again"


def test_names_are_tried_a_few_times_only(nora, town):
    token = nora.begin(username=f"user{town.ann.id}")
    said = [mark(nora.finish(token, nora.code()), "problem") for _ in range(registering.NAMES_MAX + 1)]
    assert said == ["name-taken"] * registering.NAMES_MAX + ["over"]


def test_the_same_form_again_and_at_the_same_time_makes_one_customer(nora):
    token, code = nora.begin(), nora.code()

    def finish(_):
        try:
            return registering.finish(token, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(finish, range(4))) == {registering.Ended.JOINED}
    assert mark(nora.finish(token, code), "page") == "registered"
    assert nora.customers().count() == 1
    assert Account.objects.filter(owner__customer=nora.customers().get().id).count() == 1


@pytest.mark.parametrize(("most", "what"), [(registering.EMAIL_MAX, "email"), (registering.NETWORK_MAX, "network")])
def test_a_flood_from_one_network_or_for_one_address_is_refused_with_nothing_sent(nora, town, most, what):
    for number in range(most):
        nora.begin(**({} if what == "email" else {"email": f"flood{number}@mail.example"}))
    before = (Mail.objects.count(), Registration.objects.count())
    refused = nora.post("/register", nora.form)
    assert (refused.status_code, mark(refused, "page")) == (429, "register")
    assert f'value="{nora.form["email"]}"' in refused.content.decode()
    assert (Mail.objects.count(), Registration.objects.count()) == before
    assert mark(Visitor(town).post("/register", Visitor(town).form), "page") == "register-code"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x"),
        ("email", "nora"),
        ("email", "nora@example"),
        ("email", "nora@@mail.example"),
        ("email", "nora@mail.example, all@mail.example"),
        ("username", "nor"),
        ("username", "9nora"),
        ("username", "nora nora"),
        ("username", "nørå"),
        ("born", ""),
        ("born", "31.02.1990"),
        ("born", "24.12.2990"),
        ("born", (timezone.localdate() - timedelta(days=17 * 365)).isoformat()),
        ("password", "short"),
        ("password", "passwordpassword1"),
        ("password", "x" * 1000),
    ],
)
def test_a_field_that_will_not_do_is_told_beside_it_with_all_else_kept(nora, field, typed):
    answer = nora.post("/register", {**nora.form, field: typed})
    page = answer.content.decode()
    assert (answer.status_code, re.findall(r'id="([a-z]+)-wrong"', page)) == (422, [field])
    for name, value in nora.form.items():
        assert (f'value="{value}"' in page) == (name not in (field, "password"))
    assert PASSWORD not in page
    assert not Registration.objects.exists()


def test_what_a_stranger_types_is_never_markup_nor_in_a_mail_to_others(nora):
    token = nora.begin(name="<b>Buy at evil.example</b>")
    assert "evil" not in nora.mailed().body
    nora.finish(token, nora.code())
    made = nora.customers().get()
    assert made.name == "<b>Buy at evil.example</b>"
    nora.post("/login", {"username": made.username, "password": PASSWORD}, cohort=made.cohort)
    nora.add_authenticator(made)
    page = nora.overview(made)
    assert "<b>Buy" not in page


def test_old_registrations_are_forgotten(nora):
    nora.begin()
    assert registering.forget_old() == 0
    Registration.objects.update(created=timezone.now() - registering.KEPT - timedelta(seconds=1))
    assert registering.forget_old() == 1
