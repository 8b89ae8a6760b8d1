"""Exchange between a customer's own accounts: offered, confirmed, booked once as a linked pair, or refused in words."""

import html
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from exchanging import confirm, form, home_of, newest_rates, offered, open_in, outcome, positions
from programs import Program

from holdfast.bank.books import books, reader
from holdfast.bank.currencies import ageing, exchanging, publishing
from holdfast.bank.currencies.converting import exchanged_of
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.positions import position_of
from holdfast.bank.currencies.proving import prove_exchanges
from holdfast.bank.currencies.quoting import HOLDS_S, read_offer
from holdfast.bank.exchange.replay import replay
from holdfast.bank.payments.models import Intent, OwnLimit
from holdfast.bank.worker.refusals import sweep_intents, tell_refusals
from holdfast.contracts.blocks import FLAG_FROZEN_IN, FLAG_FROZEN_OUT, AccountChange
from holdfast.contracts.ids import exchange_other_id
from holdfast.ledger.api import OutcomeUnknown, Post

pytestmark = [pytest.mark.demand("A1", "B4"), pytest.mark.usefixtures("door")]


def set_flags(side, flags, cohort):
    books().change_accounts([AccountChange(side.account, side.number, side.currency, "credit", 0, flags, cohort)])


def and_close(answer):
    """What a thread does at its end with its connection."""
    connections.close_all()
    return answer


@pytest.fixture
def pair(town):
    """Ann's 1,000.00 NOK and her empty account in euro."""
    return home_of(town.ann), open_in(town.ann, "EUR")


def offer_to(town, debit, credit, amount, **more):
    answer = town.ann.post("/pay", form(town.ann, debit, credit, amount, **more))
    assert answer.status_code == 200, answer.content.decode()
    return offered(answer)


def test_an_offer_says_both_amounts_the_rate_the_margin_and_its_end_and_moves_nothing(town, pair):
    head = reader().head().block
    answer = town.ann.post("/pay", form(town.ann, *pair, "1 000"))
    page = html.unescape(answer.content.decode())
    assert 'data-sold-minor="100000"' in page and 'data-bought-minor="8287"' in page
    assert "12.0665" in page and "0.75" in page and "0.63" in page and "Valid until" in page
    assert "Holdfast-Outcome" not in answer.headers
    assert (reader().head().block, Intent.objects.filter(customer=town.ann.id).count()) == (head, 0)


def test_what_is_confirmed_is_booked_as_one_linked_pair_over_the_positions(town, pair):
    before = positions("NOK", "EUR")
    fields = offer_to(town, *pair, "1000")
    answer = confirm(town.ann, fields)
    assert (answer.status_code, outcome(answer)) == (303, "done")
    assert [one.balance for one in pair] == [0, 8_287]
    assert [now - was for now, was in zip(positions("NOK", "EUR"), before, strict=True)] == [100_000, -8_287]
    ident = uuid.UUID(fields["id"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, t.debit, t.credit, t.amount_minor, t.currency, t.block, x.linked, t.cause FROM ledger.tie x "
            "JOIN ledger.transfer t USING (id) WHERE x.linked = %s ORDER BY t.seq",
            [ident],
        )
        first, second = cursor.fetchall()
    assert first[:5] == (ident, town.ann.account, position_of("NOK"), 100_000, "NOK")
    assert second[:5] == (exchange_other_id(ident), position_of("EUR"), pair[1].account, 8_287, "EUR")
    assert first[5] == second[5] and first[7] == second[7] and exchanged_of(first[7]).holds


def test_both_entries_show_the_calculation_and_lead_to_each_other(town, pair):
    receipt = confirm(town.ann, offer_to(town, *pair, "1000")).headers["Location"]
    assert "82.87" in town.ann.get(receipt).content.decode()
    for here, there in (pair, pair[::-1]):
        (line,) = reader().lines(here.account, 1)
        page = html.unescape(town.ann.get(f"/accounts/{here.account}/lines/{line.seq}").content.decode())
        assert (
            "83.5000" in page and "0.6262" in page and "11.9760" in page
        )  # at the middle, the margin, the middle rate
        (other,) = reader().lines(there.account, 1)
        assert f'href="/accounts/{there.account}/lines/{other.seq}"' in page
    assert "1,000.00\u00a0NOK → 82.87\u00a0EUR" in html.unescape(
        town.ann.get(f"/accounts/{pair[1].account}").content.decode()
    )


@pytest.mark.parametrize(
    ("currency", "amount", "given"), [("JPY", "100", 1_398), ("KWD", "100", 2_840), ("EUR", "100", 829)]
)
def test_currencies_of_none_two_and_three_decimals_and_back(town, currency, amount, given):
    home, other = home_of(town.ann), open_in(town.ann, currency)
    confirm(town.ann, offer_to(town, home, other, amount))
    assert (home.balance, other.balance) == (90_000, given)
    whole = {"JPY": "1398", "KWD": "2.84", "EUR": "8,29"}[currency]
    confirm(town.ann, offer_to(town, other, home, whole))
    assert other.balance == 0 and 98_400 < home.balance < 100_000


def test_the_same_confirmation_again_and_at_once_exchanges_once(town, pair):
    fields = offer_to(town, *pair, "400")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: and_close(confirm(town.ann, fields)), range(4)))
    answers.append(confirm(town.ann, fields))
    assert {outcome(one) for one in answers} == {"done"}
    assert [one.balance for one in pair] == [60_000, 3_315]


