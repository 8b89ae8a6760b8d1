"""The spare bank's limits shrink with the age of its copy of the books: the longer ago, the less it knows. Pure."""

from dataclasses import dataclass

from holdfast.guard.limits import LimitSet, shrunk


@dataclass(frozen=True, slots=True)
class Step:
    """While the data are at most age_s_max seconds old, `percent` of the limits hold; name: the step's short name."""

    name: str
    age_s_max: float
    percent: int


SCHEDULE = (
    Step("up to 1 minute", 60, 100),
    Step("up to 1 hour", 3_600, 50),
    Step("up to 1 day", 86_400, 25),
    Step("older", float("inf"), 10),
)


def step_at(age_s: float) -> Step:
    """The step that holds for data of this age."""
    return next((step for step in SCHEDULE if age_s <= step.age_s_max), SCHEDULE[-1])


def aged(limits: LimitSet, age_s: float) -> LimitSet:
    """What holds at the spare bank with data of this age: amounts shrink, counts and good times' limits do not."""
    percent = step_at(age_s).percent
    return limits if percent == 100 else shrunk(limits, percent)
