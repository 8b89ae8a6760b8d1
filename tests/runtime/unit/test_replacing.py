"""A planned restart of what can listen beside itself: the next one listens before the one that runs is told to end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from holdfast.runtime import breaking
from holdfast.runtime.breaking import Breaker
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.programs import Program
from holdfast.settings import Installation

pytestmark = pytest.mark.demand("K1", "R3")
LISTENS = """
import socket, sys, time
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
one.bind(("127.0.0.1", int(sys.argv[1])))
time.sleep(float(sys.argv[2]))
one.listen()
while True:
    with one.accept()[0] as got:
        got.sendall(sys.argv[3].encode())
"""


class House:
    """Starts small programs that listen; says by their order of start which one answers."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.started, self.starts_well, self.late_s = [], True, 0.3
        home = Installation(data=folder)
        self.breaker = Breaker(home, {"bank-web": Program("bank-web")}, self.launch, lambda *_: None)
        self.program = self.breaker._programs["bank-web"]
        self.launch(self.program)
        self.wait()

    def launch(self, program):
        code = LISTENS if self.starts_well else "raise SystemExit(3)"
        told = [str(self.port), str(self.late_s), str(len(self.started))]
        program.child = subprocess.Popen([sys.executable, "-c", code, *told], start_new_session=True)
        self.started.append(program.child)

    def answer(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as one:
            return one.recv(10).decode()

    def wait(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                return self.answer()
            time.sleep(0.02)
        raise AssertionError("it does not listen")

    def end(self):
        for one in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait(5)


@pytest.fixture
def house(tmp_path, monkeypatch):
    made = House(tmp_path)
    monkeypatch.setattr(Installation, "bank_port", property(lambda _: made.port))
    yield made
    made.end()


def test_the_one_that_runs_is_told_to_end_only_when_the_next_one_listens(house, monkeypatch):
    ended, end = [], breaking._end

    def noted(child):
        ended.append((child, house.breaker._listens(house.program, house.port)))
        end(child)

    monkeypatch.setattr(breaking, "_end", noted)
    house.breaker.break_(["bank-web"], "restart", 0.0)
    first, second = house.started
    assert ended == [(first, True)]
    assert (first.poll() is not None, second.poll()) == (True, None)
    assert house.program.child is second
    assert house.answer() == "1"


def test_the_one_that_runs_goes_on_when_the_next_one_does_not_come_up(house):
    house.starts_well = False
    with pytest.raises(RuntimeFault, match="so the one that ran goes on"):
        house.breaker.break_(["bank-web"], "restart", 0.0)
    assert house.program.child is house.started[0]
    assert house.started[0].poll() is None
    assert house.answer() == "0"


def test_one_that_never_listens_is_ended_and_changes_nothing(house, monkeypatch):
    monkeypatch.setattr(breaking, "UP_S_MAX", 0.5)
    house.late_s = 60.0
    with pytest.raises(RuntimeFault, match="did not come up anew"):
        house.breaker.break_(["bank-web"], "restart", 0.0)
    assert (house.started[0].poll(), house.started[1].poll() is not None) == (None, True)
    assert house.answer() == "0"


def test_a_restart_with_another_clock_is_an_outage_as_it_was(house):
    house.breaker.break_(["bank-web"], "clock", 60.0)
    first, second = house.started
    assert first.poll() is not None
    assert house.program.clock_ahead_s == 60.0
    assert house.wait() == "1" and second.poll() is None
