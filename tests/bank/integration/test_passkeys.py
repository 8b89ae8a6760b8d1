"""Passkeys, sessions and devices at the primary bank."""

import json
import secrets
import time

import pytest
from enrolling import mark, old_login, settle
from soft_passkey import PRESENT, SoftPasskey

from holdfast.bank.exchange import replay as replaying
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors import devices
from holdfast.bank.factors.history import event_words
from holdfast.bank.factors.models import KnownSession, Passkey, SecurityEvent
from holdfast.bank.web.words import writings
from holdfast.contracts.factors import CHALLENGE_PURPOSE, passkey_from_body, passkey_key

pytestmark = pytest.mark.demand("B6")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ann(town, register):
    return town.ann


@pytest.fixture
def challenge(keys):
    return lambda at=0.0, by="door": keys[by].sign(CHALLENGE_PURPOSE, {"random": "00", "at": at or time.time()})


@pytest.fixture
def key(bank):
    return SoftPasskey(bank.door_origin)


def add(person, key, challenge, name="My phone"):
    return person.post("/security/passkeys", {"passkey": key.made(challenge()), "name": name})


def log_in(person, said, **row):
    person.client.cookies.clear()
    return person.post("/login", {"passkey": said}, **row)


def told_of(key):
    """The last fact told of a passkey."""
    return Fact.objects.filter(kind="passkey", key=passkey_key(key.id)).latest("id")


def test_a_passkey_is_added_told_and_logs_in_alone(ann, key, challenge, keys):
    assert add(ann, key, challenge).headers["Location"] == "/security"
    owner, told = passkey_from_body(told_of(key).body)
    assert (owner, told.name, told.transports) == (ann.id, "My phone", ())
    elsewhere = log_in(ann, key.said(challenge()), cohort=(ann.cohort + 1) % 256)
    assert (elsewhere.status_code, elsewhere.headers["Holdfast-Cohort"]) == (421, str(ann.cohort))
    done = log_in(ann, key.said(challenge()))
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    session = keys["primary"].verify("session", done.cookies["hf_bank"].value, {"primary"})
    assert session["factors"] == ["passkey"]
    assert Passkey.objects.get(id=key.id).sign_count == 2


def test_an_answer_is_taken_once_and_a_challenge_too(ann, key, challenge):
    add(ann, key, challenge)
    token = challenge()
    said = key.said(token)
    assert log_in(ann, said, request="r1").status_code == 303
    for again in (said, key.said(token)):
        answer = log_in(ann, again, request="r2")
        assert (answer.status_code, mark(answer, "problem")) == (422, "wrong-passkey")
    assert log_in(ann, key.said(challenge()), request="r3").status_code == 303


def test_what_is_not_signed_as_it_must_be_logs_nobody_in(ann, key, challenge, bank, keys):
    add(ann, key, challenge)
    said = []
    for fault in ({"flags": PRESENT}, {"origin": "https://evil.example"}, {"host": "evil.example"}):
        before = {name: getattr(key, name) for name in fault}
        vars(key).update(fault)
        said.append(key.said(challenge()))
        vars(key).update(before)
    said += [key.said(challenge(time.time() - 301)), key.said(challenge(by="standin")), key.said("no token")]
    other = SoftPasskey(bank.door_origin)
    said.append(other.said(challenge()))
    other.raw_id = key.raw_id
    other.count = 100
    said.append(other.said(challenge()))
    key.count = 0
    for one in said:
        answer = log_in(ann, one)
        if answer.status_code == 421:
            answer = log_in(ann, one, cohort=int(answer.headers["Holdfast-Cohort"]))
        assert (answer.status_code, mark(answer, "problem")) == (422, "wrong-passkey")
        assert "hf_bank" not in answer.cookies
    assert Passkey.objects.get(id=key.id).sign_count == 0


