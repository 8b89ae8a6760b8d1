"""The bank's prices at the console: shown, previewed, proposed by one person and confirmed by another."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import Town
from staffing import client

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.approvals.prices import changed, figures_of
from holdfast.control.staff.models import Person
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("A2", "G6")
LIST = tomllib.loads((Path(__file__).parents[3] / "src/holdfast/bank/charges/lists/2026.1.toml").read_text())
PREVIEW = {
    "first": "2026-10-01", "last": "2026-10-31", "accounts": 12, "every": 1, "better": 5, "worse": 2,
    "sums": [["savings", "interest", 1000, 2000]], "examples": [["97120000018", "savings", 10, 200]],
}  # fmt: skip
RATE = "products.savings.interest.tiers.0.rate"
FORM = {RATE: "5,00", "valid_from": "2027-01-01", "why": "better savings"}


@pytest.fixture
def town(installation: Installation) -> Iterator[Town]:
    with Town(installation) as made:
        yield made


@pytest.fixture
def asked(town: Town) -> dict[str, list[Any]]:
    """A bank that shows, previews and takes price lists; what it was asked."""
    heard: dict[str, list[Any]] = {"previews": [], "published": []}

    def preview(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        heard["previews"].append(json.loads(raw))
        if heard["previews"][-1]["body"]["late_order"] == "much":
            return 409, {"error": "late_order: 'much' is no figure. Nothing was changed."}
        return 200, PREVIEW

    def publish(_query: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        heard["published"].append(town.bank.keyring.verify("price-list", json.loads(raw)["token"], {"control"}))
        return 200, {"words": "the price list 2027-01-01 holds from 2027-01-01 on"}

    held = {
        "version": "2026.1",
        "valid_from": "1990-01-01",
        "body": LIST,
        "asked_by": "-",
        "approved_by": "-",
        "why": "",
    }
    shown = {"currency": "NOK", "today": "2026-11-22", "lists": [held]}
    town.bank.paths |= {"/-/prices": lambda *_: (200, shown), "/-/prices/preview": preview, "/-/prices/set": publish}
    return heard


def test_a_change_is_previewed_then_proposed_and_published_once_by_a_second_person(
    people: dict[str, str], asked: dict[str, list[Any]]
) -> None:
    responder = client(people, "responder")
    page = responder.post("/prices", FORM | {"step": "preview"}).content.decode()
    assert (
        'data-worse="2"' in page
        and "97120000018" in page
        and 'value="5,00"' in page
        and 'value="better savings"' in page
    )
    assert Proposal.objects.count() == 0
    assert responder.post("/prices", FORM | {"step": "propose"}).status_code == 302
    found = Proposal.objects.get()
    assert "2.50 → 5,00" in found.words and "of 12 accounts 2 would pay more" in found.words
    assert (
        "nobody"
        in flow.go_on_alone(found.number, Person.objects.get(username="responder"), "I am alone now").casefold()
    )
    assert "go on alone" not in responder.get("/prices").content.decode()
    assert client(people, "manager").post(f"/approvals/{found.number}/approve").status_code == 302
    (said,) = asked["published"]
    assert (said["before"], said["valid_from"], said["version"]) == ("2026.1", "2027-01-01", "2027-01-01")
    assert said["body"]["products"]["savings"]["interest"]["tiers"][0] == {"from": "0", "rate": "5.00"}
    assert (said["asked_by"], said["approved_by"]) == ("responder", "manager")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_from": "soon"}, "2027-01-01"),
        ({"why": " "}, "reason"),
        ({RATE: ""}, "Nothing differs"),
        ({"late_order": "much"}, "is no figure"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_what_was_typed_is_kept(
    people: dict[str, str], asked: dict[str, list[Any]], wrong: dict[str, str], words: str
) -> None:
    typed = FORM | wrong
    answer = client(people, "responder").post("/prices", typed | {"step": "propose"})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert all(f'value="{text}"' in page for text in typed.values() if text.strip())
    assert (Proposal.objects.count(), asked["published"]) == (0, [])


def test_support_and_auditors_look_and_change_nothing(people: dict[str, str], asked: dict[str, list[Any]]) -> None:
    for role in ("support", "auditor", "communicator"):
        browser = client(people, role)
        page = browser.get("/prices").content.decode()
        assert "11.90" in page and 'name="valid_from"' not in page
        assert browser.post("/prices", FORM | {"step": "propose"}).status_code == 403
    assert Proposal.objects.count() == 0


def test_without_the_bank_the_page_says_so(people: dict[str, str], town: Town) -> None:
    assert "The bank does not answer" in client(people, "responder").get("/prices").content.decode()


def test_every_figure_of_the_list_has_a_name_and_can_be_changed() -> None:
    keys = [key for key, _, _ in figures_of(LIST)]
    assert len(keys) == len(set(keys)) > 20
    for key in keys:
        after = changed(LIST, {key: "7"})
        assert {one: value for one, _, value in figures_of(after)}[key] == "7"
        assert sum(a != b for (_, _, a), (_, _, b) in zip(figures_of(LIST), figures_of(after), strict=True)) == 1
