"""The bank's part of a trace: what a payment waited for, and what failed, in words that name nobody."""

import uuid

import pytest

from holdfast.bank.books import installation
from holdfast.bank.worker.loop import Worker
from holdfast.telemetry import traces
from holdfast.telemetry.lines import joined

pytestmark = pytest.mark.demand("W1")
PARENT = "b7ad6b7169203331"


@pytest.fixture(autouse=True)
def _kept(town, monkeypatch):
    monkeypatch.setattr(traces._PROCESS, "kept", None)
    traces.keep(installation().folder("bank"), "bank-web")
    monkeypatch.setattr(traces._PROCESS.kept, "_per_second_max", 1_000_000)


def part(trace):
    found = joined(installation().folder("bank"), {}, kind=traces.FOLDER).lines
    return next((one.event for one in found if one.event["trace_id"] == trace), None)


def carried(trace, flag="01"):
    return {"traceparent": f"00-{trace}-{PARENT}-{flag}"}


def test_a_payment_tells_what_it_waited_for_and_names_nobody(town, standin):
    trace, form = uuid.uuid4().hex, town.ann.form(town.ben, "1,00")
    answer = town.ann.post("/pay", form, carried(trace), request=trace)
    assert answer.status_code == 303
    event = part(trace)
    names = [one[2] for one in event["spans"]]
    assert [one for one in names if "waits for" in one or "judges" in one] == [
        "bank: judges a payment",
        "bank: waits for the block",
        "bank: waits for the spare bank to have it",
    ]
    whole = event["spans"][-1]
    assert (whole[1], whole[2]) == (PARENT, "bank: answers")
    assert whole[6]["status"] == 303 and whole[6]["database waits"] >= 2
    for word in (form["id"], form["to"], str(town.ann.account), town.ann.number, "1,00"):
        assert str(word) not in str(event["spans"])


def test_what_no_door_drew_and_what_is_of_another_trace_leaves_nothing(town):
    trace, other = uuid.uuid4().hex, uuid.uuid4().hex
    town.ann.client.get("/", headers={"Holdfast-Row": town.ann.row(request=trace), **carried(trace, "00")})
    town.ann.client.get("/", headers={"Holdfast-Row": town.ann.row(request=other), **carried(trace)})
    assert part(trace) is None and part(other) is None


def test_an_address_is_told_by_its_name_and_one_that_there_is_not_by_none(town):
    trace = uuid.uuid4().hex
    path = f"/accounts/{town.ann.account}"
    assert (
        town.ann.client.get(path, headers={"Holdfast-Row": town.ann.row(request=trace), **carried(trace)}).status_code
        == 200
    )
    said = part(trace)["spans"][-1][6]
    assert (said["method"], said["route"], said["status"]) == ("GET", "account", 200)
    assert str(town.ann.account) not in str(said)
    trace = uuid.uuid4().hex
    town.ann.client.get("/nothing", headers={"Holdfast-Row": town.ann.row(request=trace), **carried(trace)})
    assert part(trace)["spans"][-1][6]["route"] == "none"


def test_a_job_that_breaks_is_a_trace_of_its_own_once_and_one_that_is_well_and_quick_is_none(town):
    def breaks():
        raise ValueError("account 4242")

    before = {one.event["trace_id"] for one in joined(installation().folder("bank"), {}, kind=traces.FOLDER).lines}
    worker = Worker()
    for _ in range(3):
        assert worker._attempt("a job that breaks", breaks) is False
        assert worker._attempt("a job that is well", lambda: 1) is True
    found = joined(installation().folder("bank"), {}, kind=traces.FOLDER).lines
    (event,) = [one.event for one in found if one.event["trace_id"] not in before]
    assert [one[2:3] + one[5:] for one in event["spans"]] == [["worker: a job", True, {"job": "a job that breaks"}]]
    assert "4242" not in str(event["spans"][0][6])


def test_the_control_room_is_told_and_nobody_else(town, call):
    trace = uuid.uuid4().hex
    town.ann.client.get("/", headers={"Holdfast-Row": town.ann.row(request=trace), **carried(trace)})
    told = call("/-/traces", by="control").json()["lines"]
    assert [one[0] for one in told if one[3]["trace_id"] == trace] == ["bank-web"]
    for by in ("door", "standin", "clearing"):
        assert call("/-/traces", by=by).status_code == 403
    assert call("/-/traces", by="control", limit="0").status_code == 400
