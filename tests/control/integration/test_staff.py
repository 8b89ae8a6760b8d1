"""Staff show a password and a code: each once, guesses limited by where they come from, every change in the staff log."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from staffing import client, code_of, form_of

from holdfast.control.staff import factors, log, people
from holdfast.control.staff.models import Person, StaffAction, StaffAuthenticator, StaffRecoveryCode, StaffSession
from holdfast.guard import Guesses
from holdfast.guard.guesses import TRIES_MAX

pytestmark = pytest.mark.demand("B6", "G1", "G3")
FIVE = TRIES_MAX["name and network"]
Staff = dict[str, str]


@pytest.fixture(name="staff")
def _staff(request: pytest.FixtureRequest) -> Staff:
    found: Staff = request.getfixturevalue("people")
    return found


@pytest.fixture(autouse=True)
def nobody_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "guesses", Guesses())


def logged(what: str) -> int:
    return StaffAction.objects.filter(what=what).count()


def page_of(answer: object) -> str:
    return str(answer.content.decode())  # type: ignore[attr-defined]


def test_the_first_start_gives_everyone_a_password_and_an_authenticator_that_only_its_owner_may_read(
    staff: Staff, installation: object
) -> None:
    folder = Path(installation.secrets)  # type: ignore[attr-defined]
    for role in ("responder", "communicator", "support", "manager", "auditor"):
        for name in (role, f"{role}-authenticator"):
            assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert people.ensure_people(folder) == []
    assert logged("person made") == logged("authenticator made") == 5


def test_who_was_here_before_there_were_codes_is_given_an_authenticator(staff: Staff, installation: object) -> None:
    StaffAuthenticator.objects.filter(person="manager").delete()
    assert people.ensure_people(Path(installation.secrets)) == ["manager"]  # type: ignore[attr-defined]
    assert Person.objects.count() == 5
    client(staff, "manager")


@pytest.mark.parametrize("part", ["username", "password", "code"])
def test_without_any_one_part_nobody_gets_in_and_the_answer_does_not_say_which(staff: Staff, part: str) -> None:
    stranger = Client(headers={"Sec-Fetch-Site": "same-origin"})
    answer = stranger.post("/login", form_of(staff, "responder", **{part: "wrong"}))
    assert (answer.status_code, "hf_staff" in stranger.cookies) == (422, False)
    assert "The name, the password or the code is not right" in page_of(answer)
    assert (logged("log-in refused"), logged("logged in")) == (1, 0)
    assert StaffSession.objects.count() == 0


def test_a_code_is_taken_once_and_none_before_it(staff: Staff) -> None:
    sender = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert sender.post("/login", form_of(staff, "responder")).status_code == 302
    for steps in (0, -1):
        again = form_of(staff, "responder", code=code_of(staff, "responder", steps))
        assert Client(headers={"Sec-Fetch-Site": "same-origin"}).post("/login", again).status_code == 422


def test_guesses_are_limited_where_they_come_from_and_nowhere_else(staff: Staff) -> None:
    stranger = Client(headers={"Sec-Fetch-Site": "same-origin"})
    for username in ("responder", "nobody-here"):
        wrong = {"username": username, "password": "wrong", "code": "000000"}
        assert [stranger.post("/login", wrong).status_code for _ in range(FIVE + 1)] == [422] * (FIVE + 1)
    assert logged("log-in refused") == 2 * FIVE
    assert stranger.post("/login", form_of(staff, "responder")).status_code == 422
    elsewhere = Client(headers={"Sec-Fetch-Site": "same-origin"}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post("/login", form_of(staff, "responder")).status_code == 302


def test_ten_recovery_codes_are_shown_once_and_each_logs_in_once(staff: Staff) -> None:
    responder = client(staff, "responder")
    codes = re.findall(r'data-code="([^"]*)"', page_of(responder.post("/sign-in/recovery")))
    assert len(set(codes)) == 10
    assert not any(code in page_of(responder.get("/sign-in")) for code in codes)
    for status in (302, 422):
        sender = Client(headers={"Sec-Fetch-Site": "same-origin"})
        assert sender.post("/login", form_of(staff, "responder", code=codes[0].upper())).status_code == status
    assert 'data-codes-left="9"' in page_of(responder.get("/sign-in"))
    assert (logged("recovery codes made"), logged("recovery code used")) == (1, 1)


def test_what_changes_the_sign_in_needs_a_word_of_the_last_five_minutes(staff: Staff) -> None:
    responder = client(staff, "responder")
    StaffSession.objects.update(proved_at=timezone.now() - people.RECENT - timedelta(seconds=1))
    for path in ("/sign-in/recovery", "/sign-in/authenticator"):
        answer = responder.post(path)
        assert (answer.status_code, "data-confirm" in page_of(answer)) == (403, True)
    assert StaffRecoveryCode.objects.count() == 0
    wrong = {"password": staff["responder"], "code": "000000"}
    assert responder.post("/sign-in/confirm", wrong).status_code == 422
    assert responder.post("/sign-in/recovery").status_code == 403
    right = {"password": staff["responder"], "code": code_of(staff, "responder", 1)}
    assert responder.post("/sign-in/confirm", right).status_code == 302
    assert responder.post("/sign-in/recovery").status_code == 200


def test_another_authenticator_holds_from_its_first_right_code_on(staff: Staff) -> None:
    responder = client(staff, "responder")
    page = page_of(responder.post("/sign-in/authenticator"))
    secret = re.search(r'data-secret="([^"]*)"', page).group(1).replace(" ", "")  # type: ignore[union-attr]
    wrong = responder.post("/sign-in/authenticator", {"code": "0000"})
    assert (wrong.status_code, secret[:4] in page_of(wrong)) == (422, True)
    client(staff, "responder")
    new = {**staff, "responder-authenticator": secret}
    assert responder.post("/sign-in/authenticator", {"code": code_of(new, "responder")}).status_code == 302
    assert logged("authenticator changed") == 1
    old = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert old.post("/login", form_of(staff, "responder", code=code_of(staff, "responder", 1))).status_code == 422
    client(new, "responder")


def test_sessions_are_listed_and_ended_by_their_own_person_only(staff: Staff) -> None:
    first, second, other = client(staff, "responder"), client(staff, "responder"), client(staff, "manager")
    listed = re.findall(r'data-session="([0-9a-f]{64})"', page_of(first.get("/sign-in")))
    assert len(listed) == 2
    assert other.post("/sign-in/sessions/end", {"session": listed[0]}).status_code == 404
    assert first.post("/sign-in/sessions/end", {"session": "others"}).status_code == 302
    assert (second.get("/").status_code, first.get("/sign-in").status_code) == (302, 200)
    assert other.get("/sign-in").status_code == 200
    assert logged("sessions ended") == 1


def test_the_database_alone_opens_no_console_and_the_log_stays_whole(staff: Staff) -> None:
    client(staff, "responder").post("/sign-in/recovery")
    held = str(list(StaffAuthenticator.objects.values_list())) + str(list(StaffRecoveryCode.objects.values_list()))
    assert staff["responder-authenticator"] not in held
    with pytest.raises(Exception, match="cannot be opened"):
        factors.sealer.unseal(StaffAuthenticator.objects.get(person="responder").sealed, "manager")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from staff_person")
    assert log.verify()[0] >= 12
