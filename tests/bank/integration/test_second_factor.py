"""Nobody uses the bank by a password alone: who has no second factor sets one up first, and never loses the last one."""

import time

import pytest
from django.urls import get_resolver
from enrolling import PASSWORD, codes_of, enrol, first_step, log_in, mark, now_code, old_login, second_step
from soft_passkey import SoftPasskey

from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer, RevokedSession
from holdfast.bank.factors.models import Authenticator, KnownSession, Passkey
from holdfast.bank.mail.models import Mail
from holdfast.contracts.factors import CHALLENGE_PURPOSE, RECOVERY_CODES

pytestmark = pytest.mark.demand("B6")
BEGIN = "/security/begin"


@pytest.fixture
def ann(town, register):
    """A customer of before, with a password and nothing else, at the step after it."""
    Customer.objects.filter(id=town.ann.id).update(
        verifier=passwords.make_verifier(PASSWORD), email="ann@second.example"
    )
    town.ann.client.cookies.clear()
    answer = first_step(town.ann)
    assert (answer.status_code, answer.headers["Location"]) == (303, BEGIN)
    assert "hf_device" not in answer.cookies
    return town.ann


@pytest.fixture
def key(bank):
    return SoftPasskey(bank.door_origin)


@pytest.fixture
def challenge(keys):
    return lambda: keys["door"].sign(CHALLENGE_PURPOSE, {"random": "00", "at": time.time()})


def session_of(person, keys):
    return keys["primary"].verify("session", person.client.cookies["hf_bank"].value, {"primary"})


def test_the_password_alone_opens_no_page_and_changes_nothing(ann, town):
    for path in (
        "/",
        "/pay",
        "/money",
        "/cards",
        "/security",
        "/security/freeze",
        "/payees",
        f"/accounts/{ann.account}",
    ):
        answer = ann.get(path)
        assert (path, answer.status_code, answer.headers.get("Location")) == (path, 303, BEGIN)
    for path, form in (
        ("/pay", ann.form(town.ben, "10")),
        ("/security/freeze", {}),
        ("/security/recovery", {}),
        ("/security/passkeys", {"passkey": "{}"}),
        ("/security/authenticator", {}),
        ("/security/password", {"present": PASSWORD, "new": "tolv røde båter på land"}),
    ):
        answer = ann.post(path, form)
        assert (path, answer.status_code, answer.headers.get("Location")) == (path, 303, BEGIN)
    assert (town.ben.balance, Authenticator.objects.filter(customer=ann.id).exists()) == (0, False)
    assert mark(ann.get(BEGIN), "page") == "second-factor"
    assert ann.post("/logout", {}).headers["Location"] == "/login"


def test_every_page_for_customers_asks_for_more_than_the_password(ann):
    """Of all addresses without a place in them, none shows a customer's page to a session by the password alone."""
    open_to_all = {"login", "register", "help", "prices", "exchange"}
    paths = {str(one.pattern) for one in get_resolver().url_patterns if "<" not in str(one.pattern)}
    asked = {one for one in paths if not one.startswith(("-/", "api", "^")) and one not in open_to_all}
    assert len(asked) > 20
    for path in asked:
        answer = ann.get(f"/{path}")
        shown = answer.status_code == 200 and mark(answer, "customer")
        assert not shown or path.startswith("security/begin"), path


def test_an_authenticator_set_up_there_makes_the_session_whole_and_the_next_login_asks_for_it(ann, keys):
    where = f"{BEGIN}/authenticator"
    assert ann.post(where, {}).headers["Location"] == where
    secret = mark(ann.get(where), "secret").replace(" ", "")
    wrong = ann.post(where, {"code": "000000"})
    assert (wrong.status_code, mark(wrong, "page")) == (422, "authenticator")
    done = ann.post(where, {"code": now_code(secret)})
    assert (mark(done, "page"), len(codes_of(done))) == ("recovery", RECOVERY_CODES)
    assert session_of(ann, keys)["factors"] == ["password", "authenticator"]
    assert KnownSession.objects.get(session=session_of(ann, keys)["session"]).factors == ["password", "authenticator"]
    assert ann.get("/").status_code == 200
    assert ann.get(BEGIN).headers["Location"] == "/security"
    assert "authenticator app was added" in " ".join(
        Mail.objects.filter(customer=ann.id).values_list("body", flat=True)
    )
    ann.client.cookies.clear()
    assert log_in(ann, codes_of(done)[0]).headers["Location"] == "/"


