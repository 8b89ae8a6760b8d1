"""Journeys as values, and what a round of measurements reads of them."""

from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.journeys.browser import Page
from holdfast.control.journeys.results import FRESH_LOGIN, KEPT_SESSION, SPARE_BANK, Result, Step, Tried

T0 = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
pytestmark = pytest.mark.demand("W2")


def walked(*steps: str, failed: str = "", journey: str = KEPT_SESSION, bank: str = "primary") -> Result:
    return Result(journey, T0, bank, tuple(Step(name, 10.0) for name in steps), failed, "why" if failed else "", 3)


def read(tried: Tried, at: datetime = T0) -> dict[tuple[str, str], float]:
    return {(name.metric, name.about): value for name, value in tried.take(at).items()}


def test_a_step_that_fails_is_counted_in_a_row_and_ends_when_it_goes_well() -> None:
    tried, key = Tried(), ("journey failing", "kept session, pay")
    tried.put(walked("look", "pay", failed="pay"))
    assert read(tried)[key] == 1
    tried.put(walked("look", "pay", failed="pay"))
    assert read(tried)[key] == 2
    assert read(tried)[key] == 2
    tried.put(walked("look", failed="look"))
    assert (read(tried)[key], read(tried)["journey failing", "kept session, look"]) == (2, 1)
    tried.put(walked("look", "pay"))
    assert (read(tried)[key], read(tried)["journey failing", "kept session, look"]) == (0, 0)


def test_times_are_told_once_and_a_journey_that_failed_has_no_time_of_the_whole() -> None:
    tried = Tried()
    tried.put(walked("look", "pay"))
    first = read(tried)
    assert (first["journey time", KEPT_SESSION], first["journey step time", "kept session, pay"]) == (20.0, 10.0)
    assert ("journey step time", "kept session, pay") not in read(tried)
    tried.put(walked("look", failed="look"))
    assert ("journey time", KEPT_SESSION) not in read(tried)


def test_which_bank_answered_and_how_many_requests_came_of_it() -> None:
    tried = Tried()
    read(tried)
    tried.put(walked("look", bank="standin"))
    tried.put(walked("look", journey=FRESH_LOGIN))
    tried.put(walked("have a payment judged", journey=SPARE_BANK, bank="standin"))
    found = read(tried, T0 + timedelta(seconds=10))
    assert [found["at the spare bank", one] for one in (KEPT_SESSION, FRESH_LOGIN, SPARE_BANK)] == [1, 0, 1]
    assert (found["calls", "doors"], found["calls", "standin"]) == (0.6, 0.3)


def test_a_page_is_read_by_its_marks_and_fields() -> None:
    page = Page(
        200,
        '<body class="x" data-page="pay"><section data-account="7" data-balance-minor="100"></section>'
        '<section data-account="8" data-balance-minor="-5"></section><input name="id" value="a&amp;b"><input type="x">',
        "primary",
    )
    assert (page.name, page.marks("account", "8")["balance-minor"], page.fields()) == ("pay", "-5", {"id": "a&b"})
    assert (Page(200, "no page", "").name, page.marks("account", "9"), page.marks("outcome")) == ("", {}, {})
