"""Settings that parts tell: one value each, the newest."""

import pytest

from holdfast.telemetry.describing import describe
from holdfast.telemetry.metrics import exposition

pytestmark = pytest.mark.demand("W1")


def told(name):
    lines = exposition("tests").decode().splitlines()
    return [line for line in lines if line.startswith("holdfast_setting_info") and f'name="{name}"' in line]


def test_of_a_part_what_is_told_no_more_is_gone_and_of_another_it_stays():
    describe(part="c-part", idle_limit=20, waits=1)
    describe(part="d-part", idle_limit=20)
    describe(part="c-part", waits=1)
    assert [line for line in told("idle limit") if 'part="d-part"' in line] == told("idle limit") != []
    describe(part="c-part", idle_limit=20, waits=1)
    assert len(told("idle limit")) == 2


def test_of_a_setting_that_changed_the_new_value_alone_is_told():
    describe(part="a-part", waits_for_s=2)
    describe(part="b-part", waits_for_s=2)
    describe(part="a-part", waits_for_s=5)
    said = told("waits for s")
    assert len(said) == 2
    assert any('part="a-part"' in line and 'value="5"' in line for line in said)
    assert any('part="b-part"' in line and 'value="2"' in line for line in said)
