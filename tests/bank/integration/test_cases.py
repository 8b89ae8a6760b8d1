"""Cases: what a replay could not enter as it stood is decided by two people, booked once, told to the customer."""

import time
import uuid

import pytest

from holdfast.bank.books import books, reader, rows
from holdfast.bank.cases import deciding
from holdfast.bank.cases.models import Decision
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import BankFact, JournalException
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange
from holdfast.contracts.epochs import Mode, Row
from holdfast.ledger.api import Post


@pytest.fixture
def decide(call, keys):
    """Send a decision as the control room does; who signs it can be chosen."""

    def send(number, decision, *, by=("responder", "manager"), to="", why="as the customer asked", signer="control"):
        said = {
            "number": number,
            "decision": decision,
            "to": to,
            "why": why,
            "owner": by[0],
            "asked_by": by[0],
            "approved_by": by[1],
            "at": time.time(),
        }
        return call("/-/exceptions/decide", {"token": keys[signer].sign("case-decision", said)}, by="control")

    return send


def close(person):
    books().change_accounts(
        [AccountChange(person.account, person.number, "NOK", "credit", 0, FLAG_CLOSED, person.cohort)]
    )


def suspended(town, journal, call):
    """Ann paid 300 to an account that was closed meanwhile."""
    gone = town.person(0)
    close(gone)
    entry = journal.payment("accept", town.payment(town.ann.account, gone.account, 300))
    call("/-/replay", {})
    return entry, gone


def forced(town, journal, call, amount=4000):
    """Ben, who had nothing, paid Ann."""
    entry = journal.payment("accept", town.payment(town.ben.account, town.ann.account, amount))
    call("/-/replay", {})
    return entry


def money(account):
    return reader().accounts([account])[account].balance_minor


def state(number):
    return (JournalException.objects.get(number=number).closed_at is not None, Decision.objects.count())


def listed(call, number):
    answer = call("/-/exceptions", by="control", after=number - 1, limit=1).json()
    (found,) = answer["exceptions"]
    return found


@pytest.mark.demand("S5")
def test_the_list_says_what_a_case_is_about_by_account_numbers_and_no_names(town, journal, call):
    entry, gone = suspended(town, journal, call)
    found = listed(call, entry.number)
    assert (found["state"], found["kind"], found["choices"]) == ("open", "suspended", ["book_on", "give_back"])
    assert (found["amount_minor"], found["currency"]) == (300, "NOK")
    assert (found["from"], found["to"]) == (town.ann.number, gone.number)
    assert "takes no bookings" in found["words"] and town.ann.name not in str(found)
    assert call("/-/exceptions", by="door").status_code == 403


@pytest.mark.demand("S5")
def test_a_suspended_payment_is_given_back_once_however_often_it_is_sent(town, journal, call, decide):
    entry, _ = suspended(town, journal, call)
    suspense = money(bank_facts.own("suspense"))
    assert "a person is looking into it" in town.ann.get("/money").content.decode()
    first = decide(entry.number, "give_back")
    assert (first.status_code, first.json()["outcome"]) == (200, "done")
    assert first.json()["payment"] == ids.case_id(entry.number, "give_back").hex
    assert decide(entry.number, "give_back").json()["outcome"] == "already"
    assert (town.ann.balance, money(bank_facts.own("suspense"))) == (100_000, suspense - 300)
    found = listed(call, entry.number)
    assert (found["state"], found["choices"]) == ("closed", [])
    assert (found["decision"]["asked_by"], found["decision"]["approved_by"]) == ("responder", "manager")
    page = town.ann.get("/money").content.decode()
    assert "Given back: your payment could not reach its account" in page
    assert "It was given back, on" in page
    assert reader().prove() == []


def test_a_suspended_payment_is_booked_on_to_the_account_it_was_meant_for(town, journal, call, decide):
    entry, _ = suspended(town, journal, call)
    assert decide(entry.number, "book_on", to=town.ben.number).json()["outcome"] == "done"
    assert (town.ann.balance, town.ben.balance) == (99_700, 300)
    (line,) = reader().lines(town.ben.account)
    assert (line.kind, line.cause) == ("case", f"case:{entry.number}:{entry.payment().id.hex}")


