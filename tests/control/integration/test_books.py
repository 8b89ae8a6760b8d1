"""The console's page of the books: anybody of the staff reads it, two people close days."""

import json
from typing import Any

import pytest
from fakes import Town
from staffing import client

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.staff.models import Person

pytestmark = [pytest.mark.demand("A3"), pytest.mark.usefixtures("database")]
DAY = "2026-03-02"
LINE = {
    "line": "2000",
    "class": "liability",
    "name_en": "Deposits of customers",
    "name_nb": "Innskudd fra kunder",
    "currency": "NOK",
}
OWN = {
    "line": "1000",
    "class": "asset",
    "name_en": "Settlement with other banks",
    "name_nb": "Oppgjør",
    "currency": "NOK",
}
BOOKS: dict[str, Any] = {
    "day": DAY,
    "block": 41,
    "closed": None,
    "last_day_over": DAY,
    "closings": [{"day": "2026-02-28", "by": "ada", "approved_by": "bo", "at": "2026-03-01T08:00:00+00:00"}],
    "lines": [
        {**LINE, "debits_minor": 2_500, "credits_minor": 12_500, "net_minor": -1_000_000},
        {**OWN, "debits_minor": 10_000, "credits_minor": 0, "net_minor": 1_000_000},
    ],
    "differences": {"NOK": 0},
    "proved": {"block": 40, "at": "2026-03-02T21:00:00+00:00", "findings": 0},
}


@pytest.fixture
def town(installation):
    with Town(installation) as made:
        made.bank.paths["/-/books"] = lambda *_: (200, BOOKS)
        made.standin.paths["/-/anchors"] = lambda *_: (
            200,
            {"anchors": [{"block": 39, "hash": "", "at_us": 0, "token": ""}]},
        )
        yield made


@pytest.mark.parametrize("role", ["auditor", "support", "manager"])
def test_staff_read_a_days_trial_balance_and_how_far_the_books_are_proved(people, town, role):
    page = client(people, role).get("/books").content.decode()
    for words in ("Deposits of customers", "10,000.00", "not closed", "Debits and credits are equal", "2026-02-28"):
        assert words in page
    assert "whole up to block 40, with no finding" in page and "anchor of block 39" in page
    assert ("Propose to close" in page) == (role == "manager")


def test_what_does_not_balance_or_prove_is_said_first(people, town):
    sick = BOOKS | {"differences": {"NOK": 500}, "proved": {**BOOKS["proved"], "findings": 2}}
    town.bank.paths["/-/books"] = lambda *_: (200, sick)
    page = client(people, "auditor").get("/books").content.decode()
    assert "differ by 5.00 NOK" in page and "2 findings behind block 40" in page
    assert "Debits and credits are equal" not in page


def test_a_bank_that_is_away_is_said_and_nothing_is_proposed(people, town):
    town.bank.stop()
    responder = client(people, "responder")
    assert "does not answer" in responder.get("/books").content.decode()
    assert responder.post("/books", {"day": DAY, "why": "month's end"}).status_code == 422
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"day": "soon", "why": "w"}, "no day|missing"),
        ({"day": DAY, "why": " "}, "reason"),
        ({"day": "2026-03-03", "why": "w"}, "is not over"),
        ({"day": "2026-02-28", "why": "w"}, "closed already"),
    ],
)
def test_what_cannot_be_closed_is_refused_in_words(people, town, form, words):
    answer = client(people, "responder").post("/books", form)
    assert answer.status_code == 422
    assert any(one in answer.content.decode() for one in words.split("|"))
    assert Proposal.objects.count() == 0


def test_days_are_closed_by_a_manager_whom_another_asked_and_never_alone(people, town):
    tokens = []

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        tokens.append(town.bank.keyring.verify("books-close", json.loads(raw)["token"], {"control"}))
        return 200, {"words": f"{DAY} is closed"}

    town.bank.paths["/-/books/close"] = take
    responder, form = client(people, "responder"), {"day": DAY, "why": "month's end"}
    assert client(people, "support").post("/books", form).status_code == 403
    assert responder.post("/books", form).status_code == 302
    found = Proposal.objects.get()
    assert "never undone" in found.words
    assert "go on alone" not in responder.get("/books").content.decode()
    assert "Nobody" in flow.go_on_alone(found.number, Person.objects.get(username="responder"), "I am alone now")
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = tokens
    assert (said["day"], said["asked_by"], said["approved_by"]) == (DAY, "responder", "manager")
    found.refresh_from_db()
    assert (found.state, found.result) == ("done", f"{DAY} is closed")


def test_a_day_that_is_none_is_answered_in_words(people, town):
    answer = client(people, "auditor").get("/books?day=then")
    assert answer.status_code == 422 and "is no day" in answer.content.decode()
