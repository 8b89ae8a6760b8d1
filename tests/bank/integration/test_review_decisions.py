"""A review is begun, decided and dropped by whom it may be; nothing is booked before; killed anywhere it goes on."""

import time
from datetime import date, timedelta

import pytest
from closing import DAY, JULY, JUNE, LAST, close_day, let_no_day_be_open
from reviewing import BEGAN, account_of, computed, given, let_no_review_be_open, pay, tried, wanted, work

from holdfast.bank.books import books, reader, rows
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.models import Replayed
from holdfast.bank.redress import computing, giving
from holdfast.bank.redress.computing import go_on
from holdfast.bank.redress.deciding import begin, decide, drop
from holdfast.bank.redress.models import Given, Review, Tried
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange
from holdfast.contracts.epochs import Mode, Row

pytestmark = [pytest.mark.demand("C3", "G6"), pytest.mark.usefixtures("door")]
TENTH = date(2025, 6, 10)


@pytest.fixture(autouse=True)
def nothing_is_open():
    let_no_day_be_open()
    let_no_review_be_open()


@pytest.fixture
def moved(town):
    """100,000.00 tried on the 10th into savings of 50,000.00, made on the 20th: 78.77, and 25.00 by rule."""
    savings = account_of(town, town.ann, "savings", 5_000_000, JUNE - DAY)
    pay(town, 1, town.ann.account, 10_000_000, JUNE, kind="salary")
    tried(town, town.ann.account, savings, 10_000_000, TENTH)
    pay(town, town.ann.account, savings, 10_000_000, date(2025, 6, 20))
    close_day(LAST)
    return savings


def mine(town, review):
    return {one.kind: one for one in Given.objects.filter(review=review, customer=town.ann.id)}


def head():
    return reader().head().block


def sign(keys, purpose, **said):
    return {"token": keys["control"].sign(purpose, {**said, "at": time.time()})}


def test_nothing_is_booked_until_two_people_decide_on_what_they_saw(town, moved, call, keys):
    at = head()
    said = {"incident": "two", "since": BEGAN.isoformat(), "first_day": None, "until": LAST.isoformat(), "without": [],
            "cohorts": None, "why": "the outage", "asked_by": "kari"}  # fmt: skip
    number = call("/-/reviews/begin", sign(keys, "review", **said), by="control").json()["number"]
    assert call("/-/reviews/begin", sign(keys, "review", **said), by="control").json()["number"] == number
    other = call("/-/reviews/begin", sign(keys, "review", **{**said, "incident": "3"}), by="control")
    assert other.status_code == 409 and f"Review {number} is open" in other.json()["error"]
    work()
    shown = call("/-/reviews/one", by="control", number=number, customer=town.ann.id).json()
    assert (shown["state"], {one["kind"]: one["amount_minor"] for one in shown["given"]}) == (
        "ready", {"charges": 7_877, "rule:refused_payments": 2_500})  # fmt: skip
    right = {"number": number, "figures": shown["figures"], "why": "right", "asked_by": "kari", "approved_by": "ola"}
    other_figures = {**shown["figures"], "given": {"charges": [1, 7_878]}}
    wrong = ({"approved_by": ""}, {"approved_by": "KARI "}, {"asked_by": "ola", "approved_by": "kari"},
             {"figures": other_figures}, {"number": 0})  # fmt: skip
    for one in wrong:
        answer = call("/-/reviews/decide", sign(keys, "review-decision", **{**right, **one}), by="control")
        assert answer.status_code == 409 and "Nothing was done" in answer.json()["error"]
    work()
    assert head() == at
    for _ in range(2):
        assert call("/-/reviews/decide", sign(keys, "review-decision", **right), by="control").status_code == 200
    work()
    assert Review.objects.get(number=number).state == "given"
    assert [one.ended for one in mine(town, number).values()] == ["booked", "booked"]
    assert reader().prove() == []


def test_a_calculation_is_shown_with_every_figure_and_no_name(town, moved, call):
    review = computed("shown", LAST)
    one = mine(town, review)["charges"]
    found = call("/-/reviews/calculation", by="control", given=one.id).json()
    assert found["amount_minor"] == 7_877
    assert any("Payment tried on 10 June 2025, made on 20 June 2025" in what for what, _ in found["parts"])
    assert any("was +102.74 NOK" in what or "would have been" in what for what, _ in found["parts"])
    assert town.ann.name not in str(found)
    assert call("/-/reviews/calculation", by="standin", given=one.id).status_code == 403


def test_a_dropped_review_gives_nothing_and_may_be_made_again(town, moved):
    had = town.ann.balance
    review = computed("dropped", LAST)
    assert drop(review.number, "kari") == "" and drop(review.number, "kari") == ""
    assert "is dropped" in decide(review.number, review.figures, "responder", "manager")
    work()
    again = given(computed("dropped", LAST))
    assert mine(town, again)["charges"].ended == "booked"
    assert "is not open" in drop(again.number, "kari")
    assert town.ann.balance == had + mine(town, again)["rule:refused_payments"].amount_minor


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"until": TENTH - DAY}, "between"),
        ({"until": date(2099, 1, 1)}, "between"),
        ({"since": BEGAN - timedelta(days=900)}, "more than"),
        ({"without": (BEGAN, BEGAN - DAY)}, "ends before"),
        ({"why": " "}, "needs"),
        ({"by": ""}, "needs"),
    ],
)
def test_a_review_that_cannot_be_meant_is_refused_in_words(more, words):
    before = Review.objects.count()
    found = begin(wanted("x", more.pop("until", LAST), **more))
    assert isinstance(found, str) and words in found and "Nothing was done" in found
    assert Review.objects.count() == before


