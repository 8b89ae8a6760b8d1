"""The typed client: calls as values, answers read whole, and what may be sent again is sent again, with an end."""

import json
import threading
import uuid
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from holdfast.client import Client, ClientError, ProblemTold, Unanswered, api
from holdfast.client.errors import BadAnswer

pytestmark = pytest.mark.demand("B11")
PAID = {"id": str(uuid.uuid4()), "state": "done", "reason": None, "from_account": "1", "amount_minor": 5, "currency": "NOK",
        "payee": "", "text": "", "created_at": "2026-11-22T19:40:31.203Z", "new": "unknown members are left out"}  # fmt: skip
ASKED = api.NewPayment(from_account="1", to_number="2", amount_minor=5, currency="NOK")


class Bank:
    """Answers in turn what it is told to; the last one again and again. None: it hangs up."""

    def __init__(self):
        self.answers, self.asked = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), raw))
                said = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if said is not None:
                    body = json.dumps(said[1]).encode()
                    self.send_response(said[0])
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = _do

            def log_message(self, format, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def bank():
    made = Bank()
    yield made
    made.server.shutdown()
    made.server.server_close()


def client(bank, waited=None):
    pause = (lambda _: None) if waited is None else waited.append
    return Client(f"http://127.0.0.1:{bank.server.server_port}", "hfk_1_2_x", pause=pause)


def test_a_payment_is_sent_with_its_key_and_read_as_what_it_is(bank):
    bank.answers = [(201, PAID)]
    said = client(bank).send(api.make_payment(ASKED, "k"))
    assert (said.state, said.id, said.created_at.year) == ("done", uuid.UUID(PAID["id"]), 2026)
    ((method, path, headers, raw),) = bank.asked
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/api/v1/payments", "k")
    assert headers["Authorization"] == "Bearer hfk_1_2_x"
    assert json.loads(raw)["amount_minor"] == 5


def test_metadata_is_sent_and_read_as_texts_by_name(bank):
    bank.answers = [(201, {**PAID, "metadata": {"invoice": "7"}}), (201, {**PAID, "metadata": {"invoice": 7}})]
    asked = api.NewPayment(from_account="1", to_number="2", amount_minor=5, currency="NOK", metadata={"invoice": "7"})
    assert client(bank).send(api.make_payment(asked, "k")).metadata == {"invoice": "7"}
    assert json.loads(bank.asked[0][3])["metadata"] == {"invoice": "7"}
    with pytest.raises(BadAnswer):
        client(bank).send(api.make_payment(asked, "k"))


def test_what_had_no_answer_is_sent_again_whole_and_under_its_key(bank):
    bank.answers, waited = [None, (503, {"code": "away"}), (201, PAID)], []
    assert client(bank, waited).send(api.make_payment(ASKED, "k")).state == "done"
    assert len({(one[1], one[2]["Idempotency-Key"], one[3]) for one in bank.asked}) == 1
    assert (len(bank.asked), len(waited)) == (3, 2)


def test_trying_again_has_an_end_and_what_has_no_key_is_never_sent_again(bank):
    bank.answers = [None]
    with pytest.raises(Unanswered):
        client(bank).send(api.list_accounts())
    assert len(bank.asked) == 5
    bank.asked.clear()
    with pytest.raises(Unanswered):
        client(bank).send(api.freeze_card("c" * 32))
    assert len(bank.asked) == 1


def test_a_problem_is_raised_with_all_that_it_says(bank):
    bank.answers = [(422, {"code": "payment-refused", "title": "Refused", "reason": "not_enough_money"})]
    with pytest.raises(ProblemTold) as told:
        client(bank).send(api.make_payment(ASKED, "k"))
    assert (told.value.status, told.value.code, told.value.problem["reason"]) == (
        422,
        "payment-refused",
        "not_enough_money",
    )


@pytest.mark.parametrize("said", [{}, {**PAID, "amount_minor": "5"}, {**PAID, "id": 5}, []])
def test_what_is_no_answer_of_this_api_is_told(bank, said):
    bank.answers = [(201, said)]
    with pytest.raises(BadAnswer):
        client(bank).send(api.get_payment(uuid.uuid4()))


def test_addresses_hold_what_was_asked_for_and_nothing_that_was_not():
    call = api.list_transactions("1/../2", limit=5, from_day=date(2026, 1, 2), text="a b&c")
    assert call.address == "/api/v1/accounts/1%2F..%2F2/transactions?limit=5&text=a+b%26c&from_day=2026-01-02"
    with pytest.raises(ClientError, match="no address of a bank"):
        Client("bank.example", "t")
