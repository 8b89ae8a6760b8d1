"""The payments that customers tried to make in an incident and that were refused for a reason of the bank's.

They are read out of the books, where both banks' refusals stand: of the bank's own limits in an outage (REASONS), of
limits of the spare bank's that the main one has not so low (SPARES_OWN), and for want of money that came late
(Reason.NOT_ENOUGH_MONEY). What reached no bank stands nowhere, and so cannot be found. Card uses count for nothing
here: made, they could only have cost more. Standing orders are computed.py's own matter.

Three steps, each in batches that may be repeated: find them; see which were made later; and see in the order of the
tries which is one more try of the same, and whether the account would have had the money.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import histories, reader
from holdfast.bank.charges.engine.asif import NOT_COUNTED
from holdfast.bank.charges.engine.attempts import Attempt, would_have_covered
from holdfast.bank.charges.reading import USES, place_before, read_histories
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import Replayed
from holdfast.bank.redress.models import Review, Tried
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import RefusedPayment

KINDS = ("payment",)
REASONS = (Reason.SPARE_LIMIT, Reason.KEPT_FOR_DEADLINES, Reason.NOT_COMPLETED, Reason.CLAIMED_REFUSED)
SPARES_OWN = (Reason.AMOUNT_LIMIT, Reason.DAY_LIMIT, Reason.NEW_PAYEE_LIMIT)
LATE_MONEY = Reason.NOT_ENOUGH_MONEY
FOUND_BATCH, MADE_BATCH, COVER_BATCH = 500, 500, 500
COUNTS, IN_TIME = "counts", "in_time"
DECIDED = (COUNTS, IN_TIME)
A_DAY = timedelta(days=1)
TRIED_FIELDS = (
    "id", "review_id", "payment", "debit", "credit", "amount_minor", "day", "made_seq", "made_on", "state",
)  # fmt: skip
_SQL = Path(__file__).parent / "sql"
_TRIED_AT = (_SQL / "tried_at.sql").read_text()
_SET_MADE = (_SQL / "set_made.sql").read_text()
_SET_STATES = (_SQL / "set_states.sql").read_text()


def find(review: Review, last_block: int) -> bool:
    """One batch of refusals up to a block, from the place that the review has reached; whether there was one."""
    wanted = [*REASONS, *SPARES_OWN, LATE_MONEY]
    found = histories().refused((review.after, review.inside), last_block, KINDS, wanted, FOUND_BATCH)
    if not found:
        return False
    days = _days_of(found)
    late = _for_late_money(review, [one for one in found if one.reason is LATE_MONEY], days)
    per_payment_minor = _own_limit_minor()
    kept = [
        Tried(
            review=review, payment=one.id, debit=one.debit, credit=one.credit, amount_minor=one.amount_minor,
            day=days[one.id], block=one.block, reason=one.reason.value,
        )
        for one in found
        if review.first_day <= days[one.id] <= review.until
        and (one.id in late if one.reason is LATE_MONEY else _is_banks_own(one, per_payment_minor))
    ]  # fmt: skip
    with transaction.atomic():
        Tried.objects.bulk_create(kept, ignore_conflicts=True)
        review.after, review.inside = found[-1].block, found[-1].item
        review.save(update_fields=["after", "inside"])
    return True


def _days_of(found: Sequence[RefusedPayment]) -> dict[object, date]:
    """The bank's day on which each was tried; what the spare bank refused is in the books later."""
    accepted = dict(
        Replayed.objects.filter(payment__in=[one.id for one in found if one.source == "journal"]).values_list(
            "payment", "accepted_at"
        )
    )
    return {one.id: bank_days().of(accepted.get(one.id, one.at)) for one in found}


def _is_banks_own(one: RefusedPayment, per_payment_minor: int) -> bool:
    if one.reason in REASONS:
        return True
    return one.source == "journal" and 0 < one.amount_minor <= per_payment_minor


def _own_limit_minor() -> int:
    """What the main bank takes as one payment; what is above it would have been refused anyway."""
    return bank_facts.limits().normal.per_payment_minor


def _for_late_money(review: Review, found: Sequence[RefusedPayment], days: dict[object, date]) -> set[object]:
    """Those refused for want of money whose account got money afterwards that came late for their day."""
    if not found:
        return set()
    standings = histories().standings(sorted({one.debit for one in found}), place_of(review))
    of = bank_days().of
    out: set[object] = set()
    for one in found:
        standing = standings.get(one.debit)
        for entry in standing.entries if standing else ():
            late = entry.block > one.block and entry.value_date < of(entry.at) and entry.value_date <= days[one.id]
            if late and entry.amount_minor > 0 and entry.kind not in NOT_COUNTED:
                out.add(one.id)
                break
    return out


