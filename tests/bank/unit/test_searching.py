"""Searching an account: each filter, all of them together, and pages that neither repeat nor miss an entry."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from holdfast.bank.accounts import searching
from holdfast.bank.accounts.searching import Filters, search
from holdfast.ledger.api import Line

DAY = date(2026, 3, 1)
PLAIN = Line(1, uuid.UUID(int=1), 1, datetime(2026, 3, 1, tzinfo=UTC), DAY, "payment", -100, 0, 2, "", "Ben", "lunch",
             "own", -1, "form")  # fmt: skip


def account_of(count):
    """Entries of one account by their place, the newest first."""
    kinds = ("payment", "salary", "card", "order", "something new")
    return [
        replace(
            PLAIN,
            seq=seq,
            amount_minor=(seq % 7 - 3) * 50 or 1,
            kind=kinds[seq % len(kinds)],
            value_date=DAY + timedelta(days=seq // 10),
            text=f"text {seq % 4}",
        )
        for seq in range(count, 0, -1)
    ]


def reading(lines):
    def read(count, before):
        return [line for line in lines if before is None or line.seq < before][:count]

    return read


def words(line):
    return f"{line.payee} {line.text}"


def found_all(lines, filters, limit):
    out, before, looked = [], None, 0
    while True:
        found = search(reading(lines), filters, words, before, limit)
        assert found.looked <= searching.LOOKED_MAX
        out, looked = out + found.lines, looked + found.looked
        if found.before is None:
            return out, looked
        assert before is None or found.before < before
        before = found.before


FILTERS = st.builds(
    Filters,
    text=st.sampled_from(["", "TEXT 1", "ben", "nobody"]),
    least_minor=st.none() | st.integers(0, 160),
    most_minor=st.none() | st.integers(0, 160),
    first=st.none() | st.dates(DAY, DAY + timedelta(days=60)),
    last=st.none() | st.dates(DAY, DAY + timedelta(days=60)),
    way=st.sampled_from(["", "in", "out"]),
    kind=st.sampled_from(["", "payment", "salary", "card", "order", "charge", "other"]),
)


@given(FILTERS, st.integers(1, 60), st.integers(0, 300))
def test_pages_together_hold_each_entry_that_fits_once_in_order(filters, limit, count):
    lines = account_of(count)
    found, looked = found_all(lines, filters, limit)
    assert found == [one for one in lines if filters.fit(one) and filters.text.casefold() in words(one).casefold()]
    assert looked == count


def test_one_request_looks_at_a_bounded_number_of_entries(monkeypatch):
    lines, asked = account_of(searching.LOOKED_MAX * 2), []

    def read(count, before):
        asked.append(count)
        return reading(lines)(count, before)

    found = search(read, Filters(text="nobody"), words, None, 50)
    assert (found.lines, found.looked, sum(asked)) == ([], searching.LOOKED_MAX, searching.LOOKED_MAX)
    assert found.before == lines[searching.LOOKED_MAX - 1].seq


def test_each_filter_alone():
    line = replace(PLAIN, amount_minor=-250)
    assert Filters(least_minor=250, most_minor=250).fit(line)
    assert not Filters(least_minor=251).fit(line)
    assert not Filters(most_minor=249).fit(line)
    assert Filters(first=DAY, last=DAY, way="out", kind="payment").fit(line)
    assert not Filters(first=DAY + timedelta(days=1)).fit(line)
    assert not Filters(last=DAY - timedelta(days=1)).fit(line)
    assert not Filters(way="in").fit(line)
    assert not Filters(kind="card").fit(line)
    assert Filters(kind="other").fit(replace(line, kind="something new"))
