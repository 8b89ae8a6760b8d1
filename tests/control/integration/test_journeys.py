"""Journeys over real HTTP through a door of the tests: what fails is named, who is asked for logins, what the page says."""

import asyncio
import itertools
import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import Town, customer_fact
from fronting import Front
from staffing import client

from holdfast.contracts.test_customers import FIRST
from holdfast.control.alerts import opening
from holdfast.control.alerts.judging import Judge
from holdfast.control.alerts.models import Alert
from holdfast.control.care import directory
from holdfast.control.care.models import Customer
from holdfast.control.incidents import record as incidents
from holdfast.control.incidents.models import Incident
from holdfast.control.journeys import browser as browsing
from holdfast.control.journeys import record, running
from holdfast.control.journeys.browser import Browser
from holdfast.control.journeys.errors import NoLogins
from holdfast.control.journeys.logins import PATH, Login, Logins
from holdfast.control.journeys.models import Run
from holdfast.control.journeys.results import FRESH_LOGIN, KEPT_SESSION, SPARE_BANK, Result, Step, Tried
from holdfast.control.journeys.running import Walker
from holdfast.control.journeys.spare import try_spare
from holdfast.control.journeys.walking import Journey
from holdfast.control.metrics.collecting import Round
from holdfast.control.metrics.store import Store
from holdfast.control.place import switchboard
from holdfast.settings import Installation

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("W2")]
NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of these tests alone
ANN, BEN = (
    Login(FIRST + one, FIRST + one, f"Test customer {one + 1}", f"test-{one}", f"9714000001{one}", "pass word", SECRET)
    for one in range(2)
)


@pytest.fixture
def front(installation: Installation) -> Iterator[Front]:
    with Front(installation.door_port, ANN) as made:
        yield made


@pytest.fixture
def journey(installation: Installation) -> Journey:
    return Journey(KEPT_SESSION, Browser(installation), ANN)


def kept(journey: Journey, *, pays: bool = False) -> Result:
    return asyncio.run(journey.kept(BEN, "NOK", pays=pays))


def names(result: Result) -> list[str]:
    return [step.name for step in result.steps]


def test_a_kept_session_logs_in_once_and_goes_on_at_whichever_bank_serves(front: Front, journey: Journey) -> None:
    first = kept(journey)
    assert names(first) == ["see the overview", "give name and password", "give the code", "read the balance"]
    front.bank = "standin"
    second = kept(journey)
    assert (names(second), second.bank, second.failed) == (["see the overview", "read the balance"], "standin", "")
    assert (first.bank, first.requests, second.requests, len(front.codes)) == ("primary", 6, 2, 1)


def test_the_smallest_amount_is_paid_and_found_again(front: Front, journey: Journey) -> None:
    result = kept(journey, pays=True)
    assert (result.failed, names(result)[-3:]) == (
        "",
        ["open the payment form", "pay the other test customer", "find the payment in the account"],
    )
    (form,) = front.paid
    assert (form["amount"], form["to"], form["from"], form["name"]) == ("0.01", BEN.number, str(ANN.account), BEN.name)


def test_a_fresh_login_begins_without_the_session_and_uses_no_code_twice(
    front: Front, installation: Installation
) -> None:
    at = [1_000_000.0]
    journey = Journey(FRESH_LOGIN, Browser(installation), ANN, lambda: at[0])
    assert asyncio.run(journey.fresh(BEN, "NOK")).failed == ""
    again = asyncio.run(journey.fresh(BEN, "NOK"))
    assert (again.failed, again.why) == (
        "give name and password",
        "the authenticator's code of this half minute was used before",
    )
    at[0] += 30
    assert asyncio.run(journey.fresh(BEN, "NOK")).failed == ""
    assert (len(front.codes), len(set(front.codes)), len(front.paid)) == (2, 2, 2)


@pytest.mark.parametrize(
    ("wrong", "page", "said"),
    [
        ("GET /", (503, '<body data-page="nobody">'), "see the overview: instead of the page came nobody (status 503)"),
        (
            f"GET /accounts/{ANN.account}",
            (200, "empty"),
            "read the balance: instead of the page came one that is not ours (status 200)",
        ),
        (
            f"GET /accounts/{ANN.account}",
            (200, f'<body data-page="account"><b data-account="{ANN.account}" data-balance-minor="1">'),
            "read the balance: the account's page differs from the overview by -4999 minor units",
        ),
        (
            f"GET /accounts/{ANN.account}",
            (200, '<body data-page="account">'),
            "read the balance: the page shows no balance of the test account",
        ),
        (
            "POST /pay",
            (422, '<body data-page="pay">'),
            "pay the other test customer: instead of the page came pay (status 422)",
        ),
        (
            "POST /pay",
            (200, '<body data-page="receipt"><b data-outcome="refused-settled">'),
            "pay the other test customer: the receipt says: refused-settled",
        ),
        ("GET /pay", (200, '<body data-page="pay">'), "open the payment form: the payment form carries no id"),
        (
            "POST /pay",
            (200, '<body data-page="receipt"><b data-outcome="done">'),
            "find the payment in the account: the account does not show the payment that the receipt tells of",
        ),
    ],
)
def test_the_step_that_fails_is_named_with_the_reason(
    front: Front, journey: Journey, wrong: str, page: tuple[int, str], said: str
) -> None:
    assert kept(journey).failed == ""
    front.wrong[wrong] = page
    result = kept(journey, pays=True)
    assert f"{result.failed}: {result.why}" == said


