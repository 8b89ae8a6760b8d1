"""What every building logs: one JSON line an event, with its building and its trace, whoever logs it."""

import json
import subprocess
import sys

import pytest

SAYS = """
import logging, threading
from holdfast.telemetry import configure_logs, get_log, traces
configure_logs("bank")
def work():
    get_log().info("in a thread", token="abc")
thread = threading.Thread(target=work); thread.start(); thread.join()
with traces.Part("asked", "0af7651916cd43dd8448eb211c80319c", drawn=False):
    get_log().warning("asked", path="/pay")
    logging.getLogger("a.library").warning('it said "no"\\nand {"event": "forged"} %s', 7)
get_log().info("after")
"""


@pytest.fixture(scope="module")
def lines():
    said = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True, timeout=30).stdout
    return [json.loads(line) for line in said.splitlines()]


def test_every_line_is_one_json_object_of_its_building_in_utc(lines):
    assert [one["event"] for one in lines] == [
        "in a thread", "asked", 'it said "no"\nand {"event": "forged"} 7', "after",
    ]  # fmt: skip
    assert {one["building"] for one in lines} == {"bank"}
    assert all(one["timestamp"].endswith("Z") and one["level"] for one in lines)


def test_what_is_logged_of_a_request_carries_its_trace_and_nothing_else_does(lines):
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert [one.get("trace_id") for one in lines] == [None, trace, trace, None]
    assert lines[2]["logger"] == "a.library"


def test_secrets_are_cut_out(lines):
    assert lines[0]["token"] == "(cut)"


def test_what_is_logged_within_a_span_carries_the_span(lines):
    spans = [one.get("span_id") for one in lines]
    assert spans[0] is spans[3] is None and spans[1] == spans[2] and len(spans[1]) == 16
