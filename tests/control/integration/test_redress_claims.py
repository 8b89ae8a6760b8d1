"""Claims for what others charged, on the console: a small one is decided by one person, a larger one by two."""

import base64
import json
from typing import Any

import pytest
from fakes import Town
from staffing import client

from holdfast.control.approvals.models import Proposal
from holdfast.control.staff.models import StaffAction
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("C3", "G6")
NUMBER = 2 * 10**12 + 5
PDF = b"%PDF-1.7 fee %%EOF"


@pytest.fixture
def town(installation: Installation) -> Any:
    with Town(installation) as made:
        yield made


@pytest.fixture
def claim(town: Town) -> dict[str, Any]:
    """A claim at the bank, and what the bank was told to decide."""
    said: dict[str, Any] = {"tokens": []}
    body = {
        "number": NUMBER, "kind": "claim", "state": "open", "words": "Hansen Property charged on 2026-06-01: a reminder",
        "amount_minor": 1_000, "currency": "EUR", "worth_minor": 11_977, "own_currency": "NOK", "payment": "", "from": "",
        "to": "97120000026", "file": {"name": "fee.pdf", "type": "application/pdf", "bytes": 18}, "alone": True,
        "opened_at": "2026-06-02T10:00:00+00:00", "closed_at": None, "choices": ["pay", "pay_part", "decline"],
        "decision": None,
    }  # fmt: skip

    def decide(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        said["tokens"].append(town.bank.keyring.verify("case-decision", json.loads(raw)["token"], {"control"}))
        return said.get("answer", (200, {"outcome": "done", "words": "Booked."}))

    file = {"name": "claim-5.pdf", "type": "application/pdf", "content": base64.b64encode(PDF).decode()}
    town.bank.paths["/-/exceptions"] = lambda _q, _b: (200, {"open": 1, "exceptions": [body]})
    town.bank.paths["/-/exceptions/decide"] = decide
    town.bank.paths["/-/claims/file"] = lambda _q, _b: (200, file)
    said["body"] = body
    return said


def test_one_person_decides_a_small_one_at_once_and_on_record(people: dict[str, str], claim: dict[str, Any]) -> None:
    responder = client(people, "responder")
    page = responder.get(f"/cases/{NUMBER}").content.decode()
    assert "119.77 NOK" in page and "fee.pdf" in page and "a reminder" in page
    wish = {"decision": "pay", "why": "it was our outage"}
    assert responder.post(f"/cases/{NUMBER}/propose", wish).status_code == 409
    assert responder.post(f"/cases/{NUMBER}/take").status_code == 302
    for wrong in ({"decision": "book_on"}, {"decision": "pay_part"}, {"to": "5.00"}, {"why": "no"}):
        assert responder.post(f"/cases/{NUMBER}/propose", {**wish, **wrong}).status_code == 422
    assert claim["tokens"] == []
    assert responder.post(f"/cases/{NUMBER}/propose", wish).headers["Location"] == f"/cases/{NUMBER}"
    (said,) = claim["tokens"]
    assert (said["number"], said["decision"], said["asked_by"], said["approved_by"]) == (NUMBER, "pay", "responder", "")
    assert Proposal.objects.count() == 0
    assert StaffAction.objects.filter(what="claim decided by one").count() == 1
    claim["answer"] = (409, {"words": "A second person has to approve it; nothing was changed."})
    part = {"decision": "pay_part", "to": "50.00", "why": "half of it was ours"}
    answer = responder.post(f"/cases/{NUMBER}/propose", part)
    assert answer.status_code == 409 and "A second person" in answer.content.decode()


def test_a_larger_one_waits_for_a_second_person(people: dict[str, str], claim: dict[str, Any]) -> None:
    claim["body"] |= {"alone": False}
    responder, manager = client(people, "responder"), client(people, "manager")
    responder.get(f"/cases/{NUMBER}")
    responder.post(f"/cases/{NUMBER}/take")
    part = {"decision": "pay_part", "to": "50.00", "why": "half of it was ours"}
    assert responder.post(f"/cases/{NUMBER}/propose", part).status_code == 302
    assert claim["tokens"] == []
    assert manager.post(f"/approvals/{Proposal.objects.get().number}/approve").status_code == 302
    (said,) = claim["tokens"]
    assert (said["to"], said["asked_by"], said["approved_by"]) == ("50.00", "responder", "manager")


def test_the_proof_is_for_those_who_decide_and_whoever_took_it_is_on_record(
    people: dict[str, str], claim: dict[str, Any]
) -> None:
    assert client(people, "auditor").get(f"/cases/{NUMBER}/proof").status_code == 403
    answer = client(people, "responder").get(f"/cases/{NUMBER}/proof")
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="claim-5.pdf"'
    assert StaffAction.objects.filter(what="proof of a claim taken").count() == 1
