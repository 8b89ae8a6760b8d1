"""A review of charges on the console: made by one person, looked at, given by another; the bank does what is signed."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fakes import Town
from staffing import client

from holdfast.control.approvals.models import Proposal
from holdfast.control.incidents import record
from holdfast.control.staff.models import StaffAction
from holdfast.settings import Installation

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
FIGURES = {"given": {"charges": [2, 7_910], "rule:refused_payments": [1, 2_500]}, "tried": {"counts": [3]}}
REVIEW = {
    "number": 4, "incident": "1", "first_day": "2026-05-04", "until": "2026-05-31", "without": [], "state": "ready",
    "phase": "", "figures": FIGURES, "left": 0, "rules": "2026.1", "currency": "NOK", "why": "the outage",
    "asked_by": "responder", "approved_by": "", "asked_at": "2026-06-01T10:00:00+00:00", "ended_at": None,
}  # fmt: skip
ROW = {
    "id": 71, "kind": "charges", "customer": 1007, "account": "97120000018", "currency": "NOK", "charged_minor": 14_384,
    "would_minor": 22_261, "amount_minor": 7_877, "ended": "",
}  # fmt: skip
pytestmark = pytest.mark.demand("C3", "G6")


@pytest.fixture
def town(installation: Installation) -> Any:
    with Town(installation) as made:
        yield made


@pytest.fixture
def bank(town: Town) -> dict[str, Any]:
    """What the bank was asked, and its signed orders by their purpose."""
    said: dict[str, Any] = {"orders": [], "asked": []}

    def order(purpose: str) -> Any:
        def answer(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
            said["orders"].append((purpose, town.bank.keyring.verify(purpose, json.loads(raw)["token"], {"control"})))
            return said.get("answer", (200, {"words": "it is done"}))

        return answer

    def one(query: dict[str, str], _raw: bytes) -> tuple[int, dict[str, Any]]:
        said["asked"].append(query)
        rows = [ROW] if query.get("customer", "0") in ("0", "1007") and query.get("after", "0") == "0" else []
        return 200, {**REVIEW, **said.get("review", {}), "given": rows}

    calculation = {**ROW, "title": "Interest", "words": "As if.", "parts": [["Tried on 4 May", "100.00"]],
                   "payment": "ab" * 16, "review": 4}  # fmt: skip
    shown = {"today": "2026-06-02", "closed": "2026-05-31", "reviews": [REVIEW]}
    town.bank.paths["/-/reviews"] = lambda _q, _b: (200, shown)
    town.bank.paths["/-/reviews/one"] = one
    town.bank.paths["/-/reviews/calculation"] = lambda _q, _b: (200, calculation)
    town.bank.paths["/-/reviews/begin"] = order("review")
    town.bank.paths["/-/reviews/decide"] = order("review-decision")
    return said


def test_one_person_makes_it_and_what_cannot_be_meant_is_said_and_not_sent(
    people: dict[str, str], bank: dict[str, Any]
) -> None:
    incident = record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))
    responder = client(people, "responder")
    form = {"incident": str(incident.number), "until": "2026-05-31", "from": "2026-05-04 14:05", "to": "2026-05-04 19:00",
            "why": "the outage"}  # fmt: skip
    wrong = ({"incident": ""}, {"why": " "}, {"until": "soon"}, {"from": "at five"}, {"to": ""})
    assert [responder.post("/reviews", {**form, **one}).status_code for one in wrong] == [422] * 5
    assert client(people, "auditor").post("/reviews", form).status_code == 403
    assert bank["orders"] == []
    assert responder.post("/reviews", form).status_code == 302
    ((purpose, said),) = bank["orders"]
    assert (purpose, said["incident"], said["until"], said["asked_by"]) == (
        "review", str(incident.number), "2026-05-31", "responder")  # fmt: skip
    assert [one[:16] for one in said["without"]] == ["2026-05-04T14:05", "2026-05-04T19:00"]
    assert StaffAction.objects.filter(what="review of charges").count() == 1
    bank["answer"] = (409, {"error": "Review 4 is open; it is given or dropped first. Nothing was done."})
    answer = responder.post("/reviews", form)
    assert answer.status_code == 409 and "Review 4 is open" in answer.content.decode()


def test_it_is_seen_by_kind_and_customer_with_each_calculation_and_as_a_file(
    people: dict[str, str], bank: dict[str, Any]
) -> None:
    looker = client(people, "auditor")
    assert "104.10 NOK" in looker.get("/reviews").content.decode()
    page = looker.get("/reviews/4").content.decode()
    assert all(words in page for words in ("79.10 NOK", "25.00 NOK", "refused payments", "3 counted as made", "1007"))
    assert "Propose to give it" not in page
    assert "Nothing here." in looker.get("/reviews/4?customer=8").content.decode()
    assert bank["asked"][-1]["customer"] == "8"
    assert "Tried on 4 May" in looker.get("/reviews/4/71").content.decode()
    assert looker.get("/reviews/5/71").status_code == 404
    answer = looker.get("/reviews/4.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.splitlines()[1] == "71,charges,1007,97120000018,NOK,14384,22261,7877,"
    assert answer["Content-Disposition"] == 'attachment; filename="review-4.csv"'


def test_a_manager_confirms_what_was_proposed_with_its_figures_and_both_names_signed(
    people: dict[str, str], bank: dict[str, Any]
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    assert responder.post("/reviews/4/propose", {"why": ""}).status_code == 422
    assert responder.post("/reviews/4/propose", {"why": "looked at ten of them"}).status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.words == "give what review 4 computed: 3 amounts, 104.10 NOK together"
    assert responder.post(f"/approvals/{proposal.number}/approve").status_code == 409
    assert bank["orders"] == []
    assert manager.post(f"/approvals/{proposal.number}/approve").headers["Location"] == "/reviews/4"
    ((purpose, said),) = bank["orders"]
    assert (purpose, said["number"], said["figures"]) == ("review-decision", 4, FIGURES)
    assert (said["asked_by"], said["approved_by"]) == ("responder", "manager")
    bank["review"] = {"state": "giving"}
    assert responder.post("/reviews/4/propose", {"why": "again"}).status_code == 409


def test_one_person_drops_it(people: dict[str, str], bank: dict[str, Any]) -> None:
    assert client(people, "responder").post("/reviews/4/drop").status_code == 302
    ((_, said),) = bank["orders"]
    assert (said["number"], said["drop"], said["asked_by"]) == (4, True, "responder")


def test_a_bank_that_does_not_answer_is_said(people: dict[str, str], town: Town) -> None:
    page = client(people, "responder").get("/reviews").content.decode()
    assert "does not answer" in page and "Make the review" not in page
    assert client(people, "responder").get("/reviews/4").status_code == 404
