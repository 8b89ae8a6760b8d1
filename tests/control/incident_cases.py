"""Small incidents to diagnose: a door calls the bank, the bank calls its database and a register."""

import random
from dataclasses import replace

from holdfast.control.diagnosis.case import Call, Case, Complaint, MetricKind, Series

AT = 1_770_000_000.0
STEP_S = 5.0
BEFORE, AFTER = 60, 12
CALLS = (Call("door", "bank"), Call("bank", "database"), Call("bank", "register"))
RATES = {"door": 50.0, "bank": 50.0, "database": 150.0, "register": 50.0}
TAKES_S = {"door": 0.030, "bank": 0.025, "database": 0.004, "register": 0.003}


def line(before: float, after: float, *, seed: int, swing: float = 0.05, late_s: float = 0.0) -> list[float]:
    """Points around `before`, and around `after` from late_s before the trigger on."""
    luck, turn = random.Random(seed), BEFORE - int(late_s / STEP_S)
    return [
        (before if number < turn else after) * luck.uniform(1 - swing, 1 + swing) for number in range(BEFORE + AFTER)
    ]


def series(component: str, metric: str, kind: MetricKind, values: list[float | None] | list[float]) -> Series:
    """A series with a point each five seconds, the trigger after the first sixty."""
    times = tuple(AT + STEP_S * (number - BEFORE) for number in range(len(values)))
    return Series(component, metric, kind, times, tuple(values))


def metrics(
    name: str, *, rate: float = 1.0, takes_s: float = 0.0, fails: float = 0.0, late_s: float = 0.0
) -> list[Series]:
    """A component's three metrics. rate: how many times as many requests since the trigger; takes_s: how much longer
    each takes; fails: what share of them fails."""
    seed = sum(name.encode())
    return [
        series(name, "requests", MetricKind.RATE, line(RATES[name], RATES[name] * rate, seed=seed, late_s=late_s)),
        series(
            name,
            "answer",
            MetricKind.LATENCY,
            line(TAKES_S[name], TAKES_S[name] + takes_s, seed=seed + 1, late_s=late_s),
        ),
        series(
            name,
            "went well",
            MetricKind.AVAILABILITY,
            [1 - fails * (number >= BEFORE - late_s / STEP_S) for number in range(BEFORE + AFTER)],
        ),
    ]


def incident(*changed: list[Series], complaint: tuple[str, str] = ("door", "answer")) -> Case:
    """Everybody as usual but those given."""
    given = {one.component: of_part for of_part in changed for one in of_part}
    all_series = [one for name in RATES for one in given.get(name, metrics(name))]
    return Case(Complaint(*complaint, AT), series=tuple(all_series), calls=CALLS)


def slow_database(late_s: float = 0.0) -> Case:
    """The database takes 40 ms longer, so the bank 120 ms, so the door 120 ms."""
    return incident(
        metrics("database", takes_s=0.040, late_s=late_s),
        metrics("bank", takes_s=0.120, late_s=late_s),
        metrics("door", takes_s=0.120, late_s=late_s),
    )


def with_changes(case: Case, **fields: object) -> Case:
    """The case with some of its lists replaced."""
    return replace(case, **fields)  # type: ignore[arg-type]  # tests name the lists by word
