"""The list of payees and the answers of the name check; the customer's own limits as a page."""

import re
import time

import pytest
from enrolling import mark, old_login
from proofs import PASSWORD, outcome, with_password

from holdfast.bank import commands
from holdfast.bank.exchange.models import Fact
from holdfast.bank.payments import own_limits
from holdfast.bank.payments.models import Intent, OwnLimit, SavedPayee
from holdfast.contracts.kid import mod10_digit

pytestmark = pytest.mark.demand("B4")


def last(kind):
    """The newest fact of a kind."""
    return Fact.objects.filter(kind=kind).latest("id")


def test_a_payee_whose_name_fits_is_saved_told_and_paid_from_the_list(town):
    assert town.ann.post("/payees", {"to": town.ben.number, "name": "Ben Builder"}).headers["Location"] == "/payees"
    page = town.ann.get("/payees").content.decode()
    assert 'data-name-check="match"' in page
    assert (town.ben.number in page, town.ben.number[-5:] in page) == (False, True)
    told = last("payee")
    assert (told.key, told.body["name"]) == (f"{town.ann.id}:{town.ben.account}", "Ben Builder")
    form = town.ann.get(f"/pay?payee={town.ben.account}").content.decode()
    assert f'value="{town.ben.number}"' in form
    assert town.ann.post("/payees/remove", {"account": town.ben.account}).status_code == 303
    assert (last("payee").key, last("payee").body) == (told.key, None)
    assert not SavedPayee.objects.filter(customer=town.ann.id).exists()


@pytest.mark.parametrize(("name", "answer", "shown"), [("Ben Bulder", "close", True), ("Somebody Else", "none", False)])
def test_a_name_that_does_not_fit_is_asked_about_once(town, name, answer, shown):
    asked = town.ann.post("/payees", {"to": town.ben.number, "name": name})
    page = asked.content.decode()
    assert (asked.status_code, mark(asked, "name-check")) == (422, answer)
    assert ("Ben Builder" in page) is shown
    assert not SavedPayee.objects.filter(customer=town.ann.id).exists()
    checked = re.search(r'name="checked" value="([^"]*)"', page).group(1)
    town.ann.post("/payees", {"to": town.ben.number, "name": name, "checked": checked})
    assert SavedPayee.objects.get(customer=town.ann.id).checked == answer


@pytest.mark.parametrize(
    ("form", "words"), [({"to": "123", "name": "X"}, "no account with this number"), ({"name": "X"}, "Write the account"),
                        ({"to": "123", "name": ""}, "Write the name")]
)  # fmt: skip
def test_a_payee_that_is_none_is_told_beside_the_field(town, form, words):
    answer = town.ann.post("/payees", form)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_nobody_elses_list_can_be_read_or_changed(town):
    town.ann.post("/payees", {"to": town.ben.number, "name": "Ben Builder"})
    other = town.person(1000).log_in()
    assert other.get(f"/pay?payee={town.ben.account}").status_code == 404
    assert other.post("/payees/remove", {"account": town.ben.account}).status_code == 404
    assert other.post("/payees/remove", {"account": "x"}).status_code == 404
    assert "Ben Builder" not in other.get("/payees").content.decode()
    assert SavedPayee.objects.filter(customer=town.ann.id).count() == 1


def test_from_and_to_the_same_account_is_said_beside_the_field_and_nothing_is_recorded(town):
    answer = town.ann.post("/pay", town.ann.form(town.ann, "10"))
    assert (answer.status_code, outcome(answer)) == (422, "none")
    assert "account that you pay from" in answer.content.decode()
    assert not Intent.objects.filter(customer=town.ann.id).exists()


def test_a_close_name_is_shown_on_the_payment_form(town):
    answer = town.ann.post("/pay", {**town.ann.form(town.ben, "10"), "name": "Ben Bulder"})
    assert (mark(answer, "name-check"), "belongs to Ben Builder" in answer.content.decode()) == ("close", True)


