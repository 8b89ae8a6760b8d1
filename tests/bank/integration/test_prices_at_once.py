"""Two price lists published at once: one of them holds, the other is refused."""

import uuid
from datetime import timedelta

import pytest
from racing import at_once

from holdfast.bank.charges.models import PriceVersion
from holdfast.bank.charges.publishing import price_book, publish, why_not
from holdfast.bank.orders.models import Price
from holdfast.bank.payments.pay import bank_today

pytestmark = [pytest.mark.demand("A2", "G6"), pytest.mark.usefixtures("door")]


@pytest.fixture
def lists():
    """Two lists that were both made from the newest one, and its version; taken away again."""
    held = price_book("NOK").lists[-1]
    body = {**held.body, "late_order": "65.00"}
    made = [
        why_not(body, f"t-{uuid.uuid4().hex[:8]}", bank_today() + timedelta(days=ahead), "NOK") for ahead in (30, 31)
    ]
    yield made, held.version
    for table in (PriceVersion, Price):
        table.objects.filter(version__in=[one.version for one in made]).delete()
    price_book.__globals__["_known"].forget()


def test_of_two_lists_published_at_once_the_second_is_refused(lists):
    (one, other), before = lists
    told = at_once(lambda: publish(one, before, "one", "two", ""), lambda: publish(other, before, "one", "two", ""))
    assert told[0] == "" and "has changed" in told[1]
    stored = PriceVersion.objects.filter(version__in=(one.version, other.version))
    assert [found.version for found in stored] == [one.version]
