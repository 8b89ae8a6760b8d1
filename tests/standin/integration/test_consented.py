"""What a customer's pages show at the spare bank is shown to the agent to whom they gave consent, and to nobody else."""

import time
import uuid
from typing import Any

import pytest
from world import Answer, World

from holdfast.contracts.consent import LASTS_S, PATH, PURPOSE, Consent, PagesShown
from holdfast.contracts.shapes import from_wire


def ask(
    town: World, by: str = "control", signer: str = "door", agent: str = "kari", language: str = "en", **more: Any
) -> Answer:
    now = time.time()
    given = {"conversation": "chat", "customer": 17, "agent": "kari", "session": "s1", "began": now, "given": now}
    token = town.key(signer).sign(PURPOSE, Consent(**{**given, **more}).to_payload())
    return town.call(by, "POST", PATH, {"consent": token, "agent": agent, "language": language})


def test_the_agent_sees_what_the_overview_shows_with_what_was_accepted_here(town: World) -> None:
    assert town.pay(town.form(uuid.uuid4(), text="to be seen")).outcome == "done"
    overview = town.visit("GET", "/", cookies=town.session()).text
    pages = from_wire(PagesShown, ask(town).json())
    assert [one.title for one in pages.accounts] == ["Everyday", "Savings"]
    for one in pages.accounts:
        figures = one.available.partition("\u00a0")[0]
        assert figures in overview, one
    assert any("to be seen" in line.words for line in pages.latest)
    assert pages.at != "" and not pages.frozen
    norwegian = from_wire(PagesShown, ask(town, language="nb").json())
    assert norwegian.accounts[0].balance.startswith("kr\u00a0")


def test_a_look_claims_no_refusal_at_the_doors(town: World) -> None:
    refused = town.pay(town.form(uuid.uuid4(), amount="999999"))
    assert refused.outcome == "refused-own"
    before = len(town.doors.claims)
    pages = from_wire(PagesShown, ask(town).json())
    assert len(town.doors.claims) == before
    (untold,) = [line for line in pages.latest if "999,999.00" in line.amount]
    assert "checked" in untold.words and "limit" not in untold.words


def test_nothing_is_shown_without_a_consent_that_holds(town: World) -> None:
    later = {"given": time.time() - LASTS_S - 1}
    for more, over in (({"agent": "ola"}, "other_agent"), (later, "time"), ({"customer": 999}, "no_customer")):
        answer = ask(town, **more)
        assert (answer.status, answer.json()) == (409, {"over": over})


@pytest.mark.parametrize("signer", ["control", "primary", "standin", "runtime"])
def test_only_a_door_signs_a_consent(town: World, signer: str) -> None:
    answer = ask(town, signer=signer)
    assert (answer.status, "accounts" in answer.json()) == (403, False)


@pytest.mark.parametrize("by", ["door", "primary", "runtime"])
def test_only_the_control_room_may_ask(town: World, by: str) -> None:
    assert ask(town, by=by).status == 403


def test_a_question_of_another_form_is_refused(town: World) -> None:
    assert ask(town, language="de").status == 400
    assert town.call("control", "POST", PATH, {"consent": "x", "agent": "kari"}).status == 403
    assert town.call("control", "POST", PATH, {"agent": "kari"}).status == 400


def test_logging_out_ends_it(town: World) -> None:
    session = uuid.uuid4().hex
    assert ask(town, session=session).status == 200
    town.visit("POST", "/logout", cookies=town.session(session=session), form={})
    assert ask(town, session=session).json() == {"over": "logged_out"}
