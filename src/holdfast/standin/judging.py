"""The decision about one payment at the spare bank: protocol.md, rules 3, 7, 9, 10, 11 and 12. Pure.

The order is the argument. First the fences: nothing of a wrong, older or closed epoch leaves a trace (7, 3).
Then memory: whoever was answered is answered alike (9, 10). Only then is anything judged, and only an id made
under exactly the epoch it is served under may be refused, because of every other id the bank may know more
than we do (11). So a final refusal from here never contradicts the books, and what was accepted stays.
"""

from dataclasses import dataclass
from enum import StrEnum

from holdfast.contracts.answers import Outcome, Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.contracts.epochs import Bank, Mode, generation_of
from holdfast.guard import NO_HABIT, NO_PAIR, Facts, Guard, Habit, Limits, Pair, judge, tight

FIRST_GENERATION = 1
OF_AMOUNTS = (Reason.AMOUNT_LIMIT, Reason.DAY_LIMIT, Reason.NEW_PAYEE_LIMIT, Reason.UNUSUAL_AMOUNT)
"""Activity limits that are smaller here than in good times; how many payments may be made is said as it is."""


class Fed(StrEnum):
    """What the fed blocks say about an id."""

    ABSENT = "absent"
    BOOKED = "booked"
    REFUSED_JOURNAL = "refused-journal"
    REFUSED_OWN = "refused-own"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: under which row, with which birth (0 for derived ids and unsigned ones).

    claimed: what the register said to `claim(id, refused)`, None when it was not asked. incoming: money from
    the clearing, which is never refused and has no limits. activity: whether the customer's limits count.
    against: what speaks against it before anything else is judged (what is frozen). deadline: it must arrive
    by a time (rent, tax, wages, a loan, a card bill), so it may use what of the exposure is kept for such payments.
    """

    bank: Bank
    mode: Mode
    cohort: int
    epoch: int
    birth: int
    amount_minor: int
    claimed: bool | None = None
    incoming: bool = False
    activity: bool = True
    against: Reason = Reason.OK
    deadline: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of the cohort and of this id. entry: the journal's kind for it, with its reason;
    same_*: whether the content recorded there is the content asked for."""

    known: int = 0
    closed: int = 0
    entry: str | None = None
    entry_reason: Reason = Reason.OK
    entry_same: bool = True
    fed: Fed = Fed.ABSENT
    fed_reason: Reason = Reason.OK
    fed_same: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """The accounts and limits, in minor units of the bank's currency; available_minor in the account's.

    available_minor: fed balance above the floor, plus accepted credits and minus accepted debits not fed yet.
    value_minor: what the payment comes to in the bank's currency.
    flags are -1 for an account that is not in the copy. own: the limits that the customer chose. normal: those of good
    times, None where it is not asked what they would have let through.
    """

    debit_flags: int
    credit_flags: int
    same_account: bool
    same_currency: bool
    available_minor: int
    value_minor: int
    exposure_cohort_minor: int
    exposure_total_minor: int
    exposure_cohort_minor_max: int
    exposure_total_minor_max: int
    paid_today_minor: int
    payments_last_minute: int
    payee_blocked: bool
    limits: Limits
    deadline_percent: int = 0
    payments_last_hour: int = 0
    new_payee: bool = False
    habit: Habit = NO_HABIT
    own: Pair = NO_PAIR
    normal: Limits | None = None


class Step(StrEnum):
    """What follows: journal an entry of this kind, only answer, ask a door for the claim, or stale."""

    ACCEPT = "accept"
    VOID = "void"
    REFUSAL = "refusal"
    ANSWER = "answer"
    ASK_CLAIM = "ask-claim"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Decision:
    """The step, and what is then told. known: the epoch told with `stale`."""

    step: Step
    outcome: Outcome = Outcome.CHECKING
    reason: Reason = Reason.OK
    known: int = 0


def fence(ask: Ask, memory: Memory) -> Decision | None:
    """Rules 7 and 3: stale, or None when the row may be served."""
    wrong = ask.bank is not Bank.STANDIN or ask.mode is not Mode.STANDIN
    older = ask.epoch < memory.known or ask.epoch <= memory.closed
    if wrong or older or ask.birth > ask.epoch:
        return Decision(Step.STALE, known=max(memory.known, memory.closed))
    return None


