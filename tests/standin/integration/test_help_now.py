"""Emergency money at the spare bank, through the real process: once by its id, within its limits, on disk before it is
told, counted in the exposure."""

import contextlib
import http.client
import re
import signal
import threading
import uuid
from typing import Any

import pytest
from fakes import DAY, E1, E2, E3, transfer
from world import LIMITS, Answer, World

from holdfast.contracts import blocks, ids
from holdfast.contracts.help_now import FACT, KIND, OWED_FACT, Area, Help, Opened, Owed, Place, Terms, month_of

HERE = "/help-now"
HARDSHIP, KR = 25, 100
MONTH = month_of(DAY)
TERMS = Terms(Opened.IN_AN_OUTAGE, "NOK", 1000 * KR, 2, 3, 30, 500 * KR, 0, 100_000 * KR, HARDSHIP)
PLACES = (
    Place("Made-up kitchen", "food", ("oslo",), "+1 202 555 0101", about={"en": "Food & <soup>", "nb": "Mat"}),
    Place("Made-up advice", "debt", ("everywhere",), address="1 Made-up Street"),
)


def tell(world: World, **terms: Any) -> None:
    """The bank tells by what terms money is given; the copy has them."""
    said = {one: getattr(TERMS, one) for one in TERMS.__slots__} | terms
    told = Help(Terms(**said), (Area("oslo", "Oslo", ("01",)),), PLACES)
    world.bank.say(FACT, FACT, told.to_body())
    world.fed()


@pytest.fixture
def helping(world: World) -> World:
    world.bank.add(blocks.AccountChange(HARDSHIP, "own:hardship", "NOK", "debit", -(10**17), 0, 0))
    tell(world)
    return world


def page(world: World, query: str = "", cookies: dict[str, str] | None = None, **row: Any) -> Answer:
    return world.visit("GET", HERE + query, world.row(**row), cookies or world.session())


def form_of(answer: Answer) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', answer.text) for name in ("id", "month", "number")}
    return {name: one.group(1) for name, one in found.items() if one is not None}


def named(number: int, customer: int = 17) -> dict[str, str]:
    """The button's form, as either bank writes it."""
    return {"id": ids.advance_id(customer, MONTH, number).hex, "month": MONTH, "number": str(number)}


def press(world: World, form: dict[str, str], cookies: dict[str, str] | None = None, **row: Any) -> Answer:
    return world.visit("POST", HERE, world.row(**row), cookies or world.session(), form)


def balance(world: World, account: int = 10, **session: Any) -> int:
    text = world.visit(
        "GET", "/", world.row(**({"cohort": session["cohort"]} if session else {})), world.session(**session)
    ).text
    return int(re.search(rf'data-account="{account}"[^>]*data-balance-minor="(-?\d+)"', text).group(1))  # type: ignore[union-attr]


def said(answer: Answer) -> str:
    return answer.mark("data-help-now")


def given(world: World) -> list[tuple[str, int]]:
    """(kind of entry, number) of every advance in the journal."""
    found = [one for one in world.journal() if one.kind in ("accept", "void", "refusal")]
    return [(one.kind, int(one.payment().cause.rpartition(":")[2])) for one in found if one.payment().kind == KIND]


def test_one_button_gives_money_that_survives_a_kill_and_is_shown_as_owed(helping: World) -> None:
    before, cookies = balance(helping), helping.session()
    shown = page(helping)
    assert (said(shown), form_of(shown)) == ("offered", named(1))
    answer = press(helping, form_of(shown), cookies)
    assert (answer.status, answer.headers["Location"], answer.outcome) == (303, f"{HERE}?given=1", "done")
    helping.stop(signal.SIGKILL)
    helping.start()
    assert balance(helping) == before + 1000 * KR
    (entry,) = helping.journal()
    payment = entry.payment()
    assert (payment.debit, payment.credit, payment.amount_minor, payment.kind) == (HARDSHIP, 10, 1000 * KR, "advance")
    assert (payment.customer, payment.cohort, payment.cause, entry.body["birth"]) == (17, 5, f"advance:{MONTH}:1", 0)
    shown = page(helping, "?given=1")
    assert "data-given" in shown.text and shown.mark("data-owed") == f"{MONTH}-1"
    assert "without interest or fee" in shown.text
    overview = helping.visit("GET", "/", helping.row(), cookies)
    assert overview.mark("data-owed-minor") == str(1000 * KR) and "Emergency money" in overview.text