def test_a_copy_of_a_passkey_is_found_by_its_count(ann, key, challenge):
    add(ann, key, challenge)
    for _ in range(3):
        assert log_in(ann, key.said(challenge())).status_code == 303
    key.count = 1
    assert log_in(ann, key.said(challenge())).status_code == 422


def test_what_a_browser_made_wrongly_is_not_added(ann, key, challenge, bank, keys):
    evil = SoftPasskey("https://evil.example")
    unverified = SoftPasskey(bank.door_origin)
    unverified.flags = PRESENT
    used = challenge()
    assert ann.post("/security/passkeys", {"passkey": key.made(used)}).status_code == 303
    late = challenge(time.time() - 301)
    for said in (evil.made(challenge()), unverified.made(challenge()), "{}", SoftPasskey(bank.door_origin).made(late),
                 SoftPasskey(bank.door_origin).made(used), key.made(challenge())):  # fmt: skip
        answer = ann.post("/security/passkeys", {"passkey": said})
        assert (answer.status_code, "No passkey was added" in answer.content.decode()) == (422, True)
    assert Passkey.objects.filter(customer=ann.id).count() == 1


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(ann, key, challenge, town):
    settle(ann)
    add(ann, key, challenge)
    other = town.person(0).log_in()
    for person, status, count in ((other, 404, 1), (ann, 303, 1)):
        answer = person.post("/security/passkeys/rename", {"id": key.id, "name": "  The <b> key\n"})
        assert (answer.status_code, Passkey.objects.filter(customer=ann.id).count()) == (status, count)
    assert Passkey.objects.get(id=key.id).name == "The <b> key"
    assert "The &lt;b&gt; key" in ann.get("/security").content.decode()
    for person, status, count in ((other, 404, 1), (ann, 303, 0)):
        assert person.post("/security/passkeys/remove", {"id": key.id}).status_code == status
        assert Passkey.objects.filter(customer=ann.id).count() == count
        assert (told_of(key).body is None) == (count == 0)
    assert log_in(ann, key.said(challenge()), cohort=ann.cohort).status_code == 421
    words = SecurityEvent.objects.filter(customer=ann.id).values_list("event", flat=True)
    assert len(words) == 3


def test_a_passkey_confirms_who_it_is_and_another_customers_does_not(  # noqa: PLR0917  # fixtures
    ann, key, challenge, town, keys, bank
):
    add(ann, key, challenge)
    other_key, other = SoftPasskey(bank.door_origin), town.person(0).log_in()
    add(other, other_key, challenge)
    settle(ann)
    old_login(ann, keys)
    assert ann.post("/security/confirm", {"passkey": other_key.said(challenge())}).status_code == 422
    assert ann.post("/security/passkeys/remove", {"id": key.id}).status_code == 403
    assert ann.post("/security/confirm", {"passkey": key.said(challenge())}).status_code == 303
    assert ann.post("/security/passkeys/remove", {"id": key.id}).status_code == 303


def test_a_use_at_the_spare_bank_moves_the_count_on(ann, key, challenge, standin, journal):
    add(ann, key, challenge)
    body = {"customer": ann.id, "factor": "passkey", "key": key.id, "sign_count": 7}
    journal.add("factor", body, ann.cohort)
    replaying.replay(None)
    assert Passkey.objects.get(id=key.id).sign_count == 7
    key.count = 5
    assert log_in(ann, key.said(challenge())).status_code == 422
    key.count = 7
    assert log_in(ann, key.said(challenge())).status_code == 303


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "a program"),
        ("", "a program"),
    ],
)
def test_a_device_is_called_as_people_call_it(agent, words):
    assert devices.device_words(agent) == words


