"""A trace begins at the door: it goes on to the bank, is kept where it failed, and nobody outside has a say in it."""

import pytest
from behaviours import fails

from holdfast.telemetry import traces

pytestmark = pytest.mark.demand("W1")


def told(doors, trace):
    found = doors.internal("GET", "/-/traces")[1]["lines"]
    return [one[3]["spans"] for one in found if one[3]["trace_id"] == trace]


def carried(bank):
    return bank.headers[-1]["traceparent"]


def test_a_request_that_one_bank_failed_is_kept_with_both_attempts(doors):
    doors.forget()
    doors.primary.behave = fails
    assert doors.request("GET", "/", headers={"Cookie": doors.cookie(7)})[0] == 200
    first, second = carried(doors.primary), carried(doors.standin)
    trace = first.split("-")[1]
    doors.wait(lambda: told(doors, trace))
    (spans,) = told(doors, trace)
    assert [(one[2], one[5], one[6].get("bank"), one[6].get("status")) for one in spans] == [
        ("door: asks a bank", True, "primary", None),
        ("door: asks a bank", False, "standin", 200),
        ("door: a request", False, None, 200),
    ]
    assert [one[0] for one in spans[:2]] == [first.split("-")[2], second.split("-")[2]]
    assert second.split("-")[1] == trace and {one[1] for one in spans[:2]} == {spans[2][0]}
    assert spans[2][6]["route"] == "overview"


def test_what_a_customer_says_of_traces_is_not_passed_on(doors):
    doors.forget()
    forged = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"Cookie": doors.cookie(7), "traceparent": forged, "tracestate": "a=b", "baggage": "a=b"}
    assert doors.request("GET", "/", headers=headers)[0] == 200
    seen = doors.primary.headers[-1]
    trace, flag = seen["traceparent"].split("-")[1::2]
    assert trace not in forged and flag == ("01" if traces.is_drawn(trace) else "00")
    assert "tracestate" not in seen and "baggage" not in seen


def test_who_may_not_ask_for_traces_is_refused(doors):
    for caller in ("primary", "standin", "door"):
        assert doors.internal("GET", "/-/traces", caller=caller)[0] == 403
    assert doors.internal("GET", "/-/traces?limit=0")[0] == 400
