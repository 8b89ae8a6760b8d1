"""Customers who asked to be called are called first, what came of it is kept, and their needs are told to the bank."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import Town  # type: ignore[import-not-found]  # beside this folder
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.control.care.calling import place_of, to_call
from holdfast.control.care.directory import take
from holdfast.control.care.models import PhoneCall
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.staff.models import StaffAction
from holdfast.settings import Installation

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("C1")]
NOW = datetime.now(UTC).replace(microsecond=0)


def tell(number: int, customer: int, needs: list[str], phone: str = "+4722000000", cohort: int = 1) -> None:
    body = {"name": f"Example {customer} (made up)", "cohort": cohort, "language": "en", "needs": needs, "phone": phone}
    take([{"number": number, "kind": "customer", "key": str(customer), "body": body}])


@pytest.fixture
def incident(database: None) -> Incident:  # it is there first
    tell(1, 11, ["call-me"])
    tell(2, 12, ["told-first", "call-me"])
    tell(3, 13, ["call-me", "hard-times"])
    tell(4, 14, ["large-print"])  # reads; nobody calls
    tell(5, 15, ["call-me"], cohort=9)  # not touched
    tell(6, 16, ["call-me"], phone="nonsense")
    return Incident.objects.create(
        number=1, cause="bank", severity=1, phase="open", cause_words="", opened_by="away", began_at=NOW,
        detected_at=NOW, opened_at=NOW, affected_cohorts=[1, 2],
    )  # fmt: skip


def numbers(incident: Incident, now: datetime = NOW) -> list[int]:
    return [one.customer.id for one in to_call(incident, now)]


def test_those_whom_it_hits_hardest_are_called_first_and_nobody_who_was_not_touched(incident: Incident) -> None:
    assert numbers(incident) == [13, 12, 11]
    assert place_of(["call-me"]) > place_of(["told-first"]) > place_of(["hard-times", "told-first"])


def test_a_call_is_written_down_with_who_when_and_what_was_agreed(incident: Incident, people: dict[str, str]) -> None:
    desk = client(people, "support")
    assert desk.get("/calls")["Location"] == "/calls/1"
    page = desk.get("/calls/1").content.decode()
    assert 'data-due="3"' in page
    assert "money is short at present" in page.lower()
    assert desk.post("/calls/1/13", {"outcome": "reached", "agreed": "Rent is paid on Friday"}).status_code == 302
    assert desk.post("/calls/1/12", {"outcome": "no-answer"}).status_code == 302
    page = desk.get("/calls/1").content.decode()
    assert "Rent is paid on Friday" in page
    assert ('data-due="1"' in page, 'data-open="2"' in page) == (True, True)
    assert numbers(incident, datetime.now(UTC)) == [11, 12, 13]
    assert numbers(incident, datetime.now(UTC) + timedelta(minutes=21)) == [12, 11, 13]
    (line,) = TimelineEntry.objects.filter(incident=incident, kind="call")
    assert line.words == "Customers reached by telephone: 1"
    logged = StaffAction.objects.filter(what="called a customer").order_by("number")
    assert [one.data["customer"] for one in logged] == [13, 12]
    assert "Rent" not in str([one.data for one in logged])


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"outcome": "sang a song"}, "Choose how the call ended"),
        ({"outcome": "later"}, "Write when to call again"),
        ({"outcome": "later", "again_at": "2001-01-01T10:00"}, "Write when to call again"),
        ({"outcome": "reached", "agreed": "x" * 501}, "fits in 500 characters"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused_in_words(
    incident: Incident, people: dict[str, str], form: dict[str, str], words: str
) -> None:
    answer = client(people, "support").post("/calls/1/11", form)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not PhoneCall.objects.filter(incident=incident).exists()


def test_who_wants_a_later_call_is_due_then(incident: Incident, people: dict[str, str]) -> None:
    at = datetime.now().astimezone() + timedelta(hours=2)
    form = {"outcome": "later", "again_at": at.isoformat(timespec="minutes")}
    assert client(people, "support").post("/calls/1/11", form).status_code == 302
    assert numbers(incident, datetime.now(UTC)) == [13, 12, 11]
    assert numbers(incident, datetime.now(UTC) + timedelta(hours=3))[-1] == 11


def test_only_who_deals_with_customers_sees_names(incident: Incident, people: dict[str, str]) -> None:
    for role in ("auditor", "communicator"):
        desk = client(people, role)
        for page in ("/calls", "/calls/1", "/needs", "/needs/11"):
            assert desk.get(page).status_code == 403


def test_needs_told_to_staff_go_to_the_bank_signed_and_whoever_looks_is_on_record(
    incident: Incident, people: dict[str, str], installation: Installation
) -> None:
    sent: list[dict[str, Any]] = []

    def take_needs(_query: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        token = json.loads(body)["token"]
        sent.append(town.bank.keyring.verify("needs", token, {"control"}))
        wrong = "a-butler" in sent[-1]["needs"]
        return (409, {"error": "Not known. Nothing was changed."}) if wrong else (200, {"words": "Kept."})

    desk = client(people, "support")
    with Town(installation) as town:
        town.bank.paths |= {"/-/needs": take_needs}
        assert "Example 11" in desk.get("/needs?q=example").content.decode()
        assert "Example 11" in desk.get("/needs?q=11").content.decode()
        assert "Nobody was found" in desk.get("/needs?q=ex").content.decode()
        page = desk.get("/needs/11").content.decode()
        assert 'value="call-me" checked' in page
        kept = desk.post("/needs/11", {"need": ["call-me", "more-time"], "phone": "+47 22 00 00 00"})
        assert (kept.status_code, "Kept." in kept.content.decode()) == (200, True)
        wrong = desk.post("/needs/11", {"need": ["a-butler"]})
        assert (wrong.status_code, "Nothing was changed." in wrong.content.decode()) == (409, True)
    assert [(one["customer"], one["needs"], one["by"]) for one in sent] == [
        (11, ["call-me", "more-time"], "support"),
        (11, ["a-butler"], "support"),
    ]
    away = desk.post("/needs/11", {"need": ["call-me"]})
    assert (away.status_code, "The bank did not take it" in away.content.decode()) == (409, True)
    looked = StaffAction.objects.filter(what="looked for customers").first()
    assert looked is not None
    assert 11 in looked.data["found"]
