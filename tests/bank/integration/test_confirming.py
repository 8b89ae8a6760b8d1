"""What the bank confirms to the payee of an order that its outage kept back."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from ordering import TODAY, let_nothing_wait, order, salary

from holdfast.bank.books import keyring
from holdfast.bank.commands import write_order_run
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import retry_orders, run_orders
from holdfast.bank.orders.models import Execution
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.contracts.confirmation import PURPOSE, SIGNERS, How, confirmation_from_payload

BEGAN = datetime.now(UTC) - timedelta(minutes=40)
ENDED = datetime.now(UTC)


@pytest.fixture
def missed(town, door):
    """(Rita, the payment of her rent): refused in the outage, before her salary came."""
    write_order_run(TODAY, timezone.now() - timedelta(seconds=1))
    let_nothing_wait()
    rita = town.person(800_000).log_in()
    ident = order(town, 1_250_000, rita)
    run_orders()
    tell_refusals()
    charge_late_orders()
    made = Execution.objects.select_related("charge").get(order=ident)
    assert (made.state, made.charge.account) == ("refused", rita.account)
    return rita, made.payment


def tell_outage(call):
    """The control room tells of the outage when it is over."""
    today = TODAY.isoformat()
    told = {"incident": "I-9", "from": f"{today}T08:00:00+01:00", "until": today, "by": "control",
            "began": BEGAN.isoformat(), "ended": ENDED.isoformat()}  # fmt: skip
    assert call("/-/refunds", told, by="control").status_code == 200


def confirmed(person, payment):
    """What the address of a confirmation says, as a door reads it."""
    answer = person.get(f"/money/{payment}/confirmation")
    assert answer.status_code == 303
    (proof,) = parse_qs(urlsplit(answer["Location"]).query)["proof"]
    return confirmation_from_payload(keyring().verify(PURPOSE, proof, SIGNERS))


def test_an_order_that_the_salary_in_time_would_have_covered_is_confirmed_as_not_made(town, missed, call):
    rita, payment = missed
    salary(town, rita, 700_000)
    tell_outage(call)
    assert f"/money/{payment}/confirmation" in rita.get("/money").content.decode()
    said = confirmed(rita, payment)
    assert (said.payment, said.payer, said.payee) == (payment.hex, rita.name, town.ben.name)
    assert (said.amount_minor, said.currency, said.due, said.how) == (1_250_000, "NOK", TODAY, How.NOT_MADE)
    assert (said.since, said.until, said.made_at) == (BEGAN, ENDED, None)
    assert town.ann.get(f"/money/{payment}/confirmation").status_code == 404, "another customer's"


def test_one_that_was_paid_at_the_second_attempt_is_confirmed_as_late(town, missed, call):
    rita, payment = missed
    salary(town, rita, 3_150_000)
    retry_orders()
    assert Execution.objects.get(payment=payment).state == "late"
    tell_outage(call)
    said = confirmed(rita, payment)
    assert said.how is How.LATE
    assert said.made_at is not None
    assert said.made_at > ENDED


def test_nothing_is_confirmed_without_an_outage_or_without_the_money(town, missed, call):
    rita, payment = missed
    salary(town, rita, 700_000, TODAY + timedelta(days=1))
    Outage.objects.all().delete()
    assert rita.get(f"/money/{payment}/confirmation").status_code == 404
    tell_outage(call)
    assert rita.get(f"/money/{payment}/confirmation").status_code == 404
    assert "/confirmation" not in rita.get("/money").content.decode()
    assert rita.get(f"/money/{town.ann.id:032x}/confirmation").status_code == 404


def test_an_outage_of_another_hour_of_that_day_is_not_the_cause(town, missed, call):
    rita, payment = missed
    salary(town, rita, 700_000)
    tell_outage(call)
    assert rita.get(f"/money/{payment}/confirmation").status_code == 303
    for began in (BEGAN - timedelta(hours=3), ENDED + timedelta(hours=1)):
        Outage.objects.update(since=began, until=began + timedelta(hours=1))
        assert rita.get(f"/money/{payment}/confirmation").status_code == 404


def test_the_same_outage_told_again_is_kept_once_with_its_later_end(town, missed, call):
    tell_outage(call)
    tell_outage(call)
    assert list(Outage.objects.filter(incident="I-9").values_list("since", "until")) == [(BEGAN, ENDED)]
