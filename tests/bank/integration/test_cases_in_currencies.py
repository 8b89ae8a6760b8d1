"""What an outage left over in another currency: suspended or forced there, and decided like any other case."""

import time
import uuid
from dataclasses import replace

import pytest
from exchanging import home_of, open_in

from holdfast.bank.books import books, reader
from holdfast.bank.cases.models import DISPUTES_FROM, Dispute
from holdfast.bank.currencies.positions import is_position, own_in
from holdfast.bank.exchange.models import JournalException
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange

pytestmark = pytest.mark.demand("S5")


@pytest.fixture
def decide(call, keys):
    def send(number, decision, to=""):
        said = {"number": number, "decision": decision, "to": to, "why": "as asked", "owner": "one"}
        said |= {"asked_by": "one", "approved_by": "two", "at": time.time()}
        return call("/-/exceptions/decide", {"token": keys["control"].sign("case-decision", said)}, by="control")

    return send


def entered(town, journal, call, sides, amount_minor):
    """An entry of the spare bank, accepted there and entered here; how it ended."""
    debit, credit = sides
    payment = replace(town.payment(debit.account, credit.account, amount_minor), currency=debit.currency)
    entry = journal.payment("accept", payment)
    assert call("/-/replay", {}).status_code == 200
    return JournalException.objects.get(number=entry.number)


def close(side, cohort):
    books().change_accounts([AccountChange(side.account, side.number, side.currency, "credit", 0, FLAG_CLOSED, cohort)])


def money(account):
    found = reader().accounts([account]).get(account)
    return found.balance_minor if found else 0


@pytest.mark.parametrize("currency", ["SEK", "ISK"])  # one of the list of rates, one that no list names
def test_what_has_no_account_is_suspended_in_its_own_currency_and_given_back(town, journal, call, decide, currency):
    theirs, gone = open_in(town.ann, currency), open_in(town.ben, currency)
    close(gone, town.cohort)
    suspense = own_in("suspense", currency)
    case, before = entered(town, journal, call, (theirs, gone), 300), money(suspense) - 300
    assert (case.kind, case.currency, theirs.balance) == ("suspended", currency, -300) and before == 0
    listed = call("/-/exceptions", by="control", after=case.number - 1, limit=1).json()["exceptions"][0]
    assert listed["choices"] == ["book_on", "give_back"]
    assert decide(case.number, "give_back").json()["outcome"] == "done"
    assert (theirs.balance, money(suspense), is_position(suspense)) == (0, 0, False)
    assert reader().prove() == []


def test_both_sides_closed_move_the_loss_to_suspense_in_their_currency(town, journal, call):
    sides = open_in(town.ann, "DKK"), open_in(town.ben, "DKK")
    for one in sides:
        close(one, town.cohort)
    assert entered(town, journal, call, sides, 300).kind == "suspended"
    assert (money(own_in("loss", "DKK")), money(own_in("suspense", "DKK"))) == (-300, 300)


def test_a_forced_entry_in_another_currency_is_written_off_in_it(town, journal, call, decide):
    poor, theirs = open_in(town.ben, "PLN"), open_in(town.ann, "PLN")
    case = entered(town, journal, call, (poor, theirs), 4_000)
    assert (case.kind, poor.balance, theirs.balance) == ("forced", -4_000, 4_000)
    assert decide(case.number, "write_off").json()["outcome"] == "done"
    assert (poor.balance, money(own_in("loss", "PLN"))) == (0, -4_000)


def test_a_dispute_in_another_currency_is_paid_back_from_the_loss_in_it(town, decide, call, door):
    theirs = open_in(town.ann, "CZK")
    made = Dispute.objects.create(
        id=uuid.uuid4(), customer=town.ann.id, account=theirs.account, payment=uuid.uuid4(), amount_minor=-700,
        currency="CZK", other_account=home_of(town.ben).account, title="x", reason="twice", words="",
    )  # fmt: skip
    assert decide(DISPUTES_FROM + made.number, "refund").json()["outcome"] == "done"
    assert (theirs.balance, money(own_in("loss", "CZK"))) == (700, -700)
    assert reader().prove() == []
