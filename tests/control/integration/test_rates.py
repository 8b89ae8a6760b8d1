"""The bank's exchange rates at the console: read from a file, previewed, proposed by one person, confirmed by another."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from fakes import Town
from staffing import client

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.staff.models import Person
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("A1", "G6")
FILE = "currency,rate\nEUR,0.0841\nUSD,0.0931\n"
FORM = {"margin": "0.75", "day": "2026-11-23", "why": "today's rates"}
HELD = {
    "version": "2026-11-20.1", "day": "2026-11-20", "rates": {"EUR": "0.0835", "USD": "0.0931"}, "margin_ppm": 7_500,
    "asked_by": "-", "approved_by": "-", "why": "",
}  # fmt: skip
SHOWN = {"currency": "NOK", "today": "2026-11-23", "age_days_max": 3, "too_old": False, "lists": [HELD]}
PREVIEW = {
    "before": "2026-11-20.1", "margin_before_ppm": 7_500, "margin_ppm": 7_500,
    "changes": [["EUR", "0.0835", "0.0841", "+0.72"], ["USD", "0.0931", "0.0931", "+0.00"]],
}  # fmt: skip


@pytest.fixture
def town(installation: Installation) -> Iterator[Town]:
    with Town(installation) as made:
        yield made


@pytest.fixture
def asked(town: Town) -> dict[str, list[Any]]:
    """A bank that shows, previews and takes rates; what it was asked."""
    heard: dict[str, list[Any]] = {"previews": [], "published": []}

    def preview(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        heard["previews"].append(json.loads(raw))
        if "0.0841" not in heard["previews"][-1]["rates"]:
            return 409, {"error": "Line 2: 'much' is no rate. Nothing was changed."}
        return 200, PREVIEW

    def publish(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        heard["published"].append(town.bank.keyring.verify("rate-list", json.loads(raw)["token"], {"control"}))
        return 200, {"words": "the rates 2026-11-23.1 hold from now on"}

    town.bank.paths |= {"/-/rates": lambda *_: (200, SHOWN), "/-/rates/preview": preview, "/-/rates/set": publish}
    return heard


def test_a_file_is_previewed_then_proposed_and_published_once_by_a_second_person(
    people: dict[str, str], asked: dict[str, list[Any]]
) -> None:
    responder = client(people, "responder")
    upload = {"file": SimpleUploadedFile("rates.csv", FILE.encode(), "text/csv"), "step": "preview"}
    page = responder.post("/rates", FORM | upload).content.decode()
    assert "0.0841" in page and "+0.72" in page and FILE in page and "today&#x27;s rates" in page
    assert Proposal.objects.count() == 0
    assert responder.post("/rates", FORM | {"rates": FILE, "step": "propose"}).status_code == 302
    found = Proposal.objects.get()
    assert "EUR 0.0835 → 0.0841 (+0.72 %); 1 are the same" in found.words and "margin 0.75 %" in found.words
    alone = flow.go_on_alone(found.number, Person.objects.get(username="responder"), "I am alone now")
    assert "nobody" in alone.casefold()
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = asked["published"]
    assert (said["rates"], said["margin"], said["day"], said["before"]) == (FILE, "0.75", "2026-11-23", "2026-11-20.1")
    assert (said["asked_by"], said["approved_by"]) == ("responder", "manager")


def test_a_second_list_waits_until_the_first_is_decided(people: dict[str, str], asked: dict[str, list[Any]]) -> None:
    responder = client(people, "responder")
    responder.post("/rates", FORM | {"rates": FILE, "step": "propose"})
    answer = responder.post("/rates", FORM | {"rates": FILE, "step": "propose"})
    assert answer.status_code == 422 and "wait for a second person already" in answer.content.decode()
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"why": " "}, 422, "need a reason"),
        ({"rates": "currency,rate\nEUR,much\n"}, 422, "is no rate"),
        ({"file": SimpleUploadedFile("rates.csv", b"\xff\xfe\x00", "text/csv")}, 422, "no text"),
        ({"file": SimpleUploadedFile("rates.csv", b"x" * 10_001, "text/csv")}, 422, "more than 10000 bytes"),
        ({"file": SimpleUploadedFile("rates.csv", b"x" * 70_000, "text/csv")}, 413, "larger than"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_nothing_is_done(
    people: dict[str, str], asked: dict[str, list[Any]], wrong: dict[str, Any], status: int, words: str
) -> None:
    answer = client(people, "responder").post("/rates", FORM | {"rates": FILE, "step": "propose"} | wrong)
    page = answer.content.decode()
    assert answer.status_code == status and words in page and (status == 413 or 'value="2026-11-23"' in page)
    assert (Proposal.objects.count(), asked["published"]) == (0, [])


def test_support_and_auditors_look_and_change_nothing(people: dict[str, str], asked: dict[str, list[Any]]) -> None:
    for role in ("support", "auditor", "communicator"):
        browser = client(people, role)
        page = browser.get("/rates").content.decode()
        assert "0.0835" in page and 'name="margin"' not in page
        assert browser.post("/rates", FORM | {"rates": FILE, "step": "propose"}).status_code == 403
    assert Proposal.objects.count() == 0


def test_rates_that_are_too_old_alarm(people: dict[str, str], town: Town, asked: dict[str, list[Any]]) -> None:
    town.bank.paths["/-/rates"] = lambda *_: (200, SHOWN | {"too_old": True})
    assert "data-too-old" in client(people, "responder").get("/rates").content.decode()


def test_without_the_bank_the_page_says_so(people: dict[str, str], town: Town) -> None:
    assert "The bank does not answer" in client(people, "responder").get("/rates").content.decode()
