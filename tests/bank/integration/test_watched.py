"""Attempts to go round what guards the bank are logged for who watches."""

import pytest
from django.test import Client
from structlog.testing import capture_logs

from holdfast.bank.books import installation
from holdfast.bank.worker.measuring import measure_database
from holdfast.telemetry import lines
from holdfast.telemetry.metrics import exposition

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


@pytest.mark.demand("W1")
def test_what_the_banks_processes_warned_of_is_told_to_the_control_room_and_nobody_else(town, call):
    for program in ("bank-web", "bank-worker"):
        lines._Kept(installation().folder("bank"), program).add({"level": "error", "event": f"of {program}"})
    for by in ("control", "runtime"):
        told = call("/-/lines", by=by).json()
        assert [(one[0], one[3]["event"]) for one in told["lines"]][-2:] == [
            ("bank-web", "of bank-web"),
            ("bank-worker", "of bank-worker"),
        ]
    last = told["lines"][-1]
    again = call("/-/lines", by="control", since=f"bank-web:{last[1]},bank-worker:{last[1]}").json()
    assert again == {"lines": [], "more": False}
    for by in ("door", "standin", "clearing"):
        assert call("/-/lines", by=by).status_code == 403
    for query in ({"since": "17"}, {"limit": "0"}):
        answer = call("/-/lines", by="control", **query)
        assert answer.status_code == 400 and "is" in answer.json()["error"]


@pytest.mark.demand("W1")
def test_the_databases_settings_are_told_without_its_files_and_folders(town):
    measure_database()
    text = exposition("bank-worker").decode()
    told = [line for line in text.splitlines() if line.startswith("holdfast_setting_info") and 'part="bank-db"' in line]
    names = {line.split('name="')[1].split('"')[0] for line in told}
    assert {"synchronous standby names", "server version", "shared buffers", "wal level", "fsync"} <= names
    assert not [name for name in names if "file" in name or "director" in name]
    assert len(names) == len(told)