def test_a_form_that_was_exchanged_is_offered_no_more(town, pair):
    sent = form(town.ann, *pair, "400")
    confirm(town.ann, offered(town.ann.post("/pay", sent)))
    again = town.ann.post("/pay", sent)
    assert (again.status_code, again.headers["Location"]) == (303, f"/receipt/{sent['id']}")
    assert pair[0].balance == 60_000


def test_an_offer_that_is_over_is_made_anew_and_moves_nothing(town, pair):
    fields = offer_to(town, *pair, "400")
    held = read_offer(fields["offer"])
    answer = confirm(town.ann, fields | {"offer": replace(held, at=held.at - HOLDS_S - 1).sign()})
    assert answer.status_code == 422 and 'data-problem="exchange.over"' in answer.content.decode()
    assert [one.balance for one in pair] == [100_000, 0]
    assert (outcome(confirm(town.ann, offered(answer))), pair[1].balance) == ("done", 3_315)


def test_new_rates_do_not_change_an_offer_that_holds(town, pair):
    fields, held = offer_to(town, *pair, "400"), newest_rates()
    newer = RateList.objects.create(
        version="t-newer", own="NOK", day=held.day, rates={"EUR": "0.07"}, margin_ppm=7_500, made=held.made
    )
    try:
        assert outcome(confirm(town.ann, fields)) == "done"
    finally:
        newer.delete()
    assert pair[1].balance == 3_315


def test_two_offers_for_one_form_exchange_once_and_the_receipt_says_what_was_booked(town, pair):
    ident, held = uuid.uuid4(), newest_rates()
    first = offer_to(town, *pair, "400", ident=ident)
    newer = RateList.objects.create(
        version="t-newer", own="NOK", day=held.day, rates={"EUR": "0.07"}, margin_ppm=7_500, made=held.made
    )
    try:
        second = offer_to(town, *pair, "400", ident=ident)
    finally:
        newer.delete()
    answers = [confirm(town.ann, one) for one in (first, second)]
    assert [outcome(one) for one in answers] == ["done", "done"]
    pages = [town.ann.get(one.headers["Location"]).content.decode() for one in answers]
    assert all("33.15" in page and "27.79" not in page and "#how" in page for page in pages)
    assert [one.balance for one in pair] == [60_000, 3_315]


def test_of_two_offers_for_one_form_to_two_accounts_the_second_is_not_told_done(town, pair):
    ident, other = uuid.uuid4(), open_in(town.ann, "EUR")
    first = offer_to(town, *pair, "400", ident=ident)
    second = offer_to(town, pair[0], other, "400", ident=ident)
    answers = [confirm(town.ann, one) for one in (first, second, first)]
    assert [outcome(one) for one in answers] == ["done", "conflict", "done"]
    assert [one.balance for one in (*pair, other)] == [60_000, 3_315, 0]


def test_a_message_stands_at_both_entries(town, pair):
    answer = confirm(town.ann, offer_to(town, *pair, "400", text="for Rome"))
    assert "for Rome" in town.ann.get(answer.headers["Location"]).content.decode()
    assert all("for Rome" in town.ann.get(f"/accounts/{one.account}").content.decode() for one in pair)


@pytest.mark.parametrize(("kind", "told"), [("void", "conflict"), ("accept", "conflict")])
def test_an_id_that_the_spare_bank_settled_is_never_exchanged(town, pair, journal, kind, told):
    """An accepted entry to an account in another currency goes to the suspense account, with a case; nothing else moves."""
    fields = offer_to(town, *pair, "400")
    journal.payment(kind, town.payment(pair[0].account, pair[1].account, 40_000, uuid.UUID(fields["id"])))
    replay(None)
    left = pair[0].balance
    assert outcome(confirm(town.ann, fields)) == told
    assert [one.balance for one in pair] == [left, 0]


