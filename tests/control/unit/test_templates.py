"""Log lines as templates: alike lines in one group, numbers and ids out, memory bounded; what is new and what surges."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.control.diagnosis import templates
from holdfast.control.diagnosis.case import LogCount
from holdfast.control.diagnosis.reasons import TROUBLE, WORDS_OF
from holdfast.control.diagnosis.templates import Templates, count, line_of, masked, surge

pytestmark = pytest.mark.demand("W4")
AT = 1_770_000_000.0


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("posted block 1234 in 5 ms", "posted block <number> in <number> ms"),
        ("payment 0190b7a2-1c3d-7e4f-8a9b-0c1d2e3f4a5b is booked", "payment <id> is booked"),
        ("paid kr 1 234,50 to 15032080119", "paid kr <number> to <number>"),
        ("mail to kari.nordmann@example.org failed", "mail to <mail> failed"),
        ("refused 203.0.113.7:443 at 2026-05-04T12:02:11.123Z", "refused <address> at <time>"),
        ('unexpected field "iban" of "Kari"', "unexpected field <text> of <text>"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 ended", "trace <id> ended"),
        ("GET https://bank.example/pay?x=1 took 12ms", "GET <url> took <number>ms"),
    ],
)
def test_what_belongs_to_one_request_is_masked(line: str, template: str) -> None:
    assert masked(line) == template


def test_lines_of_one_statement_share_a_template_with_place_holders_where_they_differ() -> None:
    learnt = Templates()
    for name in ("alpha", "beta", "gamma"):
        group = learnt.learn(f"worker started job {name} again", AT)
    assert (group.template, group.count) == ("worker started job <*> again", 3)
    assert learnt.learn("worker lost its database connection", AT).template == "worker lost its database connection"


def test_lines_of_other_lengths_or_beginnings_stand_apart() -> None:
    learnt = Templates()
    groups = {id(learnt.learn(line, AT)) for line in ("a b c d", "a b c", "x b c d", "a b c d", "a b c e")}
    assert len(groups) == 3


def test_templates_do_not_outgrow_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "GROUPS_MAX", 50)
    learnt, luck = Templates(), random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    seen = {
        learnt.learn(" ".join("".join(luck.choices(letters, k=6)) for _ in range(luck.randint(1, 9))), AT).template
        for _ in range(3000)
    }
    assert templates.TOO_MANY in seen and len(seen) == 51
    assert learnt._groups == 50


@given(st.lists(st.text(max_size=80), max_size=40))
@settings(max_examples=100, deadline=None)
def test_every_line_of_whatever_text_is_counted_once(lines: list[str]) -> None:
    counts = count("door", [(AT + number, line) for number, line in enumerate(lines)], AT + 10, AT, AT + 1000)
    assert sum(one.before + one.after for one in counts) == len(lines)
    assert sum(one.before for one in counts) == min(len(lines), 10)


def test_a_structured_event_becomes_a_line_that_names_its_exception() -> None:
    event = {
        "event": "a request failed", "level": "error", "timestamp": "2026-05-04T12:02:11Z", "building": "bank",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "path": "/accounts/17",
        "exception": "Traceback (most recent call last):\n  File x, line 3\nKeyError: 'iban'",
    }  # fmt: skip
    assert line_of(event) == "error: a request failed Traceback: KeyError: 'iban' path=/accounts/17"
    assert masked(line_of(event)) == "error: a request failed Traceback: KeyError: <text> path=/accounts/<number>"
    assert line_of({}) == ""


def test_words_that_only_look_like_trouble_are_none() -> None:
    for calm in ("cache was refreshed", "copied successfully", "a skilled <*>", "settled <number>"):
        assert not TROUBLE.search(calm) and not any(words.search(calm) for words in WORDS_OF.values())


def test_lines_are_counted_before_and_after_the_trigger() -> None:
    lines = [(AT - 60 + 5 * number, f"page took {number} ms") for number in range(24)]
    lines += [
        (AT + 3, "error: no connection to peer 7"),
        (AT + 4, "error: no connection to peer 9"),
        (AT - 999, "old 1"),
    ]
    found = count("bank", lines, AT, AT - 60, AT + 60)
    assert found == [
        LogCount("bank", "page took <number> ms", 12, 12, 60.0, 60.0, AT - 60),
        LogCount("bank", "error: no connection to peer <number>", 0, 2, 60.0, 60.0, AT + 3),
    ]


def test_new_templates_and_surges_are_news_and_the_usual_is_not() -> None:
    def news(before: float, after: float, first: float | None = None) -> str:
        one = surge(LogCount("bank", "x", before, after, 600, 60, first), AT)
        return one.words if one else ""

    assert news(0, 5) == "New since the complaint, 5 times"
    assert news(0, 1) == ""
    assert news(100, 10) == ""
    assert news(100, 60) == "60 times instead of the usual 10.0"
    assert news(0, 5, AT - 90_000) == "5 times instead of the usual 0.0"
    assert surge(LogCount("bank", "x", float("nan"), float("inf"), 0, 0), AT) is None
