"""Standing orders, charges and refunds."""

import threading
import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone
from ordering import PAY_DAY, TODAY, let_nothing_wait, order, salary

from holdfast.bank.books import books, installation, reader, rows
from holdfast.bank.commands import write_order_run
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.leaving import closing
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import retry_orders, run_orders
from holdfast.bank.orders.models import Execution, OrderRun, Refund
from holdfast.bank.orders.planning import DAYS_AHEAD, plan_runs
from holdfast.bank.orders.refunding import refund_charges
from holdfast.bank.payments.pay import bank_today, calendar_today
from holdfast.bank.worker.loop import Worker
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.contracts import ids
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.journal import Payment
from holdfast.ledger.api import Action, Post


@pytest.fixture(autouse=True)
def nothing_waits(door):
    let_nothing_wait()


def test_orders_run_only_after_the_run_has_begun_and_only_for_cohorts_served_here(town):
    due = date(2031, 1, 1)
    ident = order(town, 1000, due=due, run=False)
    run_orders()
    assert town.ben.balance == 0
    write_order_run(due, timezone.now() + timedelta(hours=1))
    run_orders()
    assert town.ben.balance == 0
    write_order_run(due, timezone.now() - timedelta(seconds=1))
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert run_orders().done == 0
    assert town.ben.balance == 0
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    assert run_orders().done == 1
    assert town.ben.balance == 1000
    assert Execution.objects.get(order=ident).state == "done"


def test_two_runners_pay_each_order_once_and_25_a_block(town):
    idents = [order(town, 100) for _ in range(60)]
    head = reader().head().block
    found = []

    def run():
        try:
            while (ran := run_orders()).done:
                found.append(ran.done)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert town.ben.balance == 6000
    assert Execution.objects.filter(order__in=idents, state="done").count() == 60
    assert max(found) == 25
    assert reader().head().block - head == 3


def test_an_order_that_the_spare_bank_paid_is_not_paid_again(town, journal, call):
    ident = order(town, 1000)
    payment = ids.order_payment_id(ident, TODAY)
    journal.payment(
        "accept",
        Payment(
            payment,
            town.ann.account,
            town.ben.account,
            1000,
            "NOK",
            "order",
            TODAY,
            town.cohort,
            f"order:{ident}:{TODAY}",
            "Ann",
            "Ben",
            "Rent",
        ),
    )
    call("/-/replay", {})
    assert run_orders().done == 1
    assert town.ben.balance == 1000
    one = Execution.objects.get(order=ident)
    assert (one.state, one.source) == ("done", "journal")


def refused_order(town, person, amount_minor=50_000):
    ident = order(town, amount_minor, person)
    assert run_orders().refused == 1
    return ident


def test_a_refused_order_is_charged_once_and_only_after_the_refusal_was_granted(town, door):
    poor = town.person(10_000)
    ident = refused_order(town, poor)
    payment = ids.order_payment_id(ident, TODAY)
    assert charge_late_orders() == 0
    door.denied.add(payment.hex)
    tell_refusals()
    assert charge_late_orders() == 0
    assert poor.balance == 10_000
    door.denied.clear()
    tell_refusals()
    assert [charge_late_orders() for _ in range(3)] == [1, 0, 0]
    assert poor.balance == 3000
    (line,) = [one for one in reader().lines(poor.account) if one.kind == "charge"]
    assert line.id == ids.charge_id("late_order", poor.account, f"{ident}:{TODAY}")


def test_a_charge_may_bring_the_account_below_its_floor(town, door):
    poor = town.person(0)
    refused_order(town, poor)
    tell_refusals()
    assert charge_late_orders() == 1
    assert poor.balance == -7000
    assert reader().prove() == []


def test_an_order_that_was_refused_here_and_paid_by_the_spare_bank_is_not_charged(town, door, journal, call):
    poor = town.person(10_000)
    ident = refused_order(town, poor)
    payment = ids.order_payment_id(ident, TODAY)
    journal.payment(
        "accept",
        Payment(
            payment,
            poor.account,
            town.ben.account,
            50_000,
            "NOK",
            "order",
            TODAY,
            town.cohort,
            f"order:{ident}:{TODAY}",
            "Poor",
            "Ben",
            "Rent",
        ),
    )
    call("/-/replay", {})
    tell_refusals()
    assert charge_late_orders() == 0
    assert Execution.objects.get(order=ident).state == "done"
    assert poor.balance == -40_000