def test_a_firm_that_asks_for_a_kid_is_paid_with_a_right_one_only(town):
    assert commands.kid_need(town.ben.number, "must") == 0
    assert (last("kid").key, last("kid").body) == (str(town.ben.account), {"need": "must"})
    good = "1234567" + mod10_digit("1234567")
    bad = good[:-1] + str((int(good[-1]) + 1) % 10)
    form = town.ann.form(town.ben, "10", text="")
    for more, words in (
        ({}, "needs the KID"),
        ({"kid": "12345"}, "no KID"),
        ({"kid": good, "text": "x"}, "either a KID"),
    ):
        answer = town.ann.post("/pay", form | more)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert bad != good
    assert outcome(town.ann.post("/pay", form | {"kid": f"{good[:4]} {good[4:]}"})) == "done"
    assert Intent.objects.get(id=form["id"]).text == f"KID {good}"


def limit(person, **form):
    return person.post("/limits", {"payment": "", "day": ""} | form)


def test_a_lower_limit_holds_at_once_also_for_the_next_payment(town):
    assert limit(town.ann, payment="100", day="150").status_code == 303
    assert last("own_limits").body == {"held": {"per_payment_minor": 10_000, "per_day_minor": 15_000}}
    assert outcome(town.ann.post("/pay", town.ann.form(town.ben, "100"))) == "done"
    for amount, reason in (("100.01", "own_payment_limit"), ("50.01", "own_day_limit")):
        form = town.ann.form(town.ben, amount)
        assert outcome(town.ann.post("/pay", form)) == "refused-own"
        assert Intent.objects.get(id=form["id"]).reason == reason
    assert town.ben.balance == 10_000


def test_a_higher_limit_waits_a_day_and_needs_a_fresh_proof(town, keys, monkeypatch):
    ann = with_password(town.ann)
    limit(ann, payment="100")
    old_login(ann, keys)
    for form in ({"payment": "200"}, {"payment": "200", "password": "guess"}):
        assert limit(ann, **form).status_code == 422
    assert OwnLimit.objects.get(customer=ann.id).body == {"held": {"per_payment_minor": 10_000}}
    assert limit(ann, payment="200", password=PASSWORD).status_code == 303
    page = ann.get("/limits")
    assert (mark(page, "held-payment"), mark(page, "coming") != "") == ("10000", True)
    assert outcome(ann.post("/pay", ann.form(town.ben, "150"))) == "refused-own"
    now = time.time_ns() // 1000
    monkeypatch.setattr(own_limits, "now_us", lambda: now + 24 * 3600 * 10**6)
    assert own_limits.own_limits_of(ann.id).at(own_limits.now_us()).per_payment_minor == 20_000


def test_a_raise_that_waits_can_be_taken_back(town):
    limit(town.ann, payment="100")
    limit(town.ann, payment="200")
    assert town.ann.post("/limits/keep", {}).status_code == 303
    assert mark(town.ann.get("/limits"), "coming") == ""
    assert last("own_limits").body == {"held": {"per_payment_minor": 10_000}}


@pytest.mark.parametrize("form", [{"payment": "ten"}, {"day": "0"}, {"payment": "200", "day": "100"}])
def test_limits_that_cannot_be_meant_change_nothing_and_keep_what_was_typed(town, form):
    answer = limit(town.ann, **form)
    assert (answer.status_code, OwnLimit.objects.filter(customer=town.ann.id).exists()) == (422, False)
    assert all(f'value="{value}"' in answer.content.decode() for value in form.values())


@pytest.mark.parametrize(("language", "words"), [("en", "raise the limit under"), ("nb", "øke grensen under")])
def test_a_refused_payment_says_why_and_what_to_do(town, language, words):
    town.ann.client.cookies["hf_language"] = language
    limit(town.ann, payment="1")
    answer = town.ann.post("/pay", town.ann.form(town.ben, "10"))
    assert words in town.ann.get(answer.headers["Location"]).content.decode()
