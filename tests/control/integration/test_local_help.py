"""Staff see where help is near a customer, from what the bank told last, also while the bank is away."""

import pytest
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.contracts.help_now import FACT, Area, Help, Opened, Place, Terms
from holdfast.control.care.directory import take
from holdfast.control.care.nearby import NOT_TOLD

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("C2")]
TERMS = Terms(Opened.IN_AN_OUTAGE, "NOK", 100_000, 2, 3, 30, 50_000, 0, 100_000, 25)
TOLD = Help(
    TERMS,
    (Area("oslo", "Oslo", ("01",)),),
    (
        Place("Made-up advice", "debt", ("everywhere",), address="1 Made-up Street"),
        Place("Made-up kitchen", "food", ("oslo",), "+1 202 555 0101", about={"en": "Food & <soup>", "nb": "Mat"}),
    ),
)


def tell(number: int, told: Help) -> None:
    take([{"number": number, "kind": FACT, "key": FACT, "body": told.to_body()}])


def test_an_agent_finds_help_by_place_and_by_postcode(people: dict[str, str]) -> None:
    desk = client(people, "support")
    assert NOT_TOLD in desk.get("/local-help").content.decode()
    tell(1, TOLD)
    everywhere = desk.get("/local-help").content.decode()
    assert "Made-up advice" in everywhere and "Made-up kitchen" not in everywhere
    assert "1,000.00 NOK, up to 2 times a month, in an outage, for 3 days after one" in everywhere
    for query in ("area=oslo", "postcode=0150"):
        page = desk.get(f"/local-help?{query}").content.decode()
        assert page.index("Made-up kitchen") < page.index("Made-up advice")
        assert 'data-near="oslo"' in page and "Food &amp; &lt;soup&gt;" in page
    assert "No area has this postcode" in desk.get("/local-help?postcode=99").content.decode()


def test_it_stands_beside_the_customer_who_is_spoken_with(people: dict[str, str]) -> None:
    tell(1, TOLD)
    body = {"name": "Example (made up)", "cohort": 1, "language": "en", "needs": ["hard-times"], "phone": "+4722000000"}
    take([{"number": 2, "kind": "customer", "key": "11", "body": body}])
    desk = client(people, "support")
    assert "Made-up kitchen" in desk.get("/needs/11?area=oslo").content.decode()


def test_a_file_that_was_not_taken_is_told_to_staff_in_words(people: dict[str, str]) -> None:
    tell(1, Help(TERMS, (), (), "[[place]] number 3 (Made-up kitchen): the phone '112' is no number"))
    page = client(people, "support").get("/local-help").content.decode()
    assert "data-trouble" in page and "number 3 (Made-up kitchen)" in page


def test_whoever_does_not_deal_with_customers_is_refused(people: dict[str, str]) -> None:
    assert client(people, "auditor").get("/local-help").status_code == 403


def test_a_bank_that_gives_none_says_so_to_staff(people: dict[str, str]) -> None:
    tell(1, Help(Terms(), (), ()))
    assert "This bank gives no emergency money." in client(people, "support").get("/local-help").content.decode()
