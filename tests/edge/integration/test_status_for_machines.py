"""The public status for programs, feeds and calendars, from the newest bundle and without one."""

import json

import pytest

from holdfast.edge import status

pytestmark = pytest.mark.demand("T2", "T4")
TOLD = {
    "page": {"name": "Bank"},
    "status": {"indicator": "none"},
    "components": [{"id": "login"}],
    "incidents": [],
    "scheduled_maintenances": [{"id": "3"}],
}


class Bundles:
    """A store with one bundle."""

    def __init__(self, bundle: dict) -> None:
        self.bundle = bundle

    def reload(self) -> None:
        """Nothing newer."""


def test_each_address_of_the_statuspage_api_tells_its_part():
    store = Bundles({"status_json": TOLD})
    assert json.loads(status.status_json(store).text) == TOLD
    for part, names in status.OF_SUMMARY.items():
        assert set(json.loads(status.status_json(store, part).text)) == {"page", *names}
    assert status.status_json(store, "nonsense") is None


def test_without_a_bundle_there_is_an_empty_calendar_and_with_one_its_own(doors):
    code, headers, body = doors.request("GET", "/status.ics")
    assert (code, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert body.startswith(b"BEGIN:VCALENDAR\r\n") and body.endswith(b"END:VCALENDAR\r\n")
    assert status.status_calendar(Bundles({"calendar": "BEGIN:VCALENDAR"})).body == b"BEGIN:VCALENDAR"
    assert status.status_rss(Bundles({"feed_rss": "<rss/>"})).text == "<rss/>"
    assert doors.request("GET", "/status/api/v2/summary.json")[0] == 200
    assert doors.request("GET", "/status/api/v2/nonsense.json")[0] == 404
