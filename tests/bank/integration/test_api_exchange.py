"""Exchange by program: a quote that holds for a minute, one exchange for a key, answered alike however often it is sent."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection, connections
from exchanging import home_of, newest_rates, open_in, positions
from programs import Program, code
from psycopg.conninfo import make_conninfo

from holdfast.bank.api import exchanging
from holdfast.bank.api.limiting import reserve
from holdfast.bank.api.models import ApiPayment
from holdfast.bank.books import reader
from holdfast.bank.currencies import publishing
from holdfast.bank.currencies.proving import prove_exchanges
from holdfast.bank.payments.models import Intent
from holdfast.bank.worker import refusals
from holdfast.contracts.api import Scope
from holdfast.contracts.blocks import FLAG_FROZEN_OUT
from holdfast.contracts.ids import api_payment_id
from holdfast.gameday.checker import check
from holdfast.gameday.notes import Exchanged

pytestmark = [pytest.mark.demand("B11", "A1"), pytest.mark.usefixtures("door")]


@pytest.fixture
def pair(town):
    """Ann's 1,000.00 NOK and her empty account in euro."""
    return home_of(town.ann), open_in(town.ann, "EUR")


@pytest.fixture
def program(town, pair):
    return Program(town.ann, Scope.EXCHANGE_WRITE, day_minor=90_000)


def quote(program, debit, credit, sold_minor=50_000, **more):
    body = {"from_account": str(debit.account), "to_account": str(credit.account), "sold_minor": sold_minor, **more}
    return program.ask("POST", "/exchange-quotes", body)


def exchange(program, quoted, key, **more):
    body = {"quote": quoted if isinstance(quoted, str) else quoted.json()["quote"], **more}
    return program.ask("POST", "/exchanges", body, {"Idempotency-Key": key})


def asked(program, key):
    return ApiPayment.objects.filter(payment=api_payment_id(program.person.id, key)).exists()


def later(monkeypatch, seconds):
    """The quote's minute passes."""
    now = time.time()
    monkeypatch.setattr(exchanging.time, "time", lambda: now + seconds)


def test_a_quote_says_what_the_page_says_and_moves_nothing(program, pair):
    head = reader().head().block
    answer = quote(program, *pair, 100_000)
    said = answer.json()
    assert (answer.status_code, said["bought_minor"], said["bought_currency"]) == (200, 8_287, "EUR")
    assert (said["rate"], said["margin_ppm"], said["margin_minor"]) == ("0.08287375", 7_500, 63)
    assert said["rates"] == newest_rates().version
    assert reader().head().block == head and [one.balance for one in pair] == [100_000, 0]


def test_a_key_is_exchanged_once_and_answered_alike_also_when_the_quote_is_over(town, program, pair, monkeypatch):
    before, quoted = positions("NOK", "EUR"), quote(program, *pair)
    first = exchange(program, quoted, "holiday", text="for the holiday")
    ident = api_payment_id(town.ann.id, "holiday")
    assert (first.status_code, first.json()["state"], first.json()["id"]) == (201, "done", str(ident))
    assert first.headers["Holdfast-Outcome"] == f"done {ident.hex}"
    later(monkeypatch, 3_600)
    again = [exchange(program, quoted, "holiday", text="for the holiday") for _ in range(2)]
    assert [(one.status_code, one.json()) for one in again] == [(201, first.json())] * 2
    assert [one.balance for one in pair] == [50_000, 4_144]
    assert [now - was for now, was in zip(positions("NOK", "EUR"), before, strict=True)] == [50_000, -4_144]
    assert not [one for one in prove_exchanges() if str(ident) in one["words"]]
    assert program.get(f"/payments/{ident}").json()["state"] == "done"


