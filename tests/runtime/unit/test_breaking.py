"""Breaking on purpose: real signals and limits to real processes, and everything is mended again."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from holdfast.runtime import breaking, postgres
from holdfast.runtime.breaking import Breaker
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.programs import Program
from holdfast.settings import Installation

FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"


def until(holds):
    """Wait until it holds, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "not within ten seconds"
        time.sleep(0.02)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Two programs, each with a child of its own, and the breaker of both; launched lists what was started again."""
    programs = {name: Program(name) for name in ("standin", "bank-db")}
    started = []

    def launch(program):
        program.child = subprocess.Popen([sys.executable, "-c", FAMILY], start_new_session=True)
        program.broken = ""
        started.append(program.name)

    monkeypatch.setattr(postgres, "as_user", dict)  # these are no database: they run as whoever tests
    monkeypatch.setattr(breaking, "cluster", lambda *_: type("Ready", (), {"wait_ready": lambda *_: None})())
    breaker = Breaker(Installation(data=tmp_path, wires=True), programs, launch, lambda *_: None)
    for program in programs.values():
        launch(program)
        until(lambda program=program: len(breaker._family(program)) == 2)
    breaker.launched = started
    yield breaker
    for program in programs.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.child.pid, signal.SIGKILL)
        program.child.wait(5)


def _alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_kill_takes_the_whole_tree_and_holds_until_it_is_mended(house):
    family = house._family(house._programs["standin"])
    assert house.break_(["standin"], "kill", 0)["processes"] == 2
    until(lambda: not any(map(_alive, family)))
    assert house._programs["standin"].broken == "killed"
    assert house.mend(["standin"])["mended"] == ["standin"]
    assert house._programs["standin"].broken == ""
    assert house.mend(["standin"])["mended"] == [], "what is well is left alone"


def test_kill_alone_leaves_the_children(house):
    first, child = house._family(house._programs["bank-db"])
    assert house.break_(["bank-db"], "kill-alone", 0)["processes"] == 1
    assert (_alive(first), _alive(child)) == (False, True)
    os.kill(child, signal.SIGKILL)


def test_a_crash_is_the_supervisors_to_make_good(house):
    assert house.break_(["standin"], "crash", 0)["processes"] == 2
    assert house._programs["standin"].broken == ""
    assert house._programs["standin"].child.poll() is not None


def test_a_frozen_tree_goes_on_when_it_is_mended(house):
    family = house._family(house._programs["standin"])
    house.break_(["standin"], "freeze", 0)
    until(lambda: {psutil.Process(pid).status() for pid in family} == {psutil.STATUS_STOPPED})
    house.mend(["standin"])
    assert psutil.STATUS_STOPPED not in {psutil.Process(pid).status() for pid in family}
    assert house.launched == ["standin", "bank-db"]


def test_a_full_disk_is_a_limit_for_the_whole_tree_and_for_its_next_start_until_it_is_mended(house):
    program = house._programs["bank-db"]
    house.break_(["bank-db"], "full", 4096)
    family = house._family(program)
    assert {resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] for pid in family} == {4096}
    assert program.file_bytes_max == 4096
    house.mend(["bank-db"])
    assert {resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] for pid in family} == {resource.RLIM_INFINITY}
    assert program.file_bytes_max == 0


def test_a_wrong_clock_lasts_until_it_is_mended(house):
    house.break_(["standin"], "clock", 600.0)
    assert house._programs["standin"].clock_ahead_s == 600.0
    house.mend(["everything"])
    assert house._programs["standin"].clock_ahead_s == 0.0
    assert house.launched == ["standin", "bank-db", "standin", "standin"]


def test_wires_are_ordered_by_a_file_and_mended_with_everything(house):
    house.break_(["wire-feed", "wire-doors"], "late", 5.0)
    path = house._installation.wires_file
    assert json.loads(path.read_text())["wire-doors"] == {"how": "late", "value": 5.0}
    assert house.mend(["wire-feed"])["mended"] == ["wire-feed"]
    assert list(json.loads(path.read_text())) == ["wire-doors"]
    house.mend(["everything"])
    assert json.loads(path.read_text()) == {}


@pytest.mark.parametrize(
    ("names", "how", "words"),
    [
        (["standin"], "cut", "wires only"),
        (["wire-feed"], "kill", "not for wire-feed"),
        (["wire-feed", "standin"], "late", "wires only"),
        (["standin"], "full", "only a database"),
        (["bank-db"], "restart", "a database is broken by"),
        (["standin"], "drown", "can be broken by"),
        (["nobody"], "kill", "nothing called"),
    ],
)
def test_what_cannot_be_broken_so_is_refused_in_words_and_nothing_is_touched(house, names, how, words):
    with pytest.raises(RuntimeFault, match=words):
        house.break_(names, how, 0)
    assert all(program.child.poll() is None for program in house._programs.values())
    assert not house._installation.wires_file.exists()


def test_wires_are_refused_where_there_are_none(house):
    house._installation = replace(house._installation, wires=False)
    with pytest.raises(RuntimeFault, match="no wires"):
        house.break_(["wire-feed"], "cut", 0)