def remember(ask: Ask, memory: Memory) -> Decision | None:  # noqa: PLR0911  # one return for each case of rule 10
    """Rules 9 and 10: what was said about this id before, None when it is to be judged."""
    if memory.entry is not None:
        if not memory.entry_same:
            return Decision(Step.ANSWER, Outcome.CONFLICT, Reason.OTHER_CONTENT)
        if memory.entry == "accept":
            return Decision(Step.ANSWER, Outcome.DONE)
        if memory.entry == "refusal":
            return Decision(Step.ANSWER, Outcome.REFUSED_OWN, memory.entry_reason)
    if memory.fed is Fed.BOOKED:
        if not memory.fed_same:
            return Decision(Step.ANSWER, Outcome.CONFLICT, Reason.OTHER_CONTENT)
        return Decision(Step.ANSWER, Outcome.DONE)
    if memory.fed is Fed.REFUSED_JOURNAL:
        return Decision(Step.ANSWER, Outcome.REFUSED_SETTLED, memory.fed_reason)
    if memory.fed is Fed.REFUSED_OWN and ask.claimed is None:
        return Decision(Step.ASK_CLAIM)
    if memory.fed is Fed.REFUSED_OWN and ask.claimed:
        return Decision(Step.ANSWER, Outcome.REFUSED_OWN, memory.fed_reason)
    if memory.entry == "void":
        return Decision(Step.ANSWER, Outcome.CHECKING)
    return None


def room(ask: Ask, standing: Standing) -> Reason:
    """Rule 12: Reason.OK while the exposure of the cohort and in total stays within its limit with this payment, by its
    value; the last deadline_percent of each are for payments that must arrive by a time."""
    for used, most in (
        (standing.exposure_cohort_minor, standing.exposure_cohort_minor_max),
        (standing.exposure_total_minor, standing.exposure_total_minor_max),
    ):
        if used + standing.value_minor > most:
            return Reason.SPARE_LIMIT
        if not ask.deadline and used + standing.value_minor > most - most * standing.deadline_percent // 100:
            return Reason.KEPT_FOR_DEADLINES
    return Reason.OK


def objection(  # noqa: PLR0911  # one return for each reason
    ask: Ask, standing: Standing, guard: Guard = judge
) -> Reason:
    """Reason.OK, or why it cannot be accepted. Activity limits come last; guard's own failure never fails it. An amount
    that the limits of good times would have let through is refused as SPARE_LIMIT: the outage keeps it back."""
    if ask.against is not Reason.OK:
        return ask.against
    for flags, frozen in ((standing.debit_flags, FLAG_FROZEN_OUT), (standing.credit_flags, FLAG_FROZEN_IN)):
        if flags < 0:
            return Reason.ACCOUNT_UNKNOWN
        if flags & FLAG_CLOSED:
            return Reason.ACCOUNT_CLOSED
        if flags & frozen:
            return Reason.ACCOUNT_FROZEN
    if not standing.same_currency:
        return Reason.OTHER_CURRENCY
    if standing.same_account:
        return Reason.SAME_ACCOUNT
    if ask.amount_minor > standing.available_minor:
        return Reason.NOT_ENOUGH_MONEY
    full = room(ask, standing)
    if full is not Reason.OK:
        return full
    if not ask.activity:
        return Reason.PAYEE_BLOCKED if standing.payee_blocked else Reason.OK
    facts = Facts(
        standing.value_minor,
        standing.paid_today_minor,
        standing.payments_last_minute,
        standing.payee_blocked,
        standing.same_account,
        standing.payments_last_hour,
        standing.new_payee,
        standing.habit,
        standing.own,
    )
    try:
        reason = guard(facts, standing.limits)
        by_outage = reason in OF_AMOUNTS and standing.normal and guard(facts, standing.normal) is Reason.OK
    except Exception:  # rules that break mean "not judged" and tighter limits, never a failed payment
        return tight(facts, standing.limits, Reason.SPARE_LIMIT)
    return Reason.SPARE_LIMIT if by_outage else reason


def is_older(ask: Ask) -> bool:
    """Rule 11: an id is older unless its birth is exactly the epoch it is served under."""
    return ask.birth != ask.epoch


def of_older_generation(ask: Ask) -> bool:
    """Whether the claims on this id may have been lost with an earlier register; derived ids count as first."""
    return max(generation_of(ask.birth), FIRST_GENERATION) < generation_of(ask.epoch)


def decide(ask: Ask, memory: Memory, standing: Standing | None, guard: Guard = judge) -> Decision:
    """The whole decision: fences, memory, judgement (in this order). standing is not looked at for incoming money."""
    said = fence(ask, memory) or remember(ask, memory)
    if said is not None:
        return said
    if ask.incoming:
        return Decision(Step.ACCEPT, Outcome.DONE)
    if standing is None or of_older_generation(ask):
        return Decision(Step.VOID, Outcome.CHECKING, Reason.NOT_COMPLETED)
    reason = objection(ask, standing, guard)
    if reason is Reason.OK:
        return Decision(Step.ACCEPT, Outcome.DONE)
    if is_older(ask):
        return Decision(Step.VOID, Outcome.CHECKING, reason)
    return Decision(Step.REFUSAL, Outcome.REFUSED_OWN, reason)