def test_another_decision_after_the_first_changes_nothing(town, journal, call, decide):
    entry, _ = suspended(town, journal, call)
    decide(entry.number, "give_back")
    before = (town.ann.balance, town.ben.balance, state(entry.number))
    answer = decide(entry.number, "book_on", to=town.ben.number)
    assert answer.status_code == 409 and "decided already: give back" in answer.json()["words"]
    assert (town.ann.balance, town.ben.balance, state(entry.number)) == before


@pytest.mark.demand("G6")
@pytest.mark.parametrize("by", [("responder", "responder"), ("Responder", " responder"), ("responder", ""), ("", "m")])
def test_the_bank_itself_refuses_what_one_person_decided_alone(town, journal, call, decide, by):
    entry, _ = suspended(town, journal, call)
    before, decided = reader().head(), state(entry.number)
    answer = decide(entry.number, "give_back", by=by)
    assert answer.status_code == 409 and "second person" in answer.json()["words"]
    assert (reader().head(), state(entry.number)) == (before, decided)


@pytest.mark.parametrize(
    ("decision", "more", "words"),
    [
        ("write_off", {}, "cannot be decided"),
        ("steal", {}, "cannot be decided"),
        ("book_on", {"to": "no such number"}, "no account"),
        ("give_back", {"why": "  "}, "a reason"),
    ],
)
def test_a_refused_decision_changes_nothing(  # noqa: PLR0917  # fixtures and cases
    town, journal, call, decide, decision, more, words
):
    entry, _ = suspended(town, journal, call)
    before, decided = reader().head(), state(entry.number)
    answer = decide(entry.number, decision, **more)
    assert answer.status_code == 409 and words in answer.json()["words"]
    assert (reader().head(), state(entry.number)) == (before, decided)
    assert decide(entry.number, "give_back").json()["outcome"] == "done"


def test_booking_on_to_a_closed_account_changes_nothing_and_another_account_may_be_named(town, journal, call, decide):
    entry, gone = suspended(town, journal, call)
    before = reader().head()
    assert "closed or frozen" in decide(entry.number, "book_on", to=gone.number).json()["words"]
    assert reader().head() == before
    assert decide(entry.number, "book_on", to=town.ben.number).json()["outcome"] == "done"


def test_a_decision_that_the_control_room_did_not_sign_changes_nothing(town, journal, call, decide, keys):
    entry, _ = suspended(town, journal, call)
    before = reader().head()
    assert decide(entry.number, "give_back", signer="runtime").status_code == 403
    assert decide(entry.number, "give_back", signer="door").status_code == 403
    assert reader().head() == before


@pytest.mark.demand("S5")
def test_what_a_forced_payment_lacked_is_written_off_against_loss(town, journal, call, decide):
    entry = forced(town, journal, call)
    loss = money(bank_facts.own("loss"))
    assert listed(call, entry.number)["choices"] == ["write_off", "repay"]
    answer = decide(entry.number, "write_off").json()
    assert (answer["outcome"], answer["amount_minor"]) == ("done", 4000)
    assert (town.ben.balance, money(bank_facts.own("loss"))) == (0, loss - 4000)
    assert "The bank carries what the account lacked" in town.ben.log_in().get("/money").content.decode()


def test_no_more_is_written_off_than_the_account_lacks_and_nothing_once_it_lacks_nothing(town, journal, call, decide):
    entry = forced(town, journal, call)
    pay(town, 3000)
    assert decide(entry.number, "write_off").json()["amount_minor"] == 1000
    second = forced(town, journal, call, 500)
    pay(town, 500)
    before = reader().head()
    assert "not below its floor" in decide(second.number, "write_off").json()["words"]
    assert reader().head() == before


def pay(town, amount):
    books().post(
        Post(
            id=uuid.uuid4(),
            debit=town.ann.account,
            credit=town.ben.account,
            amount_minor=amount,
            currency="NOK",
            kind="payment",
            value_date=bank_today(),
            cohort=town.cohort,
            epoch=rows.row(town.cohort).epoch,
            cause="t",
        )
    )