def test_a_passkey_set_up_there_does_the_same_and_the_password_alone_never_goes_there_again(ann, key, challenge, keys):
    refused = ann.post(f"{BEGIN}/passkey", {"passkey": "{}"})
    assert (refused.status_code, mark(refused, "page")) == (422, "second-factor")
    done = ann.post(f"{BEGIN}/passkey", {"passkey": key.made(challenge())})
    assert (mark(done, "page"), len(codes_of(done))) == ("recovery", RECOVERY_CODES)
    assert session_of(ann, keys)["factors"] == ["password", "passkey"]
    ann.client.cookies.clear()
    asked = first_step(ann)
    assert (asked.status_code, mark(asked, "page"), 'data-passkey="get"' in asked.content.decode()) == (
        200,
        "login-code",
        True,
    )
    assert not asked.cookies
    assert second_step(ann, asked).headers["Location"] == "/"
    last = ann.post("/security/passkeys/remove", {"id": key.id})
    assert (last.status_code, "all you have" in last.content.decode()) == (422, True)
    assert Passkey.objects.filter(customer=ann.id).count() == 1


def test_of_two_who_hold_the_password_the_second_gets_nothing_once_the_first_has_set_one_up(ann, key, challenge):
    slow = ann.client.cookies["hf_bank"].value
    ann.client.cookies.clear()
    first_step(ann)
    ann.post(f"{BEGIN}/passkey", {"passkey": key.made(challenge())})
    ann.client.cookies["hf_bank"] = slow
    for path in (BEGIN, f"{BEGIN}/authenticator"):
        assert mark(ann.get(path), "page") == "set-up-already"
    other = SoftPasskey(key.origin)
    assert mark(ann.post(f"{BEGIN}/passkey", {"passkey": other.made(challenge())}), "page") == "set-up-already"
    assert list(Passkey.objects.filter(customer=ann.id).values_list("id", flat=True)) == [key.id]


def test_of_two_who_hold_the_password_the_second_never_sees_the_firsts_secret(ann):
    where, thief = f"{BEGIN}/authenticator", ann.client.cookies["hf_bank"].value
    ann.client.cookies.clear()
    first_step(ann)
    owner = ann.client.cookies["hf_bank"].value
    ann.post(where, {})
    secret = mark(ann.get(where), "secret").replace(" ", "")
    ann.client.cookies["hf_bank"] = thief
    assert ann.get(where).headers["Location"] == BEGIN
    assert ann.post(where, {"code": now_code(secret)}).headers["Location"] == BEGIN
    ann.client.cookies["hf_bank"] = owner
    assert mark(ann.post(where, {"code": now_code(secret)}), "page") == "recovery"


def test_the_first_code_sent_twice_makes_a_new_session_whole_and_leaves_it_so(ann, keys):
    where, before = f"{BEGIN}/authenticator", ann.client.cookies["hf_bank"].value
    ann.post(where, {})
    form = {"code": now_code(mark(ann.get(where), "secret").replace(" ", ""))}
    assert mark(ann.post(where, form), "page") == "recovery"
    whole, ended = ann.client.cookies["hf_bank"].value, keys["primary"].verify("session", before, {"primary"})
    assert session_of(ann, keys)["session"] != ended["session"]
    ann.client.cookies["hf_bank"] = before
    again = ann.post(where, form)
    assert (again.status_code, mark(again, "page"), dict(again.cookies)) == (409, "set-up-already", {})
    assert "make new ones" in again.content.decode()
    ann.client.cookies["hf_bank"] = whole
    assert "For when you never saw yours" in ann.get("/security").content.decode()


def test_a_session_by_the_password_alone_ends_after_five_minutes(ann, keys):
    old_login(ann, keys, factors=["password"], session="f" * 32)
    assert ann.get(BEGIN).headers["Location"] == "/login"
    assert RevokedSession.objects.filter(session="f" * 32).exists()


def test_who_has_both_chooses_which_one_goes(town, register, key, challenge):
    ann = town.ann
    enrol(ann)
    ann.post("/security/passkeys", {"passkey": key.made(challenge()), "name": "Phone"})
    assert ann.post("/security/passkeys/remove", {"id": key.id}).status_code == 303
    assert ann.post("/security/authenticator/remove", {}).status_code == 422
