"""Give back what being late with a loan's instalment cost because of an incident (requirement C3).

What it would have cost is the engine's question (engine/arrears.py). The difference is given back by the deed that
gives charges back (orders/refunding.py), once for an instalment or an early repayment, whatever incidents there are:
its id is made of that alone. Who is late still, and would not be, is late no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import reader
from holdfast.bank.charges.engine.arrears import Arrears, Booked, arrears, brought_by, first_covered, late_since_without
from holdfast.bank.charges.engine.asif import Cover
from holdfast.bank.charges.engine.attempts import Attempt
from holdfast.bank.charges.engine.loans import Instalment, late_interest_minor, plan_of
from holdfast.bank.charges.loans import collect_instalments, extras_of, left_of, prices_on, terms_of
from holdfast.bank.charges.models import Loan, LoanPayment, Repayment
from holdfast.bank.charges.own import loan_account
from holdfast.bank.charges.repaying import finish_repayments
from holdfast.bank.customers.models import Customer
from holdfast.bank.errors import StillCollecting
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.models import Refund
from holdfast.bank.orders.refunding import GivenBack, give_back
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids
from holdfast.contracts.money import format_amount

ROUNDS_MAX = 50
LINES = 200
PAGES_MAX = 200
A_DAY = timedelta(days=1)
Late = LoanPayment | Repayment
LATE_STATES: tuple[tuple[type[LoanPayment] | type[Repayment], tuple[str, ...]], ...] = (
    (LoanPayment, ("booked", "split")),
    (Repayment, ("booked",)),
)
"""What may have been paid late, and the states in which it was paid."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What is given back for: charges up to a day, by whom; the bank's days on which it began, and that it took."""

    name: str
    by: str
    until: date
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What being late would have cost, had it been paid on `day` by who is late since `late_since`; cover: why then,
    None when it is the day on which it was paid."""

    day: date
    late_since: date
    arrears: Arrears
    cover: Cover | None


def refund_late_instalments(incident: str, since: datetime, until: date, by: str) -> int:
    """Give back what being late with instalments up to a day cost because of the incident; how many now. Repeatable:
    nothing is given back twice. Raises StillCollecting while instalments are still to be collected."""
    _settle()
    first = bank_days().of(since)
    told = Outage.objects.filter(incident=incident[:80]).first()
    one = Incident(incident, by, until, first, told.last_day if told else first - A_DAY)
    _excuse(one)
    return sum(_give_back(late, one) for late in charged_late(one))


def _settle() -> None:
    """First everything that can be taken is taken, so that nothing becomes late-and-paid behind the refunds. Raises
    StillCollecting when there is more than one request can take: asked again, it goes on."""
    for _ in range(ROUNDS_MAX):
        if not finish_repayments(bank_today()) + collect_instalments():
            return
    raise StillCollecting("instalments are still being collected; ask again")


def charged_late(incident: Incident, loans: Sequence[int] | None = None) -> Iterator[Late]:
    """What was paid late since the incident began, and is not given back yet; loans: of these only."""
    known = Refund.objects.filter(instalment__isnull=False).values("instalment")
    for model, states in LATE_STATES:
        found = model.objects.filter(late_since__isnull=False, day__gte=incident.first, state__in=states)
        if loans is not None:
            found = found.filter(loan__in=loans)
        for one in found.exclude(id__in=known).select_related("loan").order_by("day", "id").iterator():
            if one.late_interest_minor + one.late_fee_minor and due_of(one)[0].pay_on <= incident.until:
                yield one


def late_loans(incident: Incident, after: int, limit: int) -> list[int]:
    """The next loans of which something was paid late since the incident began, by their ids."""
    found: set[int] = set()
    for model, states in LATE_STATES:
        late = model.objects.filter(late_since__isnull=False, day__gte=incident.first, state__in=states)
        rows = late.filter(loan_id__gt=after).order_by("loan_id").values_list("loan_id", flat=True).distinct()
        found |= set(rows[:limit])
    return sorted(found)[:limit]


def due_of(one: Late) -> list[Instalment]:
    """The instalments that it paid and that were due: one, or of an early repayment all that were."""
    if isinstance(one, LoanPayment):
        return [plan_of(terms_of(one.loan), extras_of(one.loan))[one.number - 1]]
    plan = plan_of(terms_of(one.loan), extras_of(one.loan, one.extras))
    return [due for due in plan[one.paid :] if due.due <= one.day]


def would_be(one: Late, incident: Incident, tried: Sequence[Attempt] = ()) -> WouldBe:
    """What being late would have cost without the incident, and had payments that were tried been made.

    Of a loan paid back whole with several instalments due the first is asked about; the others were paid when they
    were."""
    late_since, due = one.late_since or one.day, due_of(one)
    since = late_since_without(late_since, incident.first, incident.last)
    found = _covered(one.loan, due[0].total_minor, since - A_DAY, one.day, incident.first, tried)
    day = found[0] if found else one.day
    _, prices = prices_on(one.loan.currency, one.day)
    made = arrears(due[:1], day, since, prices.late_rate_ppm, one.late_fee_minor)
    rest_minor = sum(late_interest_minor(other, one.day, prices.late_rate_ppm, since) for other in due[1:])
    made = replace(made, interest_minor=made.interest_minor + rest_minor)
    return WouldBe(day, since, made, found[1] if found else None)


def _covered(  # noqa: PLR0917  # a loan, what it needed, and the days in question
    loan: Loan, needed_minor: int, in_time: date, paid: date, begun: date, tried: Sequence[Attempt] = ()
) -> tuple[date, Cover] | None:
    state = reader().accounts([loan.account])[loan.account]
    brought_minor, more = brought_by(tried, loan.account, in_time, paid)
    available_minor = state.balance_minor - state.floor_minor + brought_minor
    entries = [*_entries(loan.account, in_time), *more]
    return first_covered(available_minor, entries, needed_minor, in_time, paid, begun)


def _entries(account: int, after: date) -> Sequence[Booked]:
    """The entries that were booked after one of the bank's days, the newest first; none when they are too many to say
    what the account had."""
    out: list[Booked] = []
    days, before = bank_days(), None
    for _ in range(PAGES_MAX):
        lines = reader().lines(account, LINES, before)
        for line in lines:
            day = days.of(line.at)
            if day <= after:
                return out
            out.append(Booked(line.amount_minor, line.value_date, line.kind, day))
        if len(lines) < LINES:
            return out
        before = lines[-1].seq
    return []


def _give_back(one: Late, incident: Incident) -> bool:
    would, loan = would_be(one, incident), one.loan
    charged_minor = one.late_interest_minor + one.late_fee_minor
    if would.arrears.total_minor >= charged_minor:
        return False
    pay_on = due_of(one)[0].pay_on
    amount = format_amount(charged_minor, loan.currency)
    return give_back(
        GivenBack(
            id=ids.charge_id("refund-instalment", loan_account(loan.id), one.id.hex),
            account=loan.account,
            cohort=loan.cohort,
            currency=loan.currency,
            charged_minor=charged_minor,
            would_minor=would.arrears.total_minor,
            period=f"{loan.id}:{pay_on.isoformat()}",
            payee=Customer.objects.get(id=loan.customer).name,
            due=pay_on,
            happened=f"Late with a loan's instalment, due {pay_on.isoformat()}: {amount} {loan.currency}",
            would={
                "came_late_minor": would.cover.came_late_minor if would.cover else 0,
                "available_minor": would.cover.available_minor if would.cover else 0,
                "needed_minor": would.cover.needed_minor if would.cover else 0,
                "paid_on": would.day.isoformat(),
                "late_since": would.late_since.isoformat(),
                "due": pay_on.isoformat(),
            },
            instalment=one.id,
            customer=loan.customer,
        ),
        incident.name,
        incident.by,
    )


def _excuse(incident: Incident) -> None:
    """Who is late still, and would not be without the incident, is not late; being so again begins anew."""
    today = bank_today()
    found = Loan.objects.filter(late_since__isnull=False, next_pay_on__lte=incident.until, repaid=None)
    for loan in found.order_by("id").iterator():
        late_since, due = loan.late_since, left_of(loan)[:1]
        if late_since is None or not due:
            continue
        since = late_since_without(late_since, incident.first, incident.last)
        in_time = since - A_DAY
        covered = _covered(loan, due[0].total_minor, in_time, today, incident.first)
        if since > today or (covered and covered[0] <= in_time):
            Loan.objects.filter(id=loan.id, late_since=late_since).update(late_since=None)
        elif since != late_since:
            Loan.objects.filter(id=loan.id, late_since=late_since).update(late_since=since)
