"""The spare bank tried by the test customer while the main bank serves: what a customer's request does, without a
trace."""

import time
from typing import Any

import pytest
from fakes import transfer
from world import ACCOUNTS, PASSWORD, VERIFIER, World

from holdfast.contracts import blocks
from holdfast.contracts.factors import Factors
from holdfast.contracts.test_customers import FIRST
from holdfast.signing.onetime import code_at

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of this test alone
STEPS = ["give name and password", "give the code", "see the overview", "have a payment judged"]
TO = "97140000108"


@pytest.fixture
def tried(stage: World) -> World:
    """A spare bank that knows a test customer with 50.00."""
    stage.bank.add(blocks.AccountChange(FIRST, "97140000019", "NOK", "credit", 0, 0, 5))
    stage.bank.add(transfer(1, FIRST, 5_000, kind="opening", payer="Test money"))
    stage.bank.say(
        "account",
        FIRST,
        {"number": "97140000019", "title": "Test account", "product": "test", "cohort": 5, "owners": [FIRST]},
    )
    stage.bank.add(blocks.AccountChange(FIRST + 1, TO, "NOK", "credit", 0, 0, 5))
    stage.bank.say(
        "account",
        FIRST + 1,
        {"number": TO, "title": "Test account", "product": "test", "cohort": 5, "owners": [FIRST + 1]},
    )
    stage.open_customer(FIRST, "test-1", 5, [FIRST], "Test customer 1")
    stage.bank.say("factors", FIRST, Factors(SECRET).to_body())
    stage.start()
    return stage


def body(**other: Any) -> dict[str, Any]:
    code = code_at(SECRET, int(time.time() // 30))
    return {"username": "test-1", "password": PASSWORD, "code": code, "to": TO, "amount_minor": 1, **other}


def attempt(world: World, who: str = "control", **other: Any) -> Any:
    return world.call(who, "POST", "/-/try", body(**other))


def test_all_steps_go_well_and_leave_no_trace(tried: World) -> None:
    before = tried.health()["position"]
    for _ in range(2):
        said = attempt(tried).json()
        assert [one["name"] for one in said["steps"]] == STEPS
        assert (said["failed"], said["why"]) == ("", "")
    assert tried.health()["position"] == before
    assert [one for one in tried.journal() if one.kind in ("accept", "void", "refusal", "factor")] == []


@pytest.mark.parametrize(
    ("other", "failed", "why"),
    [
        ({"password": "another"}, STEPS[0], "the password does not fit the copy's verifier"),
        ({"code": "000000x"}, STEPS[1], "the code does not fit the authenticator that the copy knows"),
        ({"to": next(iter(ACCOUNTS.values()))[0]}, STEPS[3], "the copy does not know both accounts of the payment"),
        ({"to": "12345678901"}, STEPS[3], "the copy does not know both accounts of the payment"),
    ],
)
def test_the_step_that_fails_is_named_with_its_reason(
    tried: World, other: dict[str, Any], failed: str, why: str
) -> None:
    said = attempt(tried, **other).json()
    assert (said["failed"], said["why"], said["steps"][-1]["name"]) == (failed, why, failed)


def test_a_payment_that_the_limits_refuse_is_said_with_their_reason(tried: World) -> None:
    tried.bank.say("blocked", FIRST + 1, {})
    tried.fed()
    said = attempt(tried).json()
    assert (said["failed"], said["why"]) == (STEPS[3], "the payment would be refused: payee_blocked")


def test_nobody_but_the_control_room_tries_and_nobody_but_a_test_customer_is_tried(tried: World) -> None:
    for who in ("door", "primary", "runtime", "clearing", "standin"):
        assert attempt(tried, who).status == 403
    said = attempt(tried, username="ann")
    assert (said.status, said.json()["error"]) == (403, "Nobody known here as a test customer; nothing was tried.")
    assert attempt(tried, amount_minor=101).status == 400
    assert VERIFIER not in said.text
