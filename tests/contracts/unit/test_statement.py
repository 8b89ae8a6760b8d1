"""Under which day an entry stands in statements, alike at both banks."""

from datetime import date

import pytest

from holdfast.contracts.statement import statement_day

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 6)


@pytest.mark.demand("B5")
@pytest.mark.parametrize(
    ("source", "kind", "cause", "day"),
    [
        ("own", "payment", "form", MONDAY),
        ("own", "charge", "rule:interest:1:2026-03-01", MONDAY),
        ("own", "order", "order:7:2026-03-06", MONDAY),
        ("own", "payment", "filling", MONDAY),
        ("journal", "payment", "form", FRIDAY),
        ("own", "opening", "fill", FRIDAY),
        ("own", "salary", "fill", FRIDAY),
        ("own", "interest", "berka:12", FRIDAY),
    ],
)
def test_a_late_entry_leaves_past_days_alone_and_what_was_shown_before_keeps_its_day(source, kind, cause, day):
    assert statement_day(MONDAY, FRIDAY, source, kind, cause) == day
    assert statement_day(FRIDAY, MONDAY, source, kind, cause) == FRIDAY
