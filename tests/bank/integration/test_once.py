"""However a customer sends a payment more than once, it is made once: as browsers and networks do it."""

import re
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from proofs import outcome

from holdfast.bank.payments import pay as paying
from holdfast.bank.payments.models import Intent
from holdfast.ledger.api import OutcomeUnknown

pytestmark = pytest.mark.demand("B4")


def form_of(person, **more):
    """The form as the page gives it, filled in."""
    page = person.get("/pay").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page))
    return fields | {"from": person.account, "amount": "10", "text": "once"} | more


def at_once(*sends):
    """What each send answered, all sent at the same time."""
    said = []

    def run(send):
        try:
            said.append(outcome(send()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(send,)) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_a_double_click_pays_once(town):
    form = form_of(town.ann, to=town.ben.number)
    assert at_once(*(lambda: town.ann.post("/pay", form) for _ in range(4))) == ["done"] * 4
    assert (town.ben.balance, Intent.objects.filter(customer=town.ann.id).count()) == (1000, 1)


def test_the_back_button_and_sending_again_shows_the_same_receipt(town):
    form = form_of(town.ann, to=town.ben.number)
    first = town.ann.post("/pay", form)
    assert 'data-outcome="done"' in town.ann.get(first.headers["Location"]).content.decode()
    again = town.ann.post("/pay", form)
    assert again.headers["Location"].split("?")[0] == first.headers["Location"].split("?")[0]
    assert town.ben.balance == 1000


def test_one_form_in_two_tabs_pays_once_and_two_forms_are_two_payments(town):
    form, other = (form_of(town.ann, to=town.ben.number) for _ in range(2))
    second_tab = Client()
    second_tab.cookies = town.ann.client.cookies
    first_tab, town.ann.client = town.ann.client, second_tab
    assert outcome(town.ann.post("/pay", form)) == "done"
    town.ann.client = first_tab
    assert outcome(town.ann.post("/pay", form)) == "done"
    assert town.ben.balance == 1000
    assert form["id"] != other["id"]
    assert outcome(town.ann.post("/pay", other)) == "done"
    assert town.ben.balance == 2000


def test_a_connection_lost_behind_the_booking_is_made_whole_by_sending_again(town, monkeypatch):
    form = form_of(town.ann, to=town.ben.number)
    real, lost = paying.note_outcome, []

    def lose(payment, posted):
        lost.append(payment)
        raise OutcomeUnknown(payment)

    monkeypatch.setattr(paying, "note_outcome", lose)
    assert town.ann.post("/pay", form).status_code == 503
    assert (town.ben.balance, len(lost)) == (1000, 1)
    monkeypatch.setattr(paying, "note_outcome", real)
    assert outcome(town.ann.post("/pay", form)) == "done"
    assert town.ben.balance == 1000


def test_a_recorded_request_sent_again_under_another_amount_pays_nothing(town):
    form = form_of(town.ann, to=town.ben.number)
    assert outcome(town.ann.post("/pay", form)) == "done"
    for changed in ({"amount": "900"}, {"to": town.person(0).number}):
        assert outcome(town.ann.post("/pay", form | changed)) == "conflict"
    assert town.ben.balance == 1000


def test_a_payment_needs_three_questions_to_the_banks_own_tables(town):
    town.ann.post("/pay", form_of(town.ann, to=town.ben.number))
    form = form_of(town.ann, to=town.ben.number)
    with CaptureQueriesContext(connection) as asked:
        assert outcome(town.ann.post("/pay", form)) == "done"
    every = [one["sql"] for one in asked.captured_queries]
    assert [re.sub(r"--.*\n", "", sql).split()[0] for sql in every if re.search(r"\bintent\b", sql)] == [
        "SELECT",
        "INSERT",
        "UPDATE",
    ]
    assert not [sql for sql in every if re.search("saved_payee|order_plan|authenticator|passkey", sql)]
