"""What a rehearsal bends in programs that run: their time of day, the shared rules, the limits in the database."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from holdfast.gameday import scenario
from holdfast.gameday.clock import Clock
from holdfast.gameday.faulty_limits import faulty
from holdfast.settings import Changed, Installation, write_changed

SKEWED = Path(scenario.__file__).parent / "skewed"
SOURCE = SKEWED.parents[2]


def bent(tmp_path, code, **environment):
    """A program with the bending in place, that says `code`'s lines when it is told to go on."""
    place = {"PYTHONPATH": f"{SKEWED}:{SOURCE}", "HOLDFAST_REHEARSAL": str(tmp_path / "rehearsal.bin")}
    return subprocess.Popen([sys.executable, "-u", "-c", code], env={**os.environ, **place, **environment},
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip


def say(program):
    """Let it go on by one line; what it says."""
    program.stdin.write("\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


CLOCKS = """
import json, sys, time
from datetime import UTC, datetime
monotonic = time.monotonic()
for _ in sys.stdin:
    real = time.clock_gettime(time.CLOCK_REALTIME)
    print(json.dumps([time.time() - real, datetime.now(UTC).timestamp() - real, time.time_ns() / 1e9 - real,
                      time.monotonic() - monotonic]))
"""


def test_the_time_of_day_jumps_in_a_program_that_runs_and_monotonic_time_does_not(tmp_path):
    file = tmp_path / "rehearsal.bin"
    write_changed(file, Changed())
    program = bent(tmp_path, CLOCKS)
    seen = [say(program)]
    for ahead_s in (7200.0, 172_800.0):
        write_changed(file, Changed(ahead_s=ahead_s))
        seen.append(say(program))
    program.communicate(timeout=10)
    assert [round(shift) for one in seen for shift in one[:3]] == [0] * 3 + [7200] * 3 + [172_800] * 3
    assert all(one[3] < 20 for one in seen)


RULES = """
import json, sys
from holdfast.guard import Facts, Limits, Watched
from holdfast.contracts.answers import Reason
rules = Watched(lambda: 0.0)
limits = Limits(1000, 5000, 10)
for _ in sys.stdin:
    said = [rules.judge(Facts(amount, 0, 0, False, False), limits, Reason.AMOUNT_LIMIT).value for amount in (100, 900)]
    print(json.dumps([*said, rules.not_judged, rules.trouble]))
"""


def test_rules_that_break_while_a_program_runs_mean_a_tenth_of_the_limit_and_no_failure(tmp_path):
    file = tmp_path / "rehearsal.bin"
    write_changed(file, Changed())
    program = bent(tmp_path, RULES)
    well = say(program)
    write_changed(file, Changed(misjudged=1.0))
    broken = say(program)
    write_changed(file, Changed())
    again = say(program)
    program.communicate(timeout=10)
    assert well == ["ok", "ok", 0, ""]
    assert broken[:3] == ["ok", "amount_limit", 2]
    assert "not judged: ZeroDivisionError" in broken[3]
    assert again[:3] == ["ok", "ok", 2]


def test_the_rehearsals_clock_follows_the_programs_and_knows_the_right_instant_of_what_they_tell(tmp_path):
    place = Installation(data=tmp_path, rehearsed=True)
    clock = Clock(place)
    before = clock.now()
    write_changed(place.rehearsal_file, Changed(ahead_s=86_400.0))
    clock.stepped()
    after = clock.now()
    assert 86_399 < after - before < 86_410
    assert abs(clock.real(before) - time.time()) < 10
    assert abs(clock.real(after) - time.time()) < 10


def test_a_slip_changes_the_limits_that_are_named_and_no_others_and_nobody_confirmed_it():
    good = {"normal": {"per_day_minor": 500}, "spare": {"per_day_minor": 40}, "total": 7, "confirmed": True}
    assert faulty(good, ("spare.per_day_minor", "total"), 0.1) == {
        "normal": {"per_day_minor": 500}, "spare": {"per_day_minor": 4}, "total": 1, "confirmed": False,
    }  # fmt: skip
    assert good["spare"] == {"per_day_minor": 40}
