"""Exchange rates under four eyes, as the control room asks for them: shown, previewed, published by two people."""

import time
from datetime import timedelta

import pytest
from exchanging import newest_rates
from racing import at_once

from holdfast.bank.books import reader
from holdfast.bank.currencies import publishing
from holdfast.bank.currencies.ageing import AGE_DAYS_MAX, age_days, good_until
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.positions import position_of
from holdfast.bank.currencies.valuing import own_value_minor, rate_of
from holdfast.bank.exchange.models import Fact
from holdfast.bank.payments.pay import bank_today

pytestmark = [pytest.mark.demand("A1", "G6"), pytest.mark.usefixtures("door")]


@pytest.fixture
def wanted():
    """A list of today in which the euro costs a little more; taken away again."""
    held = newest_rates()
    rates = held.rates | {"EUR": "0.0841"}
    lines = "\n".join(f"{currency},{rate}" for currency, rate in rates.items())
    yield {
        "rates": f"currency,rate\n{lines}\n",
        "margin": "0.9",
        "day": bank_today().isoformat(),
        "before": held.version,
    }
    RateList.objects.filter(id__gt=held.id).delete()


def sign(keys, said, **more):
    names = {"asked_by": "responder", "approved_by": "manager", "why": "today's rates"}
    return {"token": keys["control"].sign("rate-list", {**said, **names, **more, "at": time.time()})}


def test_a_new_bank_begins_with_made_up_rates_and_its_positions(call):
    found = call("/-/rates", by="control").json()
    (first,) = found["lists"]
    assert (found["currency"], found["too_old"], first["why"], first["margin_ppm"]) == ("NOK", False, "made up", 7_500)
    states = reader().accounts([position_of(one) for one in ("NOK", "EUR", "JPY", "KWD")])
    assert sorted(one.code for one in states.values()) == [
        "own:position:EUR", "own:position:JPY", "own:position:KWD", "own:position:NOK"]  # fmt: skip
    lines = {code: line for line, _, code, _ in reader().own_accounts()}
    assert lines["own:position:EUR"] == "1100"


def test_a_preview_says_what_would_change_and_changes_nothing(call, wanted):
    found = call("/-/rates/preview", wanted, by="control").json()
    assert ["EUR", "0.0835", "0.0841", "+0.72"] in found["changes"] and ["SEK", "0.9474", "0.9474", "+0.00"] in found[
        "changes"
    ]
    assert (found["before"], found["margin_before_ppm"], found["margin_ppm"]) == (wanted["before"], 7_500, 9_000)
    assert newest_rates().version == wanted["before"]


def test_two_people_publish_a_list_once_and_it_holds_at_once(call, keys, wanted):
    answers = [call("/-/rates/set", sign(keys, wanted), by="control") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    newest, before = call("/-/rates", by="control").json()["lists"][:2]
    assert (newest["rates"]["EUR"], newest["margin_ppm"]) == ("0.0841", 9_000)
    assert (newest["asked_by"], newest["approved_by"], newest["why"]) == ("responder", "manager", "today's rates")
    assert before["version"] == wanted["before"] != newest["version"]


def test_of_two_lists_published_at_once_the_second_is_refused(wanted):
    """It waits for the first one, which it cannot see when it begins."""
    held = newest_rates()
    one, other = (publishing.NewRates(bank_today(), held.rates | {"EUR": rate}, 7_500) for rate in ("0.0841", "0.0842"))
    told = at_once(lambda: publishing.publish(one, held.version, "one", "two", ""),
                   lambda: publishing.publish(other, held.version, "three", "four", ""))  # fmt: skip
    assert told[0] == "" and "have changed" in told[1]
    assert (newest_rates().rates["EUR"], RateList.objects.filter(id__gt=held.id).count()) == ("0.0841", 1)


def test_a_list_sent_again_opens_the_positions_that_were_not_opened(wanted, monkeypatch):
    held, opened = newest_rates(), []
    monkeypatch.setattr(publishing, "open_positions", opened.append)
    said = publishing.NewRates(held.day, held.rates, held.margin_ppm)
    assert publishing.publish(said, "older", "one", "two", "") == ""
    assert opened == [["NOK", *held.rates]]


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"approved_by": "Responder"}, 409, "second person"),
        ({"approved_by": ""}, 409, "second person"),
        ({"before": "older"}, 409, "have changed"),
        ({"day": "2020-01-01"}, 409, "banking days ago"),
        ({"day": "2999-01-01"}, 409, "still to come"),
        ({"day": "soon"}, 409, "as 2027-01-01"),
        ({"margin": "0"}, 409, "The margin"),
        ({"rates": "currency,rate\nEUR,11.98"}, 409, "more than 50 %"),
        ({"rates": "EUR"}, 409, "first line"),
        ({"rates": 7}, 400, "agreed form"),
    ],
)
def test_what_two_people_may_not_publish_changes_nothing(call, keys, wanted, *, more, status, words):
    answer = call("/-/rates/set", sign(keys, wanted, **more), by="control")
    assert answer.status_code == status and words in answer.json()["error"]
    assert newest_rates().version == wanted["before"]