def test_an_agreed_repayment_books_nothing_and_the_case_closes_when_it_is_repaid(town, journal, call, decide):
    entry = forced(town, journal, call)
    before = reader().head()
    assert decide(entry.number, "repay").json() == {
        "outcome": "done",
        "words": "Decided; nothing had to be booked.",
        "payment": None,
        "amount_minor": 0,
    }
    assert reader().head() == before
    assert listed(call, entry.number)["state"] == "decided"
    pay(town, 4000)
    assert listed(call, entry.number)["state"] == "closed"


def test_a_payment_that_was_made_twice_under_one_id_is_given_back_or_left(town, journal, call, decide):
    form = town.ann.form(town.ben, "10")
    town.ann.post("/pay", form)
    entry = journal.payment("accept", town.payment(town.ann.account, town.ben.account, 333, uuid.UUID(form["id"])))
    call("/-/replay", {})
    assert listed(call, entry.number)["choices"] == ["leave", "give_back"]
    assert decide(entry.number, "give_back").json()["amount_minor"] == 333
    assert (town.ann.balance, town.ben.balance) == (99_000, 1000)


def test_a_decision_whose_answer_was_lost_is_taken_as_it_was_booked(town, journal, call, decide, monkeypatch):
    entry = forced(town, journal, call)
    write_down = deciding.write_down
    monkeypatch.setattr(deciding, "write_down", lambda *_: (_ for _ in ()).throw(ValueError("killed here")))
    assert decide(entry.number, "write_off").status_code == 500
    assert (town.ben.balance, Decision.objects.filter(number=entry.number).exists()) == (0, False)
    monkeypatch.setattr(deciding, "write_down", write_down)
    answer = decide(entry.number, "write_off").json()
    assert (answer["outcome"], answer["amount_minor"], town.ben.balance) == ("done", 4000, 0)


def test_nothing_is_booked_for_customers_whom_the_spare_bank_serves(town, journal, call, decide):
    entry, _ = suspended(town, journal, call)
    epoch = rows.row(town.cohort).epoch
    rows.learn([Row(town.cohort, Mode.STANDIN, epoch + 1)])
    before = reader().head()
    assert "at the spare bank now" in decide(entry.number, "give_back").json()["words"]
    assert reader().head() == before
    rows.learn([Row(town.cohort, Mode.PRIMARY, epoch + 2)])
    assert decide(entry.number, "give_back").json()["outcome"] == "done"


@pytest.fixture
def limits(call, keys):
    """Send a change of limits as the control room does."""

    def send(before, after, by=("responder", "manager"), **more):
        said = {"before": before, "after": after, "asked_by": by[0], "approved_by": by[1], "at": time.time(), **more}
        return call("/-/limits", {"token": keys["control"].sign("limits", said)}, by="control")

    kept = BankFact.objects.get(key="limits").body
    yield send
    BankFact.objects.filter(key="limits").update(body=kept)
    bank_facts.forget()


@pytest.mark.demand("G6")
def test_limits_are_changed_by_two_people_and_only_if_they_are_still_as_they_saw_them(limits):
    before = BankFact.objects.get(key="limits").body
    more = before | {"spare": before["spare"] | {"per_day_minor": before["spare"]["per_day_minor"] + 100}}
    assert limits(before, more, by=("manager", "manager")).status_code == 409
    assert limits(before, more | {"spare_total_minor": -1}).status_code == 400
    assert BankFact.objects.get(key="limits").body == before
    assert limits(before, more).status_code == 200
    assert limits(before, before | {"spare_total_minor": 5}).status_code == 409
    assert BankFact.objects.get(key="limits").body == more


def test_one_person_alone_may_lower_limits_but_never_raise_them(limits):
    before = BankFact.objects.get(key="limits").body
    spare = before["spare"]
    less = before | {"spare": spare | {"per_payment_minor": spare["per_payment_minor"] - 1}}
    mixed = less | {"normal": before["normal"] | {"per_day_minor": before["normal"]["per_day_minor"] + 1}}
    assert limits(before, mixed, by=("manager", ""), break_glass=True).status_code == 409
    assert limits(before, less, by=("manager", "")).status_code == 409
    assert limits(before, less, by=("manager", ""), break_glass=True).status_code == 200
