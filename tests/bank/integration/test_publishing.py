"""Price lists under four eyes, as the control room asks for them: shown, previewed, published by two people."""

import time
import uuid
from datetime import timedelta

import pytest
from closing import DAY

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.engine.days import Every, period_of
from holdfast.bank.charges.models import Booking, PriceVersion
from holdfast.bank.charges.publishing import price_book
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
