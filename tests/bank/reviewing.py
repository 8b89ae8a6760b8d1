"""What tests of reviews share: payments that were tried and refused on a day of the past, a review computed and given."""

import time
import uuid
from datetime import UTC, datetime
from datetime import time as clock

from closing import JUNE

from holdfast.bank.books import books, rows
from holdfast.bank.charges.models import DayEnd
from holdfast.bank.customers import opening
from holdfast.bank.exchange.models import Replayed
from holdfast.bank.redress.computing import go_on
from holdfast.bank.redress.deciding import Wanted, begin, decide
from holdfast.bank.redress.models import OPEN_STATES, Given, Review
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import Post, Result

BEGAN = datetime(2025, 6, 10, 9, tzinfo=UTC)


def let_no_review_be_open():
    Review.objects.filter(state__in=OPEN_STATES).update(state="dropped")
    Given.objects.filter(ended="").update(ended="refused")


def account_of(town, person, product, minor=0, day=JUNE):
    """One more account of a person's."""
    number = next(NUMBERS)
    new = opening.NewAccount(number, f"R{number}", product.capitalize(), product, "NOK", town.cohort, (person.id,), 0)
    opening.open_all(opening.Opening([], [new]))
    if minor:
        pay(town, 1, number, minor, day, kind="salary")
    return number


def _numbers():
    number = 770_000
    while True:
        number += 1
        yield number


NUMBERS = _numbers()


def pay(town, debit, credit, minor, day, *, kind="payment"):
    said = {"currency": "NOK", "kind": kind, "value_date": day, "cohort": town.cohort, "cause": "test"}
    posted = books().post(Post(uuid.uuid4(), debit, credit, minor, epoch=rows.row(town.cohort).epoch, **said))
    assert posted.result is Result.POSTED, posted


def tried(town, debit, credit, minor, day, *, reason=Reason.SPARE_LIMIT):
    """A payment that the spare bank refused on a day."""
    ident = uuid.uuid4()
    said = {"currency": "NOK", "kind": "payment", "value_date": day, "cohort": town.cohort, "cause": "form"}
    number = time.time_ns()
    more = {"epoch": rows.row(town.cohort).epoch, "refuse": reason, "source": "journal", "journal_number": number}
    books().post_many([Post(ident, debit, credit, minor, **said, **more)])
    at = datetime.combine(day, clock(11), UTC)
    Replayed.objects.create(
        number=number, payment=ident, kind="refusal", ended="refused", accepted_at=at, entered_at=at,
        debit=debit, credit=credit,
    )  # fmt: skip
    return ident


def wanted(incident, until, **more):
    return Wanted(**{
        "incident": incident, "since": BEGAN, "first_day": None, "until": until, "without": None, "cohorts": None,
        "why": "the outage", "by": "responder", **more,
    })  # fmt: skip


def computed(incident, until, **more):
    """A review that is ready to be decided."""
    made = begin(wanted(incident, until, **more))
    assert isinstance(made, Review), made
    work()
    made.refresh_from_db()
    assert made.state == "ready"
    return made


def work():
    while go_on(5.0):
        pass


def given(review):
    """Decided and booked."""
    assert decide(review.number, review.figures, "responder", "manager") == ""
    work()
    review.refresh_from_db()
    assert review.state == "given"
    return review


def closed(*days):
    """The bank has ended these days."""
    for day in days:
        DayEnd.objects.get_or_create(day=day, defaults={"state": "done", "began": "2025-01-01T00:00Z"})
