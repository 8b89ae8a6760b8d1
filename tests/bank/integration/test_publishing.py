"""Price lists under four eyes, as the control room asks for them: shown, previewed, published by two people."""

import time
import uuid
from datetime import timedelta

import pytest
from closing import DAY, let_no_day_be_open

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.closing import close_step
from holdfast.bank.charges.engine.days import Every, period_of
from holdfast.bank.charges.engine.histories import History
from holdfast.bank.charges.engine.interest import compute
from holdfast.bank.charges.engine.prices import RULES
from holdfast.bank.charges.models import Booking, PriceVersion
from holdfast.bank.charges.publishing import ensure_price_list, price_book
from holdfast.bank.customers.models import Account
from holdfast.bank.orders.models import Price
from holdfast.bank.payments.pay import bank_today
from holdfast.ledger.api import Post

pytestmark = [pytest.mark.demand("A2", "G6"), pytest.mark.usefixtures("door")]


@pytest.fixture
def wanted():
    """A list in which savings earn twice as much, from 30 days on; taken away again."""
    held = price_book("NOK").lists[-1]
    products = {**held.body["products"]}
    products["savings"] = {
        **products["savings"],
        "interest": {**products["savings"]["interest"], "tiers": [{"from": "0", "rate": "5.00"}]},
    }
    version, day = f"w-{uuid.uuid4().hex[:8]}", bank_today() + timedelta(days=30)
    yield {
        "version": version,
        "valid_from": day.isoformat(),
        "body": {**held.body, "products": products},
        "before": held.version,
    }
    PriceVersion.objects.filter(version=version).delete()
    Price.objects.filter(version=version).delete()
    price_book.__globals__["_known"].forget()


@pytest.fixture
def saver(town):
    """10,000,000.00 on a savings account all of last month: by the list that holds 2,500 + 61,750 + 160,000 a year."""
    ann = town.person(0)
    Account.objects.filter(id=ann.account).update(product="savings")
    first, _ = period_of(period_of(bank_today(), Every.MONTH)[0] - DAY, Every.MONTH)
    said = {
        "currency": "NOK",
        "kind": "opening",
        "cause": "test",
        "cohort": town.cohort,
        "epoch": rows.row(town.cohort).epoch,
    }
    books().post(Post(uuid.uuid4(), 1, ann.account, 1_000_000_000, value_date=first - DAY, **said))
    return ann


@pytest.fixture
def no_list_yet():
    """A bank whose release knew no prices; its lists are put back."""
    lists, prices = list(PriceVersion.objects.all()), list(Price.objects.filter(rule="late_order"))
    PriceVersion.objects.all().delete()
    price_book.__globals__["_known"].forget()
    yield
    PriceVersion.objects.all().delete()
    PriceVersion.objects.bulk_create(lists)
    Price.objects.filter(rule="late_order").exclude(id__in=[one.id for one in prices]).delete()
    price_book.__globals__["_known"].forget()


@pytest.mark.usefixtures("no_list_yet")
def test_the_first_list_charges_nobody_for_days_before_it_was_known():
    running, following = period_of(bank_today(), Every.MONTH)
    ensure_price_list("NOK")
    book, history = price_book("NOK"), History(running - 400 * DAY, -1_000_000)
    assert [one.valid_from for one in book.lists] == [following]
    for product in ("current", "savings", "business"):
        for rule in RULES:
            assert compute(rule, product, history, book, (running, following)) is None
    quarter = (running, period_of(following, Every.MONTH)[1])
    found = compute("overdraft", "current", history, book, quarter)
    assert {one.first for one in found.parts} == {following}


@pytest.mark.usefixtures("no_list_yet")
def test_the_worker_begins_with_a_list_that_holds_from_the_next_month(call):
    let_no_day_be_open()
    close_step()
    assert [one.valid_from for one in price_book("NOK").lists] == [period_of(bank_today(), Every.MONTH)[1]]


def sign(keys, said, **more):
    names = {"asked_by": "responder", "approved_by": "manager", "why": "better savings"}
    return {"token": keys["control"].sign("price-list", {**said, **names, **more, "at": time.time()})}


def test_a_preview_says_who_would_pay_what_and_changes_nothing(call, wanted, saver):
    block, booked = reader().head().block, Booking.objects.count()
    found = call("/-/prices/preview", wanted, by="control").json()
    first, end = period_of(period_of(bank_today(), Every.MONTH)[0] - DAY, Every.MONTH)
    days = (end - first).days
    expected = [round(a_year_minor * days / 365) for a_year_minor in (22_425_000, 50_000_000)]
    assert [saver.number, "savings", *expected] in found["examples"]
    assert found["better"] >= 1 and found["worse"] == 0 and found["every"] == 1
    assert any(one[:2] == ["savings", "interest"] and one[3] > one[2] for one in found["sums"])
    assert (reader().head().block, Booking.objects.count()) == (block, booked)
    assert not PriceVersion.objects.filter(version=wanted["version"]).exists()


def test_two_people_publish_a_list_once_from_a_later_day_on(call, keys, wanted):
    answers = [call("/-/prices/set", sign(keys, wanted), by="control") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    found = call("/-/prices", by="control").json()["lists"]
    assert [one["version"] for one in found] == [wanted["version"], "2026.1"]
    assert (found[0]["asked_by"], found[0]["approved_by"], found[0]["why"]) == (
        "responder",
        "manager",
        "better savings",
    )
    assert price_book("NOK").on(bank_today()).version == "2026.1"
    assert price_book("NOK").on(bank_today() + timedelta(days=30)).version == wanted["version"]


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"approved_by": "Responder"}, 409, "second person"),
        ({"approved_by": ""}, 409, "second person"),
        ({"before": "older"}, 409, "has changed"),
        ({"valid_from": "2020-01-01"}, 409, "tomorrow"),
        ({"valid_from": "soon"}, 400, "agreed form"),
        ({"body": {}}, 409, "products"),
        ({"body": 7}, 400, "agreed form"),
    ],
)
def test_what_two_people_may_not_publish_changes_nothing(call, keys, wanted, *, more, status, words):
    before = list(PriceVersion.objects.values_list("version", flat=True))
    answer = call("/-/prices/set", sign(keys, wanted, **more), by="control")
    assert answer.status_code == status and words in answer.json()["error"]
    assert list(PriceVersion.objects.values_list("version", flat=True)) == before


def test_a_preview_of_a_list_that_cannot_be_meant_names_the_price(call, wanted):
    wrong = {**wanted, "body": {**wanted["body"], "late_order": "free"}}
    answer = call("/-/prices/preview", wrong, by="control")
    assert answer.status_code == 409 and answer.json()["error"].startswith("late_order: ")


def test_nobody_but_the_control_room_reads_previews_or_publishes(call, wanted):
    for by in ("door", "standin"):
        assert call("/-/prices", by=by).status_code == 403
        for path in ("/-/prices/preview", "/-/prices/set"):
            assert call(path, wanted, by=by).status_code == 403