def test_a_door_that_says_nothing_is_given_up(front: Front, journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "STEP_S_MAX", 0.2)
    front.stalled_s = 0.5
    result = kept(journey)
    assert (result.failed, result.why, result.bank) == ("see the overview", "no answer within 0.2 s", "")
    assert 190 < result.took_ms < 450


def test_without_a_door_the_journey_fails_and_a_wrong_password_is_told_apart(
    installation: Installation, journey: Journey
) -> None:
    result = kept(journey)
    assert (result.failed, result.why) == ("see the overview", "no answer: ClientConnectorError")
    assert journey.wrong_password is False
    with Front(installation.door_port, BEN):
        result = kept(journey)
    assert (result.failed, result.why) == ("give name and password", "name and password do not fit")
    assert journey.wrong_password is True


def wire(*logins: Login) -> list[dict[str, Any]]:
    return [{name: getattr(one, name) for name in one.__slots__} for one in logins]


@pytest.fixture
def town(installation: Installation) -> Iterator[Town]:
    file = installation.folder("control") / "test-customers.json"
    file.unlink(missing_ok=True)
    with Town(installation) as made:
        yield made
    file.unlink(missing_ok=True)


def test_logins_are_asked_for_once_and_kept_where_only_we_may_read(town: Town, installation: Installation) -> None:
    answers = [(409, {"error": "There are no test customers yet."}), (200, {"customers": wire(ANN, BEN)})]
    town.bank.paths[PATH] = lambda *_: answers.pop(0)
    logins = Logins(switchboard())
    with pytest.raises(NoLogins, match="There are no test customers yet"):
        logins.get()
    assert logins.get() == (ANN, BEN)
    assert Logins(switchboard()).get() == (ANN, BEN)
    file = installation.folder("control") / "test-customers.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert answers == []
    assert "pass word" not in repr(ANN)


def test_new_ones_are_asked_for_at_most_each_five_minutes_and_the_old_ones_kept(town: Town) -> None:
    at, other = [0.0], Login(ANN.customer, ANN.account, ANN.name, ANN.username, ANN.number, "another", SECRET)
    answers = [(200, {"customers": wire(ANN, BEN)}), (200, {"customers": wire(other, BEN)}), (200, {"customers": [1]})]
    town.bank.paths[PATH] = lambda *_: answers.pop(0)
    logins = Logins(switchboard(), lambda: at[0])
    logins.get()
    with pytest.raises(NoLogins, match="a moment ago"):
        logins.renew()
    at[0] = 301.0
    assert logins.renew() == (other, BEN)
    at[0] = 602.0
    with pytest.raises(NoLogins, match="agreed form"):
        logins.renew()
    assert logins.get() == (other, BEN)


def test_the_spare_bank_tells_its_own_steps(town: Town) -> None:
    said = {"steps": [{"name": "give the code", "took_ms": 1.5}], "failed": "give the code", "why": "it does not fit"}
    town.standin.paths["/-/try"] = lambda *_: (200, said)
    result = try_spare(switchboard(), ANN, BEN, lambda: 0.0)
    assert (result.journey, result.bank, result.steps) == (
        SPARE_BANK,
        "standin",
        (result.steps[0], Step("give the code", 1.5)),
    )
    assert (result.steps[0].name, result.steps[0].took_ms > 0) == ("ask the spare bank", True)
    assert (result.failed, result.why) == ("give the code", "it does not fit")
    sent = json.loads(next(raw for path, raw in town.standin.calls if path == "/-/try"))
    assert (sent["username"], sent["to"], sent["amount_minor"], len(sent["code"])) == ("test-0", BEN.number, 1, 6)
    town.standin.paths["/-/try"] = lambda *_: (503, {"error": "the copy is being filled"})
    result = try_spare(switchboard(), ANN, BEN, lambda: 0.0)
    assert (result.failed, result.why) == ("ask the spare bank", "the copy is being filled")


def test_a_spare_bank_that_can_be_asked_again_fails_no_more(town: Town) -> None:
    answers = [
        (503, {"error": "away"}),
        (200, {"steps": [{"name": "log in", "took_ms": 1.0}], "failed": "", "why": ""}),
    ]
    town.standin.paths["/-/try"] = lambda *_: answers.pop(0)
    tried, failing = Tried(), []
    for minute in range(2):
        tried.put(try_spare(switchboard(), ANN, BEN, lambda: 0.0))
        values = tried.take(datetime.now(UTC) + timedelta(minutes=minute))
        failing.append([v for name, v in values.items() if name.metric == "journey failing" and "ask" in name.about])
    assert failing == [[1], [0]]


