"""Guessed passwords at the spare bank, through the real process: limited for strangers, never for a known device."""

import itertools
import json

import pytest
from world import PASSWORD, Answer, World, cookies_of

from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.factors import Factors
from holdfast.guard.guesses import TRIES_MAX

NUMBERS = itertools.count(7900)
FIVE = TRIES_MAX["name and network"]


class Person:
    """A customer of one test who logs in by password alone."""

    def __init__(self, world: World) -> None:
        self.world, self.number = world, next(NUMBERS)
        self.username = f"guessed{self.number}"
        world.open_customer(self.number, self.username)
        world.fed()

    def send(self, network: str, password: str = PASSWORD, cookies: dict[str, str] | None = None) -> Answer:
        form = {"username": self.username, "password": password}
        row = self.world.row(network=network)
        asked = self.world.visit("POST", "/login", row, cookies, form)
        return self.world.second_step(asked, self.number, self.world.row(network=network), cookies=cookies)

    def guess_from_many(self) -> None:
        for number in range(TRIES_MAX["name"]):
            assert self.send(f"{self.username} {number // FIVE}", "wrong").status == 422
        assert self.send("yet another").mark("data-problem") == "too-many-passwords"


@pytest.fixture
def ann(town: World) -> Person:
    return Person(town)


def test_known_and_unknown_names_are_answered_alike_up_to_and_behind_the_limit(ann: Person, town: World) -> None:
    seen = []
    for username, cohort in ((ann.username, 5), ("nobody-there", stranger_cohort("nobody-there"))):
        row, form = town.row(cohort, network="alike"), {"username": username, "password": "wrong"}
        answers = [town.visit("POST", "/login", row, form=form) for _ in range(FIVE + 1)]
        seen.append([(one.status, one.mark("data-problem")) for one in answers])
    assert seen[0] == seen[1] == [(422, "wrong")] * FIVE + [(429, "too-many-passwords")]
    assert ann.send("another").status == 303


@pytest.mark.parametrize("signer", ["standin", "primary"])
def test_a_device_that_either_bank_vouched_for_logs_in_whatever_strangers_guessed(
    ann: Person, town: World, signer: str
) -> None:
    token = cookies_of(ann.send("home"))["hf_device"]
    said = town.key("standin").verify("known-device", token, {"standin"})
    assert (said["customer"], len(said["device"])) == (ann.number, 32)
    known = {"hf_device": town.key(signer).sign("known-device", said)}
    ann.guess_from_many()
    done = ann.send("home", cookies=known)
    assert (done.status, "hf_device" in cookies_of(done)) == (303, False)
    town.bank.say("factors", ann.number, Factors(devices_gone=(said["device"],)).to_body())
    town.fed()
    assert ann.send("home", cookies=known).mark("data-problem") == "too-many-passwords"


def test_logins_and_what_is_not_theirs_are_logged_for_who_watches_without_what_was_typed(
    ann: Person, town: World
) -> None:
    before = len(town.log())
    ann.send("somewhere", "a wrong one")
    assert ann.send("somewhere").status == 303
    lines = town.log()[before:].splitlines()
    said = [(one["event"], one["network"]) for one in map(json.loads, lines) if one.get("customer") == ann.number]
    assert said == [("login refused", "somewhere"), ("logged in", "somewhere")]
    assert not any(word in line for line in lines for word in ("a wrong one", PASSWORD, ann.username))
