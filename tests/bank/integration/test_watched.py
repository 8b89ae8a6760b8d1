"""Attempts to go round what guards the bank are logged for who watches."""

import pytest
from django.test import Client
from structlog.testing import capture_logs

pytestmark = pytest.mark.demand("G3")


def test_what_comes_from_another_site_through_no_door_or_as_another_building_is_logged(town, keys):
    ann, path = town.ann, "/-/feed/profile"
    with capture_logs() as lines:
        assert ann.post("/logout", {}, headers={"Origin": "https://evil.example"}).status_code == 403
        assert Client().get("/login").status_code == 403
        forged = {"Holdfast-Caller": keys["clearing"].call("primary", path)}
        assert Client().get(path, headers=forged).status_code == 403
    said = [(one["event"], one.get("path"), one.get("origin")) for one in lines if one["log_level"] == "warning"]
    assert said == [
        ("other_site", "/logout", "https://evil.example"),
        ("no_door", "/login", None),
        ("refused_call", None, None),
    ]
    assert ann.get("/").status_code == 200
