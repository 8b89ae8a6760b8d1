"""Answer the card network: may this card pay this now? Booked at once, or held where the amount may still change.

The id is derived, so a question is answered once, at whichever bank: the books enter an id once and remember a
refusal by it. A use that the spare bank told as declined, and that was found booked, was given back (reversing.py);
the same question is then answered declined here too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils import timezone

from holdfast.bank.books import installation, reader
from holdfast.bank.calls import claim_taken
from holdfast.bank.cards.holding import as_asked, settle
from holdfast.bank.cards.models import Card, CardUse
from holdfast.bank.currencies.valuing import valuer
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.errors import CallFailed, StaleEpoch
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.feed import standin_cursor
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.pay import bank_today, calendar_today, new_note
from holdfast.contracts import cards, ids
from holdfast.contracts.answers import Outcome, Reason
from holdfast.contracts.cards import KIND, CardOutcome, card_words
from holdfast.contracts.epochs import FIRST_EPOCH, generation_of
from holdfast.guard import RULES_VERSION, CardFacts, Facts
from holdfast.ledger.api import Post, Posted, Result


@dataclass(frozen=True, slots=True)
class Said:
    """What the network is told; ended: the payment's outcome as doors read it, None when the books were not asked."""

    outcome: CardOutcome
    reason: Reason = Reason.OK
    block: int = 0
    ended: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The card with its account and the customer's name."""

    card: Card
    account: Account
    holder: str


def find_card(card: str) -> Known | None:
    """The card of this token, None when there is none."""
    found = Card.objects.filter(id=card).first()
    account = Account.objects.filter(id=found.account).first() if found else None
    if found is None or account is None:
        return None
    holder = Customer.objects.filter(id=found.customer).values_list("name", flat=True).first()
    return Known(found, account, holder or "")


def authorise(use: cards.CardUse, known: Known, epoch: int, forced: int) -> Said:
    """Book the use or record why not, then say which. Raises StaleEpoch, OutcomeUnknown, BooksBusy; ask again then.

    While a journal is missing (rule 18) the id is claimed first, and where we would decline, the answer is `unknown`:
    the spare bank may have approved it.
    """
    reason = None
    if forced:
        if generation_of(epoch) > generation_of(FIRST_EPOCH):
            return Said(CardOutcome.UNKNOWN, Reason.NOT_COMPLETED)
        try:
            _, denied = claim_taken([(use.id.hex, known.account.cohort, epoch)])
        except CallFailed:
            return Said(CardOutcome.UNKNOWN, Reason.NOT_COMPLETED)
        reason = Reason.CLAIMED_REFUSED if denied else None
    post = as_asked(use, _as_post(use, known, epoch, reason or _judge(use, known)))
    _write_down(use, known, post)
    posted = settle(use, post)
    said = _said(posted, forced > 0 and reason is None)
    if posted.result in (Result.POSTED, Result.REFUSED):
        standin_cursor.wait_for(posted.block)
    return said


def _judge(use: cards.CardUse, known: Known) -> Reason:
    """The card itself, then the limits and rules that payments have; balance and flags are the books' to judge. What
    becomes of a hold was judged when it was made."""
    if use.hold:
        return Reason.OK
    if frozen_now.account(known.account.id):
        return Reason.CUSTOMER_FROZEN
    now = timezone.now()
    midnight = datetime.combine(calendar_today(), datetime.min.time(), ZoneInfo(installation().time_zone))
    since = min(midnight, now - timedelta(minutes=1))
    taken = ~Q(outcome__in=("refused", "released"))
    today, minute = Q(created__gte=midnight), Q(created__gte=now - timedelta(minutes=1))
    by_card = CardUse.objects.filter(
        taken, customer=known.card.customer, created__gte=since, hold__isnull=True
    ).exclude(id=use.id)
    sums, counts = Sum("amount_minor", filter=today, default=0), Count("id", filter=minute)
    own = Sum("amount_minor", filter=today & Q(card=use.card), default=0)  # all of it in its account's currency
    by_cards = list(by_card.values_list("currency").annotate(today=sums, minute=counts, own=own).order_by())
    by_hand = Intent.objects.filter(taken, customer=known.card.customer, created__gte=since)
    paid = [one[:3] for one in by_cards]
    paid += by_hand.values_list("currency").annotate(today=sums, minute=counts).order_by()
    card = known.card.as_known()
    facts = CardFacts(card, card.frozen, use.amount_minor, sum(int(one[3]) for one in by_cards), bank_today())
    reason = rules.judge_card(facts, Reason.CARD_USE_LIMIT)
    if reason is not Reason.OK:
        return reason
    if use.currency != known.account.currency:
        return Reason.OTHER_CURRENCY
    worth, clearing = valuer(), bank_facts.own("clearing")
    return rules.judge(
        Facts(
            worth(use.amount_minor, use.currency),
            sum(worth(int(paid_minor), currency) for currency, paid_minor, _ in paid),
            sum(number for _, _, number in paid),
            clearing in bank_facts.blocked(),
            known.account.id == clearing,
        ),
        bank_facts.limits().normal,
        Reason.AMOUNT_LIMIT,
    )


