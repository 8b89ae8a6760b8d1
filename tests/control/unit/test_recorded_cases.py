"""A case as a file: written and read back alike; what is no case is refused in words."""

import json
import math
from dataclasses import replace

import pytest
from incident_cases import AT, slow_database

from holdfast.control.diagnosis import Cause, diagnose
from holdfast.control.diagnosis.case import Answer, CallerShare, Change, Difference, LogCount, Part
from holdfast.control.diagnosis.recorded import CaseUnreadable, Recorded, TrueCause

pytestmark = pytest.mark.demand("W4")
WHOLE = Recorded(
    replace(
        slow_database(),
        parts=(Part("database", host="b"), Part("register", outside=True)),
        changes=(Change(AT - 40, "database", "release 9"),),
        differences=(Difference("bank", "eight workers", None, True),),
        logs=(LogCount("bank", "error <number>", 1, 9, 60, 60, None),),
        callers=(CallerShare("bank", "door", 0.9, 0.9),),
        answers=(Answer("bank", "answers"),),
    ),
    (TrueCause(("database", "release 9"), Cause.CHANGE), TrueCause(("bank",))),
)


def test_a_recorded_case_is_read_back_as_it_was_and_diagnosed_alike() -> None:
    again = Recorded.read(json.dumps(WHOLE.to_json(), allow_nan=False))
    assert again == WHOLE
    assert diagnose(again.case) == diagnose(WHOLE.case)


def test_what_is_no_number_is_written_as_nothing() -> None:
    one = replace(WHOLE.case.series[0], times=(AT, AT + 5), values=(math.nan, 2.0))
    text = json.dumps(Recorded(replace(WHOLE.case, series=(one,))).to_json(), allow_nan=False)
    assert Recorded.read(text).case.series[0].values == (None, 2.0)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("{", "holds no recorded case"),
        ("[]", "the file is no object"),
        ('{"form": "other/9"}', "The file's form is 'other/9', not holdfast-case/1"),
        ('{"form": "holdfast-case/1", "case": {}}', "complaint is no object"),
        ('{"form": "holdfast-case/1", "case": {"complaint": {"component": "a", "at": 1}}}', "In complaint something is missing"),
        ('{"form": "holdfast-case/1", "case": {"complaint": {"component": "a", "metric": "m", "at": "x"}}}', "complaint.at is no number"),
        ('{"form": "holdfast-case/1", "causes": [{"names": ["a"], "cause": "gnomes"}]}', "causes.cause is 'gnomes'"),
        ("[" * 100_000, "holds no recorded case"),
    ],
)  # fmt: skip
def test_what_is_no_recorded_case_is_refused_in_words(spoilt: str, words: str) -> None:
    with pytest.raises(CaseUnreadable, match=words):
        Recorded.read(spoilt)


def test_a_series_of_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    told = WHOLE.to_json()
    told["case"]["series"][0]["kind"] = "mood"
    with pytest.raises(CaseUnreadable) as refused:
        Recorded.from_json(told)
    assert str(refused.value) == "series.kind is 'mood'; it can be rate, latency, errors, saturation, availability."
