"""What doors warned of is told by any of them, to those who may ask."""

import pytest
from behaviours import fails

from holdfast.telemetry import lines

pytestmark = pytest.mark.demand("W1")


def test_each_door_tells_the_lines_of_all_also_of_one_that_does_not_run(doors):
    writer = lines._Kept(doors.installation.folder("edge"), "door-9")
    for number in (1, 2, 3):
        writer.add({"level": "warning", "event": f"said {number}"})
    status, said = doors.internal("GET", "/-/lines?since=&limit=1000")
    found = [one for one in said["lines"] if one[0] == "door-9"]
    assert (status, [one[2] for one in found]) == (200, [1, 2, 3])
    assert doors.internal("GET", f"/-/lines?since=door-9:{found[1][1]}", caller="runtime")[1]["lines"][-1] == found[2]
    for number in (1, 2):
        port = doors.installation.door_own_port(number)
        headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/lines")}
        status, _, body = doors.request("GET", "/-/lines", headers=headers, port=port)
        assert status == 200 and body.count(b'"said ') == 3


def test_who_may_not_ask_and_what_cannot_be_meant_is_refused(doors):
    for caller in ("primary", "standin", "door"):
        assert doors.internal("GET", "/-/lines", caller=caller)[0] == 403
    for query in ("since=17", "limit=0", "since=../x:1"):
        status, said = doors.internal("GET", f"/-/lines?{query}")
        assert status == 400 and "agreed form" in said["error"]


def test_what_a_door_warns_of_is_told_with_its_trace_and_without_the_customers_cookie(doors):
    doors.forget()
    doors.primary.behave = fails
    cookie = doors.cookie(7)
    assert doors.request("GET", "/", headers={"Cookie": cookie})[0] == 200

    def failed():
        told = doors.internal("GET", "/-/lines")[1]["lines"]
        return [one for one in told if one[3]["event"] == "bank failed" and one[3]["bank"] == "primary"]

    doors.wait(failed)
    program, _, _, event = failed()[-1]
    assert program in ("door-1", "door-2") and (event["path"], event["status"]) == ("/", 500)
    assert len(event["trace_id"]) == 32
    assert cookie not in str(doors.internal("GET", "/-/lines")[1])