def test_a_first_failure_is_looked_at_again_soon_with_a_payment(front: Front, town: Town) -> None:
    town.bank.paths[PATH] = lambda *_: (200, {"customers": wire(ANN, BEN)})
    walker, stop = Walker(switchboard(), Logins(switchboard()), KEPT_SESSION, 0), threading.Event()
    with asyncio.Runner() as runner:
        walker.once(runner, stop)
        assert (len(front.paid), walker.again) == (1, False)
        walker.once(runner, stop)
        assert len(front.paid) == 1
        front.wrong["GET /"] = (500, "")
        walker.once(runner, stop)
        assert walker.again is True
        front.wrong.clear()
        walker.once(runner, stop)
        assert (len(front.paid), walker.again) == (2, False)


def test_a_password_that_the_bank_knows_no_more_is_made_anew_at_once(
    front: Front, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "NEW_LOGIN_S", 0.0)
    known = Login(ANN.customer, ANN.account, ANN.name, ANN.username, ANN.number, "another", SECRET)
    town.bank.paths[PATH] = lambda *_: (200, {"customers": wire(known, BEN)})
    logins = Logins(switchboard(), itertools.count(0, 1000).__next__)
    logins.get()
    town.bank.paths[PATH] = lambda *_: (200, {"customers": wire(ANN, BEN)})
    walker = Walker(switchboard(), logins, KEPT_SESSION, 0)
    with asyncio.Runner() as runner:
        result = walker.once(runner, threading.Event())
    assert (result.failed, logins.get()) == ("", (ANN, BEN))


def failed(at: datetime, why: str = "the receipt says: nothing") -> Result:
    steps = (Step("see the overview", 20.0), Step("pay the other test customer", 90.0))
    return Result(KEPT_SESSION, at, "primary", steps, steps[-1].name, why, 5)


@pytest.fixture
def rounds(tmp_path: Path) -> Any:
    judge = Judge(lambda seen: opening.settle(seen) and None, tmp_path, "Europe/Oslo")
    tried, at = Tried(), [NOW - timedelta(minutes=5)]

    def play(*results: Result) -> None:
        for one in results:
            tried.put(one)
        judge.round(Round(at[0], tried.take(at[0]), (), {}))
        at[0] += timedelta(seconds=10)

    return play


def test_two_in_a_row_open_an_incident_in_plain_words_and_one_does_not(rounds: Any) -> None:
    rounds(failed(NOW))
    assert not Incident.objects.exists()
    rounds(failed(NOW))
    incident = Incident.objects.get()
    assert (incident.cause, incident.severity) == ("part journeys", 2)
    assert incident.cause_words == (
        "Likely journeys: Our test customer's journey fails, 2 times in a row: kept session, pay the other test customer"
    )
    well = Result(KEPT_SESSION, NOW, "primary", failed(NOW).steps)
    for _ in range(9):
        rounds(well)
    assert Incident.objects.get().phase == "closed"


def test_while_the_bank_itself_is_away_a_journey_that_fails_joins_its_incident(rounds: Any) -> None:
    began = NOW - timedelta(minutes=6)
    incidents.open_one("bank", 1, began, began, "the bank does not answer", began.date())
    rounds(failed(NOW))
    rounds(failed(NOW))
    assert Incident.objects.get().cause == "bank"
    assert Alert.objects.get().incident is not None


def test_runs_are_forgotten_after_two_days(rounds: Any) -> None:
    record.note(failed(NOW - timedelta(days=2, minutes=1)))
    record.note(failed(NOW))
    assert record.trim(NOW) == 1
    assert [one.at for one in Run.objects.all()] == [NOW]


def test_the_page_says_how_each_goes_and_what_failed(people: dict[str, str]) -> None:
    at = datetime.now(UTC)
    tried, store = Tried(), Store()
    for ago, result in ((20, failed(at)), (10, failed(at, "<b>why</b>"))):
        tried.put(result)
        record.note(Result(KEPT_SESSION, at - timedelta(seconds=ago), *list_of(result)))
        store.put(at - timedelta(seconds=ago), tried.take(at))
    record.note(Result(SPARE_BANK, at, "standin", (Step("give the code", 1.0),)))
    record.note(Result(FRESH_LOGIN, at - timedelta(minutes=4), "primary", (Step("give the code", 1.0),)))
    text = client(people, "responder").get("/journeys").content.decode()
    for words in (
        '<span class="tag alarm">fails</span>',
        '<span class="tag calm">works</span>',
        '<span class="tag notice">not made any more</span>',
        "Failed at “pay the other test customer”: &lt;b&gt;why&lt;/b&gt;",
        "of the last 2, 0 went well",
        "at the spare bank, in 1 ms",
        '<svg class="spark"',
    ):
        assert words in text
    assert "<b>why</b>" not in text


def list_of(result: Result) -> tuple[Any, ...]:
    return result.bank, result.steps, result.failed, result.why, result.requests


def test_a_test_customer_is_nobody_to_be_told() -> None:
    directory.take([customer_fact(7, 1), {**customer_fact(FIRST, 1), "number": 8}])
    assert list(Customer.objects.values_list("id", flat=True)) == [7]