def test_sessions_are_listed_and_ended_by_their_owner_only(ann, key, challenge, town, keys):
    add(ann, key, challenge)
    there = ann.post("/login", {"passkey": key.said(challenge())}, {"User-Agent": FIREFOX})
    far = there.cookies["hf_bank"].value
    here = log_in(ann, key.said(challenge())).cookies["hf_bank"].value
    ids = [keys["primary"].verify("session", one, {"primary"})["session"] for one in (far, here)]
    page = ann.get("/security").content.decode()
    assert all(f'data-session="{one}"' in page for one in ids)
    assert "Firefox on Linux" in page
    assert town.person(0).log_in().post("/security/sessions/end", {"session": ids[0]}).status_code == 404
    assert ann.post("/security/sessions/end", {"session": ids[0]}).status_code == 303
    ann.client.cookies["hf_bank"] = far
    assert ann.get("/").headers["Location"] == "/login"
    ann.client.cookies["hf_bank"] = here
    assert ann.get("/").status_code == 200
    assert Fact.objects.filter(kind="session_revoked", key=ids[0]).count() == 1
    assert f'data-session="{ids[0]}"' not in ann.get("/security").content.decode()


def test_all_others_are_logged_out_at_once_and_old_ones_forgotten(ann, key, challenge):
    add(ann, key, challenge)
    cookies = [log_in(ann, key.said(challenge())).cookies["hf_bank"].value for _ in range(3)]
    assert ann.post("/security/sessions/end", {"session": "others"}).status_code == 303
    seen = []
    for one in cookies:
        ann.client.cookies["hf_bank"] = one
        seen.append(ann.get("/").status_code)
    assert seen == [303, 303, 200]
    KnownSession.objects.filter(customer=ann.id).update(seen="2020-01-01T00:00:00Z")
    assert devices.forget_old() >= 3
    assert not KnownSession.objects.filter(customer=ann.id).exists()


def garbled(said):
    """Answers of a passkey with one part exchanged for what a stranger might send."""
    whole = json.loads(said)
    for part in ("", "A", "AAAA", "x" * 3000, "\0", "\ud800", None, 7, [], {}, "_w" * 200):
        for name in ("id", "rawId", "type"):
            yield json.dumps({**whole, name: part})
        for name in whole["response"]:
            yield json.dumps({**whole, "response": {**whole["response"], name: part}})
        yield json.dumps({**whole, "id": part, "rawId": part})


def test_whatever_a_stranger_sends_is_answered_and_never_with_an_error_of_ours(ann, key, challenge):
    assert add(ann, key, challenge).status_code == 303
    for said in garbled(key.said(challenge())):
        answer = log_in(ann, said)
        assert answer.status_code in (421, 422) or json.loads(said)["response"]["userHandle"] is not None
        assert answer.status_code < 500
    ann.log_in()
    for said in garbled(SoftPasskey(key.origin).made(challenge())):
        assert ann.post("/security/passkeys", {"passkey": said}).status_code in (303, 422)
    for path in ("passkeys/rename", "passkeys/remove", "sessions/end"):
        assert ann.post(f"/security/{path}", {"id": "\0", "session": "\0", "name": "\0"}).status_code == 404


def test_a_login_on_a_device_that_is_new_stands_in_the_history_once(ann, key, challenge):
    add(ann, key, challenge)
    for agent in ("curl/8.0", FIREFOX, FIREFOX):
        ann.client.cookies.clear()
        said = {"passkey": key.said(challenge())}
        assert ann.post("/login", said, {"User-Agent": agent}).status_code == 303
    events = SecurityEvent.objects.filter(customer=ann.id, event="event.new_login")
    assert [event_words(one, writings()["en"]) for one in events] == [
        "Logged in on Firefox on Linux, where you were not logged in before."
    ]


@pytest.mark.parametrize("id_bytes", [16, 64, 1023])
def test_a_passkey_with_an_id_as_long_as_may_be_is_added_told_and_taken(ann, key, challenge, id_bytes):
    key.raw_id = secrets.token_bytes(id_bytes)
    assert add(ann, key, challenge).status_code == 303
    assert Fact.objects.filter(kind="passkey", key=passkey_key(key.id)).count() == 1
    assert log_in(ann, key.said(challenge())).status_code == 303
