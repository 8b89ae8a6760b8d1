"""Authenticator codes and recovery codes at the primary bank: enrolled, asked for, used once, kept sealed."""

import json
import stat
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone
from enrolling import (
    PASSWORD,
    codes_of,
    enrol,
    first_step,
    last_fact,
    log_in,
    mark,
    now_code,
    old_login,
    proof_of,
)

from holdfast.bank import commands
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer
from holdfast.bank.errors import SealBroken
from holdfast.bank.exchange import replay as replaying
from holdfast.bank.factors import authenticator, recovery, sealing
from holdfast.bank.factors.guesses import take_try
from holdfast.bank.factors.models import Authenticator, Passkey, RecoveryCode, SecurityEvent, WrongCodes
from holdfast.contracts.factors import (
    PROVED_PURPOSE,
    RECOVERY_CODES,
    STEP_S,
    WRONG_CODES_MAX,
    factors_from_body,
    plain_code,
)

pytestmark = pytest.mark.demand("B6")


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(verifier=passwords.make_verifier(PASSWORD))
    return town.ann


def test_enrolling_shows_the_secret_takes_its_first_code_and_ten_recovery_codes_once(ann):
    assert mark(ann.get("/security"), "authenticator") == "no"
    ann.post("/security/authenticator", {})
    page = ann.get("/security/authenticator")
    assert "<svg" in page.content.decode()
    wrong = ann.post("/security/authenticator", {"code": "000000x"})
    assert (wrong.status_code, Authenticator.objects.get(customer=ann.id).proved) == (422, None)
    assert last_fact(ann) is None
    secret = mark(page, "secret").replace(" ", "")
    done = ann.post("/security/authenticator", {"code": now_code(secret)})
    codes = codes_of(done)
    assert len(set(codes)) == RECOVERY_CODES
    shown = ann.get("/security").content.decode()
    assert 'data-authenticator="yes"' in shown
    assert f'data-codes-left="{RECOVERY_CODES}"' in shown
    assert not any(one in shown for one in (secret, *codes))
    assert ann.get("/security/authenticator").headers["Location"] == "/security"
    assert ann.post("/security/authenticator", {}).status_code == 422


def test_after_the_password_the_code_is_asked_for_and_the_session_says_both(ann, keys):
    secret, _ = enrol(ann)
    ann.client.cookies.clear()
    asked = first_step(ann)
    assert (asked.status_code, mark(asked, "page"), asked.cookies) == (200, "login-code", {})
    done = log_in(ann, now_code(secret, 1), proof_of(asked))
    assert (done.status_code, done.headers["Location"], done.headers["Holdfast-Cohort"]) == (303, "/", str(ann.cohort))
    session = keys["primary"].verify("session", done.cookies["hf_bank"].value, {"primary"})
    assert session["factors"] == ["password", "authenticator"]
    assert ann.get("/").status_code == 200


def test_a_code_is_taken_once_and_by_the_same_request_again(ann):
    secret, _ = enrol(ann)
    code = now_code(secret, 1)
    assert log_in(ann, code, request="r1").status_code == 303
    assert log_in(ann, code, request="r1").status_code == 303
    again = log_in(ann, code, request="r2")
    assert (again.status_code, mark(again, "problem")) == (422, "wrong-code")


def test_a_recovery_code_is_taken_once_and_struck_off(ann):
    _, codes = enrol(ann)
    typed = codes[3].upper().replace("-", " ")
    assert log_in(ann, typed, request="r1").status_code == 303
    assert log_in(ann, codes[3], request="r1").status_code == 303
    assert mark(log_in(ann, codes[3], request="r2"), "problem") == "wrong-code"
    assert mark(log_in(ann.log_in(), codes[4], request="r3"), "problem") == ""
    assert mark(ann.log_in().get("/security"), "codes-left") == str(RECOVERY_CODES - 2)
    assert len(factors_from_body(last_fact(ann).body).recovery) == RECOVERY_CODES - 2
    told = SecurityEvent.objects.filter(customer=ann.id, event="event.code_used").latest("id")
    assert told.places == {"left": RECOVERY_CODES - 2}


