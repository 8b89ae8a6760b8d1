"""Lines of warnings kept in a building's folder: each once, in order, bounded, whatever happens to process, disk, clock."""

import itertools
import json
import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from holdfast.telemetry import lines

pytestmark = pytest.mark.demand("W1")

ENDS = """
import logging, sys, threading
from pathlib import Path
from holdfast.telemetry import configure_logs, get_log, lines, traces
configure_logs("bank")
get_log().warning("before anybody knew where to")
lines.keep(Path(sys.argv[1]), "bank-web")
get_log().info("quiet")
with traces.Part("asked", "0af7651916cd43dd8448eb211c80319c", drawn=False):
    get_log().warning("asked", password="hunter2", customer=7, found={"api_token": "hunter2", "cohort": 3})
logging.getLogger("a.library").error("it broke %s", 7)
def work():
    raise ValueError("in a thread")
thread = threading.Thread(target=work, name="proof"); thread.start(); thread.join()
raise RuntimeError("at the end")
"""


@pytest.fixture(autouse=True)
def _as_fast_as_it_goes(request, monkeypatch):
    if "storm" not in request.node.name:
        monkeypatch.setattr(lines, "PER_SECOND_MAX", 1_000_000)


def kept(folder, program="bank-web"):
    return lines._Kept(folder, program)


def said(event, **fields):
    return {"level": "warning", "event": event, **fields}


def read(folder, after=None, limit=lines.LIMIT_MAX):
    """All that is to be told, page by page, each asked for behind the one before."""
    known, found = dict(after or {}), []
    for _ in range(100):
        page = lines.joined(folder, known, limit)
        found += page.lines
        known |= {one.program: one.at_us for one in page.lines}
        if not page.more:
            return found
    raise AssertionError("it never ends")


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    run = subprocess.run(
        [sys.executable, "-c", ENDS, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 1 and "RuntimeError: at the end" in run.stderr and "ValueError: in a thread" in run.stderr
    return folder


def test_warnings_of_ours_and_of_libraries_are_kept_and_what_ends_a_thread_or_the_process(ended):
    found = read(ended)
    assert [(one.event["event"], one.event["level"]) for one in found] == [
        ("before anybody knew where to", "warning"),
        ("asked", "warning"),
        ("it broke 7", "error"),
        ("a thread ended by an exception", "critical"),
        ("the process ended by an exception", "critical"),
    ]
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert {one.event["building"] for one in found} == {"bank"} and {one.program for one in found} == {"bank-web"}
    assert (found[1].event["trace_id"], found[2].event["logger"]) == ("0af7651916cd43dd8448eb211c80319c", "a.library")
    assert found[3].event["exception"].endswith("ValueError: in a thread")
    assert found[3].event["thread"] == "proof"
    assert found[4].event["exception"].endswith("RuntimeError: at the end")


def test_a_secret_never_reaches_the_file_also_within_a_field(ended):
    raw = (ended / "lines" / "bank-web.jsonl").read_text()
    assert "hunter2" not in raw
    asked = read(ended)[1].event
    assert (asked["password"], asked["customer"]) == ("(cut)", 7)
    assert asked["found"] == "{'api_token': '(cut)', 'cohort': 3}"


def test_nobody_else_may_read_the_files(ended):
    assert stat.S_IMODE((ended / "lines").stat().st_mode) == 0o700
    assert stat.S_IMODE((ended / "lines" / "bank-web.jsonl").stat().st_mode) == 0o600


def test_lines_of_one_instant_are_each_told_once_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 1_770_000_000_000_000_000)
    for program in ("bank-web", "bank-worker"):
        writer = kept(tmp_path, program)
        for number in range(5):
            writer.add(said(f"{program} {number}"))
    for limit in (1, 2, 3, 1000):
        found = [one.event["event"] for one in read(tmp_path, limit=limit)]
        assert len(found) == 10 and len(set(found)) == 10
        for program in ("bank-web", "bank-worker"):
            assert [one for one in found if one.startswith(f"{program} ")] == [f"{program} {n}" for n in range(5)]


def test_a_clock_that_is_set_back_hides_no_line(tmp_path, monkeypatch):
    writer = kept(tmp_path)
    writer.add(said("before"))
    (before,) = read(tmp_path)
    hour_ago = time.time_ns() - 3_600_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: hour_ago)
    writer.add(said("after"))
    kept(tmp_path).add(said("after a restart"))
    found = read(tmp_path, {"bank-web": before.at_us})
    assert [(one.event["event"], one.number) for one in found] == [("after", 2), ("after a restart", 3)]


