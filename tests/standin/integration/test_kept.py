"""A form sent to the spare bank after its session ended goes on behind the login: by one press, for its customer alone."""

import html
import re
import time
import uuid

import pytest
from world import PASSWORD, Answer, World

from holdfast.contracts.kept import BYTES_MAX
from holdfast.contracts.sessions import IDLE_S

FIRST, SECOND = 7801, 7802


@pytest.fixture
def people(town: World) -> World:
    """Two customers with a password."""
    for number in (FIRST, SECOND):
        town.open_customer(number, f"keeper{number}")
    town.fed()
    return town


def hidden(answer: Answer) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', answer.text)
    return {name: html.unescape(value) for name, value in found}


def send_late(town: World, form: dict[str, str], path: str = "/pay") -> Answer:
    """Send a form after the first customer's session ended."""
    over = town.session(FIRST, issued=time.time() - IDLE_S - 1, began=time.time() - IDLE_S - 600)
    return town.visit("POST", path, cookies=over, form=form)


def log_in(town: World, number: int, token: str, password: str = PASSWORD) -> Answer:
    form = {"username": f"keeper{number}", "password": password, "kept": token}
    asked = town.visit("POST", "/login", town.row(network=uuid.uuid4().hex), form=form)
    return town.second_step(asked, number, kept=token)


PAYMENT = {"id": str(uuid.uuid4()), "to": "123", "name": "Ben <b>", "amount": "12.50", "text": "for the surprise"}


def test_what_was_typed_goes_on_behind_the_login_by_one_press(people: World) -> None:
    before = len(people.journal())
    late = send_late(people, {**PAYMENT, "password": "hunter2", "code": "123456"})
    assert (late.status, late.mark("data-page")) == (200, "login")
    assert "surprise" not in late.text
    token = hidden(late)["kept"]
    wrong = log_in(people, FIRST, token, "wrong")
    assert (wrong.status, hidden(wrong)["kept"]) == (422, token)
    shown = log_in(people, FIRST, token)
    assert (shown.status, shown.mark("data-page"), shown.mark("data-path")) == (200, "going-on", "/pay")
    assert hidden(shown) == PAYMENT
    assert "Ben &lt;b&gt;" in shown.text
    assert [entry.kind for entry in people.journal()[before:]] == ["factor"]


def test_nobody_else_reads_it_or_sends_it_and_what_is_none_is_left_out(people: World) -> None:
    token = hidden(send_late(people, PAYMENT))["kept"]
    for number, kept in ((SECOND, token), (FIRST, ""), (FIRST, "x"), (FIRST, "A" * 400), (FIRST, "x" * 50_000)):
        done = log_in(people, number, kept)
        assert (done.status, done.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/logout", {"a": "b"}),
        ("/pay", {"text": "x" * BYTES_MAX}),
        ("/pay", {"text": "x" * 50_000}),
        ("/pay", {f"f{number}": "1" for number in range(60)}),
    ],
    ids=["logout", "large", "larger", "many"],
)
def test_what_cannot_be_kept_leads_to_an_empty_login(people: World, path: str, form: dict[str, str]) -> None:
    answer = send_late(people, form, path)
    assert (answer.status, answer.headers["location"]) == (303, "/login")


def test_without_a_session_that_ended_nothing_is_kept(people: World) -> None:
    answer = people.visit("POST", "/pay", cookies={"hf_standin": "none"}, form=PAYMENT)
    assert (answer.status, answer.headers["location"]) == (303, "/login")