def test_it_counts_in_the_exposure_and_is_never_given_beyond_it(helping: World) -> None:
    assert press(helping, named(1)).status == 303
    health = helping.health()
    assert (health["exposure_minor"], health["exposure_worst_minor"]) == (1000 * KR, LIMITS["spare_total_minor"])
    for number in range(7):  # of 8000 kroner for the cohort 1000 are out; by hand most of the rest goes
        helping.pay(helping.form(amount="1000.00" if number < 6 else "600.00"))
    spent = helping.health()["exposure_minor"]
    answer = press(helping, named(2))
    assert (answer.status, said(answer)) == (422, "later")
    assert helping.health()["exposure_minor"] == spent
    assert given(helping) == [("accept", 1)]


def test_the_same_press_again_and_at_once_is_one_entry_for_each_number(helping: World) -> None:
    before, answers = balance(helping), list[int]()
    threads = [
        threading.Thread(target=lambda one=one: answers.append(press(helping, one).status))
        for one in [named(1), named(2)] * 6
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [303] * 12
    assert sorted(given(helping)) == [("accept", 1), ("accept", 2)]
    assert balance(helping) == before + 2000 * KR
    assert said(page(helping)) == "month"
    assert press(helping, named(3)).status == 422
    assert len(given(helping)) == 2


def test_killed_while_presses_are_under_way_each_is_given_once_when_it_is_pressed_again(helping: World) -> None:
    people = [(17, 5, 10), (18, 9, 20), (19, 7, 30)]
    before = [balance(helping, account, customer=who, cohort=cohort) for who, cohort, account in people]

    def send(customer: int, cohort: int) -> None:
        cookies = helping.session(customer=customer, cohort=cohort)
        with contextlib.suppress(OSError, http.client.HTTPException):  # the answer is lost
            press(helping, named(1, customer), cookies, cohort=cohort)

    threads = [threading.Thread(target=send, args=one[:2]) for one in people]
    for one in threads:
        one.start()
    helping.stop(signal.SIGKILL)
    for one in threads:
        one.join()
    helping.start()
    for customer, cohort, _ in people:
        cookies = helping.session(customer=customer, cohort=cohort)
        assert press(helping, named(1, customer), cookies, cohort=cohort).status == 303
    assert given(helping) == [("accept", 1)] * 3
    after = [balance(helping, account, customer=who, cohort=cohort) for who, cohort, account in people]
    assert after == [one + 1000 * KR for one in before]


def test_a_day_has_a_limit_of_this_bank_also_over_a_kill(helping: World) -> None:
    tell(helping, spare_day_minor=2500 * KR)
    people = [(17, 5), (18, 9), (19, 7)]
    answers: list[Answer] = []

    def send(customer: int, cohort: int) -> None:
        cookies = helping.session(customer=customer, cohort=cohort)
        answers.append(press(helping, named(1, customer), cookies, cohort=cohort))

    threads = [threading.Thread(target=send, args=one) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.status for one in answers) == [303, 303, 422]
    assert [said(one) for one in answers if one.status == 422] == ["day"]
    assert given(helping) == [("accept", 1)] * 2
    helping.stop(signal.SIGKILL)
    helping.start()
    for customer, cohort in people:
        cookies = helping.session(customer=customer, cohort=cohort)
        press(helping, named(2, customer), cookies, cohort=cohort)
    assert given(helping) == [("accept", 1)] * 2
    tell(helping, spare_day_minor=3500 * KR)
    assert press(helping, named(2)).status == 303


def test_what_came_back_by_the_feed_still_counts_in_its_day(helping: World) -> None:
    tell(helping, spare_day_minor=1500 * KR)
    assert press(helping, named(1)).status == 303
    number = helping.journal()[0].number
    booked = transfer(
        HARDSHIP,
        10,
        1000 * KR,
        id=uuid.UUID(named(1)["id"]),
        kind=KIND,
        source="journal",
        journal_number=number,
        epoch=E2,
    )
    helping.bank.add(booked)
    helping.fed()
    assert helping.health()["exposure_minor"] == 0
    assert (press(helping, named(1)).status, said(press(helping, named(2)))) == (303, "day")
    assert given(helping) == [("accept", 1)]


def test_what_the_bank_gave_before_it_fell_is_not_given_again_once_it_is_known(helping: World) -> None:
    before = balance(helping)
    helping.bank.add(transfer(HARDSHIP, 10, 1000 * KR, id=uuid.UUID(named(1)["id"]), kind=KIND))
    helping.fed()
    assert form_of(page(helping)) == named(2)
    assert press(helping, named(1)).status == 303
    assert (given(helping), balance(helping)) == ([], before + 1000 * KR)
    assert page(helping).mark("data-owed") == f"{MONTH}-1"


def test_what_is_paid_back_is_owed_no_more(helping: World) -> None:
    first = uuid.UUID(named(1)["id"])
    helping.bank.add(transfer(HARDSHIP, 10, 1000 * KR, id=first, kind=KIND))
    owed = Owed(MONTH, 1, 1000 * KR, DAY, DAY)
    helping.bank.say(OWED_FACT, 17, {"open": [owed.to_wire()]})
    helping.fed()
    assert page(helping).mark("data-owed") == f"{MONTH}-1"
    helping.bank.add(transfer(10, HARDSHIP, 1000 * KR, id=ids.advance_back_id(first, 0), kind="advance_back"))
    helping.fed()  # the fact is behind the books
    assert page(helping).mark("data-owed") == ""
    helping.bank.say(OWED_FACT, 17, None)
    helping.fed()
    assert page(helping).mark("data-owed") == ""


def test_who_owes_from_an_earlier_month_gets_none(helping: World) -> None:
    helping.bank.say(OWED_FACT, 17, {"open": [Owed("2026-09", 1, 1000 * KR, DAY, DAY).to_wire()]})
    helping.fed()
    assert (said(page(helping)), press(helping, named(1)).status) == ("owes", 422)
    assert given(helping) == []


def test_what_is_frozen_gets_none_and_leaves_no_trace(helping: World) -> None:
    for flag in (blocks.FLAG_FROZEN_IN, blocks.FLAG_FROZEN_OUT):
        helping.bank.add(blocks.AccountChange(30, "customer", "NOK", "credit", 0, flag, 7))
        helping.fed()
        answer = press(helping, named(1, 19), helping.session(customer=19, cohort=7), cohort=7)
        assert (answer.status, said(answer)) == (422, "frozen")
    cookies = helping.session()
    helping.visit("POST", "/security/freeze", helping.row(), cookies, {})
    answer = press(helping, named(1), cookies)
    assert (answer.status, said(answer)) == (422, "frozen")
    assert given(helping) == []


@pytest.mark.parametrize(
    "change",
    [{"id": uuid.uuid4().hex}, {"number": "2"}, {"number": "x"}, {"month": "2020-01"}, {"number": "0"}, {"id": ""}],
)
def test_a_form_of_another_id_month_or_number_gives_nothing(helping: World, change: dict[str, str]) -> None:
    answer = press(helping, named(1) | change)
    assert (answer.status, said(answer), given(helping)) == (422, "later", [])


def test_another_customers_form_gives_nothing(helping: World) -> None:
    assert press(helping, named(1, 18)).status == 422
    assert given(helping) == []


def test_under_an_old_row_or_the_main_banks_nothing_is_given(helping: World) -> None:
    assert press(helping, named(1), epoch=E1).status == 409
    assert said(page(helping, mode="primary")) == "offered"  # the press finds out who serves
    helping.doors.rows[5] = ["primary", E3, 0]
    assert press(helping, named(1), mode="primary", epoch=E3).status == 409
    assert given(helping) == []


@pytest.mark.parametrize("opened", [Opened.NEVER, Opened.ALWAYS])
def test_the_bank_says_whether_any_is_given(helping: World, opened: Opened) -> None:
    tell(helping, opened=opened)
    shown = page(helping)
    assert said(shown) == ("offered" if opened is Opened.ALWAYS else "closed")
    assert ("This bank gives no emergency money" in shown.text) == (opened is Opened.NEVER)
    assert press(helping, named(1)).status == (303 if opened is Opened.ALWAYS else 422)


def test_a_bank_that_told_nothing_or_nonsense_gives_none_and_every_page_works(world: World) -> None:
    for body in (None, {"terms": "odd"}):
        if body:
            world.bank.say(FACT, FACT, body)
            world.fed()
        assert (said(page(world)), press(world, named(1)).status) == ("closed", 422)
        assert world.visit("GET", "/", world.row(), world.session()).status == 200
        assert world.pay(world.form(amount="1.00")).status == 303
    assert world.health()["ok"]


def test_help_is_near_by_place_and_postcode_in_both_languages(helping: World) -> None:
    assert "Made-up kitchen" not in page(helping).text and "Made-up advice" in page(helping).text
    for query in ("?area=oslo", "?postcode=0150"):
        shown = page(helping, query)
        assert shown.mark("data-area") == "oslo"
        assert "Food &amp; &lt;soup&gt;" in shown.text and 'href="tel:+12025550101"' in shown.text
    assert "data-unknown" in page(helping, "?postcode=9999").text
    assert "Mat" in page(helping, "?area=oslo", helping.session() | {"hf_language": "nb"}).text


def test_a_refused_payment_for_want_of_money_leads_there(helping: World) -> None:
    cookies = helping.session()
    helping.bank.add(transfer(10, 1, 990_000))
    helping.fed()
    answer = helping.pay(helping.form(amount="500.00"), cookies=cookies)
    assert "data-short" in helping.visit("GET", answer.headers["Location"], helping.row(), cookies).text
