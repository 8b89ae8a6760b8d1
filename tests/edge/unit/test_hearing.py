"""What customers say without a word, as a door counts it."""

import pytest

from holdfast.edge.hearing import ALL, heard
from holdfast.telemetry.metrics import exposition

pytestmark = pytest.mark.demand("W2")


@pytest.mark.parametrize(
    ("route", "method", "status", "said"),
    [
        ("login", "POST", 422, "a login that failed"),
        ("login", "POST", 429, "a login shut out after too many tries"),
        ("help", "GET", 200, "help opened"),
        ("forgot-form", "GET", 200, "a forgotten password"),
        ("dispute", "POST", 303, "a payment asked about"),
        ("login", "POST", 303, ""),
        ("login", "POST", 200, ""),
        ("login-form", "GET", 200, ""),
        ("help", "HEAD", 200, ""),
        ("dispute", "POST", 422, ""),
        ("pay", "POST", 422, ""),
        ("", "GET", 404, ""),
    ],
)
def test_what_a_door_hears(route: str, method: str, status: int, said: str) -> None:
    assert heard(route, method, status) == said


def test_each_is_told_from_the_beginning() -> None:
    text = exposition("door-1").decode()
    assert [f'holdfast_heard_total{{program="door-1",what="{one}"}}' in text for one in ALL] == [True] * 7
