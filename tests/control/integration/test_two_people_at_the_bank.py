"""What needs two people and is carried out by the bank: cases, limits, a customer's access, closings, names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from fakes import Town
from staffing import client

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.care.models import BankFact
from holdfast.control.cases.models import Case
from holdfast.control.staff.models import Person, StaffAction
from holdfast.settings import Installation

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
LIMITS = {
    "normal": {"per_payment_minor": 5_000_000, "per_day_minor": 10_000_000, "payments_per_minute_max": 20},
    "spare": {"per_payment_minor": 500_000, "per_day_minor": 1_000_000, "payments_per_minute_max": 10},
    "spare_cohort_minor": 20_000_000,
    "spare_total_minor": 900_000_000,
}


@pytest.fixture
def town(installation: Installation) -> Any:
    with Town(installation) as made:
        yield made


@pytest.fixture
def bank_case(town: Town) -> dict[str, Any]:
    """One suspended payment at the bank, and what the bank was told to decide."""
    said: dict[str, Any] = {"tokens": []}
    body = {
        "number": 12,
        "kind": "suspended",
        "state": "open",
        "words": "Account 7 takes no bookings.",
        "amount_minor": 12_300,
        "currency": "NOK",
        "payment": "ab" * 16,
        "from": "97120000018",
        "to": "97120000026",
        "opened_at": (timezone.now() - timedelta(hours=5)).isoformat(),
        "closed_at": None,
        "choices": ["book_on", "give_back"],
        "decision": None,
    }

    def decide(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        import json

        token = json.loads(raw)["token"]
        said["tokens"].append(town.bank.keyring.verify("case-decision", token, {"control"}))
        return said.get("answer", (200, {"outcome": "done", "words": "Booked."}))

    town.bank.paths["/-/exceptions"] = lambda _q, _b: (200, {"open": 1, "exceptions": [body]})
    town.bank.paths["/-/exceptions/decide"] = decide
    return said


@pytest.mark.demand("S5", "G6")
def test_a_case_is_taken_decided_by_two_and_sent_to_the_bank_with_both_names_signed(
    people: dict[str, str], bank_case: dict[str, Any]
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    page = responder.get("/cases").content.decode()
    assert "1 case to settle" in page and "123.00 NOK" in page and "5 hours old" in page and "nobody yet" in page
    wish = {"decision": "give_back", "why": "the payee has left the bank"}
    assert responder.post("/cases/12/propose", wish).status_code == 409
    assert responder.post("/cases/12/take").status_code == 302
    assert responder.post("/cases/12/propose", wish).status_code == 302
    number = Proposal.objects.get().number
    assert responder.post(f"/approvals/{number}/approve").status_code == 409
    assert responder.post(f"/approvals/{number}/alone", {"why": "nobody else is here now"}).status_code == 409
    assert bank_case["tokens"] == []
    assert manager.post(f"/approvals/{number}/approve").headers["Location"] == "/cases/12"
    (said,) = bank_case["tokens"]
    assert (said["number"], said["decision"], said["owner"]) == (12, "give_back", "responder")
    assert (said["asked_by"], said["approved_by"], said["why"]) == ("responder", "manager", wish["why"])


def test_what_the_bank_refuses_is_said_and_may_be_proposed_anew(
    people: dict[str, str], bank_case: dict[str, Any]
) -> None:
    responder, manager = client(people, "responder"), client(people, "manager")
    responder.get("/cases")
    responder.post("/cases/12/take")
    wish = {"decision": "book_on", "to": "97120000034", "why": "the payee has a new account"}
    responder.post("/cases/12/propose", wish)
    bank_case["answer"] = (409, {"outcome": "refused", "words": "There is no such account."})
    answer = manager.post(f"/approvals/{Proposal.objects.get().number}/approve")
    assert answer.status_code == 409 and "There is no such account." in answer.content.decode()
    assert Proposal.objects.get().state == "failed"
    assert responder.post("/cases/12/propose", wish).status_code == 302
    assert Proposal.objects.filter(state="open").count() == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"decision": "write_off", "why": "because of the outage"},
        {"decision": "book_on", "why": "no account is named"},
        {"decision": "give_back", "why": ""},
    ],
)
def test_a_wish_that_makes_no_sense_is_not_proposed(
    wish: dict[str, str], people: dict[str, str], bank_case: dict[str, Any]
) -> None:
    responder = client(people, "responder")
    responder.get("/cases")
    responder.post("/cases/12/take")
    assert responder.post("/cases/12/propose", wish).status_code == 422
    assert Proposal.objects.count() == 0


def test_cases_stay_on_the_page_when_the_bank_is_down(
    people: dict[str, str], bank_case: dict[str, Any], town: Town
) -> None:
    reader = client(people, "support")
    reader.get("/cases")
    town.bank.stop()
    page = reader.get("/cases").content.decode()
    assert "does not answer" in page and "123.00 NOK" in page
    assert reader.post("/cases/12/take").status_code == 403
    assert Case.objects.get().owner == ""


@pytest.mark.demand("G6")
def test_limits_are_changed_by_a_proposal_that_a_manager_confirms(people: dict[str, str], town: Town) -> None:
    import json

    BankFact.objects.create(kind="limits", body=LIMITS)
    BankFact.objects.create(kind="bank", body={"currency": "NOK"})
    tokens = []

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        tokens.append(town.bank.keyring.verify("limits", json.loads(raw)["token"], {"control"}))
        return 200, {"limits": {}}

    town.bank.paths["/-/limits"] = take
    responder = client(people, "responder")
    wrong = responder.post("/limits", {"spare.per_day_minor": "a lot", "why": "pay day"})
    assert wrong.status_code == 422 and Proposal.objects.count() == 0
    assert responder.post("/limits", {"spare.per_day_minor": "12 000", "why": "pay day"}).status_code == 302
    found = Proposal.objects.get()
    assert "Spare bank, one customer a day 10,000.00 → 12,000.00" in found.words
    assert client(people, "support").post("/limits", {"spare.per_day_minor": "1", "why": "x"}).status_code == 403
    Person.objects.create(username="second", name="Second", role="responder", verifier="")
    assert "cannot approve" in flow.approve(found.number, Person.objects.get(username="second"))
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = tokens
    assert said["before"] == LIMITS and said["after"]["spare"]["per_day_minor"] == 1_200_000
    assert (said["asked_by"], said["approved_by"], said["break_glass"]) == ("responder", "manager", False)


def test_a_customers_question_is_a_case_that_is_explained_or_paid_back(
    people: dict[str, str], bank_case: dict[str, Any], town: Town
) -> None:
    body = town.bank.paths["/-/exceptions"]({}, b"")[1]["exceptions"][0]
    number = 10**12 + 3
    body.update(number=number, kind="dispute", words="The customer says that they did not make it: I was abroad",
                choices=["explain", "refund"])  # fmt: skip
    responder = client(people, "responder")
    assert "a customer&#x27;s question" in responder.get("/cases").content.decode().replace("A customer", "a customer")
    assert responder.post(f"/cases/{number}/take").status_code == 302
    page = responder.get(f"/cases/{number}").content.decode()
    assert "Answer, which the customer reads" in page and "Pay the amount back" in page and "Your questions" in page
    wish = {"decision": "refund", "why": "We looked, and you are right."}
    assert responder.post(f"/cases/{number}/propose", wish).status_code == 302
    assert client(people, "manager").post(f"/approvals/{Proposal.objects.get().number}/approve").status_code == 302
    (said,) = bank_case["tokens"]
    assert (said["number"], said["decision"], said["why"]) == (number, "refund", wish["why"])


@pytest.mark.demand("G6")
def test_a_payroll_limit_is_proposed_by_one_person_and_set_by_a_manager(people: dict[str, str], town: Town) -> None:
    import json

    held = {
        "number": "97120000018",
        "title": "Firm",
        "currency": "NOK",
        "limit_minor": 100,
        "asked_by": "a",
        "approved_by": "b",
    }
    tokens = []

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        tokens.append(town.bank.keyring.verify("payroll-limit", json.loads(raw)["token"], {"control"}))
        return 200, {"limit_minor": 5_000_000}

    town.bank.paths |= {"/-/payroll/set": take, "/-/payroll": lambda *_: (200, {"limits": [held]})}
    responder, form = (
        client(people, "responder"),
        {"number": "9712 00 00018", "amount": "50 000", "why": "their payroll"},
    )
    for wrong in ({"amount": "a lot"}, {"number": ""}, {"why": " "}, {"amount": "1.00"}):
        assert responder.post("/payroll", form | wrong).status_code == 422
    assert client(people, "support").post("/payroll", form).status_code == 403
    assert Proposal.objects.count() == 0
    assert responder.post("/payroll", form).status_code == 302
    found = Proposal.objects.get()
    assert "97120000018 may pay in wages: 1.00 → 50,000.00 NOK a month" in found.words
    assert "go on alone" not in responder.get("/payroll").content.decode()
    assert (
        "nobody"
        in flow.go_on_alone(found.number, Person.objects.get(username="responder"), "I am alone now").casefold()
    )
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = tokens
    assert (said["number"], said["before_minor"], said["limit_minor"]) == ("97120000018", 100, 5_000_000)
    assert (said["asked_by"], said["approved_by"]) == ("responder", "manager")


@pytest.fixture
def lost(town: Town) -> list[dict[str, Any]]:
    """Somebody called who is customer 17; the orders that the bank was sent about them."""
    import json

    orders: list[dict[str, Any]] = []

    def find(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        known = json.loads(raw)["username"] == "kari"
        return (200, {"customer": 17}) if known else (404, {"error": "No customer has this username."})

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        orders.append(town.bank.keyring.verify("customer-access", json.loads(raw)["token"], {"control"}))
        return 200, {"words": "done"}

    town.bank.paths |= {"/-/access/find": find, "/-/access": take}
    return orders


@pytest.mark.demand("B6", "G6")
def test_support_ends_a_customers_sessions_and_password_alone_and_keeps_no_name(
    people: dict[str, str], lost: list[dict[str, Any]]
) -> None:
    support, form = client(people, "support"), {"username": "Kari ", "why": "called, knew the last payments"}
    for wrong in ({"deed": "money"}, {"deed": "sessions", "why": ""}, {"deed": "sessions", "username": ""}):
        assert support.post("/access", form | wrong).status_code == 422
    assert support.post("/access", form | {"deed": "sessions", "username": "nobody"}).status_code == 404
    assert client(people, "auditor").post("/access", form | {"deed": "sessions"}).status_code == 403
    assert lost == []
    for deed in ("sessions", "password"):
        assert support.post("/access", form | {"deed": deed}).status_code == 200
    assert [(one["customer"], one["deed"], one["asked_by"], one["approved_by"]) for one in lost] == [
        (17, "sessions", "support", ""), (17, "password", "support", ""),
    ]  # fmt: skip
    kept = [one.data for one in StaffAction.objects.filter(what__startswith="customer access")]
    assert len(kept) == 4
    assert "kari" not in str(kept).casefold()


@pytest.mark.demand("B6", "G6")
def test_a_lost_authenticator_is_removed_by_two_people_only(people: dict[str, str], lost: list[dict[str, Any]]) -> None:
    support = client(people, "support")
    form = {"username": "kari", "deed": "authenticator", "why": "came with a passport"}
    assert support.post("/access", form).status_code == 302
    found = Proposal.objects.get()
    assert (lost, found.words) == (
        [],
        "remove the lost passkeys, authenticator and codes of customer 17, who was identified",
    )
    assert found.words in support.get("/access").content.decode()
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    assert [(one["deed"], one["asked_by"], one["approved_by"]) for one in lost] == [
        ("authenticator", "support", "manager")
    ]


@pytest.mark.demand("G6")
def test_an_account_is_closed_by_two_people_who_both_saw_what_was_left(people: dict[str, str], town: Town) -> None:
    import json

    asked, orders = [], []

    def look(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        asked.append(json.loads(raw))
        if asked[-1]["name"] != "Kari Nordmann":
            return 409, {"error": "Account 97120000026 is not in the name that was written; nothing was done."}
        return 200, {"number": "97120000018", "currency": "NOK", "balance_minor": 12_345, "holders": 2}

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        orders.append(town.bank.keyring.verify("account-closing", json.loads(raw)["token"], {"control"}))
        return 200, {"words": "The account is closed, and what was left is paid."}

    ended = {"number": "97120000018", "currency": "NOK", "to": "97120000026", "amount_minor": 12_345, "asked_by": "a",
             "approved_by": "b", "state": "closed", "words": "done"}  # fmt: skip
    town.bank.paths |= {"/-/closing/look": look, "/-/closing/close": take}
    town.bank.paths |= {"/-/closing": lambda *_: (200, {"closings": [ended]})}
    support = client(people, "support")
    form = {"number": "9712 00 00018", "to": "9712 00 00026", "name": "Kari Nordmann", "why": "both holders asked"}
    for wrong in ({"number": ""}, {"why": " "}):
        assert support.post("/closing", form | wrong).status_code == 422
    refused = support.post("/closing", form | {"name": "Ola"})
    assert (refused.status_code, "not in the name" in refused.content.decode()) == (409, True)
    assert client(people, "auditor").post("/closing", form).status_code == 403
    assert Proposal.objects.count() == 0
    assert support.post("/closing", form).status_code == 302
    assert (asked[-1]["number"], asked[-1]["to"]) == ("97120000018", "97120000026")
    found = Proposal.objects.get()
    assert found.words.endswith("for its holders (2) and pay the 123.45 NOK that are left to 97120000026")
    assert "kari" not in f"{found.data}{found.words}".casefold()
    assert 'data-closing="closed"' in support.get("/closing").content.decode()
    assert client(people, "responder").post(f"/approvals/{found.number}/approve").status_code == 409
    assert orders == []
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = orders
    assert (said["number"], said["to"], said["before_minor"]) == ("97120000018", "97120000026", 12_345)
    assert (said["order"], said["asked_by"], said["approved_by"]) == (found.data["order"], "support", "manager")


@pytest.mark.demand("G6", "G7")
def test_a_changed_name_is_decided_by_two_people_and_no_name_is_kept_here(people: dict[str, str], town: Town) -> None:
    import json

    asked = {
        "number": 12,
        "customer": 17,
        "was": "Kari Nordmann",
        "name": "Kari Holm",
        "reason": "married",
        "asked_at": "",
    }
    orders = []

    def take(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        orders.append(town.bank.keyring.verify("name-change", json.loads(raw)["token"], {"control"}))
        return 200, {"words": "done"}

    town.bank.paths |= {"/-/names": lambda *_: (200, {"names": [asked]}), "/-/names/decide": take}
    support, form = client(people, "support"), {"number": "12", "decision": "take", "why": "saw the certificate"}
    assert "Kari Holm" in support.get("/names").content.decode()
    for wrong in ({"number": "13"}, {"decision": "maybe"}, {"why": " "}):
        assert support.post("/names", form | wrong).status_code == 422
    assert client(people, "auditor").post("/names", form).status_code == 403
    assert Proposal.objects.count() == 0
    assert support.post("/names", form).status_code == 302
    found = Proposal.objects.get()
    assert found.words == "name change 12: give customer 17 the name that they asked for"
    assert "kari" not in f"{found.data}{found.words}{found.subject}".casefold()
    assert client(people, "responder").post(f"/approvals/{found.number}/approve").status_code == 409
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = orders
    assert (said["number"], said["take"], said["asked_by"], said["approved_by"]) == (12, True, "support", "manager")