def test_the_second_attempt_is_made_once_when_the_money_has_come(town, door):
    poor = town.person(10_000)
    ident = refused_order(town, poor)
    tell_refusals()
    charge_late_orders()
    assert retry_orders() == 0
    salary(town, poor, 60_000)
    assert [retry_orders() for _ in range(3)] == [1, 0, 0]
    assert (town.ben.balance, poor.balance) == (50_000, 13_000)
    assert Execution.objects.get(order=ident).state == "late"


def test_a_charge_that_came_of_the_incident_is_refunded_once_with_its_calculation(town, door, journal, call):
    from holdfast.bank.customers.models import Customer
    from holdfast.bank.customers.sessions import begin_session, session_cookie

    rita = town.person(800_000)
    unlucky = town.person(10_000)
    ident = order(town, 1_250_000, rita, PAY_DAY)
    order(town, 99_000, unlucky, PAY_DAY)
    journal.payment(
        "void",
        Payment(
            ids.order_payment_id(ident, PAY_DAY),
            rita.account,
            town.ben.account,
            1_250_000,
            "NOK",
            "order",
            PAY_DAY,
            town.cohort,
            f"order:{ident}:{PAY_DAY}",
            "Rita",
            "Ben",
            "Rent",
        ),
    )
    call("/-/replay", {})
    assert run_orders().refused == 2
    tell_refusals()
    assert charge_late_orders() == 2
    salary(town, rita, 3_150_000, PAY_DAY)
    assert retry_orders() == 1
    salary(town, unlucky, 1_000_000, PAY_DAY + timedelta(days=1))
    assert rita.balance == 800_000 + 3_150_000 - 1_250_000 - 7000
    asked = {
        "incident": f"I-{ident}",
        "from": f"{PAY_DAY}T08:00:00+01:00",
        "until": PAY_DAY.isoformat(),
        "by": "staff:1",
        "began": f"{PAY_DAY}T08:00:00+01:00",
        "ended": f"{PAY_DAY}T08:40:00+01:00",
    }
    first = call("/-/refunds", asked, by="control").json()["refunds"]
    again = call("/-/refunds", asked, by="control").json()["refunds"]
    assert first == again
    (one,) = first
    assert (one["customer"], one["account"], one["refunded_minor"], one["would_have_been_minor"]) == (
        rita.id,
        rita.account,
        7000,
        0,
    )
    assert rita.balance == 800_000 + 3_150_000 - 1_250_000
    assert not Refund.objects.filter(account=unlucky.account).exists()
    session = begin_session(Customer.objects.get(id=rita.id), rita.epoch, ("passkey",))
    rita.client.cookies["hf_bank"] = session_cookie(session, rita.epoch)
    page = rita.get("/money").content.decode()
    assert "As it would have been" in page
    assert '+70.00 <span class="small">NOK</span>' in page
    assert call("/-/refunds", asked, by="door").status_code == 403
    assert call("/-/refunds", {"incident": "x"}, by="control").status_code == 400


@pytest.mark.parametrize(("late_minor", "refunds"), [(0, 0), (60_000, 1)])
def test_a_charge_that_came_of_held_money_alone_is_not_given_back(town, door, late_minor, refunds):
    rita = town.person(100_000)
    hold = {"cohort": town.cohort, "epoch": rita.epoch, "action": Action.PENDING, "expires_us": 2**60}
    said = {"currency": "NOK", "kind": "card", "value_date": PAY_DAY, "cause": "test"}
    assert books().post(Post(uuid.uuid4(), rita.account, town.ben.account, 90_000, **said, **hold)).block
    ident = order(town, 50_000, rita, PAY_DAY)
    assert run_orders().refused == 1
    tell_refusals()
    assert charge_late_orders() == 1
    if late_minor:
        salary(town, rita, late_minor, PAY_DAY)
    since = datetime.combine(PAY_DAY, time(8), UTC)
    assert len(refund_charges(f"I-{ident}", since, PAY_DAY, "staff:1")) == refunds


