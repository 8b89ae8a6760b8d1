"""From Prometheus' text to values: rates, shares, percentiles; what began anew; what is too much."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter

from holdfast.control.alerts.judging import calls_in
from holdfast.control.metrics.deriving import ABOUTS_MAX, LINES_MAX, Kind, Name, derive, percentile, read
from holdfast.telemetry import metrics

PART_OF = {"bank-worker": "bank-db"}


def text(requests: float, failed: float, started: float = 100.0) -> str:
    lines = ["# TYPE holdfast_request_seconds histogram"]
    for outcome, count in (("answered", requests - failed), ("failed", failed)):
        pairs = f'service="pay",outcome="{outcome}",program="bank-web"'
        lines += [
            f'holdfast_request_seconds_bucket{{{pairs},le="0.1"}} {count / 2}',
            f'holdfast_request_seconds_bucket{{{pairs},le="0.2"}} {count}',
            f'holdfast_request_seconds_bucket{{{pairs},le="+Inf"}} {count}',
            f"holdfast_request_seconds_count{{{pairs}}} {count}",
            f"holdfast_request_seconds_sum{{{pairs}}} {count * 0.1}",
        ]
    lines += ["# TYPE process_start_time_seconds gauge", f'process_start_time_seconds{{program="bank-web"}} {started}']
    return "\n".join(lines) + "\n"


def named(metric: str, kind: Kind, unit: str, about: str = "pay") -> Name:
    return Name("bank-web", metric, about, kind, unit)


@pytest.mark.demand("W1")
def test_two_readings_give_a_rate_a_share_that_failed_and_a_percentile() -> None:
    derived = derive(read(text(100, 0), 10.0), read(text(300, 20), 20.0), PART_OF)
    values = derived.values
    assert values[named("requests", Kind.RATE, "1/s")] == pytest.approx(20.0)
    assert values[named("requests failing", Kind.ERRORS, "share")] == pytest.approx(0.1)
    assert values[named("requests failed", Kind.ERRORS, "1/s")] == pytest.approx(2.0)
    # half of 200 below 0.1 s, the other half below 0.2: 95 % stay under 0.19
    assert values[named("requests 95 %", Kind.LATENCY, "ms")] == pytest.approx(190.0)
    assert derived.restarted == ()
    assert derived.cut == ""


def test_one_reading_gives_no_rate() -> None:
    assert named("requests", Kind.RATE, "1/s") not in derive(None, read(text(100, 0), 10.0), PART_OF).values


def test_a_counter_that_fell_began_anew_and_its_program_is_told() -> None:
    derived = derive(read(text(1000, 0), 10.0), read(text(50, 0, started=400.0), 20.0), PART_OF)
    assert derived.values[named("requests", Kind.RATE, "1/s")] == pytest.approx(5.0)
    assert derived.restarted == ("bank-web",)


def test_readings_too_far_apart_give_no_rates() -> None:
    assert named("requests", Kind.RATE, "1/s") not in derive(read(text(1, 0), 0.0), read(text(9, 0), 500.0), {}).values


def test_what_a_worker_tells_of_its_database_is_the_databases() -> None:
    told = '# TYPE holdfast_database gauge\nholdfast_database{what="connections",program="bank-worker"} 7\n'
    values = derive(None, read(told, 1.0), PART_OF).values
    assert values == {Name("bank-db", "connections", "", Kind.SATURATION, ""): 7.0}


@pytest.mark.parametrize("reached", [0, 1])
def test_what_a_door_says_of_the_way_to_the_spare_bank_is_the_spare_banks_and_a_call(reached: int) -> None:
    told = f'holdfast_reaches{{program="door-1",to="standin"}} {reached}\n'
    values = derive(None, read("# TYPE holdfast_reaches gauge\n" + told, 10.0), {}).values
    assert values == {Name("standin", "reached by", "door-1", Kind.AVAILABILITY, "share"): reached}
    assert calls_in(values) == {("door-1", "standin")}


def test_a_label_with_ever_new_values_is_cut_and_that_is_said() -> None:
    told = "# TYPE odd gauge\n" + "".join(f'odd{{who="{one}",program="door-1"}} {one}\n' for one in range(500))
    derived = derive(None, read(told, 1.0), {})
    assert len(derived.values) == ABOUTS_MAX
    assert set(derived.values.values()) == {float(one) for one in range(500 - ABOUTS_MAX, 500)}
    assert "odd of door-1" in derived.cut


def test_a_text_that_is_too_long_is_refused_whole() -> None:
    told = "# TYPE odd gauge\n" + "".join(f'odd{{who="{one}"}} 1\n' for one in range(LINES_MAX + 1))
    with pytest.raises(ValueError, match="more than"):
        read(told, 1.0)


@given(st.text(max_size=300))
def test_whatever_comes_is_read_or_refused_in_words(told: str) -> None:
    try:
        derive(None, read(told, 1.0), {})
    except ValueError:
        return


@given(
    st.lists(st.floats(0.0001, 20.0), min_size=1, max_size=200),
    st.floats(0.01, 1.0),
)
def test_a_percentile_lies_in_the_bucket_of_the_true_one(durations: list[float], share: float) -> None:
    borders = [*metrics.SECONDS, math.inf]
    buckets = {border: float(sum(one <= border for one in durations)) for border in borders}
    true = sorted(durations)[max(0, math.ceil(share * len(durations)) - 1)]
    at = next(number for number, border in enumerate(borders) if true <= border)
    low, high = (borders[at - 1] if at else 0.0), min(borders[at], metrics.SECONDS[-1])
    assert low - 1e-9 <= percentile(buckets, share) <= high + 1e-9


def test_programs_of_a_building_are_joined_to_one_text_and_an_old_one_is_left_out(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import os

    own = CollectorRegistry()
    Counter("tries", "Tries", registry=own).inc(3)
    for program in ("web", "worker", "gone"):
        metrics.write(tmp_path, program, own)
    old = tmp_path / "metrics" / "gone.prom"
    os.utime(old, (old.stat().st_mtime - 60, old.stat().st_mtime - 60))
    found = read(metrics.joined(tmp_path).decode(), 1.0)
    told = {dict(pairs)["program"]: value for (name, pairs), value in found.lines.items() if name == "tries_total"}
    assert told == {"web": 3.0, "worker": 3.0}
    assert metrics.joined(tmp_path).decode().count("# TYPE tries_total") == 1
