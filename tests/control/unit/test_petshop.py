"""The yardstick: the root causes of petshop's 20 injected faults, with names and order shuffled.

One component is the cause in all 20, so no name, place or order may help: each run renames and reorders everything.
"""

import os
import random
import sys
from pathlib import Path

import pytest

from holdfast.control.diagnosis import diagnose

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))
import petshop

pytestmark = pytest.mark.demand("W4")
ROOT = Path(__file__).resolve().parents[3]


def test_the_cause_is_first_in_three_of_four_and_among_three_in_nine_of_ten() -> None:
    folder = Path(os.environ.get("HOLDFAST_PETSHOP") or ROOT.parent / "shared" / "data" / "petshop")
    if not folder.is_dir():
        pytest.skip(f"the petshop data are not in {folder}; name their folder in HOLDFAST_PETSHOP")
    seed = random.SystemRandom().randrange(2**32)
    first = three = 0
    issues = petshop.read_issues(folder)
    assert len(issues) == 20, f"{folder} holds {len(issues)} issues"
    for _, recorded in issues:
        case = petshop.shuffled(recorded, seed)
        (true,) = case.causes[0].names
        found = [one.component for one in diagnose(case.case).suspects[:3]]
        first, three = first + (found[0] == true), three + (true in found)
    assert (first >= 15, three >= 18) == (True, True), f"first {first}, among three {three} of 20 with seed {seed}"