def test_a_restart_goes_on_behind_the_last_line_and_repeats_nothing(tmp_path):
    kept(tmp_path).add(said("first"))
    (first,) = read(tmp_path)
    assert lines.joined(tmp_path, {"bank-web": first.at_us}) == lines.Joined((), more=False)
    kept(tmp_path).add(said("second"))
    (second,) = read(tmp_path, {"bank-web": first.at_us})
    assert (second.event["event"], second.number) == ("second", 2)


def test_a_full_file_is_kept_beside_the_new_one_and_what_is_older_is_seen_to_be_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "FILE_BYTES_MAX", 2_000)
    writer = kept(tmp_path)
    writer.add(said("number 0"))
    (first,) = read(tmp_path)
    for number in range(1, 100):
        writer.add(said(f"number {number}"))
    found = read(tmp_path, {"bank-web": first.at_us}, limit=7)
    assert [one.event["event"] for one in found] == [f"number {one.number - 1}" for one in found]
    assert found[-1].number == 100 and found[0].number > 3
    assert [one.number for one in found] == list(range(found[0].number, 101))
    names = sorted(path.name for path in (tmp_path / "lines").iterdir())
    assert names == ["bank-web.before", "bank-web.jsonl"]
    assert all((tmp_path / "lines" / name).stat().st_size < 2_200 for name in names)


def test_a_broken_line_costs_itself_only(tmp_path):
    kept(tmp_path).add(said("whole"))
    path = tmp_path / "lines" / "bank-web.jsonl"
    with path.open("ab") as file:
        file.write(
            b'\xff\xfe not json\n{"an": "object"}\n[1, "two", {}]\n[17700000000000'
        )  # the last was cut by a kill
    kept(tmp_path).add(said("after it"))
    assert [one.event["event"] for one in read(tmp_path)] == ["whole", "after it"]
    assert [one.number for one in read(tmp_path)] == [1, 2]