def test_a_quote_that_is_over_moves_nothing_and_its_key_stays_free(program, pair, monkeypatch):
    quoted = quote(program, *pair)
    with monkeypatch.context() as clock:
        later(clock, 61)
        assert code(exchange(program, quoted, "late")) == (422, "quote-over")
    assert [one.balance for one in pair] == [100_000, 0] and not asked(program, "late")
    assert exchange(program, quote(program, *pair), "late").status_code == 201


def test_the_same_key_with_another_quote_or_words_is_told_and_changes_nothing(program, pair):
    quoted = quote(program, *pair)
    exchange(program, quoted, "one")
    assert code(exchange(program, quote(program, *pair, 10_000), "one")) == (422, "key-reused")
    assert code(exchange(program, quoted, "one", text="more")) == (422, "key-reused")
    assert pair[0].balance == 50_000


def test_a_payments_key_is_no_exchanges_key(town, program, pair):
    payer = Program(town.ann)
    payer.pay(town.ben, 100, "shared")
    assert code(exchange(program, quote(program, *pair), "shared")) == (422, "key-reused")
    assert pair[1].balance == 0


@pytest.mark.parametrize("spoil", [lambda text: text[:-4] + "AAAA", lambda _: "none", lambda _: "x" * 2_001])
def test_a_quote_that_was_changed_is_none(program, pair, spoil):
    wrong = spoil(quote(program, *pair).json()["quote"])
    assert code(exchange(program, wrong, uuid.uuid4().hex)) == (422, "invalid")
    assert [one.balance for one in pair] == [100_000, 0]


def test_another_customers_quote_is_none_and_their_accounts_are_not_found(town, program, pair):
    other = town.person(20_000)
    theirs = home_of(other), open_in(other, "EUR")
    quoted = quote(Program(other), *theirs, 10_000)
    answer = exchange(program, quoted, "stolen")
    assert code(answer) == (422, "invalid") and answer.json()["errors"][0]["field"] == "quote"
    assert code(quote(program, pair[0], theirs[1])) == (422, "invalid")
    assert (theirs[0].balance, theirs[1].balance, pair[0].balance) == (20_000, 0, 100_000)


def test_what_is_not_offered_says_why(town, program, pair, monkeypatch):
    small = quote(program, *pair, 1)
    assert code(small) == (422, "too-small") and small.json()["least_minor"] > 1
    assert code(quote(program, pair[1], open_in(town.ann, "JPY"), 10**15)) == (422, "too-large")
    assert code(quote(program, pair[0], pair[0])) == (422, "invalid")
    crowns = open_in(town.ann, "ISK")
    assert code(quote(program, pair[0], crowns)) == (422, "no-rate")
    monkeypatch.setattr(publishing, "AGE_DAYS_MAX", -1)
    assert code(quote(program, *pair)) == (422, "old-rates")


def test_without_its_scope_nothing_is_quoted_or_exchanged(town, program, pair):
    payer, quoted = Program(town.ann, Scope.PAYMENTS_WRITE), quote(program, *pair)
    assert code(quote(payer, *pair)) == code(exchange(payer, quoted, "no")) == (403, "scope-missing")
    assert code(program.pay(town.ben, 100)) == (403, "scope-missing")
    assert [one.balance for one in pair] == [100_000, 0]


def test_it_counts_in_what_the_token_may_pay_on_one_day_by_its_value(program, pair):
    assert exchange(program, quote(program, *pair, 90_000), "all").status_code == 201
    assert code(exchange(program, quote(program, pair[1], pair[0], 1_000), "back")) == (403, "token-limit")
    assert pair[1].balance == 7_459


def test_a_refusal_is_told_claimed_and_stands(town, program, pair):
    dear = quote(Program(town.ann), *pair, 100_001)
    answer = exchange(Program(town.ann, Scope.EXCHANGE_WRITE), dear, "dear")
    ident = api_payment_id(town.ann.id, "dear")
    assert code(answer) == (422, "payment-refused") and answer.json()["reason"] == "not_enough_money"
    assert answer.headers["Holdfast-Outcome"] == f"refused-own {ident.hex}"
    assert [one.balance for one in pair] == [100_000, 0]