@pytest.mark.parametrize("changed", ["offer", "amount", "to", "id"])
def test_a_confirmation_that_is_not_of_its_offer_is_offered_anew_and_moves_nothing(town, pair, changed):
    fields = offer_to(town, *pair, "400")
    other = open_in(town.ann, "EUR")
    wrong = {"offer": fields["offer"][:-2] + "xx", "amount": "900", "to": other.number, "id": str(uuid.uuid4())}[
        changed
    ]
    answer = confirm(town.ann, fields | {changed: wrong})
    assert answer.status_code == 422 and 'data-problem="exchange.not_whole"' in answer.content.decode()
    assert [one.balance for one in pair] == [100_000, 0]


def test_anothers_offer_is_none(town, pair):
    mallory = town.person(100_000).log_in()
    theirs = home_of(mallory), open_in(mallory, "EUR")
    fields = offered(mallory.post("/pay", form(mallory, *theirs, "400")))
    mine = offer_to(town, *pair, "400", ident=uuid.UUID(fields["id"]))
    assert read_offer(fields["offer"]) is not None
    assert confirm(town.ann, mine | {"offer": fields["offer"]}).status_code == 422
    assert [one.balance for one in (*pair, *theirs)] == [100_000, 0, 100_000, 0]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0.01", "smallest amount that we exchange here is 7.99"), ("2000", "not enough money"), ("9" * 13, "not enough money"),
     ("much", "in figures")],
)  # fmt: skip
def test_an_amount_that_cannot_be_exchanged_is_said_beside_its_field(town, pair, amount, words):
    answer = town.ann.post("/pay", form(town.ann, *pair, amount))
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422 and words in page and f'value="{amount}"' in page
    assert [one.balance for one in pair] == [100_000, 0]


def test_money_that_went_meanwhile_is_refused_in_words_by_id(town, pair):
    first, second = offer_to(town, *pair, "700"), offer_to(town, *pair, "700")
    assert outcome(confirm(town.ann, first)) == "done"
    answer = confirm(town.ann, second)
    assert outcome(answer) == "refused-own"
    assert "not enough money" in town.ann.get(answer.headers["Location"]).content.decode()
    assert [one.balance for one in pair] == [30_000, 5_801]
    assert outcome(confirm(town.ann, second)) == "refused-own"


@pytest.mark.parametrize(("place", "flag", "words"), [(0, FLAG_FROZEN_OUT, "frozen"), (1, FLAG_FROZEN_IN, "frozen")])
def test_a_frozen_account_on_either_side_is_refused_in_words(town, pair, place, flag, words):
    fields = offer_to(town, *pair, "400")
    set_flags(pair[place], flag, town.cohort)
    answer = confirm(town.ann, fields)
    assert outcome(answer) == "refused-own"
    assert words in town.ann.get(answer.headers["Location"]).content.decode()
    assert [one.balance for one in pair] == [100_000, 0]


def test_limits_judge_the_value_in_the_banks_own_currency(town, pair):
    """50.00 EUR are 598.80 kr at the middle rate: above a limit of 500.00, although 5,000 of its minor units are not."""
    confirm(town.ann, offer_to(town, *pair, "800"))
    body = {"held": {"per_payment_minor": 50_000}}
    OwnLimit.objects.create(customer=town.ann.id, body=body, changed=timezone.now())
    too_much, enough = offer_to(town, *pair[::-1], "50"), offer_to(town, *pair[::-1], "10")
    assert [outcome(confirm(town.ann, one)) for one in (too_much, enough)] == ["refused-own", "done"]
    assert Intent.objects.get(id=too_much["id"]).reason == "own_payment_limit"
    assert pair[1].balance == 5_630


def test_payments_in_other_currencies_count_by_their_value(town, pair):
    """51.00 EUR to Ben are 610.78 kr, 50.00 are 598.81, 20.00 are 239.53, then 10.00 would make 958.09 on one day."""
    theirs = open_in(town.ben, "EUR")
    confirm(town.ann, offer_to(town, *pair, "900"))
    Intent.objects.filter(customer=town.ann.id).delete()
    body = {"held": {"per_payment_minor": 60_000, "per_day_minor": 90_000}}
    OwnLimit.objects.create(customer=town.ann.id, body=body, changed=timezone.now())
    sent = [form(town.ann, pair[1], theirs, amount) for amount in ("51", "50", "20", "10")]
    answers = [town.ann.post("/pay", one) for one in sent]
    assert [outcome(one) for one in answers] == ["refused-own", "done", "done", "refused-own"]
    reasons = [Intent.objects.get(id=one["id"]).reason for one in sent]
    assert reasons == ["own_payment_limit", "", "", "own_day_limit"]


def test_a_tokens_limit_of_the_day_counts_the_value(town, pair):
    """60.00 EUR are 718.57 kr: above what a token of 700.00 kr a day may pay; 50.00 EUR are not, 10.00 more are."""
    theirs, program = open_in(town.ben, "EUR"), Program(town.ann, day_minor=70_000)
    confirm(town.ann, offer_to(town, *pair, "900"))
    more = {"from_account": str(pair[1].account), "to_number": theirs.number, "currency": "EUR"}
    answers = [program.pay(town.ben, minor, more=more) for minor in (6_000, 5_000, 1_000)]
    assert [one.status_code for one in answers] == [403, 201, 403] and theirs.balance == 5_000