def place_of(review: Review) -> int:
    """A place in the books behind which everything lies that was booked since the incident began."""
    return histories().place_before(review.since - A_DAY)


def see_made(review: Review) -> bool:
    """One batch: which of them were made after all, and which are one more try; whether there was a batch."""
    found = list(Tried.objects.filter(review=review, id__gt=review.after).order_by("id")[:MADE_BATCH])
    if not found:
        return False
    wanted = [(one.id, one.debit, one.credit, one.amount_minor, one.block) for one in found]
    made = histories().made_later(wanted, place_of(review), USES, review.until)
    columns: dict[str, Any] = {
        "ids": list(made),
        "seqs": [seq for seq, _ in made.values()],
        "days": [on for _, on in made.values()],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_MADE, columns)
        review.after = found[-1].id
        review.save(update_fields=["after"])
    return True


def see_covered(review: Review) -> bool:
    """One batch, in the order in which they were tried: which count. The first try for which the account would have had
    the money, given those before that count, stands for all tries of the same payment; whether there was a batch."""
    found = list(Tried.objects.filter(review=review, id__gt=review.after).order_by("id")[:COVER_BATCH])
    if not found:
        return False
    accounts = sorted({one.debit for one in found})
    first = min(one.day for one in found)
    past = read_histories(accounts, first, place_before(first))
    floors = {account: state.floor_minor for account, state in reader().accounts(accounts).items()}
    before = [one for one in tried_at(accounts, [review.number]) if one.state in DECIDED]
    same = {_same(one) for one in before}
    counting = by_account(attempt_of(one, review.until) for one in before if one.state == COUNTS)
    for one in found:
        attempt = attempt_of(one, review.until)
        if _same(one) in same:
            one.state = "again"
            continue
        history = past.get(one.debit)
        if not attempt.changes_something:
            one.state = IN_TIME
        elif history is not None and would_have_covered(
            attempt, history.balance_minor(one.day), floors.get(one.debit, 0), counting.get(one.debit, ())
        ):
            one.state = COUNTS
            for account in {one.debit, one.credit}:
                counting.setdefault(account, []).append(attempt)
        else:
            one.state = "not_covered"
        if one.state in DECIDED:
            same.add(_same(one))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_STATES, {"ids": [one.id for one in found], "states": [one.state for one in found]})
        review.after = found[-1].id
        review.save(update_fields=["after"])
    return True


def _same(one: Tried) -> tuple[int, int, int, int | None]:
    """What is the same for all tries of one payment: what it is, and the transfer that made it after all."""
    return one.debit, one.credit, one.amount_minor, one.made_seq


def attempt_of(one: Tried, until: date) -> Attempt:
    """A payment that was tried, as the engine takes it."""
    return Attempt(one.debit, one.credit, one.amount_minor, one.day, one.made_on, until)


def by_account(attempts: Iterable[Attempt]) -> dict[int, list[Attempt]]:
    """Each attempt under the accounts that it concerns, in the order given: what is asked of one account need not look
    through those of a whole batch."""
    out: dict[int, list[Attempt]] = {}
    for one in attempts:
        for account in {one.debit, one.credit}:
            out.setdefault(account, []).append(one)
    return out


def tried_at(accounts: Sequence[int], reviews: Sequence[int]) -> list[Tried]:
    """What was tried out of these accounts or into them, as these reviews found it, in the order of the tries."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIED_AT, {"accounts": list(accounts), "reviews": list(reviews)})
        return [Tried(**dict(zip(TRIED_FIELDS, row, strict=True))) for row in cursor.fetchall()]


def counting_by_account(review: Review, accounts: Sequence[int]) -> dict[int, list[Attempt]]:
    """The attempts that count for these accounts: of this review, and of those given before, so that what another
    incident did to the same days is in it too. What stands in several windows counts by the longest."""
    given = Review.objects.filter(state="given").values_list("number", "until")
    until = dict(given) | {review.number: review.until}
    kept: dict[object, Tried] = {}
    for one in tried_at(accounts, list(until)):
        known = kept.get(one.payment)
        if known is None or (until[one.review_id], one.review_id) > (until[known.review_id], known.review_id):
            kept[one.payment] = one
    return by_account(attempt_of(one, until[one.review_id]) for one in kept.values() if one.state == COUNTS)