def test_what_was_used_at_the_other_bank_is_refused_here(ann, register):
    secret, codes = enrol(ann)
    code = now_code(secret, 1)
    digest = recovery.digest_of(ann.id, plain_code(codes[0]))
    register.held[f"step:{ann.id}:{int(time.time() // STEP_S) + 1}"] = "another"
    register.held[f"recovery:{ann.id}:{digest}"] = "another"
    for one in (code, codes[0]):
        assert mark(log_in(ann, one), "problem") == "wrong-code"
    assert RecoveryCode.objects.filter(customer=ann.id, used=None).count() == RECOVERY_CODES


def test_with_the_register_out_of_reach_a_code_holds_for_its_own_half_minute_and_recovery_waits(ann, register):
    secret, codes = enrol(ann)
    register.away()
    assert mark(log_in(ann, codes[0]), "problem") == "codes-later"
    assert RecoveryCode.objects.filter(customer=ann.id, used=None).count() == RECOVERY_CODES
    assert mark(log_in(ann, now_code(secret, -1)), "problem") == "wrong-code"
    taken = [code for n in range(2) if log_in(ann, code := now_code(secret), request=f"r{n}").status_code == 303]
    assert taken, "neither of two codes was taken in its own half minute"
    assert mark(log_in(ann, taken[0], request="other"), "problem") == "wrong-code"


def test_five_wrong_codes_close_the_step_but_not_on_a_known_device(ann):
    _, codes = enrol(ann)
    ann.client.cookies.clear()
    assert log_in(ann, codes[0]).status_code == 303
    known = ann.client.cookies["hf_device"].value
    ann.client.cookies.clear()
    proof = proof_of(first_step(ann))
    answers = [log_in(ann, "000000", proof) for _ in range(6)]
    assert [one.status_code for one in answers] == [422] * 5 + [429]
    right = log_in(ann, codes[1], proof)
    assert (right.status_code, mark(right, "problem")) == (429, "too-many-codes")
    ann.client.cookies["hf_device"] = known
    assert log_in(ann, codes[1], proof).status_code == 303
    WrongCodes.objects.filter(customer=ann.id).update(began="2020-01-01T00:00:00Z")
    ann.client.cookies.clear()
    assert log_in(ann, codes[2], proof).status_code == 303


def test_a_proof_of_either_bank_holds_for_its_customer_and_its_time_only(ann, town, keys):
    _, codes = enrol(ann)
    said = {"customer": ann.id, "cohort": ann.cohort, "at": time.time()}

    def proof(by="standin", **more):
        return keys[by].sign(PROVED_PURPOSE, {**said, **more})

    for bad in ("x", proof(at=time.time() - 301), proof("door"), keys["standin"].sign("session", said)):
        answer = log_in(ann, codes[0], bad)
        assert (answer.status_code, mark(answer, "problem"), mark(answer, "page")) == (422, "expired", "login")
    assert mark(log_in(ann, codes[0], proof(customer=town.ben.id)), "problem") == "wrong-code"
    elsewhere = log_in(ann, codes[0], proof(), cohort=(ann.cohort + 1) % 256)
    assert (elsewhere.status_code, elsewhere.headers["Holdfast-Cohort"]) == (421, str(ann.cohort))
    assert log_in(ann, codes[0], proof()).status_code == 303


def test_a_wrong_password_is_answered_alike_with_and_without_an_authenticator(ann, town):
    enrol(ann)
    Customer.objects.filter(id=town.ben.id).update(verifier=passwords.make_verifier(PASSWORD))
    bodies = set()
    for person in (ann, town.ben):
        person.client.cookies.clear()
        form = {"username": f"user{person.id}", "password": "wrong"}
        answer = person.post("/login", form)
        bodies.add((answer.status_code, answer.content.decode().replace(f"user{person.id}", "NAME")))
    assert len(bodies) == 1


def test_the_database_holds_no_secret_and_only_the_spare_bank_reads_it(ann, call):
    secret, codes = enrol(ann)
    with connection.cursor() as cursor:
        for table in ("authenticator", "recovery_code", "recovery_salt", "fact", "security_event"):
            cursor.execute(f"select coalesce(string_agg(t::text, chr(10)), '') from {table} t")
            held = cursor.fetchone()[0]
            assert not any(one in held for one in (secret, *codes, *map(plain_code, codes))), table
    number = last_fact(ann)
    for by, opened in (("standin", True), ("control", False)):
        facts = call("/-/feed/profile", by=by, after=0, limit=5000).json()["facts"]
        body = [one["body"] for one in facts if one["kind"] == "factors" and one["key"] == str(ann.id)][-1]
        assert (body["authenticator"] == secret) is opened
    assert sealing.unseal(number.body["authenticator"], ann.id) == secret
    with pytest.raises(Exception, match="cannot be opened"):
        sealing.unseal(number.body["authenticator"], ann.id + 1)


