"""What a customer's pages show is shown to the agent to whom they gave consent, and to nobody else."""

import json
import time

import pytest

from holdfast.bank.books import rows
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.sessions import begin_session, revoke
from holdfast.contracts.consent import LASTS_S, PATH, PURPOSE, Consent, PagesShown
from holdfast.contracts.epochs import Mode, Row
from holdfast.contracts.shapes import from_wire

pytestmark = [pytest.mark.demand("B7"), pytest.mark.demand("G7")]


@pytest.fixture
def asked(town, call, keys):
    """Ask for Ann's pages by a consent of hers; what is named changes the consent or the question."""
    session = begin_session(Customer.objects.get(id=town.ann.id), town.ann.epoch, ("password", "authenticator"))

    def ask(by="control", signer="door", agent="kari", language="en", **more):
        given = {"conversation": "chat", "customer": town.ann.id, "agent": "kari", "session": session.session,
                 "began": session.began, "given": time.time(), **more}  # fmt: skip
        token = keys[signer].sign(PURPOSE, Consent(**given).to_payload())
        return call(PATH, {"consent": token, "agent": agent, "language": language}, by=by)

    ask.session = session
    return ask


def test_the_agent_sees_balances_and_latest_entries_as_the_overview_has_them(town, asked):
    page = town.ann.get("/").content.decode()
    for language, balance in (("en", "1,000.00\u00a0NOK"), ("nb", "kr\u00a01\u00a0000,00")):
        answer = asked(language=language)
        assert answer.status_code == 200
        pages = from_wire(PagesShown, answer.json())
        (account,) = pages.accounts
        assert (account.title, account.balance, account.available, account.stopped) == (
            "Everyday", balance, balance, False)  # fmt: skip
        assert len(account.lines) == page.count('data-payment="') == 1
        assert pages.at and not pages.frozen and not pages.more and pages.owed == ""


def test_nothing_is_shown_without_a_consent_that_holds_for_this_agent_now(town, asked):
    later = {"given": time.time() - LASTS_S - 1}
    for more, over in (({"agent": "ola"}, "other_agent"), (later, "time"), ({"customer": 10**12}, "no_customer")):
        answer = asked(**more)
        assert (answer.status_code, answer.json()) == (409, {"over": over})


@pytest.mark.parametrize("signer", ["control", "primary", "standin", "runtime"])
def test_only_a_door_signs_a_consent(asked, signer):
    answer = asked(signer=signer)
    assert (answer.status_code, "accounts" in answer.json()) == (403, False)


@pytest.mark.parametrize("by", ["door", "standin", "primary", "runtime"])
def test_only_the_control_room_may_ask(asked, by):
    assert asked(by=by).status_code == 403


def test_a_question_of_another_form_is_refused(town, asked, call, keys):
    assert asked(language="de").status_code == 400
    token = keys["door"].sign(PURPOSE, {"conversation": "chat"})
    assert call(PATH, {"consent": token, "agent": "kari", "language": "en"}, by="control").status_code == 400
    assert call(PATH, {}, by="control").status_code == 403


def test_logging_out_ends_it(asked):
    assert asked().status_code == 200
    revoke(asked.session.session)
    assert (asked().status_code, asked().json()) == (409, {"over": "logged_out"})


def test_the_main_bank_shows_nothing_of_a_customer_whom_the_spare_bank_serves(town, asked):
    before = rows.row(town.cohort)
    rows.learn([Row(town.cohort, Mode.STANDIN, before.epoch + 1)])
    assert (asked().status_code, json.loads(asked().content)) == (409, {"over": "elsewhere"})