def test_no_review_is_begun_or_computed_while_the_spare_bank_serves_anybody(town, moved):
    review = begin(wanted("away", LAST))
    row = rows.row(town.cohort)
    rows.learn([Row(town.cohort, Mode.STANDIN, row.epoch + 1)])
    assert go_on(1.0) == 0
    assert drop(review.number, "kari") == ""
    assert "spare bank serves" in begin(wanted("away", LAST))
    rows.learn([Row(town.cohort, Mode.PRIMARY, row.epoch + 2)])
    assert isinstance(begin(wanted("away", LAST)), Review)


def test_what_is_decided_waits_for_customers_who_are_with_the_spare_bank(town, moved):
    review = computed("waits", LAST)
    assert decide(review.number, review.figures, "responder", "manager") == ""
    row = rows.row(town.cohort)
    rows.learn([Row(town.cohort, Mode.STANDIN, row.epoch + 1)])
    work()
    review.refresh_from_db()
    assert (review.state, mine(town, review)["charges"].ended) == ("giving", "")
    rows.learn([Row(town.cohort, Mode.PRIMARY, row.epoch + 2)])
    work()
    review.refresh_from_db()
    assert (review.state, mine(town, review)["charges"].ended) == ("given", "booked")


def test_killed_after_any_batch_it_goes_on_and_gives_each_amount_once(town, moved, monkeypatch):
    had = reader().accounts([moved])[moved].balance_minor
    review = begin(wanted("killed", LAST))
    whole = computing._step
    falls = iter([True, False] * 100)

    def step(one):
        done = whole(one)
        if next(falls):
            raise BankError("killed behind a batch")
        return done

    monkeypatch.setattr(computing, "_step", step)
    for _ in range(60):
        try:
            go_on(0.0)
            go_on(5.0)
        except BankError:
            continue
        review.refresh_from_db()
        if review.state == "ready":
            break
    monkeypatch.setattr(computing, "_step", whole)
    assert decide(review.number, review.figures, "responder", "manager") == ""
    note = giving._note_refunds

    def dies(*_):
        raise BankError("killed between the books and the note")

    monkeypatch.setattr(giving, "_note_refunds", dies)
    with pytest.raises(BankError):
        go_on(5.0)
    monkeypatch.setattr(giving, "_note_refunds", note)
    assert reader().accounts([moved])[moved].balance_minor == had + 7_877
    work()
    assert reader().accounts([moved])[moved].balance_minor == had + 7_877
    assert mine(town, review)["charges"].ended == "booked"


def test_for_an_account_that_is_closed_meanwhile_it_waits_at_the_suspense_account(town, moved):
    review = computed("closed", LAST)
    state = reader().accounts([moved])[moved]
    pay(town, moved, 1, state.balance_minor, LAST, kind="closing")
    books().change_accounts([AccountChange(moved, state.code, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)])
    given(review)
    assert mine(town, review)["charges"].ended == "aside"
    assert reader().prove() == []


def test_a_refusal_for_the_customers_own_reasons_counts_for_nothing(town):
    savings = account_of(town, town.ann, "savings", 5_000_000, JUNE - DAY)
    pay(town, 1, town.ann.account, 10_000_000, JUNE, kind="salary")
    for reason in (Reason.PAYEE_BLOCKED, Reason.OWN_DAY_LIMIT, Reason.CUSTOMER_FROZEN, Reason.NOT_ENOUGH_MONEY):
        tried(town, town.ann.account, savings, 10_000_000, TENTH, reason=reason)
    tried(town, town.ann.account, savings, 10_000_000, TENTH - DAY)  # before it began
    tried(town, town.ann.account, savings, 10_000_000, JULY)  # behind its last day
    close_day(LAST)
    review = computed("own", LAST)
    assert not Tried.objects.filter(review=review, debit=town.ann.account).exists()
    assert mine(town, review) == {}


def test_an_amount_that_the_main_bank_would_not_have_taken_either_counts_for_nothing(town):
    savings = account_of(town, town.ann, "savings", 5_000_000, JUNE - DAY)
    pay(town, 1, town.ann.account, 90_000_000, JUNE, kind="salary")
    tried(town, town.ann.account, savings, 80_000_000, TENTH, reason=Reason.AMOUNT_LIMIT)
    tried(town, town.ann.account, savings, 10_000_000, TENTH, reason=Reason.AMOUNT_LIMIT)
    close_day(LAST)
    review = computed("limit", LAST)
    (one,) = Tried.objects.filter(review=review, debit=town.ann.account)
    assert (one.amount_minor, one.state) == (10_000_000, "counts")
    assert Replayed.objects.filter(debit=town.ann.account).count() == 2


def test_customers_read_every_figure_in_their_language_at_the_entry_and_under_their_money(town, moved):
    given(computed("read", LAST))
    page = town.ann.get("/money").content.decode()
    assert "Interest and fees after our outage, calculated again" in page and "Compensation for our outage" in page
    line = next(one for one in reader().lines(moved) if one.kind == "refund")
    town.ann.client.cookies["hf_language"] = "nb"
    page = town.ann.get(f"/accounts/{moved}/lines/{line.seq}").content.decode()
    assert "Betaling forsøkt 10. juni 2025, gjort 20. juni 2025" in page and "78,77" in page
    assert "Renter og gebyrer etter feilen hos oss" in town.ann.get(f"/accounts/{moved}").content.decode()