def test_what_was_used_at_the_spare_bank_is_struck_off_by_the_replay(ann, standin, journal):
    _, codes = enrol(ann)
    digest = recovery.digest_of(ann.id, plain_code(codes[5]))
    body = {"customer": ann.id, "factor": "recovery", "key": digest, "request": "r1"}
    journal.add("factor", body, ann.cohort)
    journal.add("factor", {"customer": ann.id, "factor": "authenticator", "key": ""}, ann.cohort)
    for _ in range(2):
        replaying.replay(None)
    assert RecoveryCode.objects.get(customer=ann.id, digest=digest).used_by == "r1"
    assert RecoveryCode.objects.filter(customer=ann.id, used=None).count() == RECOVERY_CODES - 1
    assert Authenticator.objects.get(customer=ann.id).used is not None
    told = SecurityEvent.objects.filter(customer=ann.id).latest("id")
    assert (told.event, told.places) == ("event.code_used_at_spare", {"left": RECOVERY_CODES - 1})
    assert mark(log_in(ann, codes[5]), "problem") == "wrong-code"


def test_new_codes_end_those_before_and_removing_the_app_keeps_them_for_the_passkey(ann):
    _, codes = enrol(ann)
    fresh = codes_of(ann.post("/security/recovery", {}))
    assert not set(fresh) & set(codes)
    assert mark(log_in(ann, codes[0]), "problem") == "wrong-code"
    assert log_in(ann, fresh[0]).status_code == 303
    alone = ann.log_in().post("/security/authenticator/remove", {})
    assert (alone.status_code, "all you have" in alone.content.decode()) == (422, True)
    Passkey.objects.create(id=uuid.uuid4().hex, customer_id=ann.id, public_key="x", name="Phone")
    assert ann.post("/security/authenticator/remove", {}).status_code == 303
    told = last_fact(ann).body
    assert (told["authenticator"], len(told["recovery"])) == ("", RECOVERY_CODES - 1)
    assert log_in(ann, fresh[1]).status_code == 303
    assert len(codes_of(ann.log_in().post("/security/recovery", {}))) == RECOVERY_CODES


@pytest.mark.parametrize("path", ["authenticator", "authenticator/remove", "recovery", "passkeys", "passkeys/rename",
                                  "passkeys/remove", "sessions/end"])  # fmt: skip
def test_nothing_is_changed_long_after_the_login(ann, keys, path):
    enrol(ann)
    before = (last_fact(ann).id, SecurityEvent.objects.filter(customer=ann.id).count())
    old_login(ann, keys)
    page = ann.get("/security").content.decode()
    assert "data-confirm" in page
    assert f'action="/security/{path}"' not in page
    assert ann.post(f"/security/{path}", {"session": "others", "code": "1", "id": "x"}).status_code == 403
    assert (last_fact(ann).id, SecurityEvent.objects.filter(customer=ann.id).count()) == before


def test_confirming_takes_password_and_code_and_holds_for_a_while(ann, keys):
    _, codes = enrol(ann)
    for form in ({"password": PASSWORD}, {"password": "wrong", "code": codes[0]}, {"password": PASSWORD, "code": "1"}):
        old_login(ann, keys)
        assert ann.post("/security/confirm", form).status_code == 422
        assert ann.post("/security/recovery", {}).status_code == 403
    assert ann.post("/security/confirm", {"password": PASSWORD, "code": codes[0]}).status_code == 303
    assert mark(ann.post("/security/recovery", {}), "page") == "recovery"
    old_login(ann, keys, confirmed=time.time() - 301)
    assert ann.post("/security/recovery", {}).status_code == 403


