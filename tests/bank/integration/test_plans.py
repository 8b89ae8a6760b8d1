"""Payments to come: made, changed and cancelled by the customer, once each, at whichever bank they fall due."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from enrolling import mark
from proofs import hidden, prove, with_password

from holdfast.bank.books import reader, rows
from holdfast.bank.commands import write_order_run
from holdfast.bank.exchange.models import Fact
from holdfast.bank.orders import plans
from holdfast.bank.orders.calendar import Rhythm, banking_day, is_banking_day, nominal
from holdfast.bank.orders.cancelling import ask_cancel, settle_plan, settle_plans
from holdfast.bank.orders.executing import run_orders
from holdfast.bank.orders.models import Execution, Order, Plan
from holdfast.bank.orders.plans import AHEAD, unfold_plans
from holdfast.bank.payments.models import Told
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row

pytestmark = pytest.mark.demand("B4")


def soon(days=1):
    """A banking day from some days on."""
    return banking_day(bank_today() + timedelta(days=days))


def ordered(town, person=None, **more):
    """The form of an order sent by a person; the answer."""
    person = person or town.ann
    amount = more.pop("amount", "100")
    form = {"first": soon().isoformat(), "rhythm": "once", "until": "", **person.form(town.ben, amount), **more}
    return person.post(more.pop("at", "/orders"), {name: value for name, value in form.items() if name != "at"})


def the_plan(town, **more):
    """The plan that is in force."""
    return Plan.objects.filter(debit=town.ann.account, **more).latest("id")


def orders_of(plan):
    return list(Order.objects.filter(plan=plan.id).order_by("number"))


def run_day(day):
    """The day's run begins."""
    write_order_run(day, timezone.now() - timedelta(seconds=1))
    while run_orders().done:
        pass


def test_a_payment_of_a_later_day_is_told_to_the_spare_bank_and_made_once_on_its_day(town):
    assert ordered(town).headers["Location"] == "/orders"
    (order,) = orders_of(the_plan(town))
    told = Fact.objects.get(kind="order", key=str(order.id))
    assert (told.body["due"], told.body["amount_minor"]) == (soon().isoformat(), 10_000)
    page = town.ann.get("/orders")
    assert (mark(page, "due"), mark(page, "amount-minor")) == (soon().isoformat(), "10000")
    run_day(order.due)
    run_day(order.due)
    assert (town.ben.balance, Execution.objects.get(order=order.id).state) == (10_000, "done")
    assert "Nothing is to come" in town.ann.get("/orders").content.decode()


def test_the_same_form_sent_again_orders_once(town):
    form = {**town.ann.form(town.ben, "100"), "first": soon().isoformat(), "rhythm": "once", "until": ""}
    assert [town.ann.post("/orders", form).status_code for _ in range(3)] == [303] * 3
    assert Plan.objects.filter(debit=town.ann.account).count() == 1


def test_a_repeating_order_is_known_ahead_and_goes_on_by_the_worker_without_a_double(town, monkeypatch):
    ordered(town, rhythm="weekly")
    plan = the_plan(town)
    dues = [one.due for one in orders_of(plan)]
    assert all(is_banking_day(day) for day in dues)
    assert dues[-1] <= bank_today() + AHEAD < plan.next_due
    monkeypatch.setattr(plans, "AHEAD", AHEAD + timedelta(days=21))
    later = [banking_day(nominal(plan.first, Rhythm.WEEKLY, number)) for number in range(12)]
    near = [day for day in later if day <= bank_today() + AHEAD + timedelta(days=21)]
    assert unfold_plans() >= len(near) - len(dues) > 0
    assert unfold_plans() == 0
    assert [(one.number, one.due) for one in orders_of(plan)] == list(enumerate(near))


def test_an_order_with_a_last_day_ends(town):
    first = soon()
    ordered(town, rhythm="weekly", first=first.isoformat(), until=(first + timedelta(days=8)).isoformat())
    assert (len(orders_of(the_plan(town))), the_plan(town).next_due) == (2, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("first", "2020-01-01", "from tomorrow on"),
        ("first", "never", "from tomorrow on"),
        ("first", "2099-01-01", "two years"),
        ("rhythm", "daily", "how often"),
        ("until", "2020-01-01", "not before the first"),
        ("amount", "0", "above zero"),
        ("amount", "900000", "not ordered"),
    ],
)
def test_an_order_with_a_wrong_field_is_not_made_and_keeps_what_was_typed(town, field, value, words):
    answer = ordered(town, **{field: value})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Plan.objects.filter(debit=town.ann.account).exists()
    assert "Ben Builder" in answer.content.decode()


def test_a_cancelled_order_is_never_paid_and_both_banks_are_told(town, door):
    ordered(town)
    plan = the_plan(town)
    (order,) = orders_of(plan)
    assert town.ann.post(f"/orders/{plan.id}/cancel", {}).headers["Location"] == "/orders"
    ident = ids.order_payment_id(order.id, order.due)
    assert Told.objects.filter(payment=ident).exists()
    assert Fact.objects.filter(kind="order", key=str(order.id)).latest("id").body is None
    assert reader().outcomes([ident])[ident].reason.value == "cancelled"
    run_day(order.due)
    assert (town.ben.balance, Execution.objects.filter(order=order.id).exists()) == (0, False)
    assert the_plan(town).state == "ended"


