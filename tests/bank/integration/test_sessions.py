"""Logging in and out, sessions of both banks, the cross-site rule, whose pages one may see."""

import re
import time
import uuid
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone
from enrolling import second_step, settle

from holdfast.bank.books import books, rows
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.sessions import end_all
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.devices import end_others
from holdfast.bank.web import pages
from holdfast.contracts.blocks import Note
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.origins import CASES
from holdfast.contracts.sessions import AllEnded, Session
from holdfast.guard.rates import Rates
from holdfast.ledger.api import Post

TODAY = timezone.localdate()


def give_password(person):
    Customer.objects.filter(id=person.id).update(verifier=passwords.make_verifier("right"))
    return f"user{person.id}"


def test_a_login_answers_303_with_the_cookie_and_the_cohort(town, register):
    name = give_password(town.ben)
    settle(town.ben)
    asked = town.ben.post("/login", {"username": f" {name.upper()} ", "password": "right"})
    answer = second_step(town.ben, asked)
    assert (answer.status_code, answer.headers["Location"], answer.headers["Holdfast-Cohort"]) == (
        303,
        "/",
        str(town.cohort),
    )
    cookie = answer.cookies["hf_bank"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert 'data-page="overview"' in town.ben.get("/").content.decode()


@pytest.mark.demand("C1")
@pytest.mark.parametrize("needs", [["large print"], []])
def test_a_login_tells_the_door_whether_there_is_a_need_and_never_which(town, register, needs):
    name = give_password(town.ben)
    settle(town.ben)
    Customer.objects.filter(id=town.ben.id).update(needs=needs)
    asked = town.ben.post("/login", {"username": name, "password": "right"})
    answer = second_step(town.ben, asked)
    assert (answer.status_code, answer.headers["Holdfast-Front"]) == (303, str(town.ben.id if needs else 0))
    assert "large" not in str(answer.headers)
    assert "Holdfast-Front" not in asked.headers


def test_a_login_under_another_row_answers_421_and_no_cookie(town):
    name = give_password(town.ben)
    for cohort in (None, (town.cohort + 1) % 256):
        answer = town.ben.post("/login", {"username": name, "password": "right"}, cohort=cohort)
        assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (421, str(town.cohort))
        assert not answer.cookies


def test_an_unknown_name_and_a_wrong_password_are_answered_alike_at_the_same_cost(town, real_passwords):
    name = give_password(town.ben)
    bodies, spent = [], []
    for username in (name, "nobody-at-all"):
        form = {"username": username, "password": "wrong"}
        elsewhere = town.ben.post("/login", form, cohort=None)
        assert (elsewhere.status_code, elsewhere.cookies) == (421, {})
        started = time.perf_counter()
        answer = town.ben.post("/login", form, cohort=int(elsewhere.headers["Holdfast-Cohort"]))
        spent.append(time.perf_counter() - started)
        bodies.append((answer.status_code, answer.content.decode().replace(username, "NAME")))
    assert bodies[0] == bodies[1]
    assert bodies[0][0] == 422
    assert 0.2 < spent[0] / spent[1] < 5
    verifier = passwords.make_verifier("x")
    assert verifier.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_row_of_another_cohort_gets_421_on_every_page(town):
    for path in ("/", "/pay", "/money", f"/accounts/{town.ann.account}"):
        answer = town.ann.get(path, cohort=None)
        assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (421, str(town.cohort))
    form = town.ann.form(town.ben, "10")
    assert town.ann.post("/pay", form, cohort=(town.cohort + 1) % 256).status_code == 421
    assert town.ben.balance == 0


def standin_token(town, keys, epoch, **more):
    now = time.time()
    session = Session(uuid.uuid4().hex, town.ann.id, town.cohort, ("passkey",), now, now, epoch)
    return keys["standin"].sign("session", replace(session, **more).to_payload())


def test_all_sessions_that_began_before_end_at_once_also_those_never_seen_here(town, keys):
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    town.ann.epoch = FIRST_EPOCH + 2
    own, now = town.ann.client.cookies["hf_bank"].value, time.time()
    before = standin_token(town, keys, FIRST_EPOCH + 1, session="b" * 32, began=now - 60)
    after = standin_token(town, keys, FIRST_EPOCH + 1, session="a" * 32, began=now + 1)
    kept = keys["primary"].verify("session", own, {"primary"})["session"]
    ahead = standin_token(town, keys, FIRST_EPOCH + 1, session="c" * 32, began=now + CLOCK_LEEWAY_S)
    town.ann.client.cookies.clear()
    town.ann.client.cookies["hf_standin"] = ahead  # seen here before, so that it ends though its clock runs ahead
    assert town.ann.get("/").status_code == 200
    end_others(town.ann.id, kept)
    for cookie, token, status in (
        ("hf_standin", ahead, 303),
        ("hf_standin", before, 303),
        ("hf_standin", after, 200),
        ("hf_bank", own, 200),
    ):
        town.ann.client.cookies.clear()
        town.ann.client.cookies[cookie] = token
        assert town.ann.get("/").status_code == status
    end_all(town.ann.id, AllEnded(int((now - 30) * 1e6), ""))  # told late; the later instant stands
    told = [one.body for one in Fact.objects.filter(kind="all_ended", key=str(town.ann.id))]
    assert [one["but"] for one in told] == [kept]
    assert now * 1e6 <= told[0]["before_us"] <= time.time() * 1e6


def test_the_spare_banks_session_holds_only_for_an_epoch_that_it_held(town, keys):
    town.ann.client.cookies.clear()
    for epoch in (FIRST_EPOCH, FIRST_EPOCH + 1):
        town.ann.client.cookies["hf_standin"] = standin_token(town, keys, epoch)
        assert town.ann.get("/").headers["Location"] == "/login"
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    town.ann.epoch = FIRST_EPOCH + 2
    for epoch, status in ((FIRST_EPOCH + 1, 200), (FIRST_EPOCH + 2, 303), (FIRST_EPOCH, 303)):
        town.ann.client.cookies.clear()
        town.ann.client.cookies["hf_standin"] = standin_token(town, keys, epoch)
        answer = town.ann.get("/")
        assert answer.status_code == status
    town.ann.client.cookies.clear()
    town.ann.client.cookies["hf_standin"] = standin_token(town, keys, FIRST_EPOCH + 1)
    own = town.ann.get("/").cookies["hf_bank"].value
    assert own.startswith("primary.")


def test_sessions_end_by_idleness_by_age_and_by_another_bank_signing_for_us(town, keys):
    now = time.time()
    good = Session("s" * 32, town.ann.id, town.cohort, ("passkey",), now, now, FIRST_EPOCH)
    for wrong, signer in (
        (replace(good, issued=now - 901), "primary"),
        (replace(good, began=now - 12 * 3600 - 1), "primary"),
        (replace(good, issued=now + CLOCK_LEEWAY_S + 10), "primary"),
        (good, "door"),
        (good, "standin"),
    ):
        town.ann.client.cookies.clear()
        town.ann.client.cookies["hf_bank"] = keys[signer].sign("session", wrong.to_payload())
        assert town.ann.get("/").headers["Location"] == "/login"
    town.ann.client.cookies["hf_bank"] = keys["primary"].sign("session", replace(good, issued=now - 61).to_payload())
    assert "hf_bank" in town.ann.get("/").cookies


def test_a_log_out_ends_the_session_at_both_banks_and_expires_all_cookies(town):
    token = town.ann.client.cookies["hf_bank"].value
    answer = town.ann.post("/logout", {})
    assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (303, "none")
    assert {name: one["max-age"] for name, one in answer.cookies.items()} == {
        "hf_bank": 0,
        "hf_standin": 0,
        "hf_cohort": 0,
    }
    assert Fact.objects.filter(kind="session_revoked").count() >= 1
    town.ann.client.cookies["hf_bank"] = token
    assert town.ann.get("/").headers["Location"] == "/login"


@pytest.mark.parametrize(("method", "cookies", "origin", "site", "allowed"), CASES)
def test_the_cross_site_rule(town, bank, method, cookies, origin, site, allowed):  # noqa: PLR0917  # a table
    client = Client()
    if cookies:
        client.cookies["hf_bank"] = town.ann.client.cookies["hf_bank"].value
    headers = {"Holdfast-Row": town.ann.row()}
    if origin is not None:
        headers["Origin"] = bank.door_origin if origin == "OWN" else origin
    if site is not None:
        headers["Sec-Fetch-Site"] = site
    answer = client.generic(method, "/logout", headers=headers)
    assert (answer.status_code != 403) is allowed
    if not allowed:
        assert "nothing was done" in answer.content.decode()
        assert town.ann.get("/").status_code == 200


def test_nobody_reaches_the_bank_but_through_a_door(town, keys):
    for row in (
        None,
        "",
        "door.x.y",
        keys["control"].sign("row", {"cohort": None}),
        town.ann.row(at=time.time() - CLOCK_LEEWAY_S - 10),
    ):
        answer = town.ann.client.get("/login", headers={"Holdfast-Row": row} if row is not None else {})
        assert answer.status_code == 403
        assert 'data-page="refused"' in answer.content.decode()


def test_another_customers_account_and_receipt_are_not_there(town):
    other = town.person(5000).log_in()
    assert other.get(f"/accounts/{town.ann.account}").status_code == 404
    assert other.get("/accounts/1").status_code == 404
    paid = town.ann.post("/pay", town.ann.form(town.ben, "10"))
    assert other.get(paid.headers["Location"]).status_code == 404
    assert (
        "belongs" not in other.post("/pay", {**other.form(town.ben, "10"), "from": town.ann.account}).content.decode()
    )
    assert town.ann.balance == 99_000


OUR_SCRIPTS = re.compile(r'<script src="/assets/[a-z]+\.js" defer></script>')


def test_pages_hold_hostile_text_escaped_and_run_no_script(town):
    hostile = "<script>alert(1)</script>\"'><img src=x>"
    evil = town.person(50_000, name=hostile).log_in()
    books().post(
        Post(
            id=uuid.uuid4(),
            debit=1,
            credit=evil.account,
            amount_minor=100,
            currency="NOK",
            kind="credit",
            value_date=TODAY,
            cohort=town.cohort,
            epoch=FIRST_EPOCH,
            cause="t",
            note=Note(b"salt", hostile, hostile, hostile),
        )
    )
    receipt = evil.post("/pay", {**evil.form(town.ann, "10"), "text": hostile}).headers["Location"]
    for path in ("/", f"/accounts/{evil.account}", "/pay", "/money", "/help", receipt):
        answer = evil.get(path)
        assert answer.status_code == 200
        body = answer.content.decode()
        assert "<script" not in OUR_SCRIPTS.sub("", body)
        assert "<img" not in body
        assert " style=" not in body
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    answer = evil.post("/pay", {**evil.form(town.ann, hostile), "to": hostile, "name": hostile, "text": hostile})
    assert (answer.status_code, "<script" in OUR_SCRIPTS.sub("", answer.content.decode())) == (422, False)


def test_pages_say_what_machines_need(town):
    body = town.ann.get("/").content.decode()
    assert f'<body data-page="overview" data-bank="primary" data-customer="{town.ann.id}" data-fresh-block="' in body
    assert f'data-account="{town.ann.account}" data-number="{town.ann.number}" data-balance-minor="100000"' in body
    assert town.ann.get("/nothing").status_code == 404


def test_the_account_page_shows_fifty_lines_with_the_balance_and_goes_on(town):
    for _ in range(53):
        books().post(
            Post(
                id=uuid.uuid4(),
                debit=1,
                credit=town.ann.account,
                amount_minor=100,
                currency="NOK",
                kind="credit",
                value_date=TODAY,
                cohort=town.cohort,
                epoch=FIRST_EPOCH,
                cause="t",
            )
        )
    body = town.ann.get(f"/accounts/{town.ann.account}").content.decode()
    assert body.count("data-payment=") == 50
    assert "1,053.00" in body
    older = body.split("?before=")[1].split('"')[0]
    body = town.ann.get(f"/accounts/{town.ann.account}?before={older}").content.decode()
    assert body.count("data-payment=") == 4
    assert "?before=" not in body


@pytest.mark.demand("G3")
def test_pages_are_opened_by_people_and_not_copied_by_machines_and_paying_goes_on(town, monkeypatch):
    monkeypatch.setattr(pages, "_pages", Rates(2))
    assert [town.ann.get("/help").status_code for _ in range(2)] == [200, 200]
    assert [town.ann.get(path).status_code for path in ("/", "/", "/", "/money")] == [200, 200, 429, 429]
    assert town.ben.log_in().get("/").status_code == 200
    assert town.ann.post("/pay", town.ann.form(town.ben, "10")).status_code == 303
