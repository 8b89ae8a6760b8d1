"""Codes and passkeys at the spare bank, through the real process: what the bank enrolled logs in here, each once."""

import itertools
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from soft_passkey import PRESENT, SoftPasskey
from world import PASSWORD, SALT, Answer, World, cookies_of

from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.factors import (
    CHALLENGE_PURPOSE,
    PROVED_PURPOSE,
    STEP_S,
    Factors,
    Passkey,
    passkey_key,
    plain_code,
    recovery_digest,
    recovery_text,
    step_text,
)
from holdfast.signing.onetime import code_at, new_secret

CODES = [f"abcd-efgh-jkmn-pqr{one}" for one in "abcdefghjk"]
NUMBERS = itertools.count(900)


class Person:
    """A customer of one test, with an authenticator, ten recovery codes and a passkey."""

    def __init__(self, world: World) -> None:
        self.world, self.secret, self.key = world, new_secret(), SoftPasskey(world.place.door_origin)
        self.number = next(NUMBERS)
        self.username = f"ann{self.number}"
        world.open_customer(self.number, self.username)
        digests = tuple(recovery_digest(SALT, plain_code(code)) for code in CODES)
        self.known = Factors(self.secret, SALT, digests)
        self.tell(self.known, self.key.stored())
        world.doors.used.clear()

    def tell(self, known: Factors, passkey: Passkey) -> None:
        self.world.bank.say("factors", self.number, known.to_body())
        self.world.bank.say("passkey", passkey_key(passkey.id), passkey.to_body(self.number))
        self.world.fed()

    def now_code(self, steps: int = 0) -> str:
        return code_at(self.secret, int(time.time() // STEP_S) + steps)

    def challenge(self, at: float = 0.0, by: str = "door") -> str:
        payload = {"random": secrets.token_hex(8), "at": at or time.time()}
        return self.world.key(by).sign(CHALLENGE_PURPOSE, payload)

    def send(self, request: str = "", cookies: dict[str, str] | None = None, **form: str) -> Answer:
        return self.world.visit("POST", "/login", self.world.row(request=request), cookies, form)

    def proof(self) -> str:
        answer = self.send(username=self.username, password=PASSWORD)
        assert (answer.status, answer.mark("data-page")) == (200, "login-code")
        found = re.search(r'name="proof" value="([^"]*)"', answer.text)
        assert found is not None
        return found.group(1)

    def log_in(self, code: str, request: str = "", cookies: dict[str, str] | None = None) -> Answer:
        return self.send(request, cookies, proof=self.proof(), code=code)

    def journaled(self) -> list[dict[str, object]]:
        factors = [entry.body for entry in self.world.journal() if entry.kind == "factor"]
        return [body for body in factors if body["customer"] == self.number]


@pytest.fixture
def ann(town: World) -> Iterator[Person]:
    yield Person(town)
    town.doors.away = False


@pytest.fixture
def alone(world: World) -> Person:
    """Of a world whose process a test ends."""
    return Person(world)


def factors_of(world: World, answer: Answer) -> list[str]:
    assert answer.status == 303
    found: list[str] = world.key("standin").verify("session", cookies_of(answer)["hf_standin"], {"standin"})["factors"]
    return found


def test_the_code_is_asked_for_after_the_password_and_taken_once(ann: Person, town: World) -> None:
    code = ann.now_code(1)
    assert factors_of(town, ann.log_in(code, "r1")) == ["password", "authenticator"]
    assert ann.log_in(code, "r1").status == 303
    again = ann.log_in(code, "r2")
    assert (again.status, again.mark("data-problem")) == (422, "wrong-code")
    assert ann.journaled()[0] == {"customer": ann.number, "factor": "authenticator", "key": ""}


def test_a_recovery_code_is_taken_once_also_after_a_restart(alone: Person, world: World) -> None:
    assert factors_of(world, alone.log_in(CODES[0].upper(), "r1")) == ["password", "recovery"]
    world.stop()
    world.doors.used.clear()
    world.start()
    assert alone.log_in(CODES[0], "r2").mark("data-problem") == "wrong-code"
    assert alone.log_in(CODES[0], "r1").status == 303
    assert alone.log_in(CODES[1], "r3").status == 303
    assert [body["request"] for body in alone.journaled()] == ["r1", "r3"]


def test_what_the_other_bank_claimed_is_refused_and_journaled_nowhere(ann: Person, town: World) -> None:
    step = int(time.time() // STEP_S) + 1
    code, digest = code_at(ann.secret, step), recovery_digest(SALT, plain_code(CODES[0]))
    town.doors.used |= {step_text(ann.number, step): "other", recovery_text(ann.number, digest): "other"}
    for one in (code, CODES[0]):
        assert ann.log_in(one).mark("data-problem") == "wrong-code"
    assert ann.journaled() == []


def test_with_the_register_out_of_reach_codes_hold_for_their_half_minute_and_recovery_waits(
    ann: Person, town: World
) -> None:
    town.doors.away = True
    assert ann.log_in(CODES[0]).mark("data-problem") == "codes-later"
    assert ann.log_in(ann.now_code(-1)).mark("data-problem") == "wrong-code"
    taken = [code for n in range(2) if ann.log_in(code := ann.now_code(), f"r{n}").status == 303]
    assert taken, "neither of two codes was taken in its own half minute"
    assert ann.log_in(taken[0], "other").mark("data-problem") == "wrong-code"
    old, fresh = ann.key.said(ann.challenge(time.time() - 60)), ann.key.said(ann.challenge())
    assert ann.send(passkey=old).status == 422
    assert ann.send("r1", passkey=fresh).status == 303
    assert ann.send("r2", passkey=fresh).status == 422


def test_five_wrong_codes_close_the_step_but_not_on_a_known_device(ann: Person, town: World) -> None:
    known = {"hf_device": cookies_of(ann.log_in(CODES[0]))["hf_device"]}
    assert [ann.log_in("000000").status for _ in range(6)] == [422] * 5 + [429]
    assert ann.log_in(CODES[1]).mark("data-problem") == "too-many-codes"
    assert ann.log_in(CODES[1], cookies=known).status == 303
    assert ann.send(passkey=ann.key.said(ann.challenge())).status == 303
    forgotten = replace(ann.known, devices_since=time.time())
    ann.tell(forgotten, ann.key.stored())
    assert ann.log_in(CODES[2], cookies=known).mark("data-problem") == "too-many-codes"


def test_a_proof_of_either_bank_is_taken_for_its_time(ann: Person, town: World) -> None:
    said = {"customer": ann.number, "cohort": 5, "at": time.time()}

    def send(by: str, code: str = CODES[0], **more: object) -> Answer:
        return ann.send(proof=town.key(by).sign(PROVED_PURPOSE, said | more), code=code)

    for answer in (send("primary", at=time.time() - 301), send("door"), ann.send(proof="x", code=CODES[0])):
        assert (answer.status, answer.mark("data-problem"), answer.mark("data-page")) == (422, "expired", "login")
    assert send("primary", customer=18).mark("data-problem") == "wrong-code"
    assert send("primary", cohort=9).headers["Holdfast-Cohort"] == "9"
    assert send("primary").status == 303


def test_a_passkey_logs_in_alone_and_its_challenge_once(ann: Person, town: World) -> None:
    token = ann.challenge()
    said = ann.key.said(token)
    assert factors_of(town, ann.send("r1", passkey=said)) == ["passkey"]
    for again in (said, ann.key.said(token)):
        answer = ann.send("r2", passkey=again)
        assert (answer.status, answer.mark("data-problem")) == (422, "wrong-passkey")
    assert ann.journaled() == [{"customer": ann.number, "factor": "passkey", "key": ann.key.id, "sign_count": 1}]
    assert ann.send(passkey=ann.key.said(ann.challenge())).status == 303


def test_what_is_not_signed_as_it_must_be_logs_nobody_in(ann: Person, town: World) -> None:
    said = []
    for fault in ({"flags": PRESENT}, {"origin": "https://evil.example"}, {"host": "evil.example"}):
        before = {name: getattr(ann.key, name) for name in fault}
        vars(ann.key).update(fault)
        said.append(ann.key.said(ann.challenge()))
        vars(ann.key).update(before)
    said += [ann.key.said(ann.challenge(time.time() - 301)), ann.key.said(ann.challenge(by="primary")), "{}", "[1]"]
    other = SoftPasskey(town.place.door_origin)
    other.raw_id = ann.key.raw_id
    said.append(other.said(ann.challenge()))
    for one in said:
        answer = ann.send(passkey=one)
        assert (answer.status, answer.mark("data-problem"), cookies_of(answer)) == (422, "wrong-passkey", {})
    assert ann.journaled() == []


def test_an_unknown_passkey_is_asked_about_as_a_known_one_is(ann: Person, town: World) -> None:
    stranger = SoftPasskey(town.place.door_origin)
    said = stranger.said(ann.challenge())
    cohort = stranger_cohort(stranger.id)
    answer = town.visit("POST", "/login", town.row(None, 0), form={"passkey": said})
    assert (answer.status, answer.headers["Holdfast-Cohort"]) == (421, str(cohort))
    answer = town.visit("POST", "/login", town.row(cohort), form={"passkey": said})
    known = town.visit("POST", "/login", town.row(5), form={"passkey": ann.key.said("none")})
    assert (answer.status, known.status) == (422, 422)
    plain = {re.sub(r'data-fresh-at="[^"]*"', "", one.text) for one in (answer, known)}
    assert len(plain) == 1


def test_what_the_bank_takes_away_no_longer_logs_in(ann: Person, town: World) -> None:
    town.bank.say("factors", ann.number, None)
    town.bank.say("passkey", passkey_key(ann.key.id), None)
    town.fed()
    assert ann.send(username=ann.username, password=PASSWORD).mark("data-page") == "second-factor"
    said = ann.key.said(ann.challenge())
    assert town.visit("POST", "/login", town.row(stranger_cohort(ann.key.id)), form={"passkey": said}).status == 422


def test_nothing_on_the_disk_opens_an_account(alone: Person, world: World) -> None:
    alone.log_in(CODES[0])
    alone.send(passkey=alone.key.said(alone.challenge()))
    digest = recovery_digest(SALT, plain_code(CODES[0]))
    for running in (True, False):
        if not running:
            world.stop()
        held = b"".join(one.read_bytes() for one in world.place.folder("standin").iterdir() if one.is_file())
        assert b"SQLite format 3" in held, "these are the files"
        for secret in (alone.secret, digest, SALT, alone.key.id, plain_code(CODES[1])):
            assert secret.encode() not in held


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_form_for_the_code_says_everything_in_the_customers_language(
    ann: Person, town: World, language: str
) -> None:
    answer = ann.send(cookies={"hf_language": language}, username=ann.username, password=PASSWORD)
    assert ("Type your code" if language == "en" else "Skriv inn koden") in answer.text
    assert answer.headers["Content-Language"] == language
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy


def test_a_copy_of_a_passkey_is_found_by_its_count(ann: Person, town: World) -> None:
    ann.tell(Factors(), replace(ann.key.stored(), sign_count=7))
    ann.key.count = 6
    assert ann.send(passkey=ann.key.said(ann.challenge())).status == 422
    assert ann.send(passkey=ann.key.said(ann.challenge())).status == 303
    ann.key.count = 7
    assert ann.send(passkey=ann.key.said(ann.challenge())).status == 422


def test_whatever_a_stranger_sends_is_answered_and_never_with_an_error_of_ours(ann: Person, town: World) -> None:
    whole = json.loads(ann.key.said(ann.challenge()))
    for part in ("", "A", "AAAA", "x" * 3000, "\0", "\ud800", None, 7, [], {}, "_w" * 200):
        for name in ("id", "rawId", "type"):
            assert ann.send(passkey=json.dumps({**whole, name: part})).status in (421, 422)
        for name in ("clientDataJSON", "authenticatorData", "signature"):
            said = {**whole, "response": {**whole["response"], name: part}}
            assert ann.send(passkey=json.dumps(said)).status == 422
    for code in ("\0", "x" * 5000, "é" * 40, "-" * 40):
        assert ann.log_in(code).status in (422, 429)


def test_the_password_alone_opens_nothing_where_nothing_else_is_known_and_says_whom_to_ask(town: World) -> None:
    number = next(NUMBERS)
    town.open_customer(number, f"bare{number}")
    town.bank.say("factors", number, None)
    town.fed()
    answer = town.visit("POST", "/login", form={"username": f"bare{number}", "password": PASSWORD})
    assert (answer.status, answer.mark("data-page")) == (403, "second-factor")
    assert "opens nothing alone" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("signer", ["primary", "standin"])
def test_a_session_by_the_password_alone_sees_and_does_nothing(town: World, signer: str) -> None:
    half, before = town.session(signer=signer, factors=["password"]), len(town.journal())
    for path in ("/", "/accounts/10", "/pay", "/money", "/cards"):
        answer = town.visit("GET", path, cookies=half)
        assert (answer.status, answer.mark("data-page"), "1234.56.00010" in answer.text) == (
            403,
            "second-factor",
            False,
        )
    assert town.pay(town.form(), cookies=half).status == 403
    assert town.visit("GET", "/help", cookies=half).mark("data-customer") == ""
    assert len(town.journal()) == before


def test_who_is_no_customer_any_more_is_unknown_here_and_logged_out(ann: Person, town: World) -> None:
    session = town.session(ann.number)
    town.bank.say("customer", ann.number, None)
    town.fed()
    assert town.visit("GET", "/", cookies=session).headers["Location"] == "/login"
    answer = town.visit(
        "POST", "/login", town.row(stranger_cohort(ann.username)), form={"username": ann.username, "password": PASSWORD}
    )
    assert (answer.status, answer.mark("data-problem")) == (422, "wrong")