def test_who_has_a_passkey_and_no_app_is_not_taken_at_the_password_alone(ann, keys):
    Passkey.objects.create(id=uuid.uuid4().hex, customer_id=ann.id, public_key="x", name="Phone")
    codes = recovery.make_codes(ann.id)
    old_login(ann, keys)
    page = ann.get("/security").content.decode()
    assert ("Recovery code</label>" in page, 'data-passkey="get"' in page) == (True, True)
    assert ann.post("/security/confirm", {"password": PASSWORD}).status_code == 422
    assert ann.post("/security/recovery", {}).status_code == 403
    assert ann.post("/security/confirm", {"password": PASSWORD, "code": codes[0]}).status_code == 303
    assert mark(ann.post("/security/recovery", {}), "page") == "recovery"


def test_guessing_the_password_of_an_open_session_is_limited(ann, keys):
    old_login(ann, keys)
    said = [ann.post("/security/confirm", {"password": "wrong"}) for _ in range(5)]
    assert {one.status_code for one in said} == {422}
    late = ann.post("/security/confirm", {"password": PASSWORD})
    assert (late.status_code, "Too many" in late.content.decode()) == (422, True)


def test_what_is_set_up_is_forgotten_after_a_while_and_bound_to_its_customer(ann, town):
    assert authenticator.begin(ann.id, "one")
    assert authenticator.secret_to_set_up(ann.id, "one")
    assert authenticator.secret_to_set_up(town.ben.id, "one") is None
    Authenticator.objects.filter(customer=ann.id).update(created="2020-01-01T00:00:00Z")
    assert authenticator.secret_to_set_up(ann.id, "one") is None
    assert ann.get("/security/authenticator").headers["Location"] == "/security"
    assert first_step(ann).status_code == 303


def test_tries_at_the_same_time_are_no_more_than_five_and_the_customer_reads_of_them(ann):
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: in_own_connection(lambda: take_try(ann.id, "")), range(16)))
    assert (tried.count(True), tried.count(False)) == (WRONG_CODES_MAX, 16 - WRONG_CODES_MAX)
    assert SecurityEvent.objects.get(customer=ann.id).event == "event.guesses_stopped"
    assert "did not fit" in ann.get("/security").content.decode()


def in_own_connection(work):
    """Run it in this thread and close the thread's connection."""
    try:
        return work()
    finally:
        connection.close()


def test_the_key_changes_while_customers_log_in_and_no_old_key_opens_anything(ann, bank, capsys):
    secret, _ = enrol(ann)
    path = bank.keys / "primary" / sealing.FILE
    before = (path.read_text(), last_fact(ann).body["authenticator"])
    for _ in range(2):
        assert commands.rotate_factors_key() == 0
    assert "Sealed anew: " in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not set(json.loads(before[0]).values()) & set(json.loads(path.read_text()).values())
    assert sealing.unseal(last_fact(ann).body["authenticator"], ann.id) == secret
    assert log_in(ann, now_code(secret, 1)).status_code == 303
    with pytest.raises(SealBroken):
        sealing.unseal(before[1], ann.id)


def test_without_its_key_codes_wait_in_words_and_the_feed_goes_on_asking_for_them(ann, bank, call, monkeypatch):
    secret, codes = enrol(ann)
    monkeypatch.setattr(sealing, "FILE", "another.keys")
    monkeypatch.setattr(sealing, "keys", sealing.Keys())
    assert mark(log_in(ann, now_code(secret, 1)), "problem") == "codes-later"
    assert log_in(ann, codes[0]).status_code == 303
    facts = call("/-/feed/profile", by="standin", after=0, limit=5000).json()["facts"]
    told = [one["body"] for one in facts if one["kind"] == "factors" and one["key"] == str(ann.id)][-1]
    assert told["authenticator"] not in ("", secret)


def test_logging_out_everywhere_else_forgets_known_devices_at_both_banks(ann):
    _, codes = enrol(ann)
    assert log_in(ann, codes[0]).status_code == 303
    WrongCodes.objects.update_or_create(
        customer_id=ann.id, device="", defaults={"began": timezone.now(), "count": WRONG_CODES_MAX}
    )
    assert log_in(ann, codes[1]).status_code == 303
    before = factors_from_body(last_fact(ann).body).devices_since
    assert ann.post("/security/sessions/end", {"session": "others"}).status_code == 303
    assert factors_from_body(last_fact(ann).body).devices_since > before > 0
    assert log_in(ann, codes[2]).status_code == 429
