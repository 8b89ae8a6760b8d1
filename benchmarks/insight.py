"""`make bench-insight BERKA=folder`: is the forecast of the month's end better than two plain ones, and its interval honest?

On accounts that the model has not seen, against repeating the same days of the month before, and against the mean day so
far. Errors are means over accounts and days, in the data's crowns; shares say how much smaller ours is.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import fmean

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "src")]

from months import DAYS, HELD_OUT, Case, cases
from table import Figure, keep

from holdfast.bank.insight.forecast import Likely, likely

BELOW_AGAIN, HOLDS_LEAST, HOLDS_MOST = ">= 30", ">= 78", "<= 82"


def main() -> int:
    """Ask the shipped model and compare."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--berka", type=Path, required=True)
    held = [one for one in cases(asked.parse_args().berka) if one.part == HELD_OUT]
    began = time.perf_counter()
    told = [(one, found) for one in held if (found := likely(one.seen)) is not None]
    each_us = (time.perf_counter() - began) / len(held) * 1e6
    figures = [
        Figure("accounts held out", len({one.account for one in held}), ""),
        Figure("days judged", len(told), ""),
        *_errors("", told),
        *(figure for day in DAYS for figure in _errors(f" on day {day}", [one for one in told if one[0].day == day])),
        Figure("interval holds", share := 100 * fmean(_holds(one, found) for one, found in told), "%", HOLDS_LEAST),
        Figure("interval holds, at most", share, "%", HOLDS_MOST),
        Figure("one forecast takes", each_us, "µs"),
    ]
    return keep("insight", figures)


def _errors(which: str, told: list[tuple[Case, Likely]]) -> list[Figure]:
    ours = fmean(abs(one.flow_minor - found.middle_minor) for one, found in told) / 100
    again = fmean(abs(one.flow_minor - one.again_minor) for one, _ in told) / 100
    mean = fmean(abs(one.flow_minor - one.mean_minor) for one, _ in told) / 100
    return [
        Figure(f"error{which}", ours, "crowns"),
        Figure(f"below repeating last month{which}", 100 * (1 - ours / again), "%", BELOW_AGAIN),
        Figure(f"below the mean day{which}", 100 * (1 - ours / mean), "%", ">= 0"),
    ]


def _holds(one: Case, found: Likely) -> bool:
    return found.low_minor <= one.flow_minor <= found.high_minor


if __name__ == "__main__":
    sys.exit(main())
