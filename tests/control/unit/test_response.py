"""The response to an incident: states, rosters' gaps, who is woken when, runbooks as files. Nothing but values."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from holdfast.control.response import runbook
from holdfast.control.response.contacts import email_refusal, webhook_refusal
from holdfast.control.response.errors import BadRunbook
from holdfast.control.response.machines import MACHINES
from holdfast.control.response.oncall import gaps
from holdfast.control.response.paging import levels_due
from holdfast.control.response.states import CHOICES, WORDS, refusal, state_of

T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
GOOD = "# A title\n\nWhen: something.\nFits: bank, part *\n\n1. First,\n   in two lines.\n2. Second.\n   run: spare bank on\n"


def hours(since: float, until: float) -> tuple[datetime, datetime]:
    return T0 + timedelta(hours=since), T0 + timedelta(hours=until)


@pytest.mark.demand("R1")
@pytest.mark.parametrize(
    ("phase", "acknowledged", "said", "reviewed", "state"),
    [
        ("open", False, "", False, "detected"),
        ("open", True, "", False, "acknowledged"),
        ("open", True, "identified", False, "identified"),
        ("open", True, "monitoring", False, "acknowledged"),
        ("repaired", True, "investigating", False, "mitigating"),
        ("repaired", True, "monitoring", False, "monitoring"),
        ("handing_back", False, "", False, "mitigating"),
        ("returned", True, "mitigating", False, "monitoring"),
        ("closed", True, "mitigating", False, "resolved"),
        ("closed", False, "", True, "reviewed"),
    ],
)
def test_the_state_follows_from_the_phase_and_from_what_people_said(
    phase: str, acknowledged: bool, said: str, reviewed: bool, state: str
) -> None:
    assert state_of(phase, acknowledged, said, reviewed) == state


def test_no_state_contradicts_its_phase_whatever_was_said() -> None:
    for phase, choices in CHOICES.items():
        for said in ("", *WORDS):
            for acknowledged in (False, True):
                state = state_of(phase, acknowledged, said, False)
                assert (state in {"resolved", "reviewed"}) is (phase == "closed")
                assert state != "monitoring" or phase not in ("open", "closed")
                assert (refusal(phase, said) == "") is (said in choices)


def test_gaps_are_what_no_shift_covers() -> None:
    day = hours(0, 24)
    assert gaps([], *day) == [day]
    assert gaps([hours(-5, 30)], *day) == []
    assert gaps([hours(12, 18), hours(2, 8), hours(7, 12)], *day) == [hours(0, 2), hours(18, 24)]
    assert gaps([hours(1, 20), hours(2, 3), hours(22, 40)], *day) == [hours(0, 1), hours(20, 22)]
    assert gaps([hours(30, 40)], *day) == [day]


@pytest.mark.parametrize(
    ("minutes", "first", "second", "levels"),
    [
        (0, True, True, {1}),
        (4.9, True, True, {1}),
        (5, True, True, {1, 2}),
        (5, True, False, {1, 3}),
        (10, True, True, {1, 2, 3}),
        (0, False, True, {2}),
        (0, False, False, {3}),
        (600, False, False, {3}),
    ],
)
def test_who_is_woken_grows_with_the_time_that_nobody_acknowledges(
    minutes: float, first: bool, second: bool, levels: set[int]
) -> None:
    assert levels_due(timedelta(minutes=minutes), first, second) == levels


@pytest.mark.parametrize(
    "typed",
    ["a@b", "nobody", "a b@mail.example", "@mail.example", "a@mail.example\nBcc: b@mail.example", "é@mail.example"],
)
def test_what_is_no_e_mail_address_is_refused(typed: str) -> None:
    assert "is no e-mail address" in email_refusal(typed)


def test_a_plain_address_is_taken() -> None:
    assert email_refusal("kari.nordmann+duty@mail.example") == ""


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("https://hooks.example/a?b=c", True),
        ("http://127.0.0.1:9000/hook", True),
        ("http://localhost/hook", True),
        ("http://hooks.example/a", False),
        ("http://127.0.0.1.example/", False),
        ("https://user:secret@hooks.example/", False),
        ("https:///path", False),
        ("https://hooks.example:99999/", False),
        ("file:///etc/passwd", False),
        ("https://hooks.example/a b", False),
    ],
)
def test_a_webhook_is_an_https_address_or_on_this_machine(typed: str, taken: bool) -> None:
    assert (webhook_refusal(typed) == "") is taken


def test_a_runbook_is_read_with_its_steps_and_what_machines_do() -> None:
    made = runbook.parse(GOOD, "a-name", MACHINES)
    assert (made.title, made.when, made.fits) == ("A title", "something.", ("bank", "part *"))
    assert [(one.words, one.run) for one in made.steps] == [
        ("First, in two lines.", ""),
        ("Second.", "spare bank on"),
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("# A title\n", "", "there is no line # …"),
        ("When: something.\n", "", "there is no line When: …"),
        ("Fits: bank, part *\n", "Fits: Bank!\n", "is no cause of an incident"),
        ("2. Second.", "3. Second.", "line 8: this is step 2, not 3"),
        ("2. Second.", "Second.", "line 8: 'Second.' is neither a step"),
        (
            "spare bank on",
            "rm -rf",
            "no machine can do 'rm -rf'; it can do: restart part, silence alerts, spare bank off, spare bank on",
        ),
        ("on\n", "on\n   more\n", "line 10: run: is the last line of its step"),
        ("2. Second.\n", "2. Second.\n# Another\n", "line 9: # stands once, before the steps"),
        (GOOD[GOOD.index("1.") :], "", "there is no step"),
        ("First,", "x" * 600, "line 6: it is longer than 500 letters"),
    ],
)
def test_a_runbook_that_cannot_be_read_is_refused_with_its_line(was: str, becomes: str, words: str) -> None:
    assert was in GOOD
    with pytest.raises(BadRunbook, match=r"a-name") as refused:
        runbook.parse(GOOD.replace(was, becomes), "a-name", MACHINES)
    assert words in str(refused.value)


@pytest.mark.demand("R2")
def test_the_runbooks_that_are_shipped_are_readable_and_one_is_for_a_breach(tmp_path: Path) -> None:
    known, wrong = runbook.read_all(tmp_path, MACHINES)
    assert wrong == []
    assert [one.name for one in known] == [
        "a-part-fails",
        "an-outdated-version",
        "data-breach",
        "database-full-or-slow",
        "disk-full",
        "peak-hours",
        "slow-service",
        "spare-bank-away",
        "total-loss-of-the-bank",
    ]
    breach = " ".join(one.words for one in known[2].steps)
    for wanted in ("Contain", "Keep evidence", "Notify the supervisory authority", "72 hours", "Notify customers"):
        assert wanted in breach


def test_the_banks_own_runbook_stands_instead_of_ours_and_a_broken_one_leaves_ours(tmp_path: Path) -> None:
    (tmp_path / "disk-full.md").write_text(GOOD)
    (tmp_path / "data-breach.md").write_text("# Nothing else\n")
    (tmp_path / "ours-only.md").write_text(GOOD)
    known, wrong = runbook.read_all(tmp_path, MACHINES)
    by_name = {one.name: one for one in known}
    assert len(known) == 10 and by_name["disk-full"].own and by_name["disk-full"].title == "A title"
    assert by_name["data-breach"].title == "Data breach" and not by_name["data-breach"].own
    assert len(wrong) == 1 and wrong[0].startswith("data-breach.md: ")


def test_the_runbooks_that_fit_come_closest_first() -> None:
    known, _ = runbook.read_all(Path("no such folder"), MACHINES)
    assert [one.name for one in runbook.fitting(known, "standin")] == ["spare-bank-away", "data-breach"]
    of_part = [one.name for one in runbook.fitting(known, "part bank-db")]
    assert of_part == [
        "database-full-or-slow",
        "disk-full",
        "slow-service",
        "a-part-fails",
        "an-outdated-version",
        "data-breach",
    ]
