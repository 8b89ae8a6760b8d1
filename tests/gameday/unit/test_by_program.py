"""Simulated customers with a program: what the API tells them is judged and written down as pages are."""

import json
import random
import uuid

import pytest

from holdfast.contracts.ids import api_payment_id
from holdfast.gameday.by_program import ByProgram, Raw, worker
from holdfast.gameday.crowd import Crowd, Customer

pytestmark = pytest.mark.demand("L4", "B11")
PERSON = {"customer": 17, "name": "Ann", "token": "t", "accounts": [{"id": 10, "number": "A"}]}
OTHER = {"customer": 18, "name": "Bea", "accounts": [{"id": 20, "number": "B"}]}
ACCOUNT = {"id": "10", "number": "A", "iban": "", "name": "", "currency": "NOK", "can_pay": True,
           "balance": {"booked_minor": 90_000, "held_minor": 0, "available_minor": 90_000, "currency": "NOK", "block": 1,
                       "as_of": "2026-11-22T10:00:00+00:00"}}  # fmt: skip


class Played(ByProgram):
    """Answers payments as it is told to, one after the other."""

    def __init__(self, answers, **more):
        super().__init__(Crowd("http://x", [PERSON, OTHER], 1, 0.01, 0, **more), PERSON, random.Random(1), None)
        self.answers, self.keys = answers, []

    async def fetch_call(self, call):
        if call.method == "GET":
            return Raw(
                200,
                "primary",
                json.dumps({"items": [ACCOUNT]} if call.path == "/accounts" else ACCOUNT["balance"]).encode(),
            )
        self.keys.append(call.headers["Idempotency-Key"])
        status, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        ident = str(api_payment_id(17, self.keys[-1]))
        paid = {"id": ident, "reason": None, "from_account": "10", "amount_minor": 1, "currency": "NOK", "payee": "",
                "text": "", "created_at": "2026-11-22T10:00:00+00:00", "payment": ident}  # fmt: skip
        return Raw(status, "standin", json.dumps(paid | said).encode())

    async def look_at_status(self):
        """The door serves it."""

    @property
    def told(self):
        (one,) = self.crowd.told.values()
        return [outcome for _, outcome in one.outcomes]

    @property
    def whys(self):
        return [one.why for one in self.crowd.requests if one.why]


def test_who_has_a_token_leaves_it_to_a_program():
    crowd = Crowd("http://x", [PERSON, OTHER], 1, 1.0, 0)
    assert [type(worker(crowd, one, random.Random(1), None)) for one in (PERSON, OTHER)] == [ByProgram, Customer]


@pytest.mark.parametrize(
    ("status", "said", "told", "why"),
    [
        (201, {"state": "done"}, ["done"], []),
        (202, {"state": "checking"}, ["checking"], []),
        (422, {"code": "payment-refused", "reason": "not_enough_money"}, ["refused-settled"], []),
        (422, {"code": "key-reused"}, [], ["status 422 key-reused"]),
        (503, {"code": "later"}, [], ["status 503 later"]),
        (503, {"code": "nobody-answers"}, [], ["status 503 nobody-answers"]),
        (201, {"state": "done", "id": str(uuid.uuid4())}, [], ["the API tells of another payment"]),
    ],
)
async def test_what_a_payment_was_told_is_written_down_and_what_failed_counts(status, said, told, why):
    played = Played([(status, said)])
    await played.cycle()
    assert (played.told, played.whys) == (told, why)


async def test_the_same_key_is_sent_again_while_it_is_under_way_or_nobody_answers():
    waits = [(409, {"code": "in-flight"}), (503, {"code": "nobody-answers"}), (201, {"state": "done"})]
    played = Played(waits, honest_pages=True)
    played.crowd.cycle_s = 0.01
    await played.cycle()
    assert (played.told, played.whys, len(set(played.keys)), len(played.keys)) == (["done"], [], 1, 3)
    assert sum(one.honest for one in played.crowd.requests) == 1
