"""Simulated customers who exchange money by program: what they are told is written down, and what waits is no failure."""

import json
import random
import uuid

import pytest

from holdfast.client import api
from holdfast.contracts.ids import api_payment_id
from holdfast.gameday import exchanging
from holdfast.gameday.by_program import ByProgram, Raw
from holdfast.gameday.crowd import Crowd

pytestmark = pytest.mark.demand("L4", "B11")
PERSON = {"customer": 17, "name": "Ann", "token": "t", "accounts": [{"id": 10, "number": "A"}]}
BALANCE = {"booked_minor": 9, "held_minor": 0, "available_minor": 9, "block": 1, "as_of": "2026-11-22T10:00:00+00:00"}
FIGURES = {"from_account": "10", "to_account": "12", "sold_minor": 5_000, "sold_currency": "NOK", "bought_minor": 414,
           "bought_currency": "EUR", "rate": "0.08", "margin_ppm": 7_500, "rates": "1"}  # fmt: skip
PAID = {"id": str(uuid.UUID(int=1)), "state": "done", "reason": None, "from_account": "10", "amount_minor": 5_000,
        "currency": "NOK", "payee": "", "text": "", "created_at": "2026-11-22T10:00:00+00:00"}  # fmt: skip


def account(ident, currency):
    said = {"id": ident, "number": "A", "iban": "", "name": "", "currency": currency, "can_pay": True}
    return said | {"balance": {**BALANCE, "currency": currency}}


def problem(code, status=503):
    return status, {"type": "", "title": "", "status": status, "detail": "", "code": code}


class Played(ByProgram):
    """Answers as it is told to: quotes, then exchanges, then look-ups."""

    def __init__(self, exchanges, quote=None, looked_up=None):
        super().__init__(Crowd("http://x", [PERSON], 1, 0.01, 0), PERSON, random.Random(1), None)
        self.exchanges, self.quote, self.looked_up, self.keys = exchanges, quote, looked_up, []

    async def fetch_call(self, call):
        if call.method == "GET":
            status, said = self.looked_up.pop(0)
        elif call.path == "/exchange-quotes":
            offered = {**FIGURES, "quote": "signed", "ends_at": "2026-11-22T10:00:00+00:00", "margin_minor": 3}
            status, said = self.quote or (200, offered)
        else:
            self.keys.append(call.headers["Idempotency-Key"])
            status, said = self.exchanges.pop(0)
        return Raw(status, "primary", json.dumps(said).encode())

    async def play(self):
        one, other = (api.list_accounts().read(200, json.dumps({"items": [account(*way)]}).encode()).items[0]
                      for way in (("10", "NOK"), ("12", "EUR")))  # fmt: skip
        await exchanging.exchange_some(self, one, other)
        return [outcome for told in self.crowd.exchanged.values() for _, outcome in told.outcomes]

    @property
    def failures(self):
        return [one.why for one in self.crowd.requests if one.why]


def made(state="done"):
    ident = str(api_payment_id(17, "x"))
    said = {"id": ident, "state": state, "text": "", "created_at": "2026-11-22T10:00:00+00:00"}
    return 201 if state == "done" else 202, FIGURES | said


async def test_what_is_done_is_written_down_with_what_was_quoted():
    one = Played([made()])
    assert (await one.play(), one.failures) == (["done"], [])
    (told,) = one.crowd.exchanged.values()
    assert (told.debit, told.credit, told.bought_minor) == (10, 12, 414) and told.ended
    assert told.payment == api_payment_id(17, one.keys[0]).hex


async def test_that_it_waits_is_counted_and_no_failure():
    one = Played([], quote=problem("later"))
    assert (await one.play(), one.failures, one.crowd.exchange_waits) == ([], [], 1)
    assert not one.crowd.exchanged


async def test_the_same_key_is_sent_again_while_nobody_answers(monkeypatch):
    monkeypatch.setattr(exchanging, "AGAIN_GAP_S", 0)
    one = Played([problem("nobody-answers"), problem("in-flight", 409), made()])
    assert (await one.play(), one.failures, len(one.keys), len(set(one.keys))) == (["done"], [], 3, 1)


@pytest.mark.parametrize(
    ("looked_up", "ended"),
    [([problem("not-found", 404)], "not made"), ([problem("later"), (200, PAID)], "done")],
)
async def test_what_got_no_answer_is_looked_up_at_the_end(monkeypatch, looked_up, ended):
    monkeypatch.setattr(exchanging, "AGAIN_GAP_S", 0)
    one = Played([problem("later")], looked_up=list(looked_up))
    assert await one.play() == []
    await exchanging.look_back(one)
    (told,) = one.crowd.exchanged.values()
    assert ([outcome for _, outcome in told.outcomes], one.failures) == ([ended], [])


async def test_a_quote_that_is_over_was_never_made():
    one = Played([problem("quote-over", 422)])
    assert (await one.play(), one.failures) == (["not made"], [])


async def test_any_other_answer_is_a_failure():
    one = Played([problem("broken", 500)])
    assert (await one.play(), len(one.failures)) == ([], 1)
