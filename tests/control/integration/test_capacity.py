"""What the banks bear, as it was measured, against what is used; and when growth reaches it."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from staffing import client

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.control.capacity.growth import DAYS_MIN, ROOM, growth
from holdfast.control.capacity.models import Measured
from holdfast.control.capacity.taking import KEPT, take
from holdfast.control.capacity.views import peaks_of
from holdfast.control.metrics.models import Rolled, Series
from holdfast.settings import Installation
from holdfast.signing import load_keyring

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("W5")]
STEP = {
    "per_s": 10.0, "done_per_s": 10.0, "failed": 0, "p50_ms": 20.0, "p95_ms": 60.0, "held": True,
    "cores": {"bank-web": 0.4, "bank-db": 0.1},
}  # fmt: skip
SAID: dict[str, Any] = {
    "at": 1_790_000_000.0,
    "cores": 2,
    "found": [
        {
            "bank": "main bank", "kind": "account pages", "limit_ms": 500.0, "held_per_s": 40.0, "broke_per_s": 60.0,
            "why": "95 % took up to 900 ms, more than 500", "part": "bank-web: 0.97 cores", "steps": [STEP],
        },
        {
            "bank": "spare bank", "kind": "logins", "limit_ms": 2000.0, "held_per_s": 30.0, "broke_per_s": None,
            "why": "", "part": "", "steps": [STEP],
        },
    ],
}  # fmt: skip


def told(installation: Installation, said: object) -> Any:
    raw = json.dumps(said).encode()
    headers = {CALLER_HEADER: load_keyring(installation.keys, "runtime").call("control", "/capacity.json", raw)}
    return Client().post("/capacity.json", raw, content_type="application/json", headers=headers)


def test_a_measurement_is_taken_from_a_terminal_and_shown_with_what_is_used(
    people: dict[str, str], installation: Installation
) -> None:
    page = client(people, "auditor").get("/capacity").content.decode()
    assert "Nothing was measured yet" in page
    day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=6)
    for door in ("door-1", "door-2"):
        series = Series.objects.create(
            component=door, metric="requests", about="see accounts", kind="rate", first_at=day, last_at=day
        )
        for number in range(6):
            at, value = day + timedelta(days=number), 5.0 + number
            Rolled.objects.create(series=series, step_s=300, at=at, low=0, mean=value, high=value, count=30)
    assert peaks_of(["see accounts"]) == {"see accounts": [10.0, 12.0, 14.0, 16.0, 18.0, 20.0]}
    assert told(installation, SAID).status_code == 200
    page = client(people, "auditor").get("/capacity").content.decode()
    assert "at 60.0: 95 % took up to 900 ms" in page and "bank-web: 0.97 cores" in page
    assert "50 % of it was used at most; at this growth 80 % in 6 days" in page
    assert "it bore all that was tried" in page


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("cores", 0),
        ("found", []),
        ("found", "many"),
        ("at", "soon"),
        ("held_per_s", -1),
        ("held_per_s", float("nan")),
        ("steps", [{}]),
    ],
)
def test_what_is_no_measurement_is_refused_in_words_and_nothing_is_kept(
    place: str, wrong: object, installation: Installation
) -> None:
    said = deepcopy(SAID)
    (said if place in said else said["found"][0])[place] = wrong
    answer = told(installation, said)
    assert answer.status_code == 422 and "no measurement" in answer.json()["error"]
    assert not Measured.objects.exists()


def test_only_a_terminal_tells_measurements(people: dict[str, str]) -> None:
    assert client(people, "manager").post("/capacity.json", SAID, content_type="application/json").status_code == 403


def test_measurements_are_bounded() -> None:
    for number in range(KEPT + 3):
        take({**SAID, "at": SAID["at"] + number})
    assert Measured.objects.count() == KEPT


@given(
    start=st.floats(1, 50), a_day=st.floats(1, 5), days=st.integers(DAYS_MIN, 13), limit=st.floats(200, 2000),
    odd=st.integers(0, 12),
)  # fmt: skip
def test_growth_reaches_its_limit_when_a_line_does_and_one_odd_day_does_not_bend_it(
    start: float, a_day: float, days: int, limit: float, odd: int
) -> None:
    peaks = [start + a_day * number for number in range(days)]
    said = growth(peaks, limit)
    assert said.days is not None and abs(said.days - (limit * ROOM - peaks[-1]) / a_day) <= 1
    if days >= 8:
        peaks[odd % days] = start
        bent = growth(peaks, limit)
        assert bent.a_day is not None and bent.a_day >= a_day * 0.7


def test_what_is_used_up_already_does_not_grow_or_is_too_new_is_said() -> None:
    assert growth([], 10).words == "not used while it was measured"
    assert growth([9.0], 10).days == 0
    assert growth([1.0, 2.0], 10).words.endswith("growth is said after 4 days")
    assert growth([4.0, 3.0, 3.0, 2.0, 2.0], 10).words.endswith("does not grow towards it")