def test_a_line_that_is_being_written_is_told_when_it_is_whole(tmp_path):
    kept(tmp_path).add(said("whole"))
    path = tmp_path / "lines" / "bank-web.jsonl"
    raw = json.dumps([time.time_ns() // 1000, 2, said("under way")]).encode()
    with path.open("ab") as file:
        file.write(raw)
    assert [one.event["event"] for one in read(tmp_path)] == ["whole"]
    with path.open("ab") as file:
        file.write(b"\n")
    assert [one.event["event"] for one in read(tmp_path)] == ["whole", "under way"]


def test_a_full_disk_loses_lines_and_nothing_else_and_the_gap_tells(tmp_path, monkeypatch):
    writer = kept(tmp_path)
    writer.add(said("before"))
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        writer.add(said("lost"))
        writer.add(said("lost too"))
    writer.add(said("after"))
    assert [(one.event["event"], one.number) for one in read(tmp_path)] == [("before", 1), ("after", 4)]


def test_half_a_line_on_a_full_disk_spoils_no_other(tmp_path, monkeypatch):
    writer, real = kept(tmp_path), os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, raw: real(handle, raw[:20]))
        writer.add(said("half"))
    writer.add(said("whole"))
    assert [(one.event["event"], one.number) for one in read(tmp_path)] == [("whole", 2)]


def test_a_storm_of_lines_is_kept_in_part_and_the_gap_tells(tmp_path, monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    writer = kept(tmp_path)
    for number in range(1, 1_001):
        writer.add(said(f"number {number}"))
    now = 101.0
    writer.add(said("calm again"))
    found = read(tmp_path)
    assert [one.number for one in found] == [*range(1, lines.PER_SECOND_MAX + 1), 1_001]


def test_threads_and_two_processes_of_one_program_write_each_line_once(tmp_path):
    def work(writer, name):
        for number in range(40):
            writer.add(said(f"{name} {number}"))

    first, second = kept(tmp_path), kept(tmp_path)  # the second as another process has it
    threads = [threading.Thread(target=work, args=(first, name)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(second, "d")
    work(first, "e")
    found = read(tmp_path, limit=30)
    assert sorted(one.event["event"] for one in found) == sorted(f"{a} {n}" for a in "abcde" for n in range(40))
    assert [one.number for one in found] == list(range(1, 201))
    assert all(one.at_us < other.at_us for one, other in itertools.pairwise(found))


def test_an_answer_is_bounded_in_lines_and_bytes_and_says_that_there_is_more(tmp_path):
    writer = kept(tmp_path)
    for number in range(60):
        writer.add(said(f"number {number}", **{f"field{one}": "x" * 900 for one in range(9)}))
    page = lines.joined(tmp_path, {}, 1000)
    assert page.more and 20 < len(page.lines) < 40
    assert sum(one.size for one in page.lines) <= lines.ANSWER_BYTES_MAX
    assert len(lines.joined(tmp_path, {}, 3).lines) == 3
    assert [one.event["event"] for one in read(tmp_path)] == [f"number {number}" for number in range(60)]


def test_a_line_too_long_is_shortened_to_what_matters(tmp_path):
    kept(tmp_path).add(
        said("long", **{f"field{one}": "x" * 5000 for one in range(200)}, exception="T" * 9000 + "ValueError: it")
    )
    kept(tmp_path).add(said("y" * 50_000))
    long, other = read(tmp_path)
    assert long.size <= lines.LINE_BYTES_MAX and long.event["shortened"]
    assert other.event["event"] == "y" * lines.VALUE_CHARS_MAX


def test_a_field_that_is_no_text_is_kept_as_text(tmp_path):
    kept(tmp_path).add(said("odd", path=os, number=1.5, missing=None, ok=True, _record="left out"))
    (one,) = read(tmp_path)
    assert one.event["path"].startswith("<module 'os'") and "_record" not in one.event
    assert (one.event["number"], one.event["missing"], one.event["ok"]) == (1.5, None, True)


def test_asking_again_without_news_reads_a_few_kilobytes_only(tmp_path, monkeypatch):
    writer = kept(tmp_path)
    for number in range(2_000):
        writer.add(said(f"number {number}"))
    last = read(tmp_path)[-1]
    sizes, real = [], lines._end_of
    monkeypatch.setattr(lines, "_end_of", lambda file, size, program: sizes.append(size) or real(file, size, program))
    assert lines.joined(tmp_path, {"bank-web": last.at_us}).lines == ()
    assert sizes == [lines.BLOCKS_BYTES[0]]


def test_what_is_asked_for_is_read_or_refused_in_words():
    assert lines.asked("", "1000") == ({}, 1000)
    assert lines.asked("bank-web:17,bank-worker:0", "5") == ({"bank-web": 17, "bank-worker": 0}, 5)
    for since in ("17", "bank-web", "bank-web:", "bank-web:-1", "../x:1", "bank-web:1e3", "bank-web:" + "9" * 19):
        with pytest.raises(ValueError, match="since is PROGRAM:MICROSECONDS"):
            lines.asked(since, "5")
    for limit in ("0", "-1", "", "1001", "9" * 40, "x"):
        with pytest.raises(ValueError, match="limit is a number"):
            lines.asked("", limit)
    with pytest.raises(ValueError, match="more than 16 programs"):
        lines.asked(",".join(f"p{one}:1" for one in range(17)), "5")


def test_a_folder_without_lines_tells_none_and_a_strange_file_is_left_alone(tmp_path):
    assert lines.joined(tmp_path, {}) == lines.Joined((), more=False)
    kept(tmp_path).add(said("one"))
    (tmp_path / "lines" / "Not A Program.jsonl").write_text("[1, 1, {}]\n")
    assert [one.program for one in read(tmp_path)] == ["bank-web"]
    with pytest.raises(ValueError, match="no program's name"):
        lines.keep(tmp_path, "../elsewhere")
