"""How long services were away, against what the bank will bear."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.control.alerts import downtime
from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.models import Downtime
from holdfast.control.metrics.deriving import Kind, Name

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)
OURS = downtime.read_tolerances(Path("/nowhere"))


def asked(service: str, rate: float, failed: float, door: str = "door-1") -> dict[Name, float]:
    return {
        Name(door, "requests", service, Kind.RATE, "1/s"): rate,
        Name(door, "requests failed", service, Kind.ERRORS, "1/s"): failed,
    }


def test_a_service_is_away_while_most_of_it_fails_over_all_doors() -> None:
    assert downtime.away({**asked("pay", 4, 4), **asked("pay", 4, 0.1, "door-2")}) == {"pay"}
    assert downtime.away({**asked("pay", 4, 1), **asked("cards", 0.1, 0.1)}) == frozenset()
    silent = {Name(door, "answers probes", "", Kind.AVAILABILITY, "share"): 0.0 for door in ("door-1", "door-2")}
    assert downtime.away(silent) == {"*"}
    assert (
        downtime.away({**silent, Name("door-2", "answers probes", "", Kind.AVAILABILITY, "share"): 0.1}) == frozenset()
    )


@pytest.mark.demand("W3")
def test_absences_are_joined_summed_and_compared_with_what_is_tolerated() -> None:
    at = NOW - timedelta(days=3)
    for number in range(180):  # half an hour, with a short pause in its midst
        if number not in (90, 91):
            downtime.note(at + timedelta(seconds=10 * number), frozenset({"pay", "buildings"}), OURS)
    downtime.note(NOW - timedelta(hours=1), frozenset({"*"}), OURS)
    assert Downtime.objects.filter(service="pay").count() == 2
    used = {one.service: one for one in downtime.used(NOW, OURS)}
    assert used["pay"].longest == pytest.approx(0.5, abs=0.01)
    assert used["pay"].share == pytest.approx(0.25, abs=0.01)
    assert used["cards"].longest == pytest.approx(10 / 3600, abs=1e-6)
    assert downtime.unscheduled(NOW, OURS) == pytest.approx(0.5 + 10 / 3600, abs=0.01)  # overlaps count once
    assert downtime.hours_said(0.5) == "0 h 30 min"


def test_what_is_older_than_a_year_no_longer_counts() -> None:
    Downtime.objects.create(service="pay", began_at=NOW - timedelta(days=380), until=NOW - timedelta(days=379))
    assert downtime.unscheduled(NOW, OURS) == 0
    Downtime.objects.create(service="pay", began_at=NOW - timedelta(days=420), until=NOW - timedelta(days=419))
    downtime.trim(NOW)
    assert Downtime.objects.count() == 1


def test_a_banks_own_tolerances_stand_above_ours_and_wrong_ones_are_refused_in_words(tmp_path: Path) -> None:
    own = tmp_path / "tolerances.yaml"
    own.write_text("unscheduled_hours_a_year: 2\nservices: {pay: {hours: 1}}")
    assert downtime.read_tolerances(tmp_path).a_year == 2
    for wrong in ("services: 7", "unscheduled_hours_a_year: 0\nservices: {pay: {hours: 1}}", "[", "a: b"):
        own.write_text(wrong)
        with pytest.raises(BadRule, match=r"tolerances\.yaml"):
            downtime.read_tolerances(tmp_path)


def test_the_page_says_what_was_used_up(people: dict[str, str]) -> None:
    Downtime.objects.create(service="pay", began_at=NOW - timedelta(hours=6), until=NOW - timedelta(hours=1))
    page = client(people, "auditor").get("/service-levels").content.decode()
    assert "over the limit" in page
    assert "250.0 %" in page
