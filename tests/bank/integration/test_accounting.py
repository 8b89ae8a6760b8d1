"""The bank's accounting: trial balances and closings for the control room, anchors at the spare bank, the going proof."""

import time
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from closing import let_no_day_be_open

from holdfast.bank.accounting import anchoring, closing, commands, proving
from holdfast.bank.books import keyring, reader, rows
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.errors import CallFailed
from holdfast.contracts.anchors import PURPOSE, anchor_of
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import NotClosed

pytestmark = pytest.mark.demand("A1", "A3")


@pytest.fixture
def nothing_closed(monkeypatch):
    """Closing is done in the ledger's own tests; here nothing is, since a closed day stays closed for all tests."""
    asked = []

    def close_days(_self, day, _days, by, approved_by):
        asked.append((day, by, approved_by))
        return [day]

    monkeypatch.setattr("holdfast.ledger.api.Reader.close_days", close_days)
    let_all_be_booked()
    return asked


def let_all_be_booked():
    """What other tests left with the spare bank, missing or open is no matter of these."""
    let_no_day_be_open()
    left = [one for one in rows.all().values() if one.forced]
    rows.learn([Row(one.cohort, Mode.PRIMARY, one.epoch + 1) for one in left])


@pytest.mark.parametrize("row", [(Mode.STANDIN, 0), (Mode.HANDING_BACK, 0), (Mode.PRIMARY, FIRST_EPOCH)])
def test_no_day_is_closed_while_entries_of_a_group_are_elsewhere(town, nothing_closed, row):
    mode, forced = row
    rows.learn([Row(town.cohort, mode, FIRST_EPOCH + 1, forced)])
    with pytest.raises(NotClosed, match="their entries are booked"):
        closing.close(closing.last_day_over(), "ann", "ben")
    assert nothing_closed == []
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    assert "is closed" in closing.close(closing.last_day_over(), "ann", "ben")


@pytest.mark.parametrize("state", ["running", "waiting"])
def test_no_day_is_closed_before_its_charges_are_booked(town, nothing_closed, state):
    day = closing.last_day_over()
    DayEnd.objects.create(day=day, state=state, began=datetime.now(UTC))
    with pytest.raises(NotClosed, match="is not booked yet"):
        closing.close(day, "ann", "ben")
    DayEnd.objects.filter(day=day).update(state="done")
    assert "is closed" in closing.close(day, "ann", "ben")
    DayEnd.objects.filter(day=day).delete()
    assert len(nothing_closed) == 1


def test_no_day_is_closed_while_a_charge_of_value_on_it_waits_for_a_group_that_came_back(town, nothing_closed):
    """Decided before the group went to the spare bank: the day is done, and the charge is not booked."""
    day = closing.last_day_over()
    said = {"account": 1, "rule": "interest", "first": day, "version": "1", "currency": "NOK", "amount_minor": 1}
    one = Booking.objects.create(
        id=uuid.uuid4(), cohort=town.cohort, until=day, calculation={}, decided=datetime.now(UTC), **said
    )
    with pytest.raises(NotClosed, match="not booked yet"):
        closing.close(day, "ann", "ben")
    assert "is closed" in closing.close(day - timedelta(days=1), "ann", "ben")
    one.delete()
    assert len(nothing_closed) == 1


def test_the_newest_day_that_may_be_closed_is_over_since_some_minutes(town):
    midnight = closing.bank_days().end(date(2026, 3, 1))
    assert closing.last_day_over(midnight + timedelta(minutes=9)) == date(2026, 2, 28)
    assert closing.last_day_over(midnight + timedelta(minutes=11)) == date(2026, 3, 1)


def test_a_day_that_is_not_over_is_not_closed(town, nothing_closed):
    with pytest.raises(NotClosed, match="is not over"):
        closing.close(closing.last_day_over() + timedelta(days=1), "ann", "ben")
    assert nothing_closed == []


def test_the_control_room_sees_a_trial_balance_that_balances(town, call):
    today = closing.bank_days().of(datetime.now(UTC))
    body = call("/-/books", by="control", day=today.isoformat()).json()
    assert body["lines"] and all(minor == 0 for minor in body["differences"].values())
    assert sum(one["net_minor"] for one in body["lines"]) == 0
    assert (body["closed"], body["day"]) == (None, today.isoformat())
    assert call("/-/books", by="control", day="yesterday").status_code == 400
    assert [call("/-/books", by=one).status_code for one in ("standin", "door")] == [403, 403]


