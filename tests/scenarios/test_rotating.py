"""Every key and password of a running bank is changed while its customers work; nobody is logged out, nothing fails."""

import asyncio
import json
import subprocess
import sys
import threading
import time

import pytest
from holdfast_tests import free_port_base

from holdfast.gameday.crowd import Crowd
from holdfast.runtime import rotating
from holdfast.runtime.bending import environment
from holdfast.runtime.launching import call_door, end, launch, module, wait_until_served
from holdfast.settings import load
from holdfast.signing import load_keyring
from holdfast.signing.authority import trusted

WORKING = 12
WAIT_S_MAX = 90.0

pytestmark = [pytest.mark.demand("G1", "G8"), pytest.mark.long]


class Working:
    """Customers at work in a thread, until told to end; none of them logs in twice."""

    def __init__(self, home):
        people = json.loads((home.data / "bank" / "logins.json").read_text())
        people = [one for one in people if one["accounts"] and not one.get("role")][:WORKING]
        self.crowd = Crowd(home.door_origin, people, 1, 1.5, 0.0, 2.0)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.crowd.run()), daemon=True)
        self.thread.start()

    def pays(self, more):
        """Wait until so many more payments were told done."""
        wanted, deadline = self.paid() + more, time.monotonic() + WAIT_S_MAX
        while self.paid() < wanted:
            assert time.monotonic() < deadline, f"{self.paid()} payments, {self.failed()}"
            time.sleep(0.1)

    def paid(self):
        return sum(any(what == "done" for _, what in told.outcomes) for told in list(self.crowd.told.values()))

    def failed(self):
        return [one for one in list(self.crowd.requests) if one.why]

    def logins(self):
        return sum(one.what == "POST /login" for one in list(self.crowd.requests))

    def served_by(self):
        """Who answered the last requests: had the main bank failed at the change, customers would not notice."""
        return {one.served_by for one in list(self.crowd.requests)[-20:] if one.served_by}

    def end(self):
        self.crowd.stopping = True
        self.thread.join(30)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    data = tmp_path_factory.mktemp("rotating") / "bank"
    child, made = launch(data, free_port_base())
    try:
        module(made, "holdfast.bank", "fill", "--customers", "60", "--seed", "1")
        wait_until_served(made)
        yield made
    finally:
        end(child, data)
        child.stdout.close()


@pytest.fixture(scope="module")
def working(home):
    made = Working(home)
    made.pays(WORKING)
    yield made
    made.end()


def change(home, working, name):
    """Change it; customers pay on, and whoever was logged in still is."""
    before = working.logins()
    rotating.rotate(home, name)
    working.pays(5)
    assert working.failed() == []
    assert working.logins() == before
    at_the_main_bank(home, working)


def at_the_main_bank(home, working):
    """The main bank answers customers by the new key: had it failed, the spare bank would hide it. On a busy machine
    a stall may have moved some; they are handed back, which takes every building's keys."""
    order = {"what": "hand_back", "cohorts": None, "why": "a test", "by": "terminal:one", "approved_by": "two"}
    deadline, due = time.monotonic() + WAIT_S_MAX, 0.0
    while working.served_by() != {"primary"}:
        assert time.monotonic() < deadline, working.served_by()
        if time.monotonic() > due:
            call_door(home, "POST", "/-/orders", order)
            due = time.monotonic() + 10
        time.sleep(0.2)
    assert working.failed() == []


@pytest.mark.parametrize("name", rotating.names())
def test_customers_work_on_while_a_key_is_changed(home, working, name):
    change(home, working, name)


def test_an_ended_key_still_vouches_for_confirmations_and_for_nothing_new(home):
    before = load_keyring(home.keys, "clearing")
    kept, new = (before.sign(purpose, {"id": 1}) for purpose in ("books-anchor", "row"))
    rotating.rotate(home, "clearing", overlap_s=0.0)
    after = load_keyring(home.keys, "door")
    assert after.verify("books-anchor", kept, {"clearing"})["id"] == 1
    with pytest.raises(Exception, match="does not hold"):
        after.verify("row", new, {"clearing"})
    rotating.rotate(home, "clearing", stolen=True)
    with pytest.raises(Exception, match="does not hold"):
        load_keyring(home.keys, "door").verify("books-anchor", kept, {"clearing"})


def test_the_command_lists_and_changes_and_the_staff_log_says_so(home):
    def command(*argv):
        ran = subprocess.run(
            [sys.executable, "-m", *argv],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.stdout + ran.stderr

    listed = command("holdfast", "keys", "list", "--data", str(home.data))
    assert all(f"\n{name} " in f"\n{listed}" for name in ("door", "authority", "tls-primary", "bank-working"))
    assert "none overdue" in listed
    before, log = trusted(home.keys), command("holdfast.control", "staff", "verify")
    said = command("holdfast", "keys", "rotate", "tls-standin", "--data", str(home.data))
    assert "shown and used" in said
    assert command("holdfast.control", "staff", "verify") != log
    assert trusted(home.keys) == before
    assert "there is no key" in command("holdfast", "keys", "rotate", "nothing", "--data", str(home.data))
    assert load(home.data).keys_due_days == 365
