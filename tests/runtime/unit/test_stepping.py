"""What a runbook may ask of the supervisor, an older release to rehearse with, and a setting of the database."""

import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from holdfast.runtime import older, supervisor
from holdfast.runtime.breaking import Breaker
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.older import VERSION, older_release
from holdfast.runtime.programs import Program
from holdfast.runtime.stepping import GAP_S, STARTED_AGAIN, Stepper
from holdfast.settings import Installation, ask_for_step, steps_path

pytestmark = pytest.mark.demand("R3")


@pytest.fixture
def started():
    return []


@pytest.fixture
def house(tmp_path, started):
    programs = {name: Program(name) for name in (*STARTED_AGAIN, "bank-db", "control-watch")}
    breaker = Breaker(Installation(data=tmp_path), programs, lambda one: started.append(one.name), lambda *_: None)
    return programs, breaker, Stepper(programs, breaker)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "restart"},
        {"do": "restart", "program": "bank-db"},
        {"do": "restart", "program": "control-watch"},
        {"do": "stop"},
        {"do": "break", "names": ["bank-web"], "how": "kill"},
        {"do": "mend", "program": "bank-web"},
    ],
)
def test_a_runbook_has_programs_started_again_and_nothing_else(house, started, asked):
    said = house[2].do(asked)["error"]
    assert "and nothing else" in said
    assert started == []


def test_a_program_is_started_from_the_installed_release_once_a_minute(house, started, monkeypatch):
    programs, _, stepper = house
    programs["bank-web"].source = "/older"
    assert stepper.do({"do": "restart", "program": "bank-web"})["program"] == "bank-web"
    assert (started, programs["bank-web"].source) == (["bank-web"], "")
    assert "within the last 60 s" in stepper.do({"do": "restart", "program": "bank-web"})["error"]
    assert stepper.do({"do": "restart", "program": "standin"})["program"] == "standin"
    now = stepper._at["bank-web"] + GAP_S + 0.1
    monkeypatch.setattr("holdfast.runtime.stepping.time.monotonic", lambda: now)
    stepper.do({"do": "restart", "program": "bank-web"})
    assert started == ["bank-web", "standin", "bank-web"]


def test_what_was_broken_by_hand_is_left_to_people(house, started):
    programs, _, stepper = house
    programs["door-1"].broken = "frozen"
    assert "./holdfast mend door-1" in stepper.do({"do": "restart", "program": "door-1"})["error"]
    assert started == []


def test_the_step_comes_over_a_socket_of_its_own_that_this_user_alone_may_enter(house, started, tmp_path):
    with supervisor._listening(steps_path(tmp_path)) as listener:
        assert steps_path(tmp_path).stat().st_mode & 0o077 == 0

        def serve():
            for _ in range(2):
                channel, _ = listener.accept()
                with channel:
                    supervisor._answer(channel, house[2].do)

        thread = threading.Thread(target=serve)
        thread.start()
        assert ask_for_step(tmp_path, do="restart", program="bank-worker")["program"] == "bank-worker"
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(steps_path(tmp_path)))
            channel.sendall(b"[1, 2]\n")
            assert "error" in json.loads(channel.makefile().readline())
        thread.join(5)
    assert not steps_path(tmp_path).exists()
    assert started == ["bank-worker"]


@pytest.mark.demand("W4")
def test_an_older_release_tells_another_version_and_has_its_slip_back(tmp_path):
    folder = older_release(tmp_path)
    assert "ArithmeticError" in (folder / older.PLACE).read_text()
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from holdfast.telemetry.describing import release; import holdfast; print(holdfast.__file__, release())",
        ],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert told.startswith(str(folder)) and f" {VERSION} " in told


def test_an_older_release_cannot_be_made_once_its_code_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(older, "NOW", "no such line")
    with pytest.raises(RuntimeFault, match=r"pay\.py has changed"):
        older_release(tmp_path)


def test_only_the_banks_programs_are_set_back_and_only_its_databases_settings_changed(house):
    _, breaker, _ = house
    with pytest.raises(RuntimeFault, match="older release"):
        breaker.break_(["standin"], "outdated", 0.0)
    for names, words in ((["standin"], "a=b"), (["bank-db"], "a"), (["bank-db", "bank-web"], "a=b")):
        with pytest.raises(RuntimeFault, match="only bank-db's settings"):
            breaker.break_(names, "configure", 0.0, words)