@pytest.mark.parametrize(("days", "status"), [(0, 200), (1, 409)])
def test_days_are_closed_by_two_people_whom_the_control_room_names(call, keys, nothing_closed, days, status):
    day = closing.last_day_over() + timedelta(days=days)
    body = {"day": day.isoformat(), "asked_by": "ann", "approved_by": "ben", "why": "w", "at": time.time()}
    answer = call("/-/books/close", {"token": keys["control"].sign("books-close", body)}, by="control")
    assert answer.status_code == status
    assert ("is not over" in answer.content.decode()) == (status == 409)
    assert nothing_closed == ([(day, "ann", "ben")] if status == 200 else [])
    assert call("/-/books/close", {"token": keys["door"].sign("books-close", body)}, by="control").status_code == 403


def test_pages_and_jobs_may_close_days_in_the_books_by_two_people_only(town):
    let_all_be_booked()
    with pytest.raises(NotClosed, match="two people"):
        reader().close_days(date(2000, 1, 1), closing.bank_days(), "ann", "ann")
    with pytest.raises(NotClosed, match="nothing was booked"):
        closing.close(date(2000, 1, 1), "ann", "ben")


def test_the_commands_print_chart_and_trial_balance(town, capsys):
    assert commands.chart() == 0
    assert "Settlement with other banks / Oppgjør med andre banker" in capsys.readouterr().out
    assert commands.show_trial_balance(closing.bank_days().of(datetime.now(UTC))) == 0
    out = capsys.readouterr().out
    assert "Deposits of customers" in out and "Debits and credits are equal" in out


def test_an_anchor_says_the_end_of_the_books_under_the_banks_key(town):
    made = anchoring.make_anchor()
    head = reader().head()
    read = anchor_of(keyring().verify(PURPOSE, made.token, by={"primary"}), made.token)
    assert (read.block, read.hash, read.at_us) == (head.block, head.hash, head.at_us)


def test_an_anchor_is_kept_each_hour_and_tried_again_while_the_spare_bank_is_away(town, monkeypatch):
    now, asked = [0.0], []

    def call(*_arguments, **_more):
        asked.append(now[0])
        if len(asked) == 1:
            raise CallFailed("away")
        return {"copy": "same"}

    monkeypatch.setattr(anchoring, "call", call)
    kept = anchoring.KeptAnchors(lambda: now[0])
    with pytest.raises(CallFailed):
        kept.keep()
    for now[0] in (60.0, 120.0, 3600.0, 3661.0):
        kept.keep()
    assert asked == [0.0, 60.0, 3661.0]


def test_a_copy_with_another_hash_is_a_fault_in_words(town, monkeypatch):
    monkeypatch.setattr(anchoring, "call", lambda *_a, **_m: {"copy": "other"})
    with pytest.raises(CallFailed, match="another hash"):
        anchoring.KeptAnchors().keep()
    assert "BUT ITS COPY HAS ANOTHER HASH" in anchoring.anchor_outside()[1]


def test_the_worker_proves_what_is_new_and_health_says_how_far(town, call):
    for _ in range(50):
        if not proving.prove_step():
            break
    proved = reader().proved()
    assert (proved.block, proved.findings) == (reader().head().block, 0)
    body = call("/-/health").json()
    assert (body["proved_block"], body["proof_findings"]) == (proved.block, 0)


def test_an_account_is_printed_with_its_balances_and_its_balance_at_a_past_moment(town, capsys):
    before = datetime.now(UTC)
    town.ann.post("/pay", town.ann.form(town.ben, "12.50"))
    assert commands.show_account(town.ann.account, None, None) == 0
    out = capsys.readouterr().out
    assert "before: 0.00" in out and "behind: 987.50" in out
    assert [line.split()[-3:-1] for line in out.splitlines() if " block " in line] == [
        ["1,000.00", "1,000.00"],
        ["−12.50", "987.50"],
    ]
    assert commands.show_balance(town.ann.account, before) == 0
    assert "1,000.00 NOK" in capsys.readouterr().out
    assert commands.show_account(99, None, None) == commands.show_balance(99, before) == 1