def test_an_intent_whose_answer_was_lost_is_settled_once(town, pair, door):
    """Written down and not booked: the sweeper records the refusal, and the confirmation sent again hears of it."""
    fields = offer_to(town, *pair, "400")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchanging, "posts_of", lambda *_: (_ for _ in ()).throw(OutcomeUnknown(uuid.uuid4())))
        assert outcome(confirm(town.ann, fields)) == ""
    Intent.objects.filter(id=fields["id"]).update(created=timezone.now() - timedelta(minutes=1))
    sweep_intents()
    assert outcome(confirm(town.ann, fields)) == "refused-own"
    assert tell_refusals() >= 1
    assert [one.balance for one in pair] == [100_000, 0]


def test_without_rates_or_with_old_ones_nothing_is_exchanged(town, pair):
    held = newest_rates()
    lists = [("no exchange rate", {"USD": "0.09"}, held.day), ("too old", held.rates, held.day - timedelta(days=30))]
    for words, rates, day in lists:
        made = RateList.objects.create(
            version=f"t-{uuid.uuid4().hex[:8]}", own="NOK", day=day, rates=rates, margin_ppm=7_500, made=held.made
        )
        try:
            answer = town.ann.post("/pay", form(town.ann, *pair, "400"))
            assert town.ann.get("/exchange").status_code == 200
        finally:
            made.delete()
        assert answer.status_code == 422 and words in answer.content.decode()
    assert [one.balance for one in pair] == [100_000, 0]


def test_the_rates_are_a_page_with_the_margin(town, pair):
    page = html.unescape(town.ann.get("/exchange").content.decode())
    assert 'data-currency="KWD"' in page and "12.0665" in page and "11.8862" in page and "0.75" in page


def test_a_payment_to_anybody_else_in_another_currency_is_refused_as_before(town):
    theirs = open_in(town.ben, "EUR")
    answer = town.ann.post("/pay", form(town.ann, home_of(town.ann), theirs, "100"))
    assert outcome(answer) == "refused-own"
    assert "different currencies" in town.ann.get(answer.headers["Location"]).content.decode()


def test_the_books_prove_and_each_currency_adds_up_to_nothing(town, pair, call):
    confirm(town.ann, offer_to(town, *pair, "400"))
    assert call("/-/prove", {}, by="control").json()["findings"] == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(CASE side WHEN 'debit' THEN balance_minor ELSE -balance_minor END) FROM ledger.account "
            "GROUP BY currency"
        )
        assert {total for _, total in cursor.fetchall()} == {0}


@pytest.mark.parametrize("kind", ["exchange", "payment"])
def test_what_moves_a_position_and_is_not_as_its_cause_has_it_is_found(town, pair, kind):
    """Right ones are not; one of an amount more under a made-up cause is, at the position and block where it stands."""
    confirm(town.ann, offer_to(town, *pair, "400"))
    (line,) = reader().lines(pair[0].account, 1)
    said = {"currency": "NOK", "kind": kind, "value_date": line.value_date, "cohort": town.cohort}
    wrong = Post(
        uuid.uuid4(), town.ann.account, position_of("NOK"), 40_001, epoch=town.ann.epoch, cause=line.cause, **said
    )
    posted = books().post(wrong)
    found = [one for one in prove_exchanges() if str(wrong.id) in one["words"] or str(line.id) in one["words"]]
    assert [(one["block"], one["account"]) for one in found] == [(posted.block, position_of("NOK"))]
    assert str(wrong.id) in found[0]["words"]


def test_rates_grow_old_by_banking_days(monkeypatch):
    """From Friday the 20th: Monday is one day, not three; from Maundy Thursday's eve Easter makes nothing older."""
    held = newest_rates()
    friday = publishing.date(2026, 11, 20)
    assert [ageing.age_days(friday, friday + timedelta(days=days)) for days in (0, 2, 3, 5, 6)] == [0, 0, 1, 3, 4]
    easter = publishing.date(2026, 4, 1)
    assert ageing.age_days(easter, publishing.date(2026, 4, 6)) == 0
    monkeypatch.setattr(publishing, "bank_today", lambda: friday + timedelta(days=6))
    held.day = friday
    assert publishing.is_too_old(held)


@pytest.mark.parametrize("wrong", ["0", "31", "soon", "-1"])
def test_an_age_that_cannot_be_meant_ends_the_start(wrong):
    with pytest.raises(ageing.BadRates, match="HOLDFAST_RATES_AGE_DAYS_MAX"):
        ageing.age_limit({"HOLDFAST_RATES_AGE_DAYS_MAX": wrong})