def _as_post(use: cards.CardUse, known: Known, epoch: int, reason: Reason) -> Post:
    return Post(
        id=use.id,
        debit=known.account.id,
        credit=bank_facts.own("clearing"),
        amount_minor=use.amount_minor,
        currency=use.currency,
        kind=KIND,
        value_date=bank_today(),
        cohort=known.account.cohort,
        epoch=epoch,
        cause=use.cause,
        note=new_note(known.holder, use.merchant, card_words(known.card.last4)),
        refuse=None if reason is Reason.OK else reason,
        rules_version=RULES_VERSION,
    )


def _write_down(use: cards.CardUse, known: Known, post: Post) -> None:
    CardUse.objects.bulk_create(
        [
            CardUse(
                id=use.id,
                card=use.card,
                customer=known.card.customer,
                debit=post.debit,
                credit=post.credit,
                amount_minor=use.amount_minor,
                currency=use.currency,
                merchant=use.merchant,
                merchant_code=use.merchant_code,
                cause=use.cause,
                asked_at=use.at,
                final=use.final,
                hold=use.settles,
                cohort=post.cohort,
                epoch=post.epoch,
                created=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )


def _said(posted: Posted, careful: bool) -> Said:
    match posted.result:
        case Result.STALE:
            raise StaleEpoch(posted.known_epoch)
        case Result.CONFLICT:
            return Said(CardOutcome.CONFLICT, Reason.OTHER_CONTENT, ended=Outcome.CONFLICT)
        case Result.POSTED | Result.ALREADY_POSTED:
            if posted.result is Result.ALREADY_POSTED and reader().outcome(ids.card_reversal_id(posted.id)):
                return Said(CardOutcome.DECLINED, _told_before(posted), posted.block, Outcome.REFUSED_SETTLED)
            note_use(posted)
            return Said(CardOutcome.APPROVED, Reason.OK, posted.block, Outcome.DONE)
    note_use(posted)
    if posted.source == "journal":
        return Said(CardOutcome.DECLINED, posted.reason, posted.block, Outcome.REFUSED_SETTLED)
    if careful:
        return Said(CardOutcome.UNKNOWN, Reason.NOT_COMPLETED, posted.block, Outcome.CHECKING)
    return Said(CardOutcome.DECLINED, posted.reason, posted.block, Outcome.REFUSED_OWN)


def _told_before(posted: Posted) -> Reason:
    """Why the spare bank declined a use that was given back."""
    found = CardUse.objects.filter(id=posted.id, outcome="refused").values_list("reason", flat=True).first()
    return Reason(found) if found in tuple(Reason) else Reason.NOT_COMPLETED


def note_use(posted: Posted) -> None:
    """Remember beside the use how it ended."""
    ended = "posted" if posted.result in (Result.POSTED, Result.ALREADY_POSTED) else "refused"
    known = (
        CardUse.objects.filter(id=posted.id).exclude(outcome="released").exclude(outcome=ended, source=posted.source)
    )
    known.update(outcome=ended, reason=posted.reason.value if ended == "refused" else "", source=posted.source)
