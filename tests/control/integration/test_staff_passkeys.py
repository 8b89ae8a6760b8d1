"""Passkeys of staff: they log in and confirm by themselves, each answer once, and each change is in the staff log."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from soft_passkey import SoftPasskey
from staffing import client, form_of

from holdfast.control import borders
from holdfast.control.staff import passkeys, people, views
from holdfast.control.staff.models import Person, StaffAction, StaffChallenge, StaffPasskey, StaffSession
from holdfast.guard import Guesses
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("B6", "G1")
Staff = dict[str, str]
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(name="staff")
def _staff(request: pytest.FixtureRequest) -> Staff:
    found: Staff = request.getfixturevalue("people")
    return found


@pytest.fixture(autouse=True)
def nobody_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "guesses", Guesses())


def challenge() -> str:
    return str(Client().get("/passkey/challenge").json()["challenge"])


@pytest.fixture
def key(staff: Staff, installation: Installation) -> SoftPasskey:
    """A passkey that the responder has added."""
    made = SoftPasskey(installation.console_origin)
    answer = client(staff, "responder").post(
        "/sign-in/passkeys", {"passkey": made.made(challenge()), "name": "Blue key"}
    )
    assert answer.status_code == 302
    return made


def log_in(answer: str) -> Client:
    browser = Client(headers=SAME)
    browser.answer = browser.post("/login", {"passkey": answer})  # type: ignore[attr-defined]
    return browser


def status(answer: str) -> int:
    return int(log_in(answer).answer.status_code)  # type: ignore[attr-defined]


def test_a_passkey_logs_in_by_itself_and_confirms_and_stands_on_the_page(staff: Staff, key: SoftPasskey) -> None:
    browser = log_in(key.said(challenge()))
    page = browser.get("/sign-in").content.decode()
    assert 'data-passkey-name="Blue key"' in page and "passkey added, name Blue key" in page
    StaffSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))
    assert browser.post("/sign-in/recovery").status_code == 403
    assert browser.post("/sign-in/confirm", {"passkey": key.said(challenge())}).status_code == 302
    assert browser.post("/sign-in/recovery").status_code == 200


def test_an_answer_is_taken_once_and_only_to_a_challenge_of_this_console(staff: Staff, key: SoftPasskey) -> None:
    said = key.said(challenge())
    assert [status(said) for _ in range(2)] == [302, 422]
    foreign = passkeys.switchboard().keyring.sign("challenge", {"random": "x", "at": 0})
    old = passkeys.switchboard().keyring.sign(passkeys.PURPOSE, {"random": "x", "at": 0.0})
    assert [status(key.said(one)) for one in (foreign, old, "none")] == [422, 422, 422]
    assert StaffAction.objects.filter(what="log-in refused").count() == 4
    assert StaffChallenge.objects.count() == 2


def test_a_passkey_of_another_place_or_without_its_owner_or_copied_does_not_log_in(
    staff: Staff, key: SoftPasskey
) -> None:
    right, origin = key.flags, key.origin
    for changed in ({"origin": "https://evil.example"}, {"flags": 1}, {"host": "evil.example"}):
        for name, value in changed.items():
            setattr(key, name, value)
        assert status(key.said(challenge())) == 422
        key.flags, key.origin, key.host = right, origin, "localhost"
    assert status(key.said(challenge())) == 302
    key.count = 0
    assert status(key.said(challenge())) == 422
    assert status(SoftPasskey(origin).said(challenge())) == 422


def test_a_stranger_s_passkey_confirms_nothing_and_only_one_s_own_is_removed(staff: Staff, key: SoftPasskey) -> None:
    manager = client(staff, "manager")
    StaffSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))
    assert manager.post("/sign-in/confirm", {"passkey": key.said(challenge())}).status_code == 422
    assert manager.post("/sign-in/passkeys/remove", {"id": key.id}).status_code == 403
    StaffSession.objects.update(proved_at=timezone.now())
    assert manager.post("/sign-in/passkeys/remove", {"id": key.id}).status_code == 404
    assert StaffPasskey.objects.get().person_id == "responder"
    owner = client(staff, "responder")
    assert owner.post("/sign-in/passkeys/remove", {"id": key.id}).status_code == 302
    assert status(key.said(challenge())) == 422
    assert StaffAction.objects.filter(what="passkey removed", who="responder").count() == 1


def test_what_cannot_be_added_says_why_and_changes_nothing(
    staff: Staff, key: SoftPasskey, installation: Installation
) -> None:
    browser, before = client(staff, "responder"), StaffAction.objects.count()
    used = challenge()
    other = SoftPasskey(installation.console_origin)
    tries = {"{}": "does not hold", key.made(challenge()): "known already", other.made("x"): "too old"}
    for typed, words in tries.items():
        answer = browser.post("/sign-in/passkeys", {"passkey": typed, "name": "x"})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert browser.post("/sign-in/passkeys", {"passkey": other.made(used), "name": "x"}).status_code == 302
    assert StaffPasskey.objects.count() == 2
    assert StaffAction.objects.filter(what="passkey added").count() == 2
    assert StaffAction.objects.count() == before + 1


def test_guesses_of_passkeys_are_limited_by_network_and_close_no_other_way_in(staff: Staff, key: SoftPasskey) -> None:
    assert [status("{}") for _ in range(6)] == [422] * 6
    assert status(key.said(challenge())) == 422
    assert client(staff, "responder").get("/").status_code == 200


def test_a_page_that_renews_itself_keeps_no_session_open_and_says_when_it_ends(staff: Staff) -> None:
    browser = client(staff, "responder")
    seen = timezone.now() - timedelta(minutes=58)
    StaffSession.objects.update(seen_at=seen)
    browser.get("/", headers={"Holdfast-Renews": "1"})
    assert StaffSession.objects.get().seen_at == seen
    page = browser.get("/").content.decode()
    assert StaffSession.objects.get().seen_at > seen
    assert re.search(r'data-left-s="3[56]\d\d" data-idle-s="3600"', page)
    StaffSession.objects.update(seen_at=timezone.now() - people.IDLE - timedelta(seconds=1))
    assert browser.get("/").status_code == 302


def test_over_tls_the_cookie_is_for_this_host_only_and_the_browser_stays_by_it(
    staff: Staff, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = replace(installation, tls_cert="a", tls_key="b")
    for module in (borders, people, views):
        monkeypatch.setattr(module, "installation", lambda: secure)
    browser = Client(headers=SAME)
    answer = browser.post("/login", form_of(staff, "auditor"))
    kept = answer.cookies["__Host-hf_staff"]
    assert (kept["secure"], kept["httponly"], kept["path"], kept["domain"]) == (True, True, "/", "")
    page = browser.get("/staff")
    assert (page.status_code, page.headers["Strict-Transport-Security"]) == (200, borders.HSTS)
    plain = Client(headers=SAME)
    plain.cookies["hf_staff"] = kept.value
    assert plain.get("/staff").status_code == 302
    assert Person.objects.filter(username="auditor").exists()
