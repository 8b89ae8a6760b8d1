"""Backups that are overdue, failed or not looked after are a number that a rule wakes somebody by."""

import json

import pytest

from holdfast.control.alerts.files import read_files
from holdfast.control.alerts.rules import judge
from holdfast.control.metrics.backups import SILENT_S_MAX, look

NOW = 1_795_500_000.0
pytestmark = pytest.mark.demand("D1")


@pytest.mark.parametrize(
    ("told", "fires"),
    [
        ({"at": NOW, "findings": []}, False),
        ({"at": NOW, "findings": ["the last drill of a backup failed"]}, True),
        ({"at": NOW - SILENT_S_MAX - 1, "findings": []}, True),
        ({"at": NOW - SILENT_S_MAX + 1, "findings": []}, False),
        ({}, True),
    ],
)
def test_a_rule_fires_while_backups_are_amiss_and_only_then(tmp_path, told, fires):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "backups.json").write_text(json.dumps(told))
    values = look(tmp_path, NOW)
    seen = judge(read_files(tmp_path).rules, values, dict.fromkeys(values, "1"))
    assert any(one.bad for one in seen if one.rule.name == "backups amiss") is fires


def test_where_no_place_was_ever_named_nothing_is_told(tmp_path):
    assert look(tmp_path, NOW) == {}
