"""To people the test customers' accounts are not there: every way to pay one ends as with a number that nobody has."""

import uuid
from types import SimpleNamespace

import pytest
from crediting import pacs
from crediting import send as send_credits
from ordering import let_nothing_wait, order
from payment_files import line
from programs import Program, code
from proofs import with_password
from sending import send, states, taken, today_file

from holdfast.bank.books import reader, rows
from holdfast.bank.customers.known import payee_of
from holdfast.bank.customers.models import Account
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.files.models import FileLine
from holdfast.bank.journeys import opening
from holdfast.bank.orders.executing import run_orders
from holdfast.bank.orders.models import Execution, Plan
from holdfast.bank.payments.judging import judge_request
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.payments.payees import payees_of
from holdfast.contracts.answers import Reason
from holdfast.contracts.test_customers import FIRST, NOBODY

pytestmark = pytest.mark.demand("B4", "W2")
UNKNOWN = {
    "en": "We know no account with this number. Check each digit.",
    "nb": "Vi kjenner ingen konto med dette nummeret. Kontroller hvert siffer.",
}


class Found:
    """The first test customer's account, as somebody who found its number would pay it."""

    name = "Test customer 1"
    account = FIRST

    def __init__(self):
        self.number = Account.objects.get(id=FIRST).number

    @property
    def balance(self):
        return reader().accounts([FIRST])[FIRST].balance_minor


@pytest.fixture
def tester(bank):
    opening.open_test_customers()
    return Found()


def nobodys(tester):
    """A number that no account has, beside the tester's."""
    tester.number = "97140000108"
    return tester


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_form_says_what_it_says_of_a_number_that_nobody_has(town, tester, language):
    town.ann.client.cookies["hf_language"] = language
    ident = uuid.uuid4()
    answers = [town.ann.post("/pay", town.ann.form(to, "10.00", ident)) for to in (tester, nobodys(Found()))]
    pages = [one.content.decode().replace(Found().number, "97140000108") for one in answers]
    assert [one.status_code for one in answers] == [422, 422]
    assert UNKNOWN[language] in pages[0]
    assert pages[0].count(UNKNOWN[language]) == pages[1].count(UNKNOWN[language])
    assert "Test customer" not in pages[0].replace('value="Test customer 1"', "")
    assert not Intent.objects.filter(id=ident).exists()
    assert (town.ann.balance, tester.balance) == (100_000, 5_000)


def test_no_order_is_taken_and_no_payee_kept(town, tester):
    ident = uuid.uuid4()
    days = {"first": "2099-01-01", "rhythm": "once", "until": ""}
    answer = town.ann.post("/orders", town.ann.form(tester, "10.00", ident, **days))
    assert (answer.status_code, UNKNOWN["en"] in answer.content.decode()) == (422, True)
    kept = town.ann.post("/payees", {"to": tester.number, "name": tester.name})
    assert (kept.status_code, UNKNOWN["en"] in kept.content.decode()) == (422, True)
    assert not Plan.objects.filter(debit=town.ann.account).exists()
    assert list(payees_of(town.ann.id)) == []


def test_an_order_of_an_earlier_release_is_refused_on_its_day(town, tester):
    let_nothing_wait()
    ident = order(SimpleNamespace(cohort=town.cohort, ann=town.ann, ben=tester), 1_000)
    run_orders()
    done = Execution.objects.get(order=ident)
    assert (done.state, done.reason) == ("refused", "account_unknown")
    assert (town.ann.balance, tester.balance) == (100_000, 5_000)


def test_a_line_of_a_file_to_it_is_never_paid(town, tester):
    with_password(town.ann)
    lines = (line(tester.number, "10.00", tester.name, "E1"), line(town.ben.number, "1.00", town.ben.name, "E2"))
    address = taken(town.ann, today_file(town.ann, *lines))
    assert states(town.ann, address) == ["bad", "ready"]
    [bad] = FileLine.objects.filter(file=address.rsplit("/", 1)[1], state="bad")
    assert (bad.problem, bad.credit, bad.checked, bad.near_name) == ("unknown_to", 0, "", "")
    alone = send(town.ann, today_file(town.ann, lines[0]))
    assert states(town.ann, alone.headers["Location"]) == ["bad"]


def test_a_program_is_told_that_the_number_is_not_known(town, tester, register):
    program = Program(with_password(town.ann))
    answers = [program.pay(to, 1_000, uuid.uuid4().hex) for to in (tester, nobodys(Found()))]
    told = [(code(one), one.json()["errors"]) for one in answers]
    assert told[0] == told[1]
    assert told[0][0][0] == 422
    assert tester.balance == 5_000


def test_credits_of_other_banks_wait_at_the_suspense_account(town, tester, keys):
    suspense = bank_facts.own("suspense")
    before = reader().accounts([suspense])[suspense].balance_minor
    said = send_credits(town.ann, keys, pacs((tester.number, "3.00", "NOK"))).json()
    assert (said["accepted"], said["suspended"]) == (0, 1)
    assert reader().accounts([suspense])[suspense].balance_minor == before + 300
    assert tester.balance == 5_000


def test_staff_cannot_send_money_there_and_the_testers_find_only_each_other(town, tester):
    other = Account.objects.get(id=FIRST + 1)
    assert payee_of(NOBODY, tester.number) is None
    assert payee_of(town.ann.id, tester.number) is None
    assert payee_of(FIRST, town.ben.number) is None
    found = payee_of(FIRST, other.number)
    assert found is not None and found.id == FIRST + 1
    assert payee_of(town.ann.id, town.ben.number).id == town.ben.account


def test_what_came_past_the_look_up_is_judged_alike(town, tester):
    def judged(customer, debit, credit):
        row = rows.row(town.cohort)
        asked = Request(
            uuid.uuid4(), customer, debit, credit, 100, "NOK", "NOK", "A", "B", "", 0, row.cohort, row.epoch, 0
        )
        return judge_request(asked).reason

    assert judged(town.ann.id, town.ann.account, FIRST) is Reason.ACCOUNT_UNKNOWN
    assert judged(FIRST, FIRST, town.ben.account) is Reason.ACCOUNT_UNKNOWN
    assert judged(FIRST, FIRST, FIRST + 1) is Reason.OK
    assert judged(town.ann.id, town.ann.account, town.ben.account) is Reason.OK