def test_a_refund_that_was_booked_and_not_noted_is_not_booked_again_by_another_incident(town, door, monkeypatch):
    rita = town.person(10_000)
    order(town, 50_000, rita, PAY_DAY)
    assert run_orders().refused == 1
    tell_refusals()
    assert charge_late_orders() == 1
    salary(town, rita, 60_000, PAY_DAY)
    charged, since = rita.balance, datetime.combine(PAY_DAY, time(8), UTC)
    monkeypatch.setattr(Refund.objects, "bulk_create", lambda *_, **__: (_ for _ in ()).throw(OSError("died here")))
    with pytest.raises(OSError, match="died here"):
        refund_charges("I-one", since, PAY_DAY, "staff:1")
    monkeypatch.undo()
    (again,) = refund_charges("I-another", since, PAY_DAY, "staff:1")
    assert rita.balance == charged + again["refunded_minor"]


def test_a_refund_for_a_closed_account_waits_at_the_suspense_account_once(town, door):
    rita, suspense = town.person(10_000), bank_facts.own("suspense")
    ident = order(town, 50_000, rita, PAY_DAY)
    assert run_orders().refused == 1
    tell_refusals()
    assert charge_late_orders() == 1
    salary(town, rita, 60_000, PAY_DAY)
    closing._flag(rita.account, closed=True)
    had, held = rita.balance, reader().accounts([suspense])[suspense].balance_minor
    since = datetime.combine(PAY_DAY, time(8), UTC)
    (one,) = refund_charges(f"I-{ident}", since, PAY_DAY, "staff:1")
    Refund.objects.filter(account=rita.account).delete()
    (again,) = refund_charges(f"I-{ident}", since, PAY_DAY, "staff:1")
    state = reader().accounts([suspense])[suspense]
    assert (rita.balance, state.balance_minor - held) == (had, one["refunded_minor"])
    assert one["refunded_minor"] == again["refunded_minor"] > 0


def test_while_a_journal_is_missing_orders_are_claimed_as_taken_first(town, door):
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2, FIRST_EPOCH + 1)])
    paid, told = order(town, 100), order(town, 100)
    door.denied.add(ids.order_payment_id(told, TODAY).hex)
    ran = run_orders()
    door.denied.clear()
    assert (ran.done, ran.refused) == (1, 1)
    assert town.ben.balance == 100
    assert Execution.objects.get(order=paid).state == "done"
    assert Execution.objects.get(order=told).reason == "claimed_refused"


def test_the_worker_books_nothing_before_it_has_read_the_rows_after_a_start_or_a_pause(town, door):
    now = [100.0]
    good = door.answers.pop("/-/rows")
    worker = Worker(lambda: now[0])
    ident = order(town, 100)
    assert worker.step() is False
    assert not Execution.objects.filter(order=ident).exists()
    door.answers["/-/rows"] = good
    door.rows = [[town.cohort, "standin", FIRST_EPOCH + 1, 0]]
    assert worker.step() is True
    assert not Execution.objects.filter(order=ident).exists()
    del door.answers["/-/rows"]
    now[0] += 60
    assert worker.step() is False
    door.answers["/-/rows"] = good
    door.rows = [[town.cohort, "primary", FIRST_EPOCH + 2, 0]]
    assert worker.step() is True
    assert Execution.objects.get(order=ident).state == "done"
    door.rows = []


def test_the_coming_week_is_planned_once_and_a_day_told_otherwise_stays(town):
    OrderRun.objects.filter(date__gt=bank_today()).delete()
    told = bank_today() + timedelta(days=2)
    write_order_run(told, datetime(2026, 1, 1, tzinfo=UTC))
    planned = plan_runs()
    assert planned == DAYS_AHEAD - 1
    assert plan_runs() == 0
    runs = dict(OrderRun.objects.filter(date__gt=bank_today()).values_list("date", "at"))
    assert sorted(runs) == [bank_today() + timedelta(days=days) for days in range(1, DAYS_AHEAD + 1)]
    assert runs[told] == datetime(2026, 1, 1, tzinfo=UTC)
    tomorrow = runs[bank_today() + timedelta(days=1)].astimezone(ZoneInfo(installation().time_zone))
    assert (tomorrow.hour, tomorrow.date()) == (6, calendar_today() + timedelta(days=1))