def test_an_order_that_was_paid_already_cannot_be_cancelled(town, door):
    ordered(town, rhythm="weekly")
    plan = the_plan(town)
    first, *rest = orders_of(plan)
    run_day(first.due)
    town.ann.post(f"/orders/{plan.id}/cancel", {})
    assert town.ben.balance == 10_000
    assert [one.cancelled is not None for one in orders_of(plan)] == [False, *(True for _ in rest)]


def test_what_the_spare_bank_has_in_hand_is_not_told_cancelled_until_the_register_grants_it(town, door):
    ordered(town)
    plan = the_plan(town)
    (order,) = orders_of(plan)
    ident = ids.order_payment_id(order.id, order.due)
    door.denied.add(ident.hex)
    town.ann.post(f"/orders/{plan.id}/cancel", {})
    assert mark(town.ann.get("/orders"), "state") == "ending"
    assert settle_plans() == 0
    run_day(order.due)
    assert (town.ben.balance, Told.objects.filter(payment=ident).exists()) == (0, False)
    door.denied.clear()
    assert settle_plans() == 1
    assert Told.objects.filter(payment=ident).exists()
    assert "Nothing is to come" in town.ann.get("/orders").content.decode()


def test_a_cancelled_order_that_the_spare_bank_had_paid_is_found_paid_after_the_replay(town, door, journal, call):
    ordered(town)
    plan = the_plan(town)
    (order,) = orders_of(plan)
    ident = ids.order_payment_id(order.id, order.due)
    door.denied.add(ident.hex)
    town.ann.post(f"/orders/{plan.id}/cancel", {})
    paid = town.payment(town.ann.account, town.ben.account, 10_000, ident)
    journal.payment("accept", paid)
    call("/-/replay", {})
    assert settle_plan(plan.id)
    door.denied.clear()
    run_day(order.due)
    one = Execution.objects.get(order=order.id)
    assert (town.ben.balance, one.state, one.source) == (10_000, "done", "journal")


def test_while_the_spare_bank_serves_nothing_is_cancelled_here(town, door):
    ordered(town)
    plan = the_plan(town)
    ask_cancel(plan.id)
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert (settle_plans(), settle_plan(plan.id)) == (0, False)
    assert orders_of(plan)[0].cancelled is None
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    assert settle_plans() == 1


def test_a_changed_order_is_another_one_under_another_id(town, door):
    ordered(town, rhythm="monthly")
    old = the_plan(town)
    page = town.ann.get(f"/orders/{old.id}").content.decode()
    assert 'value="monthly" selected' in page
    assert ordered(town, at=f"/orders/{old.id}", amount="200", rhythm="monthly").status_code == 303
    new = the_plan(town)
    assert (new.replaces, new.state, new.amount_minor) == (old.id, "active", 20_000)
    assert {one.id for one in orders_of(new)}.isdisjoint(one.id for one in orders_of(old))
    for one in orders_of(new):
        run_day(one.due)
    assert town.ben.balance == 20_000 * len(orders_of(new))
    assert all(one.cancelled for one in orders_of(old))


def test_a_change_waits_for_the_end_of_the_old_order_and_comes_to_nothing_when_that_was_paid(town, door, journal, call):
    ordered(town)
    old = the_plan(town)
    (order,) = orders_of(old)
    ident = ids.order_payment_id(order.id, order.due)
    door.denied.add(ident.hex)
    ordered(town, at=f"/orders/{old.id}", amount="200")
    new = the_plan(town)
    assert (new.state, orders_of(new)) == ("waiting", [])
    door.denied.clear()
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 10_000, ident))
    call("/-/replay", {})
    assert settle_plans() == 1
    assert (the_plan(town).state, orders_of(new), town.ben.balance) == ("dropped", [], 10_000)


def test_orders_of_other_customers_are_not_found(town, door):
    ordered(town)
    plan = the_plan(town)
    other = town.person(1000).log_in()
    for answer in (
        other.get(f"/orders/{plan.id}"),
        other.post(f"/orders/{plan.id}/cancel", {}),
        other.post(f"/orders/{plan.id}", {}),
        other.get("/orders/999999999"),
    ):
        assert answer.status_code == 404
    assert the_plan(town).state == "active"


def test_a_risky_order_is_proved_and_the_proof_holds_for_its_days_only(town, register):
    rich = with_password(town.person(90_000_000).log_in())
    asked = ordered(town, rich, amount="6000")
    assert (asked.status_code, mark(asked, "page")) == (422, "prove")
    action, form = hidden(asked)
    later = form | {"first": soon(9).isoformat()}
    assert mark(rich.post(action, later | {"password": "the right one"}), "page") == "prove"
    assert not Plan.objects.filter(debit=rich.account).exists()
    assert prove(rich, asked).headers["Location"] == "/orders"
    assert Plan.objects.get(debit=rich.account).form == uuid.UUID(form["id"])
