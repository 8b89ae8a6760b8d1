"""Spans: which parts of traces are kept, what they say, and that nothing of a person is in them."""

import json
import threading
import time
from pathlib import Path

import pytest

from holdfast.telemetry import traces
from holdfast.telemetry.lines import joined

pytestmark = pytest.mark.demand("W1")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(traces._PROCESS, "kept", None)
    traces.keep(tmp_path, "door-1")
    return tmp_path


def kept(place: Path) -> list[dict]:
    return [one.event for one in joined(place, {}, kind=traces.FOLDER).lines]


def test_a_part_that_is_quick_well_and_not_drawn_is_forgotten(place: Path) -> None:
    with traces.Part("a request", TRACE, drawn=False), traces.span("within"):
        pass
    assert kept(place) == []


def test_what_fails_within_is_kept_with_all_its_spans_in_their_order(place: Path) -> None:
    with traces.Part("a request", TRACE, "b7ad6b7169203331", drawn=False) as root:
        root.about["route"] = "pay"
        with traces.span("first") as first, traces.span("within the first"):
            pass
        with traces.span("second") as second:
            second.failed = True
    (event,) = kept(place)
    assert (event["trace_id"], event["drawn"], event["left_out"]) == (TRACE, False, 0)
    told = [(one[2], one[1], one[5], one[6]) for one in event["spans"]]
    assert told == [
        ("within the first", first.ident, False, {}),
        ("first", root.ident, False, {}),
        ("second", root.ident, True, {}),
        ("a request", "b7ad6b7169203331", False, {"route": "pay"}),
    ]
    whole, now_us = event["spans"][-1], time.time_ns() // 1000
    assert now_us - 60_000_000 < whole[3] <= now_us
    assert all(whole[3] <= one[3] and one[3] + one[4] <= whole[3] + whole[4] + 1 for one in event["spans"])


def test_an_exception_makes_its_span_failed_and_goes_on(place: Path) -> None:
    with pytest.raises(ValueError, match="4242"), traces.Part("a request", TRACE, drawn=False):
        raise ValueError("account 4242")
    assert [one[5:] for one in kept(place)[0]["spans"]] == [[True, {"error": "ValueError"}]]
    assert traces.current() is None


def test_what_is_slow_is_kept_and_what_just_is_not_is_not(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for took_ns in (int(traces.SLOW_S * 1e9), int(traces.SLOW_S * 1e9) + 1):
        instants = iter((0, took_ns))
        monkeypatch.setattr(traces.time, "monotonic_ns", lambda instants=instants: next(instants))
        with traces.Part("a request", TRACE, drawn=False):
            pass
    assert [one["spans"][0][4] for one in kept(place)] == [500_000]


def test_one_trace_in_a_hundred_is_drawn_and_each_building_draws_alike() -> None:
    drawn = [traces.is_drawn(f"{'a' * 24}{number:08x}") for number in range(1000)]
    assert sum(drawn) == 10
    ids = {traces.new_trace() for _ in range(1000)}
    assert len(ids) == 1000 and all(len(one) == 32 and int(one, 16) for one in ids)


@pytest.mark.parametrize("drawn", [True, False])
def test_another_building_goes_on_with_the_trace_and_with_what_was_drawn(place: Path, drawn: bool) -> None:
    with traces.Part("a request", TRACE, drawn=drawn), traces.span("asks") as asks:
        header = asks.carried()
    assert header == f"00-{TRACE}-{asks.ident}-0{int(drawn)}"
    with traces.continued("answers", TRACE, header):
        pass
    told = [one["spans"][-1] for one in kept(place)]
    assert [(one[2], one[1]) for one in told] == ([("a request", ""), ("answers", asks.ident)] if drawn else [])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"00-{TRACE}-b7ad6b7169203331",
        f"01-{TRACE}-b7ad6b7169203331-01",
        f"00-{TRACE.upper()}-b7ad6b7169203331-01",
        f"00-{'1' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-b7ad6b7169203331-01-more",
    ],
)
def test_a_header_that_is_none_or_of_another_trace_counts_for_nothing(place: Path, header: str | None) -> None:
    with traces.continued("answers", TRACE, header):
        pass
    assert kept(place) == []


def test_numbers_addresses_and_words_of_people_are_cut(place: Path) -> None:
    told = {
        "account": "1234.56.78903",
        "spaced": "1234 56 78903",
        "address": "anne@example.org",
        "name": "Åse Berg",
        "quoted": '"><script>',
        "route": "pay",
        "address pattern": "accounts/<int:account>/lines",
        "status": 200,
    }
    with traces.Part("a request", TRACE, drawn=True) as root:
        root.about.update(told)
    about = kept(place)[0]["spans"][0][6]
    assert about == {
        **dict.fromkeys(told, "(cut)"),
        "route": "pay",
        "address pattern": told["address pattern"],
        "status": 200,
    }


def test_spans_values_and_parts_have_their_limits(place: Path) -> None:
    for _ in range(traces.KEPT_PER_SECOND_MAX * 3):
        with traces.Part("a request", TRACE, drawn=True) as root:
            root.about.update({f"value {number}": "x" * 500 for number in range(50)})
            for _ in range(traces.SPANS_MAX + 5):
                with traces.span("within"):
                    pass
    found = kept(place)
    assert (
        traces.KEPT_PER_SECOND_MAX <= len(found) <= traces.KEPT_PER_SECOND_MAX * 2
    )  # at most one second ended meanwhile
    assert {(len(one["spans"]), one["left_out"]) for one in found} == {(traces.SPANS_MAX + 1, 5)}
    about = found[0]["spans"][-1][6]
    assert len(about) == traces.VALUES_MAX and {len(one) for one in about.values()} == {traces.TEXT_CHARS_MAX}


def test_threads_have_traces_of_their_own_and_outside_of_one_nothing_is_noted(place: Path) -> None:
    seen: list[object] = []
    with traces.Part("a request", TRACE, drawn=True):
        thread = threading.Thread(target=lambda: seen.append(traces.current()))
        thread.start()
        thread.join()
        traces.waited_for_the_database(0.002)
        traces.waited_for_the_database(0.003)
    with traces.span("alone") as alone:
        alone.about["status"] = 200
        assert alone.carried() == ""
    traces.add("alone", 1, 2)
    traces.waited_for_the_database(1.0)
    (event,) = kept(place)
    assert seen == [None] and len(event["spans"]) == 1
    assert event["spans"][0][6] == {"database waits": 2, "database ms": 5.0}
    assert json.loads(json.dumps(event)) == event


def test_a_programs_name_is_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no program's name"):
        traces.keep(tmp_path, "../door")
