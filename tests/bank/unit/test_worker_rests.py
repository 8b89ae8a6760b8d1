"""The worker rests between its rounds: long when there is little to do, and always a fair part of what it worked."""

import pytest

from holdfast.bank.redress.computing import WORK_S
from holdfast.bank.worker.loop import REST_SHARE, STEP_S, rest_s

pytestmark = pytest.mark.demand("C3")


@pytest.mark.parametrize(
    ("took_s", "rests_s"),
    [
        (0.0, STEP_S),
        (STEP_S - 0.01, STEP_S),
        (STEP_S, STEP_S * REST_SHARE),
        (WORK_S, WORK_S * REST_SHARE),
        (1.0, STEP_S),
        (60.0, STEP_S),
    ],
)
def test_a_round_is_followed_by_a_rest(took_s, rests_s):
    assert rest_s(took_s) == pytest.approx(rests_s)