def test_rates_older_than_the_newest_are_not_taken(call, keys, wanted):
    held = newest_rates()
    day = held.day - timedelta(days=1)
    answer = call("/-/rates/preview", wanted | {"day": day.isoformat()}, by="control")
    assert answer.status_code == 409 and "later than" in answer.json()["error"]


def test_a_bank_of_another_currency_sees_the_same_rates_from_its_own():
    """1 CZK = 1 / 2.0120 NOK = 0.49701789 NOK, and 0.0835 / 2.0120 = 0.0415009… EUR."""
    seen = publishing._seen_from("CZK", {"NOK": "1", "EUR": "0.0835", "CZK": "2.0120"})
    assert seen == {"EUR": "0.04150099", "NOK": "0.49701789"}


def test_nobody_but_the_control_room_reads_previews_or_publishes(call, wanted):
    for by in ("door", "standin"):
        assert call("/-/rates", by=by).status_code == 403
        for path in ("/-/rates/preview", "/-/rates/set"):
            assert call(path, wanted, by=by).status_code == 403


def told():
    """The euro's facts, the newest last."""
    return [one.body for one in Fact.objects.filter(kind="rate", key="EUR").order_by("id")]


@pytest.mark.demand("S4", "G2")
def test_each_list_is_told_to_the_spare_bank_once_with_its_last_day(call, keys, wanted):
    before, until = told(), good_until(bank_today()).isoformat()
    for _ in range(2):
        call("/-/rates/set", sign(keys, wanted), by="control")
    assert told() == [*before, {"rate": "0.0841", "until": until}]
    refused = call("/-/rates/set", sign(keys, wanted, before="none", rates="currency,rate\nEUR,0.0842\n"), by="control")
    assert refused.status_code == 409 and len(told()) == len(before) + 1


def test_rates_hold_until_the_last_day_on_which_they_are_not_too_old():
    for day in (bank_today() + timedelta(days=number) for number in range(14)):
        last = good_until(day)
        assert age_days(day, last) <= AGE_DAYS_MAX < age_days(day, last + timedelta(days=1))


@pytest.mark.demand("G2")
def test_limits_count_half_as_much_again_by_an_old_list_and_a_hundred_times_by_none():
    assert own_value_minor(8_350, "EUR") == 100_000
    assert (rate_of("ISK"), own_value_minor(10, "ISK"), own_value_minor(10, "NOK")) == (None, 1_000, 10)
    held = newest_rates()
    RateList.objects.filter(id=held.id).update(day=held.day - timedelta(days=30))
    try:
        assert own_value_minor(8_350, "EUR") == 150_000
    finally:
        RateList.objects.filter(id=held.id).update(day=held.day)