def test_a_frozen_account_gives_nothing(town, pair):
    frozen = open_in(town.ann, "SEK", FLAG_FROZEN_OUT)
    program = Program(town.ann)
    answer = exchange(program, quote(program, frozen, pair[1], 1_000), "frozen")
    assert code(answer) == (422, "payment-refused") and answer.json()["reason"] == "account_frozen"


def test_while_a_journal_is_missing_nothing_final_is_said(program, pair):
    body = {"quote": quote(program, *pair).json()["quote"]}
    answer = program.ask("POST", "/exchanges", body, {"Idempotency-Key": "x"}, forced=1)
    assert code(answer) == (503, "journal-missing") and pair[0].balance == 100_000


def test_one_that_was_begun_and_never_ended_is_being_checked_when_its_quote_is_over(program, pair, monkeypatch):
    quoted = quote(program, *pair)

    def dies(*_):
        raise RuntimeError("the process was killed")

    with monkeypatch.context() as broken:
        broken.setattr("holdfast.bank.currencies.exchanging.open_positions", dies)
        assert exchange(program, quoted, "half").status_code == 500
    waiting = Intent.objects.filter(id=api_payment_id(program.person.id, "half"))
    assert asked(program, "half") and not waiting.exists()
    later(monkeypatch, 3_600)
    answer = exchange(program, quoted, "half")
    assert (answer.status_code, answer.json()["state"], waiting.get().outcome) == (202, "checking", "")
    monkeypatch.setattr(refusals, "OPEN_AGE", timedelta(0))
    refusals.sweep_intents()
    assert waiting.get().outcome == "refused" and [one.balance for one in pair] == [100_000, 0]


def test_a_quote_that_ends_as_it_is_written_down_moves_nothing_and_its_key_stays_free(program, pair, monkeypatch):
    def slowly(*asks):
        created = reserve(*asks)
        later(clock, 61)
        return created

    with monkeypatch.context() as clock:
        clock.setattr(exchanging, "reserve", slowly)
        assert code(exchange(program, quote(program, *pair), "late")) == (422, "quote-over")
    assert [one.balance for one in pair] == [100_000, 0] and not asked(program, "late")


def test_of_many_at_once_with_one_key_one_is_made(program, pair):
    quoted = quote(program, *pair)

    def one(_):
        try:
            return exchange(program, quoted, "race").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(one, range(4)))
    assert statuses <= {201, 409} and 201 in statuses
    assert [one.balance for one in pair] == [50_000, 4_144]


def test_a_rate_is_written_without_an_exponent():
    assert exchanging.rate_text(Fraction(1, 3)) == "0.3333333333"
    assert exchanging.rate_text(Fraction(1000)) == "1000"


def test_the_independent_checker_finds_exchanges_as_they_were_told_and_nothing_else(program, pair):
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM ledger.head")
        (since,) = cursor.fetchone()
    made = exchange(program, quote(program, *pair), "checked").json()
    told = Exchanged(uuid.UUID(made["id"]).hex, pair[0].account, pair[1].account, 50_000, 4_144, [(1.0, "done")])
    held = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    url = make_conninfo(**{name: held[key] for name, key in names.items()})

    def words(*exchanged):
        found = check(url, [], "none", [], "2000-01-01", since, exchanged)
        return found.lost, found.contradicted, found.duplicated, found.exchanges

    assert words(told) == (0, 0, 0, [1.0])
    assert words() == (0, 0, 1, [])
    assert words(replace(told, bought_minor=4_145)) == (1, 0, 0, [])
    assert words(replace(told, outcomes=[(1.0, "not made")])) == (0, 1, 0, [])
    assert words(replace(told, outcomes=[(1.0, "refused"), (2.0, "done")])) == (0, 1, 0, [2.0])
    assert words(told, replace(told, payment=uuid.uuid4().hex)) == (1, 0, 0, [1.0])
