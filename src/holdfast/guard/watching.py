"""Judge under watch: rules that fail or dawdle mean "not judged" and a tenth of the limits, never a failed payment."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from holdfast.contracts.answers import Reason
from holdfast.contracts.cards import last_day_passed
from holdfast.guard.cards import CardFacts, judge_card
from holdfast.guard.errors import RulesTooSlow
from holdfast.guard.names import Compared, NameCheck, check_name, name_fits
from holdfast.guard.payments import Facts, Limits, Risk, judge, prove_floors, risk_of
from holdfast.guard.scams import Scam, Signs, scam_of

JUDGE_S_MAX = 0.005
TIGHT_SHARE = 10
"""What was not judged may be at most a tenth of the limit for one payment."""

Guard = Callable[[Facts, Limits], Reason]
T = TypeVar("T")


def tight(facts: Facts, limits: Limits, otherwise: Reason) -> Reason:
    """What stands in for a judgement that failed: small amounts pass within the customer's own limits, blocked payees
    do not; otherwise `otherwise`."""
    small = facts.amount_minor * TIGHT_SHARE <= limits.per_payment_minor
    small = small and facts.amount_minor <= facts.own.per_payment_minor
    small = small and facts.paid_today_minor + facts.amount_minor <= facts.own.per_day_minor
    return Reason.OK if small and not facts.payee_blocked and not facts.same_account else otherwise


class Watched:
    """The rules, with what they failed at. timer: seconds of this thread's own work (`time.thread_time`), so that
    being pushed aside by other threads does not count as being slow. count: called for each judgement that failed.
    """

    def __init__(
        self, timer: Callable[[], float], rules: Guard = judge, count: Callable[[], None] = lambda: None
    ) -> None:
        self._timer = timer
        self._count = count
        self._rules = rules
        self.not_judged = 0
        self.trouble = ""

    def __call__(self, facts: Facts, limits: Limits) -> Reason:
        """The judgement; whatever the rules raise, or RulesTooSlow, counted and kept in words."""
        return self._watch(lambda: self._rules(facts, limits))

    def _watch(self, work: Callable[[], T]) -> T:
        try:
            return self._timed(work)
        except Exception as error:
            self.not_judged += 1
            self._count()
            self.trouble = f"a payment was not judged: {type(error).__name__}: {error}"[:200]
            raise

    def _timed(self, work: Callable[[], T]) -> T:
        began = self._timer()
        found = work()
        if self._timer() - began > JUDGE_S_MAX:
            raise RulesTooSlow(f"the rules took longer than {JUDGE_S_MAX * 1000:g} ms")
        return found

    def judge(self, facts: Facts, limits: Limits, otherwise: Reason) -> Reason:
        """The judgement, or the tighter limits in its place; raises nothing."""
        try:
            return self(facts, limits)
        except Exception:
            return tight(facts, limits, otherwise)

    def judge_card(self, facts: CardFacts, otherwise: Reason) -> Reason:
        """What the card has against its use; unjudged, small uses of a card neither frozen nor ended pass. Raises
        nothing."""
        try:
            return self._watch(lambda: judge_card(facts))
        except Exception:
            small = facts.amount_minor * TIGHT_SHARE <= facts.card.per_use_minor
            barred = facts.frozen or last_day_passed(facts.card.ends, facts.today)
            return Reason.OK if small and not barred else otherwise

    def fits(self, typed: str, names: Iterable[str]) -> bool:
        """Whether a name fits an owner; unjudged, it does, since asking is a help and no limit. Raises nothing."""
        try:
            return self._watch(lambda: name_fits(typed, names))
        except Exception:
            return True

    def compare(self, typed: str, names: Iterable[str]) -> Compared:
        """How a name compares with the owners'; unjudged, it fits, as above. Raises nothing."""
        try:
            return self._watch(lambda: check_name(typed, names))
        except Exception:
            return Compared(NameCheck.MATCH)

    def risk(self, facts: Facts, limits: Limits) -> Risk:
        """Whether the customer must prove anew who they are; unjudged, from the smaller of both amounts on. Raises
        nothing."""
        try:
            return self._watch(lambda: risk_of(facts, limits))
        except Exception:
            return Risk.UNUSUAL if facts.amount_minor > min(prove_floors(limits)) else Risk.NONE

    def scam(self, signs: Signs) -> Scam:
        """What the payment looks like; unjudged, like nothing, since the page is a help and no limit. Raises
        nothing."""
        try:
            return self._watch(lambda: scam_of(signs))
        except Exception:
            return Scam.NONE
